"""Work products: reviews, plans, memos, packets and e-mails, composed from the record with its sources. Pure."""

from fleet_runtime.products.composing import TEMPLATES, compose, occasion_of
from fleet_runtime.products.escaping import as_read, plain
from fleet_runtime.products.values import Chart, Composed, Figure, Material, Occasion, Reference, Series

__all__ = [
    "TEMPLATES",
    "Chart",
    "Composed",
    "Figure",
    "Material",
    "Occasion",
    "Reference",
    "Series",
    "as_read",
    "compose",
    "occasion_of",
    "plain",
]
