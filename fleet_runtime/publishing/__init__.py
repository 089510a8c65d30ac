"""Work products on paper and screen: charts as PNG, pages as HTML and PDF. Says nothing that the text does not say.

Needs the extra ``reports`` (matplotlib, fpdf2), which is loaded when something is drawn; both work without any program
of the system. The same input gives the same bytes.
"""

from fleet_runtime.publishing.book_plot import HealthRow, health_plot
from fleet_runtime.publishing.drawing import draw
from fleet_runtime.publishing.html import to_html
from fleet_runtime.publishing.pdf import to_pdf
from fleet_runtime.publishing.writing import write_product

__all__ = ["HealthRow", "draw", "health_plot", "to_html", "to_pdf", "write_product"]
