"""Filters in CQL2 (OGC 21-065): read by the library cql2, evaluated by us over whole columns."""

from .filter import LANGUAGES, Filter, parse
from .functions import FUNCTIONS, Function
from .limits import Limits
from .table import Table

__all__ = ["FUNCTIONS", "LANGUAGES", "Filter", "Function", "Limits", "Table", "parse"]
