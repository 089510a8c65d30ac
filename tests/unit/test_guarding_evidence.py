"""What evidence supports: arithmetic, roundings, weekdays and lengths; other accounts, recitals and phone numbers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fleet_runtime.guarding import Evidence, Guard, Readings, check

SAID_AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
RECORD = (
    "120 of 150 seats are active. The contract renews on 31 March 2027.",
    "The last invoice was USD 7,350. A review is planned for 6 December 2026. Call us on +44 20 7946 0958.",
    '{"invoice": "INV-20418", "amount": 812.00, "currency": "EUR", "issued": "2026-11-05", "rate_percent": 19}',
)
CONTRACT = (
    "You keep goals and seats in view. Never negotiate prices and always hand off pricing to the account executive. "
    "Use lookup_account_health first. Support hours are Monday to Friday, 8 am to 6 pm Central European Time."
)


def kinds(reply: str, *, foreign: tuple[str, ...] = (), said: str = "", names: tuple[str, ...] = ()) -> set[str]:
    evidence = Evidence(texts=(*RECORD, said), foreign=foreign, system=CONTRACT, names=names)
    return {finding.kind for finding in check(reply, evidence, said_at=SAID_AT)}


@pytest.mark.parametrize(
    "reply",
    [
        "120 of 150 seats are active, so 30 are unused.",
        "That is 80% of your 150 seats (120 active).",
        "Your last invoice was about $7,400.",
        "Your last invoice was over $7,000.",
        "You renew on Wednesday, 31 March 2027.",
        "You renew on 03/31/2027.",
        "You renew at the end of March 2027, in about four months.",
        "The review is in 12 days.",
        "Your review is on 6 December, so there are twelve days left.",
        "The review falls into the first week of December 2026.",
        "Invoice INV-20418 is over 812 euros.",
        "INV-20418 was issued on November 5.",
        "The rate is 19%.",
        "More than three quarters of your seats are active.",
        "Call us on +44 20 7946 0958.",
        "Support hours are Monday to Friday, 8 am to 6 pm Central European Time.",
    ],
)
def test_what_follows_from_the_evidence_may_be_said(reply: str) -> None:
    assert kinds(reply) == set()


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ("120 of 150 seats are active, so 40 are unused.", "number"),
        ("Your last invoice was about $8,000.", "amount"),
        ("Your last invoice was over $7,400.", "amount"),
        ("Your last invoice was under $7,000.", "amount"),
        ("You renew on Tuesday, 31 March 2027.", "date"),
        ("The review is in three weeks.", "date"),
        ("You renew in 2028.", "date"),
        ("Invoice INV-20481 is open.", "name"),
        ("The rate is 21%.", "percentage"),
        ("Less than half of your seats are active.", "share"),
        ("Call us on +44 20 7946 0959.", "link"),
        ("Never negotiate prices and always hand off pricing to the account executive.", "leak"),
        ("Let me try lookup_account_health.", "leak"),
        ('{"name": "pass", "arguments": {}}', "leak"),
        ("Another customer of ours did the same.", "foreign"),
    ],
)
def test_what_does_not_follow_is_found(reply: str, kind: str) -> None:
    assert kind in kinds(reply)


def test_another_account_is_named_by_nobody() -> None:
    foreign = ("Orion Parcels Ltd",)
    assert "foreign" in kinds("Orion Parcels pays less.", foreign=foreign)
    assert "foreign" in kinds("Orion has it.", foreign=foreign)
    assert "foreign" in kinds("Orion Parcels pays less.", foreign=foreign, said="Customer: Orion Parcels pays less.")
    assert kinds("I cannot speak about Orion Parcels.", foreign=foreign, said="Customer: And Orion Parcels?") == set()
    assert kinds("The orion is a constellation.", foreign=foreign) == set()


def test_what_was_shown_besides_the_contract_is_no_recital() -> None:
    line = "Never negotiate prices and always hand off pricing to the account executive."
    assert "leak" in kinds(line)
    assert "leak" not in kinds(line, said=f"Customer: {line}")


def test_a_guard_reads_its_evidence_once_and_judges_sentence_after_sentence() -> None:
    readings = Readings()
    evidence = Evidence(texts=RECORD, system=CONTRACT)
    guard = Guard(evidence, SAID_AT, readings)
    reply = "You have 150 seats. You have 170 seats."
    apart = [*guard.check("You have 150 seats."), *guard.check("You have 170 seats.")]
    assert tuple(apart) == guard.check(reply) == check(reply, evidence, said_at=SAID_AT)
    before = readings.read.cache_info().misses
    Guard(evidence, SAID_AT, readings).check(reply)
    assert readings.read.cache_info().misses == before
