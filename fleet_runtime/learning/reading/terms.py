"""Tables of patterns for the terms of an account: dates, counts, money, plan, regions.

A table is data: an author of another domain adds rows, and `declared` makes rows for any declared
key from its name and aliases. Wording is general; nothing here knows an account.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from fleet_runtime.contracts import MemoryKey
from fleet_runtime.learning.reading.moods import Mood
from fleet_runtime.learning.reading.patterns import Pattern, mark_of_value

_RENEWAL = (
    r"(?:(?:contract|subscription|licen[cs]e|annual|agreement)(?:'s)? )?(?:renewals?(?: date| day)?|end "
    r"date|expiry(?: date)?)"
)
_CONTRACT = r"(?:(?:contract|subscription|agreement|licen[cs]e|term|deal|order form)(?: with (?:you|us))?)"
_ENDS = (
    r"(?:renews?|expires?|ends?|runs? out|runs|lapses?|terminates?|is up(?: for renewal)?|comes? up(?: for renewal)?|"
    r"is (?:valid|good)|goes|is due(?: for renewal)?|will (?:renew|expire|end|run out)|is renewing|ran out|"
    r"ended|expired)"
)
_A_YEAR = r"(?:a year|per year|each year|every year|per annum|p\.?a\b|annually|yearly|/ ?year|/ ?yr|a yr)"
_PEOPLE = (
    r"(?:people|users|colleagues|employees|staff|persons|teachers|nurses|engineers|agents|reps|members|seats|"
    r"licen[cs]es|accounts|logins|of us|of them)"
)
_USE = (
    r"(?:log(?:s|ged|ging)? in|(?:are |is |were |was )?(?:actually |really |actively )?(?:using|active|logging in|"
    r"working (?:in|with))|"
    r"us(?:e|es|ed) (?:it|the|your)|(?:are |is )?in use|sign(?:ed|ing)? in|have (?:logged|signed) in|are "
    r"(?:assigned|taken) and used)"
)
_PLAN_NAMES = (
    "business|enterprise|pro|professional|starter|basic|team|teams|growth|premium|standard|free|plus|"
    "essentials?|scale|ultimate"
)
_PLAN = rf"(?P<value_plan>(?-i:[A-Z][\w+]*(?: [A-Z][\w+]*)?)|{_PLAN_NAMES})"
_TIER = r"(?:plan|tier|edition|package|subscription|licen[cs]e)\b"
_MOVED_PLAN = (
    r"(?:moved|upgraded|downgraded|switched|changed|went|gone|migrated|are moving|'re moving|moving|"
    r"upgrading|downgrading)(?: up| down| over| back)?"
)
TERMS: tuple[Pattern, ...] = (
    # When the contract renews.
    Pattern(
        "renewal_date",
        rf"(?:{{our}} |^){_RENEWAL} {{adv}}{{be}} {{adv}}(?:on |due (?:on )?|up on |up |coming up (?:on )?|for "
        rf"|until |set for |planned for )?{{date}}",
    ),
    Pattern(
        "renewal_date",
        rf"(?:{{our}} |^){_RENEWAL} {{adv}}{{moves}} {{adv}}(?:from {{old:date}} )?(?:forward |back )?(?:to|"
        rf"until|till|for|on|by) {{date}}",
    ),
    Pattern(
        "renewal_date",
        rf"(?:{{our}} |^){_CONTRACT} {{adv}}{_ENDS} {{adv}}(?:on |in |at |until |till |to |through )?{{date}}",
    ),
    Pattern(
        "renewal_date",
        rf"(?:{{our}} |^){_CONTRACT} {{adv}}{{moves}} {{adv}}(?:from {{old:date}} )?(?:to|until|till|through) "
        rf"{{date}}",
    ),
    Pattern(
        "renewal_date",
        r"{we} {adv}(?:renew|are up for renewal|come up for renewal|will renew|are renewing) {adv}(?:again "
        r")?(?:on )?{date}",
    ),
    Pattern(
        "renewal_date",
        rf"{{we}} {{adv}}(?:extended|prolonged|renewed|signed)(?: {{our}} {_CONTRACT})? (?:again )?(?:until|"
        rf"till|through|to) {{date}}",
    ),
    Pattern(
        "renewal_date",
        rf"{_CONTRACT}[^,;]{{0,40}}? (?:that|which) {{adv}}{_ENDS} {{adv}}(?:on |in |at |until |to )?{{date}}",
    ),
    Pattern(
        "renewal_date",
        rf"{{we}} {{adv}}(?:moved|pushed|shifted|extended|changed|postponed|delayed|brought forward|set) "
        rf"{{our}} (?:{_RENEWAL}|{_CONTRACT}) {{adv}}(?:back |forward )?(?:from {{old:date}} )?(?:to|until|"
        rf"till|for) {{date}}",
    ),
    Pattern("renewal_date", rf"(?:{{our}} )?(?:new )?{_RENEWAL} ?[:=-] ?{{date}}"),
    Pattern(
        "renewal_date", rf"{{date}},? {{adv}}(?:is|will be|remains|becomes) {{adv}}(?:{{our}} )(?:new )?{_RENEWAL}"
    ),
    # When they start, or started.
    Pattern(
        "go_live_date",
        r"{we} {adv}(?:go|going|went|gone|will go|plan to go|go) live {adv}(?:with [\w ]{1,30} )?(?:on "
        r")?{date}",
        allows=frozenset[Mood]({"wish"}),
    ),
    Pattern(
        "go_live_date",
        r"(?:{our} |^)(?:go-?live|go live|launch|kick-?off|start)(?: date| day)? {adv}{be} {adv}(?:on |set for "
        r"|planned for |scheduled for |for )?{date}",
    ),
    Pattern(
        "go_live_date",
        r"(?:{our} |^)(?:go-?live|go live|launch|kick-?off|start)(?: date| day)? {adv}{moves} {adv}(?:from "
        r"{old:date} )?(?:to|until|for|on) {date}",
    ),
    # How many seats the contract has. A relative change ("30 more") is no count.
    Pattern(
        "seats",
        r"{we} {adv}(?:(?:have|has|had|hold|holds|own|owns|pay|pays|at|is at|sit at|sitting at|standing "
        r"at|running at|got|bought|purchased|signed up|signed|committed|renewed|licensed|entitled|"
        r"provisioned|settled|ended up|down|left|contracted|stay|stays|staying|stand) {adv}(?:at |for |to "
        r"|with |on )?)?{adv}{count} {seats}(?! (?:more|extra|additional|left|free|unused|empty|spare))",
    ),
    Pattern(
        "seats",
        r"{we} {adv}(?:decided|agreed) (?:to (?:go|move|drop|reduce|cut|grow|increase)[a-z ]{0,12}? to|on) "
        r"{count} {seats}",
    ),
    Pattern("seats", r"from {old:count}(?: {seats})? (?:up |down |back )?to {count} {seats}"),
    Pattern(
        "seats",
        r"(?:{we}|{our} (?:contract|order|licen[cs]e|subscription)) {adv}{moves} {adv}(?:it |us |that "
        r")?(?:from {old:count}(?: {seats})? )?(?:up |down |back )?to {count} {seats}",
    ),
    Pattern(
        "seats",
        r"(?:{we} {adv})?(?:cut|reduced|lowered|increased|raised|expanded|extended|trimmed|bumped|brought) "
        r"(?:{our} |the number of )?(?:{seats}|contract|order) {adv}(?:from {old:count} )?(?:up |down |back "
        r")?to {count}",
    ),
    Pattern(
        "seats",
        r"(?:{our} |^)(?:number of )?{seats}(?: count)? {adv}{moves} (?:from {old:count} )?(?:up |down |back "
        r")?to {count}",
    ),
    Pattern(
        "seats",
        r"(?:{our} |^)(?:contract|order|subscription|agreement|plan) {adv}(?:covers|includes|is for|is on|"
        r"comes with|has|gives us) {adv}{count} {seats}",
    ),
    Pattern("seats", r"(?:{our} |^)(?:contract|order|subscription) (?:of|with|for|over) {count} {seats}"),
    Pattern(
        "seats",
        r"(?:it's|it is|that's|that makes|makes|make that|there are) {adv}{count} {seats}(?! (?:more|extra|"
        r"left|free|unused|empty|spare))",
    ),
    Pattern("seats", r"^(?:{our} )?(?:number of )?{seats}(?: count)? ?(?:[:=]|{adv}{be}) {adv}{count}(?! \w+ of)"),
    Pattern(
        "seats",
        r"^{adv}{count} {seats} (?:are )?{adv}(?:on|under|in|covered by|part of) {our} (?:contract|order|"
        r"subscription|agreement)",
    ),
    # How many people use it.
    Pattern(
        "active_users",
        rf"{{count}} {{adv}}(?:out )?of (?:(?:our|the|my|those|these|all) )?(?:{{old:count}} )?(?:\w+ "
        rf")?{_PEOPLE} {{adv}}{_USE}",
    ),
    Pattern("active_users", rf"{{count}} {{adv}}(?:out )?of (?:(?:our|the|my) )?{{old:count}} {{adv}}{_USE}"),
    Pattern("active_users", rf"(?:^|(?<!\bof)(?<!our)(?<!the) ){{count}} {{adv}}(?:\w+ )?{_PEOPLE} {{adv}}{_USE}"),
    Pattern(
        "active_users",
        r"(?:down|up|back|fallen|fell|dropped|grown|risen|rose|climbed|increased|decreased)(?: from "
        r"{old:count}(?: active users| users)?)? (?:to|at) {adv}{count} (?:weekly |daily |monthly )?active "
        r"(?:users|people)",
    ),
    Pattern(
        "active_users",
        r"(?:{we} |there are |with |have |has |see |see only |only |at ){adv}{count} (?:weekly |daily |monthly "
        r")?active (?:users|people|accounts)",
    ),
    Pattern(
        "active_users",
        r"^(?:we have )?{adv}{count} (?:weekly |daily |monthly )?active (?:users|people|accounts)(?: {adv})?$",
    ),
    Pattern(
        "active_users",
        r"(?:{our} |^)(?:number of )?(?:weekly |daily |monthly )?(?:active users|usage|logins|adoption|active "
        r"people) {adv}(?:{moves} )?{adv}(?:from {old:count} )?(?:to |at ){adv}{count}(?! %)",
    ),
    Pattern(
        "active_users",
        r"(?:{our} |^)(?:number of )?(?:weekly |daily |monthly )?active users ?(?:[:=]|{adv}{be}) {adv}{count}",
    ),
    Pattern("active_users", r"(?:^|[:,] ){count} (?:active|weekly|monthly|daily)(?: active)? users"),
    Pattern("active_users", r"active users(?: this \w+| in the last [\w⟦⟧]+ days)? ?[:=]? ?{count}(?! ?%)"),
    # What it is worth a year.
    Pattern(
        "arr",
        r"(?:{our} |^)(?:arr|acv|annual (?:contract |recurring )?(?:value|fee|revenue|spend)|contract value|"
        r"yearly fee) ?(?:[:=]|{adv}{be}) {adv}(?:at |of )?{money}",
    ),
    Pattern(
        "arr",
        r"(?:{our} |^)(?:arr|acv|annual (?:contract )?(?:value|fee|spend)|contract value|yearly fee) "
        r"{adv}{moves} {adv}(?:from {old:money} )?(?:to|at) {money}",
    ),
    Pattern("arr", rf"{{we}} {{adv}}(?:pay|pays|paying|spend|spends|spending) {{adv}}(?:you )?{{money}} {_A_YEAR}"),
    Pattern("arr", r"(?:at|worth|of|to|is|brings?(?: in)?) {adv}{money} (?:in |of )?(?:arr|acv)(?!\w)"),
    Pattern("arr", rf"you {{adv}}(?:charge|bill|invoice)(?: us)? {{adv}}{{money}} {_A_YEAR}"),
    Pattern(
        "arr",
        rf"(?:{{our}} |^){_CONTRACT} {{adv}}(?:is worth|costs(?: us)?|comes to|runs at|is at|is|amounts to) "
        rf"{{adv}}{{money}} {_A_YEAR}",
    ),
    # How healthy the account is.
    Pattern(
        "health_score",
        r"(?:{our} |^|account )health(?: score)? ?(?:[:=]|{adv}{be}) {adv}(?:at |on )?{count}(?! (?:points|%))",
    ),
    Pattern(
        "health_score",
        r"(?:{our} |^|account )health(?: score)? {adv}{moves} {adv}(?:from {old:count} )?(?:to|at) {count}",
    ),
    # Which plan they are on.
    Pattern(
        "plan",
        rf"{{we}} {{adv}}(?:been |{_MOVED_PLAN} {{adv}}(?:from (?:the )?\w+ )?)?(?:on|onto|to) (?:the |your |a "
        rf")?{_PLAN} {_TIER}",
    ),
    Pattern(
        "plan",
        rf"(?:{{our}} |^){_TIER} ?(?:[:=]|{{adv}}{{be}}) {{adv}}(?:the |called "
        rf")?(?P<value_plan>(?-i:[A-Z]\w*(?: [A-Z]\w*)?)|{_PLAN_NAMES})(?= *$| *[,.(])",
    ),
    Pattern(
        "plan",
        rf"{{we}} {{adv}}(?:have|has|bought|use|signed up for|subscribed to|took) (?:the |your ){_PLAN} "
        rf"{_TIER}",
    ),
)

PLANNED = frozenset({"renewal_date", "go_live_date"})
"""Keys whose dates lie ahead: a day without a year is the next such day."""

_SPELLED_OUT: frozenset[Mood] = frozenset({"wish", "denied"})
_KNOWN = frozenset(pattern.key for pattern in TERMS) | {"region_rollout"}


@lru_cache(maxsize=64)
def patterns_for(keys: tuple[MemoryKey, ...]) -> tuple[tuple[Pattern, str], ...]:
    """Return the patterns that serve the given keys, each with the mark without which it cannot match."""
    names = {key.name for key in keys}
    return tuple(
        (pattern, mark_of_value(pattern.template)) for pattern in (*TERMS, *declared(keys)) if pattern.key in names
    )


def declared(keys: Sequence[MemoryKey]) -> Iterator[Pattern]:
    """Yield patterns made of a declared key's own name and aliases: "our NAME is VALUE".

    A key with a table of its own gets none for free text, where a name alone says too little.
    """
    for key in keys:
        names = "|".join(re.escape(name).replace(r"\ ", " ") for name in (key.name.replace("_", " "), *key.aliases))
        if key.kind in {"date", "count", "money", "percent"}:
            slot = f"{{{key.kind}}}"
            yield Pattern(
                key.name, rf"(?:{{our}} |^)(?:{names}) ?(?:[:=]|{{adv}}{{be}}) {{adv}}(?:on |at |due |for )?{slot}", 0.8
            )
            yield Pattern(
                key.name,
                rf"(?:{{our}} |^)(?:{names}) {{adv}}{{moves}} (?:from {{old:{key.kind}}} )?(?:to|until|"
                rf"for) {slot}",
                0.8,
            )
        elif key.kind == "text" and key.name not in _KNOWN:
            yield Pattern(key.name, rf"^(?:{{our}} )?(?:{names}) ?[:=] ?{{clause}}$", 0.7, _SPELLED_OUT)
