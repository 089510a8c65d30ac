"""How a motion looks at an account in a running fleet: what assesses it, checks its renewal, and writes about it.

Joins the pure parts (health, readiness, work products) to the desk's rules and templates. Asks no model.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from fleet_runtime.health import (
    RULES_FILE,
    Assessment,
    Case,
    Check,
    Rules,
    Seasons,
    assess,
    health_by_week,
    load_rules,
    readiness,
)
from fleet_runtime.motions import Look, Wanted, Written
from fleet_runtime.products import Material, compose
from fleet_runtime.records.book import Health, ProductKind
from fleet_runtime.runtime.desk import Desk

HISTORY: Final = timedelta(weeks=26)
"""How far back a work product shows an account's health."""

_PAST: Final[frozenset[ProductKind]] = frozenset({"qbr", "success_plan", "risk_memo"})
"""Kinds that show how health went."""


class Looks:
    """Makes the looks of one fleet."""

    def __init__(self, desk: Desk, rules: Rules | None = None) -> None:
        """Look by the desk's rules, unless others are given."""
        self._desk = desk
        self._rules = rules

    @property
    def rules(self) -> Rules:
        """Return the rules by which accounts are judged.

        Raises: ContractError.
        """
        if self._rules is None:
            self._rules = load_rules(self._desk.words.files.get(RULES_FILE, ()))
        return self._rules

    def look(self, case: Case, at: datetime, now: datetime, seasons: Seasons) -> Look:
        """Return the look at an account as of a moment; what it found once it does not look for again."""
        known: dict[datetime, Assessment] = {}

        def assessed(moment: datetime) -> Assessment:
            if moment not in known:
                known[moment] = assess(case, moment, seasons, self.rules)
            return known[moment]

        def checks(moment: datetime) -> tuple[Check, ...]:
            return readiness(case, moment, assessed(moment))

        def written(wanted: Wanted) -> Written:
            return self._written(wanted, checks(wanted.at), seasons)

        return Look(
            at=at,
            now=now,
            book=case.book,
            assess=assessed,
            checks=checks,
            compose=written,
            staff=self._desk.staff,
        )

    def _written(self, wanted: Wanted, checks: tuple[Check, ...], seasons: Seasons) -> Written:
        """Write a work product.

        Raises: PromptError.
        """
        case, at = wanted.case, wanted.at
        hint = case.hint(at)
        trigger = wanted.motion.trigger
        material = Material(
            account=case.key.account,
            role_title=wanted.role.title,
            company=(hint.company if hint else "") or case.key.account,
            at=at,
            case=case,
            assessment=wanted.assessment,
            history=self._history(case, wanted, seasons) if wanted.kind in _PAST else (),
            checks=checks,
            notices=wanted.notices,
            commitments=case.commitments(at),
            concern=wanted.concern,
            to=wanted.to,
            author=(hint.csm if hint else "") or wanted.role.title,
            occasion="quiet" if trigger.kind == "silence" else None,
        )
        composed = compose(wanted.kind, material, self._desk.words.book)
        return Written(composed.title, composed.text, composed.cites)

    def _history(self, case: Case, wanted: Wanted, seasons: Seasons) -> tuple[Health, ...]:
        """Return the account's health on each Monday and on the day itself: Mondays are looked at once."""
        today = wanted.at.date()
        monday = today - timedelta(days=today.weekday())
        mondays = health_by_week(case, seasons, self.rules, monday - HISTORY, monday)
        return mondays if monday == today else (*mondays, wanted.assessment.health)
