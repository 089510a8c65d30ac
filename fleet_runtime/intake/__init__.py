"""Reads files of signals (accounts, weeks, invoices) into rows, remarks or rejects. Pure: opens and keeps nothing.

Signals here are what is measured of accounts outside of any conversation, as spreadsheets and warehouses export it.
"""

from fleet_runtime.intake.columns import COLUMNS, KINDS, ColumnNames, SignalKind, read_columns
from fleet_runtime.intake.comparing import Brought, News, RowCounts, brought, differing, news_of
from fleet_runtime.intake.reading import read_signals
from fleet_runtime.intake.values import MATTERS, Matter, Remark, SignalRead, SignalsHow, SignalsRow, Taken

__all__ = [
    "COLUMNS",
    "KINDS",
    "MATTERS",
    "Brought",
    "ColumnNames",
    "Matter",
    "News",
    "Remark",
    "RowCounts",
    "SignalKind",
    "SignalRead",
    "SignalsHow",
    "SignalsRow",
    "Taken",
    "brought",
    "differing",
    "news_of",
    "read_columns",
    "read_signals",
]
