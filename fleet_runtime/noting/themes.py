"""The themes that a colleague's note may touch, and what each of them means. Knows no words for them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "champion_leaving": "the main contact leaves, changes job, or falls out without a stand-in",
        "sponsor_lost": "the executive sponsor leaves, is replaced by a stranger, or no longer backs it",
        "competitor": "they look at or test alternatives",
        "price_pressure": "budgets are cut, finance asks what it brings, they want to pay less",
        "cancel_talk": "talk of not renewing, a notice, a question about leaving or taking the data out",
        "dissatisfied": "frustration, an escalation, lost trust",
        "adoption_trouble": "people do not use it, work around it, or were never trained",
        "silence": "no answer, or meetings that are cancelled or missed again and again",
        "reorg": "a merger, layoffs, a restructuring, an acquisition",
        "product_gap": "a missing feature blocks them",
        "expansion_interest": "they want more seats, or another team, module or site",
        "growth_news": "hiring, funding, new sites, a growing business",
        "praise": "they are happy and say so",
        "renewed": "the renewal is signed or firmly confirmed",
        "planned_quiet": "holidays, season, shutdown, stocktaking: a pause that is known",
        "data_problem": "a tracking outage, a changed login, figures known to be wrong",
        "resolved": "an earlier trouble is settled",
        "successor": "a new champion or sponsor is named and on board",
        "one_off": "a training, import or event that makes a spike",
    }
)
THEMES: tuple[str, ...] = tuple(MEANINGS)
