"""How accounts are looked at in a running fleet: by which rules, what assesses them, and what is written about them.

Joins the pure parts (health, readiness, work products) to the desk's rules and templates, for motions and for whoever
asks by himself. Asks no model.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from fleet_runtime.contracts import Role
from fleet_runtime.health import (
    RULES_FILE,
    Assessment,
    Case,
    Check,
    HealthWeek,
    Rules,
    Seasons,
    assess,
    health_by_week,
    load_rules,
    readiness,
)
from fleet_runtime.motions import Look, Wanted, Written
from fleet_runtime.products import Composed, Material, Occasion, compose
from fleet_runtime.records.book import AccountDetails, Concern, Notice, ProductKind
from fleet_runtime.runtime.desk import Desk

HISTORY: Final = timedelta(weeks=26)
"""How far back a work product shows an account's health."""

_PAST: Final[frozenset[ProductKind]] = frozenset({"qbr", "success_plan", "risk_memo"})
"""Kinds that show how health went."""


class Looks:
    """Looks at the accounts of one fleet."""

    def __init__(self, desk: Desk) -> None:
        """Look by the rules and templates of the desk.

        Raises: ContractError for rules that cannot be read.
        """
        self._desk = desk
        self.rules: Rules = load_rules(desk.words.files.get(RULES_FILE, ()))

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
            occasion: Occasion | None = "quiet" if wanted.motion.trigger.kind == "silence" else None
            composed = self.write(
                wanted.kind, wanted.case, wanted.at, wanted.assessment, seasons,
                role=wanted.role, to=wanted.to, concern=wanted.concern, notices=wanted.notices, occasion=occasion,
            )  # fmt: skip
            return Written(composed.title, composed.text, composed.cites)

        return Look(
            at=at,
            now=now,
            book=case.book,
            assess=assessed,
            checks=checks,
            compose=written,
            staff=self._desk.staff,
        )

    def write(  # noqa: PLR0913 - what a work product is made of
        self,
        kind: ProductKind,
        case: Case,
        at: datetime,
        found: Assessment,
        seasons: Seasons,
        *,
        role: Role,
        to: str,
        concern: Concern | None,
        notices: tuple[Notice, ...],
        occasion: Occasion | None = None,
    ) -> Composed:
        """Write a work product about an account.

        Args:
            kind: which one.
            case: the account.
            at: as of when.
            found: what was found there.
            seasons: what its industry did.
            role: who writes.
            to: whom it is for.
            concern: what it is about; None for the account as a whole.
            notices: what is open on the account.
            occasion: what an e-mail is written for; None: by what was found.

        Raises: PromptError.
        """
        account, details = case.key.account, known_details(case, at)
        material = Material(
            account=account,
            role_title=role.title,
            company=details.company if details and details.company else account,
            at=at,
            case=case,
            assessment=found,
            history=self._history(case, at, seasons) if kind in _PAST else (),
            checks=readiness(case, at, found),
            notices=notices,
            commitments=case.commitments(at),
            concern=concern,
            to=to,
            author=details.csm if details and details.csm else role.title,
            occasion=occasion,
        )
        return compose(kind, material, self._desk.words.book)

    def _history(self, case: Case, at: datetime, seasons: Seasons) -> tuple[HealthWeek, ...]:
        """Return the account's health on each Monday and on the day itself: Mondays are looked at once."""
        today = at.date()
        monday = today - timedelta(days=today.weekday())
        mondays = health_by_week(case, seasons, self.rules, monday - HISTORY, monday)
        return mondays if monday == today else (*mondays, *health_by_week(case, seasons, self.rules, today, today))


def known_details(case: Case, at: datetime) -> AccountDetails | None:
    """Return the CRM's row as known at a moment, or that of a later import without its people: they come and go."""
    known, hint = case.details(at), case.hint(at)
    if known is not None or hint is None:
        return known
    return hint.model_copy(update={"csm": "", "champion": "", "exec_sponsor": ""})
