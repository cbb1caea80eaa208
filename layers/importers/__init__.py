"""Files of other people, read as layers. ``read`` is the one way in; nothing is written here."""

from layers.importers.foreign import Foreign, read

__all__ = ["Foreign", "read"]
