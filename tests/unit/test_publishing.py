"""Work products on paper and screen: what is drawn and printed is what was composed, the same bytes each time."""

from __future__ import annotations

import base64
import io
import re
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import accounts_reviewed as accounts
import numpy as np
import pytest
from accounts_reviewed import DAY
from PIL import Image
from pypdf import PdfReader
from templates_shipped import templates

from fleet_runtime.errors import MissingExtra, SettingError
from fleet_runtime.products import Chart, Composed, Reference, Series, compose
from fleet_runtime.publishing import HealthRow, draw, health_plot, to_html, to_pdf, write_product
from fleet_runtime.publishing.colours import GAP, LINES, NO_DATA
from fleet_runtime.publishing.drawing import apart
from fleet_runtime.publishing.runs import Run, lines_of, shared
from fleet_runtime.records.book import ProductKind

BOOK = templates()
A4 = (595, 842)


@pytest.fixture(scope="module")
def review() -> Composed:
    return compose("qbr", accounts.rich(), BOOK)


@pytest.fixture(scope="module")
def printed(review: Composed) -> bytes:
    return to_pdf(review)


@pytest.fixture(scope="module")
def page(review: Composed) -> str:
    return to_html(review)


def text_of(pdf: bytes) -> str:
    """Return what a PDF says, on one line."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def chart(values: Sequence[float | None], *, kind: str = "line", lines: Sequence[Reference] = ()) -> Chart:
    """Return a chart of weekly values."""
    days = tuple(date(2027, 1, 4) + timedelta(weeks=place) for place in range(len(values)))
    series = (Series("people", days, tuple(values)),)
    return Chart("c", kind, "People", "week beginning", "people", series, tuple(lines))  # type: ignore[arg-type]


def colours_of(png: bytes) -> dict[str, int]:
    """Count a picture's pixels by colour."""
    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(np.int64) @ (65536, 256, 1)
    found, counts = np.unique(pixels, return_counts=True)
    return {f"#{colour:06x}": int(count) for colour, count in zip(found.tolist(), counts, strict=True)}


def test_the_pdf_says_every_figure_of_the_review(review: Composed, printed: bytes) -> None:
    text = re.sub(r"\s", "", text_of(printed))
    for figure in review.figures:
        assert re.sub(r"\s", "", figure.shown) in text, figure
    for number, _ in enumerate(review.cites, start=1):
        assert f"{number}." in text


def test_the_pdf_is_a4_with_numbered_pages_and_its_own_fonts(printed: bytes) -> None:
    reader = PdfReader(io.BytesIO(printed))
    count = len(reader.pages)
    assert 4 <= count <= 6
    for number, one in enumerate(reader.pages, start=1):
        assert (round(one.mediabox.width), round(one.mediabox.height)) == A4
        assert one.extract_text().replace("\n", " ").rstrip().endswith(f"{number} of {count}")
    assert reader.metadata is not None
    assert reader.metadata.title == "Business review: Northwind Traders, 2 May 2027 to 1 August 2027"
    assert reader.metadata.creation_date is not None
    assert reader.metadata.creation_date.date() == DAY
    assert b"DejaVuSans" in printed


def test_the_marks_of_the_pdf_lead_to_their_sources(review: Composed, printed: bytes) -> None:
    links = [note.get_object() for one in PdfReader(io.BytesIO(printed)).pages for note in one.get("/Annots", ())]
    assert len(links) >= len(review.cites)
    assert all(link["/Dest"] for link in links)


def test_the_pdf_holds_the_charts(review: Composed, printed: bytes) -> None:
    pages = PdfReader(io.BytesIO(printed)).pages
    assert sum(len(one.images) for one in pages) == len(review.charts) == 5


def test_the_same_work_product_gives_the_same_bytes(review: Composed, printed: bytes, page: str) -> None:
    assert to_pdf(review) == printed
    assert to_html(review) == page


@pytest.mark.parametrize(("account", "kind"), [("empty", "qbr"), ("hostile", "success_plan"), ("hostile", "email")])
def test_every_account_is_printed(account: str, kind: ProductKind) -> None:
    """Also where names are of scripts that the font lacks: there are boxes, and neither a crash nor a warning."""
    composed = compose(kind, getattr(accounts, account)(), BOOK)
    assert composed.title.split(":")[0] in text_of(to_pdf(composed))


def test_letters_of_all_europe_are_printed() -> None:
    names = (
        "\u00c5ngstr\u00f6m \u0391\u03b8\u03ae\u03bd\u03b1 \u041a\u0438\u0457\u0432 \u0141\u00f3d\u017a \u0218 \u00de"
    )
    text = text_of(to_pdf(Composed(names, f"# {names}\n\n{names}\n", (), ())))
    assert text.count(names) == 3
    assert "\u25a1" in text_of(to_pdf(Composed("t", "# \u4f1a\u793e\n", (), ())))


class Tags(HTMLParser):
    """Gathers the tags of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))


def test_the_page_needs_nothing_beside_it(page: str, review: Composed) -> None:
    tags = Tags(page).found
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in tags}
    assert "http://" not in page
    assert "https://" not in page
    pictures = [given["src"] for tag, given in tags if tag == "img"]
    assert len(pictures) == len(review.charts)
    for source, one in zip(pictures, review.charts, strict=True):
        head, _, data = source.partition(",")
        assert head == "data:image/png;base64"
        assert base64.b64decode(data) == draw(one)


def test_every_mark_of_the_page_leads_to_its_source(page: str, review: Composed) -> None:
    tags = Tags(page).found
    wanted = {given["href"] for tag, given in tags if tag == "a"}
    anchors = [given["id"] for _, given in tags if "id" in given]
    assert wanted == {f"#{anchor}" for anchor in anchors}
    assert anchors == [f"source-{number}" for number in range(1, len(review.cites) + 1)]
    assert "58<sup><a" in page


def test_markup_of_an_account_is_text_on_the_page() -> None:
    composed = compose("qbr", accounts.hostile(), BOOK)
    shown = to_html(composed._replace(charts=composed.charts[:1]))
    tags = Tags(shown).found
    assert {given["src"][:10] for tag, given in tags if tag == "img"} == {"data:image"}
    assert all(given["href"].startswith("#source-") for tag, given in tags if tag == "a")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "{{ 7*7 }}" in shown


def test_an_email_is_published_with_its_subject() -> None:
    mail = compose("email", accounts.rich(), BOOK)
    assert f"<h1>{mail.title}</h1>" in to_html(mail)
    assert "Kind regards Mia Lindqvist" in text_of(to_pdf(mail))


def test_a_text_without_its_charts_gives_their_names(review: Composed) -> None:
    """A stored work product has its text alone."""
    stored = review._replace(charts=(), figures=())
    assert "<em>People active each week, against seats</em>" in to_html(stored)
    assert "People active each week, against seats" in text_of(to_pdf(stored))


def test_every_construct_of_markdown_is_printed() -> None:
    text = (
        "# T\n\n### Third\n\n> said\n> by them\n\n---\n\n1. one\n2. two\n   - in **bold** `code`\n\n"
        "```\nfenced | text\n```\n\nline\\\nbroken ![far](https://example.com/x.png) [link](https://example.com)\n"
    )
    composed = Composed("T", text, (), ())
    said = text_of(to_pdf(composed))
    for piece in ("Third", "said by them", "1. one", "in bold code", "fenced | text", "line broken", "far", "link"):
        assert piece in said
    assert "<img" not in to_html(composed)


def test_long_tables_repeat_their_head_and_long_words_are_cut() -> None:
    rows = "".join(
        f"| row {number} | {'word ' * 12} | {'x' * 300 if number == 3 else number} |\n" for number in range(80)
    )
    pdf = to_pdf(Composed("T", f"# T\n\n| Name | What | Long |\n| --- | --- | ---: |\n{rows}", (), ()))
    pages = PdfReader(io.BytesIO(pdf)).pages
    assert len(pages) > 2
    assert all("Name" in one.extract_text() for one in pages)
    text = text_of(pdf)
    assert all(f"row {number}" in text for number in range(80))
    assert re.sub(r"\s", "", text).count("x") >= 300


def test_titles_and_tables_wider_than_a_page_are_fitted() -> None:
    title = "A title of many words " * 12
    head = "".join(f"| column{'x' * 20} " for _ in range(9))
    pdf = to_pdf(Composed(title, f"# {title}\n\n{head}|\n{'| --- ' * 9}|\n{'| cell ' * 9}|\n", (), ()))
    assert len(PdfReader(io.BytesIO(pdf)).pages) == 1
    assert text_of(pdf).count("cell") == 9
    assert "\u2026" in text_of(pdf)


def test_long_paragraphs_leave_no_line_alone() -> None:
    text = "# T\n\n" + "\n\n".join("word " * 330 for _ in range(9))
    for one in PdfReader(io.BytesIO(to_pdf(Composed("T", text, (), ())))).pages[1:]:
        lines = one.extract_text().splitlines()
        assert len(lines[0].split()) > 5


@pytest.mark.parametrize("kind", ["line", "bar"])
def test_a_chart_is_drawn_over_the_width_of_a_page(kind: str) -> None:
    png = draw(chart([3, 5, 4, 6, 2, 1, 3, 4, 5], kind=kind))
    assert Image.open(io.BytesIO(png)).size == (1340, 430)
    assert png == draw(chart([3, 5, 4, 6, 2, 1, 3, 4, 5], kind=kind))
    assert colours_of(png)[LINES[0]] > 200
    assert GAP not in colours_of(png)


def test_a_gap_is_seen_and_no_line_crosses_it() -> None:
    whole, broken = (colours_of(draw(chart(values))) for values in ([5] * 20, [5] * 8 + [None] * 6 + [5] * 6))
    assert broken[GAP] > 5000
    assert broken[LINES[0]] < 0.75 * whole[LINES[0]]


def test_a_value_between_two_gaps_is_a_dot() -> None:
    alone = colours_of(draw(chart([None, 5, None, None, 5])))
    gone = colours_of(draw(chart([None, None, None, None, 5])))
    assert alone[LINES[0]] > gone[LINES[0]] > 0


def test_a_chart_without_values_is_drawn_all_the_same() -> None:
    assert Image.open(io.BytesIO(draw(chart([None, None])))).size == (1340, 430)
    assert Image.open(io.BytesIO(draw(chart([])))).size == (1340, 430)
    assert Image.open(io.BytesIO(draw(chart([-5, 3, 0], lines=[Reference("$x$ _^ \u4f1a", 2)])))).size == (1340, 430)


def test_panels_have_axes_of_their_own() -> None:
    one = chart([10, 20, 30]).series[0]
    sizes = {}
    for count in (1, 4, 6, 7):
        many = Chart("m", "panels", "Sides", "day", "of 100", (one,) * count, top=100.0)
        sizes[count] = Image.open(io.BytesIO(draw(many))).size
    assert sizes[1] == sizes[4]
    assert sizes[6] == sizes[7]
    assert sizes[6][1] > sizes[4][1]


def test_names_at_the_edge_are_moved_apart_and_stay_inside() -> None:
    placed = apart([50.0, 51.0, 52.0, 99.0], least=10.0, top=100.0)
    assert all(after - before >= 10.0 - 1e-9 for before, after in pairwise(placed))
    assert apart([99.0, 100.0], least=10.0, top=100.0) == [90.0, 100.0]
    assert apart([], least=1.0, top=1.0) == []


def test_the_health_of_a_book_is_one_strip_for_each_account() -> None:
    days = [DAY - timedelta(weeks=25 - place) for place in range(26)]
    rows = [
        HealthRow(f"Account {n} $a$ \u4f1a", (*((n + w) % 101 for w in range(25)), None), "note") for n in range(60)
    ]
    png = health_plot(rows, days)
    assert Image.open(io.BytesIO(png)).size == (1660, 2290)
    assert png == health_plot(rows, days)
    assert colours_of(png)[NO_DATA] > 60 * 100
    assert health_plot([], [])


def test_words_break_at_blanks_and_marks_stay_with_their_word() -> None:
    def width(run: Run) -> float:
        return float(len(run.text))

    lines = lines_of([Run("alpha beta gam"), Run("ma", "B"), Run("1", "", 1), Run(" d")], 10, width)
    said = ["".join(run.text for run in line.runs) for line in lines]
    assert said == ["alpha beta", "gamma1 d"]
    assert ["".join(run.text for run in line.runs) for line in lines_of([Run("x" * 25)], 10, width)] == [
        "x" * 10,
        "x" * 10,
        "x" * 5,
    ]


def test_small_columns_get_what_they_ask_for() -> None:
    widths = shared(100.0, [5.0, 10.0, 10.0], [12.0, 200.0, 60.0])
    assert widths[0] == 12.0
    assert sum(widths) == pytest.approx(100.0)
    assert widths[1] > widths[2] > 10.0


@pytest.mark.parametrize("suffix", [".md", ".html", ".pdf", ".PDF"])
def test_a_file_is_written_as_its_name_says(suffix: str, tmp_path: Path) -> None:
    composed = compose("success_plan", accounts.rich(), BOOK)
    path = write_product(composed, tmp_path / f"the plan{suffix}")
    data = path.read_bytes()
    assert {".md": b"# Suc", ".html": b"<!DOC"}.get(suffix, b"%PDF-") == data[:5]
    if suffix == ".md":
        assert b"](the%20plan-active_users.png)" in data
        assert (tmp_path / "the plan-active_users.png").read_bytes()[:4] == b"\x89PNG"


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    mail = compose("email", accounts.rich(), BOOK)
    with pytest.raises(SettingError, match="docx"):
        write_product(mail, tmp_path / "mail.docx")
    with pytest.raises(SettingError, match="cannot be written"):
        write_product(mail, tmp_path / "none" / "mail.md")
    assert write_product(mail, tmp_path / "mail.md").read_text().startswith(f"# {mail.title}\n\nHello")


@pytest.mark.parametrize("package", ["matplotlib", "fpdf"])
def test_without_the_extra_it_says_what_to_install(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [one for one in sys.modules if one.split(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    make = to_pdf if package == "fpdf" else lambda composed: draw(composed.charts[0])
    with pytest.raises(MissingExtra) as caught:
        make(compose("success_plan", accounts.rich(), BOOK))
    assert "fleet-runtime[reports]" in caught.value.hint
