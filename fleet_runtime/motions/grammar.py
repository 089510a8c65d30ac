"""The words of a motion: when, on what condition, what is done, to whom. Reads single pieces; knows no file.

A piece that is not understood comes back as `Misread`, which says what to write instead. Nothing is guessed.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple, get_args

from fleet_runtime.contracts import Condition, Trigger
from fleet_runtime.patterns import pattern
from fleet_runtime.records.book import ProductKind


class Misread(NamedTuple):
    """Why a piece cannot be read, and what to write."""

    message: str
    hint: str


class Deed(NamedTuple):
    """One thing to do, as `fleet_runtime.contracts.Motion.does` says it; ``to`` and ``text`` where it names them."""

    step: str
    to: str = ""
    text: str = ""


class Words(NamedTuple):
    """One motion in pieces that are not understood yet: ``when`` it is due and on what condition, and what it does."""

    name: str
    when: tuple[str, ...]
    does: tuple[str, ...]
    text: str
    line: int


REVIEW: Final = "review"
CHECK: Final = "check_renewal"
ASK: Final = "ask"
HAND_OFF: Final = "hand_off"
DRAFT: Final = "draft "
ANYBODY: Final = "anybody"
"""Who approves where the contract names nobody."""

_DAYS: Final = {"sunday": 0, "monday": 1, "tuesday": 2, "wednesday": 3, "thursday": 4, "friday": 5, "saturday": 6}
_CALENDAR: Final = {
    "day": "0 6 * * *", "weekday": "0 6 * * 1-5", "week": "0 6 * * 1", "month": "0 6 1 * *",
    "quarter": "0 6 1 1,4,7,10 *", "year": "0 6 1 1 *",
}  # fmt: skip
_EVERY: Final = pattern(r"every\s+(?P<what>.+)")
_CRON: Final = pattern(r"cron\s+(?P<cron>.+)")
_ABOUT: Final = pattern(
    r"(?P<days>\d[\d,\s]*?(?:\s*and\s+\d+)?)\s+days?\s+(?P<side>before|after)\s+`?(?P<fact>[\w.-]+)`?"
)
_ON: Final = pattern(r"on\s+`(?P<fact>[\w.-]+)`")
_SILENCE: Final = pattern(r"no\s+contact\s+(?:for|in|since)\s+(?P<days>\d+)\s+days?")
_WHEN: Final = pattern(
    r"when\s+(?:an?\s+|the\s+)?(?:(?P<how>low|medium|high)[\s_]+)?`?(?P<rule>[a-z][\w-]*)`?"
    r"(?:\s+(?:is\s+raised|begins|holds|shows))?"
)
_IF: Final = pattern(r"(?P<how>if|unless)\s+(?:the\s+)?`?(?P<of>[\w.-]+)`?\s+(?:is\s+)?(?P<rest>.+)")
_BESIDE: Final = pattern(r"(?P<side>below|above)\s+(?P<number>-?\d+(?:\.\d+)?)\s*%?")
_DRAFT: Final = pattern(r"draft\s+(?:an?\s+|the\s+)?`?(?P<kind>[\w -]+?)`?")
_CHECK: Final = pattern(r"check\s+the\s+renewal")
_ASK: Final = pattern(r"ask\s+[\"“](?P<text>[^\"”]+)[\"”]")
_HAND_OFF: Final = pattern(r"hand\s+(?:it\s+)?off(?:\s+to\s+(?P<to>.+))?")
_TO: Final = pattern(r"to\s+(?P<to>.+)")
_APPROVED: Final = pattern(r"approved(?:\s+by\s+(?P<by>.+))?")
_NAME: Final = pattern(r"(?:the\s+)?[`*]*(?P<name>[^`*]+?)[`*]*")
_CRON_PARTS: Final = 5
_MOST_DAYS: Final = 1100

_PRODUCTS: Final[tuple[ProductKind, ...]] = get_args(ProductKind)

_TRIGGERS: Final = (
    "write one of: every Monday, every month, cron 0 6 * * 1, 90, 30 days before `renewal_date`, "
    "no contact for 45 days, when `champion`"
)
_CONDITIONS: Final = "write: if `health` is below 60, unless `renewal_state` is renewed, if `champion` is known"
_DEEDS: Final = (
    'write: review, check the renewal, draft `renewal_plan`, ask "…", hand off to sales; '
    f"drafts: {', '.join(kind for kind in _PRODUCTS if kind != HAND_OFF)}"
)


def read_trigger(piece: str) -> Trigger | Misread:  # noqa: PLR0911 - one for each form
    """Read when a motion is due."""
    if found := _SILENCE.fullmatch(piece):
        return _of_days("silence", "", found["days"], 1)
    if found := _ABOUT.fullmatch(piece):
        return _of_days("date", found["fact"], found["days"], -1 if found["side"].lower() == "before" else 1)
    if found := _ON.fullmatch(piece):
        return Trigger(kind="date", fact=found["fact"], days=(0,))
    if found := _WHEN.fullmatch(piece):
        rule = found["rule"].replace("-", "_") if found["rule"] == "data-check" else found["rule"]
        return Trigger(kind="rule", rule=f"{found['how'].lower()} {rule}" if found["how"] else rule)
    if found := _CRON.fullmatch(piece):
        return _cron(found["cron"])
    if found := _EVERY.fullmatch(piece):
        return _every(found["what"].lower())
    return Misread(f"{piece[:60]!r} does not say when it is due", _TRIGGERS)


def is_condition(piece: str) -> bool:
    """Tell whether a piece is meant as a condition."""
    return piece.lower().startswith(("if ", "unless "))


def read_condition(piece: str) -> Condition | Misread:
    """Read what must hold for a motion to be carried out."""
    found = _IF.fullmatch(piece)
    if found is None:
        return Misread(f"the condition {piece[:60]!r} is not understood", _CONDITIONS)
    negated = found["how"].lower() == "unless"
    rest = found["rest"].strip().strip("`")
    if rest.lower() == "known":
        return Condition(of=found["of"], test="known", negated=negated)
    if beside := _BESIDE.fullmatch(rest):
        below = beside["side"].lower() == "below"
        return Condition(of=found["of"], test="below" if below else "above", value=beside["number"], negated=negated)
    if re.search(rf"`?{re.escape(found['of'])}`?\s+is\s+", piece):
        return Condition(of=found["of"], test="is", value=rest, negated=negated)
    return Misread(f"the condition {piece[:60]!r} is not understood", _CONDITIONS)


def read_deed(piece: str) -> Deed | Misread:  # noqa: PLR0911 - one for each form
    """Read one thing to do."""
    if piece.lower() == REVIEW:
        return Deed(REVIEW)
    if _CHECK.fullmatch(piece):
        return Deed(CHECK)
    if found := _ASK.fullmatch(piece):
        return Deed(ASK, text=found["text"].strip())
    if found := _HAND_OFF.fullmatch(piece):
        return Deed(HAND_OFF, to=name_of(found["to"] or ""))
    if found := _DRAFT.fullmatch(piece):
        kind = re.sub(r"[\s-]+", "_", found["kind"].strip().lower()).removesuffix("_brief")
        if kind in _PRODUCTS and kind != HAND_OFF:
            return Deed(DRAFT + kind)
        return Misread(f"nobody knows how to draft {found['kind'][:40]!r}", _DEEDS)
    return Misread(f"{piece[:60]!r} is nothing that can be done", _DEEDS)


def read_addressee(piece: str) -> str | None:
    """Read ``to X``; None if it is something else."""
    found = _TO.fullmatch(piece)
    return name_of(found["to"]) if found else None


def read_approver(piece: str) -> str | None:
    """Read ``approved by X``, or ``approved`` (by anybody); None if it is something else."""
    found = _APPROVED.fullmatch(piece)
    return None if found is None else name_of(found["by"] or "") or ANYBODY


def product_kind(step: str) -> ProductKind:
    """Return what a step drafts, of those that `read_deed` reads."""
    return next(kind for kind in _PRODUCTS if DRAFT + kind == step)


def name_of(words: str) -> str:
    """Take a name out of its article and its marks."""
    found = _NAME.fullmatch(words.strip().rstrip("."))
    return found["name"].strip() if found else ""


def pieces(text: str, mark: str) -> list[str]:
    """Split at a mark that stands outside of quotation marks; empty pieces are left out."""
    found, begin, quoted = list[str](), 0, False
    for place, sign in enumerate(text):
        if sign in '"“”':
            quoted = not quoted if sign == '"' else sign == "“"
        elif sign == mark and not quoted:
            found.append(text[begin:place])
            begin = place + 1
    return [piece.strip() for piece in (*found, text[begin:]) if piece.strip()]


def _of_days(kind: str, fact: str, days: str, sign: int) -> Trigger | Misread:
    """Make a trigger that counts days, the earliest first."""
    numbers = [int(number) for number in re.findall(r"\d+", days)]
    if max(numbers) > _MOST_DAYS or (kind == "silence" and not numbers[0]):
        return Misread(f"{days.strip()[:40]} days are out of reach", f"count 1 to {_MOST_DAYS} days")
    if kind == "silence":
        return Trigger(kind="silence", days=(numbers[0],))
    return Trigger(kind="date", fact=fact, days=tuple(sorted({sign * number for number in numbers})))


def _cron(expression: str) -> Trigger | Misread:
    """Read five fields, once, so that what is wrong is told when the contract is read."""
    from croniter import croniter  # noqa: PLC0415 - loads where there is a motion by the calendar

    fields = " ".join(expression.replace("`", "").split())
    if len(fields.split()) != _CRON_PARTS or not croniter.is_valid(fields):
        return Misread(f"{fields[:40]!r} is no cron expression", "write five fields (UTC): cron 0 6 * * 1")
    return Trigger(kind="cron", cron=fields)


def _every(what: str) -> Trigger | Misread:
    """Read a day of the week, or a stretch of the calendar."""
    if what in _CALENDAR:
        return Trigger(kind="cron", cron=_CALENDAR[what])
    days = re.split(r"\s*,\s*|\s+and\s+", what)
    if all(day in _DAYS for day in days):
        return Trigger(kind="cron", cron=f"0 6 * * {','.join(str(_DAYS[day]) for day in days)}")
    known = ", ".join((*_CALENDAR, "Monday … Sunday"))
    return Misread(f"'every {what[:40]}' is not understood", f"after 'every': {known}")
