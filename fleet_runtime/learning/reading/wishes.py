"""Read what a customer wants to reach and what a customer misses, in the customer's own words.

A goal or a wish may be said as a wish, a supposition or a question: it is recorded as wanted, never
as promised. Talk about seats, prices and terms is neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from fleet_runtime.learning.names import is_name
from fleet_runtime.learning.reading.moods import Mood
from fleet_runtime.learning.reading.passages import OPEN, Clause, Passage
from fleet_runtime.learning.reading.patterns import Found, Pattern, find
from fleet_runtime.learning.reading.sayings import ASIDE

_WISHED: frozenset[Mood] = frozenset({"wish", "hypothetical", "denied"})
_ASKED: frozenset[Mood] = frozenset({"wish", "hypothetical", "question"})
_ASKED_OR_DENIED: frozenset[Mood] = frozenset({"wish", "hypothetical", "question", "denied"})

_IMPROVE = (
    r"(?:cut|reduce|lower|increase|improve|grow|speed up|shorten|automate|consolidate|standardi[sz]e|"
    r"eliminate|halve|double|"
    r"bring down|bring [\w ]{3,40} down|get [\w ]{3,40} (?:down|up|under|below|above|out of|off|onto|to)|"
    r"free up|raise|lift|"
    r"simplify|unify|centrali[sz]e|digiti[sz]e|replace (?:our|the) (?:spreadsheets?|paper|manual|old)|stop "
    r"[\w ]{3,60}|avoid|"
    r"move away from|get (?!an? |back|in touch|together|started|going|you)[\w ]{3,60}|phase out|win|save|"
    r"reach|shave|slash|drop|boost|ensure|make sure|have "
    r"(?:all|every|each)|"
    r"close [\w ]{3,40} faster|onboard|serve|answer|respond|ship|deliver|migrate|retire|catch|spend less|"
    r"become|train|give (?:our|every))"
)
_GOAL = rf"(?P<value_clause>to (?!\w+ (?:is|was|remains|would be)\b){_IMPROVE}\b[^;]{{3,140}})"
_MONEY_TALK = re.compile(
    r"\b(?:seats?|licen[cs]es?|price|pricing|discount|contract|renew\w*|cancel\w*|subscription|invoice|"
    r"(?:our|the|your|new|current|another|bigger|smaller) plan|bill|fee|your team|you)\b",
    re.IGNORECASE,
)
GOALS: tuple[Pattern, ...] = (
    Pattern(
        "primary_goal",
        r"(?:{our} )(?:(?:main|primary|top|biggest|key|overall|number one|first|big|single most important) "
        r")*(?:goal|aim|objective|priority|target)"
        r"(?: (?:for|of|with|in|over|behind) [\w' ]{2,40}?)?{when} ?(?:[:=]| is| remains| was always| has "
        r"always been| stays) (?:still |now |simply |clear: |that )*{clause}$",
        0.85,
        _WISHED,
    ),
    Pattern(
        "primary_goal",
        r"(?:we|i|the team|our team|management|the board|my boss)(?: (?:really|still|now|mainly|mostly|"
        r"all|just|would|simply|also|badly))* "
        r"(?:want|need|aim|hope|intend|plan|are trying|are looking|are aiming|like|are hoping|bought "
        rf"(?:it|this|you)) {_GOAL}$",
        0.8,
        _WISHED,
    ),
    Pattern(
        "primary_goal",
        r"(?:we're|we are) (?:really |still |mainly |mostly |all )*(?:trying|looking|aiming|hoping|here|"
        rf"working) {_GOAL}$",
        0.8,
        _WISHED,
    ),
    Pattern(
        "primary_goal",
        r"(?:the )?(?:(?:single )?(?:most important|main|biggest|key|first) (?:thing|point|outcome|result)|"
        r"(?:thing|what) that matters most|what matters most|what counts(?: most)?)"
        r"(?: (?:to|for) (?:us|me|our \w+))?{when}(?: is|:| remains) (?:still )?{clause}$",
        0.8,
        _WISHED,
    ),
    Pattern(
        "primary_goal",
        r"(?:what (?:we|success) (?:want|really want|need|care about|looks? like)[\w ]{0,20}|success "
        r"(?:for us|here|would be|means|looks like)[\w ]{0,20}?)(?: is|:| would be| means) (?:to "
        r")?{clause}$",
        0.8,
        _WISHED,
    ),
)
_THING = r"(?P<value_thing>[^,;?!:]{3,70}?)"
_THING_END = (
    rf"(?= *$|,| {OPEN}| (?:by|before|so (?:that|we)|because|for us|please|to (?:help|let|make|get|see|do|avoid)|in "
    r"(?:the|your) (?:next|product|future)|"
    r"since|as (?:we|our|that)|when|which|that would|and (?:when|how|if|what|then)|soon|this|next|at some|"
    r"any time|one day|some day|some time)\b)"
)
_ABOUT = r"(?: (?:to|for|with|of|from|into|in|on|per|by) (?!(?:your|the next|us|me)\b)[\w' -]{2,40}?)?"
_WHAT_KIND = (
    r"(?:connectors?|integrations?|exports?|imports?|api|apps?|reports?|dashboards?|features?|plug-?ins?|"
    r"templates?|filters?|views?|widgets?|modes?|"
    r"alerts?|notifications?|reminders?|webhooks?|fields?|calendars?|sync|single sign-on|sso|automations?|"
    r"buttons?|versions?|search|audit logs?|logs?|"
    r"workflows?|permissions?|roles|module|screen|editor|portal|shortcuts?|charts?)"
)
_WHO = r"(?:{we}|(?:our|my|the) (?:\w+ )?\w+|everyone|people|users)"
FEATURES: tuple[Pattern, ...] = (
    Pattern(
        "requested_feature",
        r"(?:can|could|would|will|do|are|when (?:will|can|do)|if) you(?: guys| folks| people| team)? "
        r"(?:please |maybe |possibly |also |ever |just |plan to |planning to |going to |be able to |think "
        r"of )*"
        r"(?:build|building|add|adding|make|develop|create|implement|offer|ship|provide|support|"
        rf"supporting|integrate with|introduce)(?: us| me)? {_THING}{_THING_END}",
        0.85,
        _ASKED_OR_DENIED,
    ),
    Pattern(
        "requested_feature",
        rf"(?:{_WHO} (?:really |also |still |badly |just |all |desperately |keep |keeps )*"
        r"(?:need|want|miss|missing|wish for|asking for|ask for|are asking for|require|lack)"
        rf"|{_WHO}(?: would|'d) (?:really |also |all )*(?:like|love))(?: to (?:have|see|get))? "
        rf"(?P<value_thing>(?:an? |the |some |better )?[^,;?!:]{{2,50}}? ?\b{_WHAT_KIND}{_ABOUT})(?: in "
        rf"(?:your|the) \w+)?{_THING_END}",
        0.85,
        _ASKED,
    ),
    Pattern(
        "requested_feature",
        r"(?:it would be|would be|it'd be) (?:really |very |so )?(?:great|nice|good|helpful|useful|lovely|"
        r"ideal|cool|awesome|amazing|handy) (?:to have|if (?:you|there) (?:had|was|were|could add|added|"
        rf"offered|supported)|to get|to see) {_THING}{_THING_END}",
        0.8,
        _ASKED,
    ),
    Pattern(
        "requested_feature",
        r"(?:when|will|do|are)(?: \w+)?(?: \w+)? you(?: guys| folks)? (?:\w+ )?(?:have|get|getting|having|"
        rf"offer|support) (?P<value_thing>(?:an? |the |any )?[^,;?!:]{{2,50}}? "
        rf"?\b{_WHAT_KIND}{_ABOUT}){_THING_END}",
        0.8,
        _ASKED,
    ),
    Pattern(
        "requested_feature", rf"feature (?:request|wish|idea)(?: from us)? ?[:=-] ?{_THING}{_THING_END}", 0.9, _ASKED
    ),
    Pattern(
        "requested_feature",
        rf"(?:please|pls|kindly) (?:add|build|develop|implement|support) {_THING}{_THING_END}",
        0.8,
        _ASKED,
    ),
    Pattern(
        "requested_feature",
        r"(?:any (?:chance|plans?|news)|are there (?:any )?plans|is there)(?: (?:of|for|on|about|to "
        rf"(?:build|add|support)|going to be))? (?P<value_thing>(?:an? |the )?[^,;?!:]{{2,50}}? "
        rf"?\b{_WHAT_KIND}{_ABOUT}){_THING_END}",
        0.75,
        _ASKED,
    ),
)
_NO_FEATURE = re.compile(
    r"\b(?:seats?|licen[cs]es?|users?|discount|price|pricing|quote|invoice|offer|contract|call|meeting|"
    r"appointment|colleague|account|me|him|her|them|it|"
    r"this|that|sure|sense|time|exception|case|copy|list|proposal|deal|credit|refund|training|workshop|"
    r"session|team|stakeholders?|people|contacts?|"
    rf"decision|progress|suggestion|recommendation|difference|ticket|note|update|off|support)\b(?!-)|{OPEN}[mpn]",
    re.IGNORECASE,
)

_NO_THING = re.compile(
    r"^(?:on|to|up|what|how|that|when|where|why|who|it|which|for|in|with|by|from|at|our)\b", re.IGNORECASE
)
_NO_GOAL = re.compile(
    r"^(?:an?|not|the same|unchanged|clear|simple|on track|in reach|met|reached|ambitious|realistic|as before|"
    r"known|what)\b",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"^(?:an?|the|some|your|our|another|any|more|better|native|proper) ", re.IGNORECASE)
_TO = re.compile(r"^to\s+", re.IGNORECASE)
_LAST_WORDS = re.compile(
    r"[,\s\u2014-]+(?:first and foremost|above all(?: else)?|above everything(?: else)?|more than anything(?: else)?|"
    r"(?:and )?(?:that's|that is|this is|which is) (?:the|their|our|what|why|really|all)\b.*)$",
    re.IGNORECASE,
)
_OF_A_MEETING = re.compile(
    r"\b(?:goal|aim|objective|priority|target|purpose)\s+(?:of|for|in)\s+(?:the|this|that|our|today's|tomorrow's|each|next)\s+(?:\w+\s+)?"
    r"(?:call|meeting|session|workshop|e-?mail|visit|demo|review|training|webinar|qbr|ebr|sync|conversation)\b",
    re.IGNORECASE,
)
_AND_SO_ON = re.compile(
    rf",\s+(?:{ASIDE}|and\s+(?:whatever|everything|that|the\s+rest|nothing|all|then|i|we|they|he|she)|whatever|everything|the\s+rest|because|"
    r"so\s+that\s+\w+\s+know)\b",
    re.IGNORECASE,
)
_FILLER = re.compile(r"\s+(?:too|also|please|for us|as well|or similar|yet|then)$", re.IGNORECASE)


def read_wishes(passage: Passage, clause: Clause) -> Iterator[Found]:
    """Yield the goals and the features asked for in one clause, each kind once."""
    for pattern in GOALS:
        goal = next(find(pattern, passage, clause), None)
        if (
            goal is not None
            and not _OF_A_MEETING.search(clause.text)
            and not _MONEY_TALK.search(goal.value)
            and not _NO_GOAL.match(goal.value)
        ):
            words = _AND_SO_ON.split(_LAST_WORDS.sub("", _TO.sub("", goal.value)))[0]
            yield replace(goal, value=words)
            break
    for pattern in FEATURES:
        wish = next(find(pattern, passage, clause), None)
        if wish is not None and (thing := _feature(wish.value)):
            yield replace(wish, value=thing)
            break


def _feature(words: str) -> str | None:
    """Name the thing that is wished for, without article and filler; None if it is no feature."""
    thing = _ARTICLE.sub("", _FILLER.sub("", words.strip()))
    if len(thing) < _SHORTEST or _NO_FEATURE.search(thing) or is_name(thing) or _NO_THING.match(thing):
        return None
    return thing


_SHORTEST = 3
