"""Stores keep releases. The file store is the default; the catalog knows only the protocol."""
