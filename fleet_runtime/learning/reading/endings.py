"""Read that something ended with nothing in its place: a holder gone, a goal dropped, no rival any more.

An ending is told of what the account's facts hold; of what nobody knew, none is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from fleet_runtime.contracts import MemoryKey
from fleet_runtime.learning.names import same_person
from fleet_runtime.learning.reading.holders import names_in, place_words
from fleet_runtime.learning.reading.passages import Passage, Sentence
from fleet_runtime.learning.reading.patterns import Found
from fleet_runtime.learning.reading.scene import Scene
from fleet_runtime.records import Fact

_VACANT = (
    r"\b(?:no\b|without|los(?:t|es|ing)|lack\w*|missing|vacan\w+|empty|unfilled|nobody|no[\s-]one|none|gap|hole|gone|"
    r"left|remove[ds]?|delete[ds]?|take\s+\S+(?:\s+\S+){0,3}\s+off|doesn't\s+have|don't\s+have|"
    r"leav\w+|depart\w*|resign\w*|retire[ds]?|retiring|stepp\w+\s+(?:down|back|away|aside)|steps\s+(?:down|back|away|"
    r"aside)|"
    r"moved\s+(?:on|to|into)|quit|any\s?more|has\s+ended|unassigned|tbd|to\s+be\s+(?:named|determined|found|announced)|"
    r"up\s+for\s+grabs|orphan\w*|laid\s+off|let\s+go|vacated|unclaimed|dropped\s+out|withdr\w+|walked\s+away|"
    r"relinquish\w*|"
    r"gave\s+up|given\s+up|rolled\s+off|open\s+(?:seat|position|role|slot)|(?:seat|position|role|slot|spot|chair|"
    r"place)\s+(?:is|stands|sits|remains)\s+(?:now\s+)?open|"
    r"not\s+(?:yet\s+)?(?:been\s+)?(?:replaced|filled|backfilled)|n't\s+(?:been\s+)?(?:replaced|filled|backfilled)|"
    r"bowed\s+out|out\s+of\s+the\s+(?:picture|role|company)|passed\s+away|never\s+replaced|handed\s+in|is\s+out\b|"
    r"ceased|pulled\s+out|(?:isn't|is\s+not|wasn't)\s+(?:one\b|\u27e6n\d+\u27e7|any(?:one|body)?\b)|there\s+is\s+none)"
)
_ENDED = (
    r"\b(?:delete[ds]?|remove[ds]?|dropp\w+|abandon\w*|shelv\w*|scrapp\w*|park(?:ed|ing)|no\s+longer|"
    r"off\s+the\s+(?:table|list|agenda|radar)|gone|"
    r"cancel\w*|binned|ditched|retired|withdr\w+|g[ai]ven?\s+up|on\s+(?:ice|hold)|obsolete|lapsed|void|"
    r"f[ae]ll(?:en)?\s+away|any\s?more|"
    r"without\s+(?:an?|any)|has\s+no|have\s+no|is\s+no|there's\s+no|are\s+no|no\s+(?:current|stated|primary|clear|"
    r"official|agreed|new|replacement)|axed|killed|dead|"
    r"stood\s+down|struck|moot|walked\s+away|let\s+go|stopped\s+(?:pursuing|chasing)|not\s+pursuing|isn't\s+pursuing|"
    r"aren't\s+pursuing|won't\s+pursue|discontinued|put\s+to\s+(?:bed|rest)|disappeared|over\s+and\s+done|"
    r"nothing\s+(?:has\s+)?(?:replac\w+|in\s+its\s+place)|history|dissolved|called\s+off|out\s+the\s+window|"
    r"cleared|none\s+set|blank|emptied|no\s+new|taken\s+off|removed|has\s+been\s+(?:closed|lifted))\b"
)
_GOAL = (
    r"\b(?:goals?|aims?|objectives?|priorit\w+|targets?|outcomes?|north\s+star|mission|ambition|initiative|"
    r"success\s+criteri\w+|focus|aspiration)\b"
)
_RIVAL = (
    r"\b(?:compet\w+|rivals?|other\s+(?:lot|guys|side|party|one|name|people|bidder|firm)|up\s+against\s+(?:any|no)\w*|alternatives?|(?:other|another|competing|outside)\s+(?:vendors?|suppliers?|providers?|"
    r"products?|tools?|options?|offers?|bids?|platforms?)|evaluation|bake-?off|"
    r"rfp|tender|vendor\s+(?:search|selection|review)|(?:nobody|no[\s-]one|anyone|anybody)\s+else|challengers?|"
    r"contenders?|short-?list|field|(?:only|sole|last)\s+(?:vendor|option|one|supplier|horse|name|player))\b"
)
_CLEAR = (
    r"\b(?:no\b|none|nobody|no[\s-]one|without|gone|over|ended|out\b|off\b|dropp\w+|ruled\s+out|eliminat\w+|stopp\w+|"
    r"cancel\w*|called\s+off|clos\w+|conclud\w+|abandon\w*|shelv\w*|"
    r"any\s?more|withdr\w+|lost|decided\s+against|walked\s+away|said\s+no|turned\s+down|reject\w*|parked|clear|dead|"
    r"finished|bowed\s+out|backed\s+out|pulled\s+out|dismiss\w*|discard\w*|scrapp\w*|binned|ditched|"
    r"chose\s+us|picked\s+us|stay\w*\s+with\s+us|stick\w*\s+with\s+us|only\s+(?:vendor|option|one|name)|sole|"
    r"disqualif\w+|disappear\w*|went\s+away|fizzled|evaporat\w*|history|not\s+(?:looking|evaluating|considering|"
    r"talking)|isn't|aren't|n't\s+(?:looking|evaluating|considering|talking)|got\s+cut|been\s+cut|not\s+up\s+against|just\s+us|only\s+us|"
    r"no\s+more|backed\s+off|gave\s+up|given\s+up|moved\s+on|knocked\s+out|beaten|kicked\s+out|shown\s+the\s+door|passed\s+on|removed|cleared)\b"
)
_NO_ENDING = re.compile(
    r"\bno\s+(?:problem|worries|doubt|change|issue|news|sign|question)\b|\bnot\s+(?:gone|dropped|left|leaving|over)\b|"
    r"\b(?:hasn't|has\s+not|haven't|won't|isn't\s+going\s+to|not\s+going\s+to|never)\s+(?:left|leav\w+|dropp\w*|"
    r"abandon\w*|quit|resign\w*)|"
    r"\bno\s+longer\s+(?:unhappy|worried|open)\b|\bleft\s+(?:an?|some|us\s+(?:an?|some)|the(?!\s+(?:company|customer|firm|business|team|organi[sz]ation|account|building|role|job|"
    r"project|client|post|position)\b))\b|\bno\s+later\b",
    re.IGNORECASE,
)
_SUCCESSOR_OPEN = re.compile(
    r"\b(?:no|without\s+an?|nobody|not\s+yet|until)\s+(?:\w+\s+){0,3}?(?:successor|replacement|follow(?:er|ing)|"
    r"backfill|handover|stand-?in)",
    re.IGNORECASE,
)

_DENIES_NEXT = re.compile(
    r"\s+(?:(?:real|current|active|named|known|official|clear|new|single|internal|executive|exec|more)\s+){0,2}"
    r"(?P<who>longer|successor|replacement|one|person|name|holder|backfill|follower|stand-?in|candidate|contact)?",
    re.IGNORECASE,
)
_HAS_NONE_LEFT = re.compile(r"\b(?:no|any|few|little|much|many)\s+\w+\s+$", re.IGNORECASE)
_SHORT_SENTENCE = 160  # characters


@cache
def _compiled(text: str) -> re.Pattern[str]:
    """Compile words; letter case never matters."""
    return re.compile(text, re.IGNORECASE)


def read_endings(scene: Scene, keys: Sequence[MemoryKey]) -> Iterator[tuple[Found, Fact, int]]:
    """Yield what a text says has ended, with the fact that it ends and the sentence's number.

    Args:
        scene: The text, and what its account holds.
        keys: The keys to read.
    """
    current = scene.current()
    held = [(key, current[key.name]) for key in keys if key.name in current]
    for number, sentence in enumerate(scene.passage.sentences if held else ()):
        if not scene.readable(number) or scene.frame.foreign[number] or _NO_ENDING.search(sentence.text):
            continue
        moods = sentence.moods_at(*(clause.start for clause in sentence.clauses), weighed=True)
        if moods & {"question", "hypothetical"}:
            continue
        end = sentence.start + len(sentence.text)
        for key, facts in held:
            for fact in _ended(key, scene, number, facts):
                yield Found(key.name, "", "", sentence.start, end, sentence.start, end, 0.8), fact, number


def _ended(key: MemoryKey, scene: Scene, number: int, facts: Sequence[Fact]) -> Sequence[Fact]:
    """Return which of the facts of a key a sentence says have ended."""
    passage, sentences = scene.passage, scene.passage.sentences
    before = _source(passage, sentences[number - 1]) if number else ""
    value = facts[0].value or ""
    if key.kind == "person":
        return facts if _vacant(key, passage, sentences[number], before, value) else ()
    if key.name == "primary_goal":
        return facts if _dropped(_source(passage, sentences[number]), before, value) else ()
    return _no_rival(_source(passage, sentences[number]), before, facts) if key.name == "competitor" else ()


def _source(passage: Passage, sentence: Sentence) -> str:
    """Return a sentence as it was written."""
    return passage.words(sentence.start, sentence.start + len(sentence.text))


def _vacant(key: MemoryKey, passage: Passage, sentence: Sentence, before: str, holder: str) -> bool:
    """Tell whether a sentence says that a place has no holder any more."""
    names = list(names_in(passage, sentence))
    others = [name for name in names if not same_person(name.words, holder)]
    own = [name for name in names if same_person(name.words, holder)]
    place = place_words(key.name, key.aliases)
    vacant = _compiled(_VACANT)
    if place.search(sentence.text) and _is_vacant(sentence.text, place):
        return not [name for name in others if not name.reports] or bool(own and own[0].gone)
    if (
        place.search(before)
        and len(before) <= _SHORT_SENTENCE
        and re.match(
            r"(?:no\b|nobody|none|not\s|that|the\s+(?:seat|role|position|place)|he|she|they|it)",
            sentence.text,
            re.IGNORECASE,
        )
    ):
        return not names and bool(vacant.search(sentence.text)) and not _SUCCESSOR_OPEN.match(sentence.text)
    return bool(own and own[0].gone and vacant.search(sentence.text) and not re.search(r"\bnever\b", sentence.text))


def _is_vacant(text: str, place: re.Pattern[str]) -> bool:
    """Tell whether a text has a word for an empty place; a mere "no" must deny the place or who follows."""
    for match in _compiled(_VACANT).finditer(text):
        if match[0].lower() == "left" and _HAS_NONE_LEFT.search(text[: match.start()]):
            continue  # "no questions left"
        if match[0].lower() != "no":
            return True
        denied = _DENIES_NEXT.match(text[match.end() :])
        if denied is not None and (denied["who"] or place.match(text[match.end() + denied.end() :].lstrip())):
            return True
    return False


def _dropped(text: str, before: str, goal: str) -> bool:
    """Tell whether a sentence says that the goal was given up."""
    if not _compiled(_ENDED).search(text.lower().replace(goal.lower(), " ")):
        return False
    if goal and goal.lower() in text.lower():
        return True
    about = re.match(r"(?:that|it|this|they|we)\b", text, re.IGNORECASE) and goal.lower() in before.lower()
    return _compiled(_GOAL).search(text) is not None or bool(about)


def _no_rival(text: str, before: str, held: Sequence[Fact]) -> Sequence[Fact]:
    """Return the rivals that a sentence says are out: the named ones, else all where it speaks of rivals."""
    if not _compiled(_CLEAR).search(text):
        return ()
    named = [fact for fact in held if fact.value and re.search(rf"\b{re.escape(fact.value)}\b", text, re.IGNORECASE)]
    if named:
        return named
    if re.match(r"(?:they|it|that)\b", text, re.IGNORECASE):
        told = [
            fact for fact in held if fact.value and re.search(rf"\b{re.escape(fact.value)}\b", before, re.IGNORECASE)
        ]
        if told:
            return told
    return held if _compiled(_RIVAL).search(text) else ()
