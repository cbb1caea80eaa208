"""Layers, the claims ledger, the build and the catalog. Knows nothing of HTTP or of map libraries."""

from layers.catalog import Catalog

__all__ = ["Catalog"]
