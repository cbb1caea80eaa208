"""Filters in CQL2 (OGC 21-065): read by the library cql2, evaluated by us over whole columns."""

from layers.cql2.filter import LANGUAGES, Filter, parse
from layers.cql2.functions import FUNCTIONS, Function
from layers.cql2.limits import Limits
from layers.cql2.table import Table

__all__ = ["FUNCTIONS", "LANGUAGES", "Filter", "Function", "Limits", "Table", "parse"]
