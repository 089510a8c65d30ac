"""Puts one account on one screen: a label, and at most a few lines beside it. Chooses nothing but what is cut off."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Final, TypeVar

from rich.console import Console
from rich.text import Text

from fleet_runtime.cli.book_table import (
    health_words,
    money,
    plain,
    renewal_words,
    score_style,
    severity_style,
    sparkline,
)
from fleet_runtime.cli.printing import PIPE_WIDTH, rendered
from fleet_runtime.health import Check
from fleet_runtime.records import Commitment
from fleet_runtime.records.book import Measure, Notice, Week
from fleet_runtime.runtime.book_pages import AccountPage
from fleet_runtime.runtime.book_rows import is_overdue

_MARGIN: Final = 11
_FEW: Final = 3  # items of a kind; the rest are counted
_FEWER: Final = 2
_WEEKS: Final = 4
_WHOLE: Final = 100  # from here on without decimals
_WRAPPED: Final = 2  # lines that a reason may take
_NOTHING: Final = "(none)"
_COLUMNS: Final = {
    "active_users": "active",
    "logins": "logins",
    "key_feature_uses": "key uses",
    "top_user_share": "top share",
    "tickets_opened": "tickets",
    "p1_open": "p1",
    "nps": "NPS",
}
_STATES: Final = {"ok": "green", "open": "yellow", "unknown": "magenta"}

Lines = Iterator[Text]
Item = TypeVar("Item")


def page_lines(page: AccountPage, *, for_terminal: bool) -> Iterator[str]:
    """Yield the page, line by line: for a terminal within its width and coloured, else unwrapped and whole."""
    width = Console().width if for_terminal else PIPE_WIDTH
    for label, section in _SECTIONS:
        for number, text in enumerate(_fitted(section(page), width - _MARGIN)):
            margin = f"{label if number == 0 else '':<{_MARGIN}}"
            yield from rendered(Text.assemble((margin, "bold cyan"), text), for_terminal=for_terminal)


def _fitted(lines: Lines, width: int) -> Lines:
    """Cut every line to the width, unless it may be wrapped (``no_wrap`` False): then over a line more."""
    for line in lines:
        if line.no_wrap is False:
            pieces = line.wrap(Console(width=width), width)
            for piece in pieces:
                piece.rstrip()
            yield from pieces[: _WRAPPED - 1]
            rest = Text(" ").join(pieces[_WRAPPED - 1 :])
            if rest.plain:
                yield _cut(rest, width)
        else:
            yield _cut(line, width)


def _cut(line: Text, width: int) -> Text:
    line.truncate(max(width, 1), overflow="ellipsis")
    line.no_wrap = True
    return line


def _head(page: AccountPage) -> Lines:
    """Say who it is, and how it stands in a line."""
    row, details = page.row, page.details
    name = Text(plain(row.company or row.account), style="bold")
    facts = [f"({plain(row.account)})"] if row.company and row.company != row.account else []
    if details is not None:
        facts += [details.industry, details.segment, money(row)]
        facts += [f"{details.seats} seats"] if details.seats is not None else []
    yield Text("  ").join([name, *(Text(plain(fact)) for fact in facts if fact)])
    if details is not None:
        people = {"CSM": details.csm, "champion": details.champion, "sponsor": details.exec_sponsor}
        named = [f"{what} {plain(name)}" for what, name in people.items() if name]
        if named:
            yield Text(f"{', '.join(named)} (CRM of {details.known_from:%Y-%m-%d})", style="dim")


def _health(page: AccountPage) -> Lines:
    """Say the score, the measures, and the reasons with what they rest on."""
    row = page.row
    slope = f", {row.slope:+.0f} in four weeks" if row.score is not None and round(row.slope) else ""
    score = Text(health_words(row.score, row.trend), style=score_style(row.score))
    yield Text.assemble(score, f"{slope}, confidence {row.confidence:.0%}   {sparkline(row.history)}")
    yield _wrapped(", ".join(_measure(one) for one in page.health.measures) or _NOTHING)
    for reason in page.health.reasons:
        yield _wrapped(f"- {plain(reason.name)}: {plain(reason.says)}{_sources(reason)}")


def _measure(measure: Measure) -> str:
    """Say a measure in two words."""
    score = "no data" if measure.score is None else f"{measure.score:.0f}"
    return f"{plain(measure.name)} {score}"


def _sources(measure: Measure) -> str:
    """Say where a reason's first evidence can be looked up."""
    return f" [{plain(measure.evidence[0].source)}]" if measure.evidence else ""


def _renewal(page: AccountPage) -> Lines:
    """Say when it renews, and what is ready for it."""
    renewal = page.row.renewal
    if renewal is None:
        yield Text("nobody knows when")
    else:
        hint = "" if renewal.stated else ", as only a later CRM says"
        yield Text(f"{renewal.on} ({renewal_words(renewal)}{hint})")
    for check in [one for one in page.checks if one.state == "open"][:_FEW]:
        yield _check(check, plain(check.says))
    for state in ("unknown", "ok"):
        named = [plain(check.name) for check in page.checks if check.state == state]
        if named:
            yield Text.assemble((f"{state:<8}", _STATES[state]), ", ".join(named))


def _check(check: Check, says: str) -> Text:
    return Text.assemble((f"{check.state:<8}", _STATES[check.state]), f"{plain(check.name)}: {says}")


def _attention(page: AccountPage) -> Lines:
    """Say how much it needs somebody and why, and which risk is seen that no motion has raised yet."""
    row, risk = page.row, page.row.risk
    yield _wrapped(f"{row.attention:g} ({'; '.join(row.because)})" if row.because else f"{row.attention:g}")
    if risk is not None and risk.since is None:
        grave = (f"{risk.severity} risk", severity_style(risk.severity))
        yield Text.assemble(grave, f", not raised yet: {plain(risk.title)}")


def _raised(page: AccountPage) -> Lines:
    """List what was raised and is open, with what to do about the first."""
    return _some(page.notices, _notice)


def _notice(notice: Notice) -> Text:
    concern = notice.concern
    return Text.assemble(
        f"{notice.on}  ",
        (f"{concern.severity} {concern.kind}", severity_style(concern.severity)),
        f"  {plain(concern.title)}{f' -> {plain(concern.play)}' if concern.play else ''}",
    )


def _promised(page: AccountPage) -> Lines:
    """List the open promises, the earliest due first."""
    return _some(page.commitments, lambda one: _promise(one, page.row.on))


def _promise(one: Commitment, day: date) -> Text:
    late = is_overdue(one, day)
    due = f"{one.due or 'no date':<10}"
    to = f" to {plain(one.to)}" if one.to else ""
    return Text.assemble(due, (" OVERDUE" if late else "", "bold red"), f"  {plain(one.owner)}{to}: {plain(one.task)}")


def _next(page: AccountPage) -> Lines:
    """List what comes next."""
    nearest = page.next_motions[:_FEWER]
    return _some(nearest, lambda one: Text(f"{one.due}  {plain(one.motion)} ({plain(one.role)})"))


def _weeks(page: AccountPage) -> Lines:
    """Show the latest weeks as a small table; what was not measured stays empty."""
    shown = page.weeks[-_WEEKS:]
    names = [name for name in _COLUMNS if any(name in week.values for week in shown)]
    if not shown:
        yield Text("no data")
        return
    yield Text(f"{'from':<10}" + "".join(f"  {_COLUMNS[name]:>4}" for name in names), style="dim")
    for week in shown:
        yield Text(f"{week.start}" + "".join(_value(week, name) for name in names))


def _value(week: Week, name: str) -> str:
    """Put a value under its head."""
    found = week.values.get(name)
    said = "" if found is None else f"{found:.0f}" if abs(found) >= _WHOLE else f"{found:.3g}"
    return f"  {said:>{max(len(_COLUMNS[name]), 4)}}"


def _lately(page: AccountPage) -> Lines:
    """Say when the customer was last spoken with, and what happened last, the latest first."""
    contact = page.row.last_contact
    yield Text(f"last spoken with on {contact:%Y-%m-%d}" if contact else "never spoken with, as far as is known")
    for event in reversed(page.events[-_FEWER:]):
        yield Text(f"{event.at:%Y-%m-%d}  {plain(event.kind)}, {plain(event.author)}: {plain(event.text)}")


def _written(page: AccountPage) -> Lines:
    """List the latest work products."""
    latest = tuple(reversed(page.products))[:_FEWER]
    return _some(latest, lambda one: Text(f"{one.on}  {one.kind} ({one.state})  {plain(one.title)}  {one.id}"))


def _some(items: Sequence[Item], say: Callable[[Item], Text]) -> Lines:
    """Say the first few items and count the others."""
    for item in items[:_FEW]:
        yield say(item)
    if not items:
        yield Text(_NOTHING, style="dim")
    elif len(items) > _FEW:
        yield Text(f"and {len(items) - _FEW} more", style="dim")


def _wrapped(text: str) -> Text:
    return Text(text, no_wrap=False)


_SECTIONS: Final[Iterable[tuple[str, Callable[[AccountPage], Lines]]]] = (
    ("account", _head),
    ("health", _health),
    ("attention", _attention),
    ("raised", _raised),
    ("renewal", _renewal),
    ("promised", _promised),
    ("next", _next),
    ("weeks", _weeks),
    ("lately", _lately),
    ("written", _written),
)
