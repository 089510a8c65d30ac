"""Read that a promise was kept: which of the open ones a text says is done. Guesses none: it must name the task.

A promise is named by the words of its task, in whatever form ("send" is told as "sent"), and the text must say
that it is done. What is still to come, asked, or supposed closes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from fleet_runtime.learning.reading.moods import sets_condition
from fleet_runtime.learning.reading.passages import Passage
from fleet_runtime.records import Commitment, Event

_DONE = re.compile(
    r"\b(?:done|complete[d]?|completion|deliver(?:ed|y)|kept|keeping|fulfilled|closed?|closing|tick(?:ed)?(?:\s+off)?|"
    r"as\s+(?:promised|agreed|announced)|finished|settled|made\s+good|honou?red|wrapped(?:\s+up)?|"
    r"check(?:ed)?(?:\s+off)?|"
    r"crossed\s+off|no\s+longer\s+(?:open|outstanding|owed|pending)|taken\s+care\s+of|dealt\s+with|sorted|"
    r"in\s+the\s+bag|"
    r"came\s+through|followed\s+through|good\s+(?:on|as)|stuck\s+to|lived\s+up|has\s+(?:now\s+)?happened|happened|"
    r"resolved|concluded|carried\s+out|off\s+(?:the|our|my|his|her)\s+list|received|arrived|landed|got\s+it|"
    r"discharged|met|executed|accomplished|managed\s+to|went\s+ahead|did\s+(?:indeed\s+)?|did\s+what|struck\s+off|"
    r"can\s+be\s+(?:closed|ticked|removed|struck))\b|[\u2713\u2714\u2705]|\[x\]",
    re.IGNORECASE,
)
_TO_COME = re.compile(
    r"\b(?:once|will|'ll|shall|going\s+to|still|not\s+yet|yet\s+to|not|never|hasn't|haven't|didn't|isn't|wasn't|won't|"
    r"overdue|pending|waiting|promis(?:es|ing)|due|tomorrow|hope|plan(?:s|ning)?|need(?:s|ed)?\s+to|has\s+to|have\s+to|"
    r"must|should|would|could|might|(?-i:may)|half|partly|almost|nearly|in\s+progress|working\s+on|reminder)\b",
    re.IGNORECASE,
)
_NOT_TO_COME = re.compile(
    r"\bno\s+longer\s+\w+|\bnothing\s+(?:is\s+|more\s+)?(?:still\s+)?(?:open|outstanding|pending|due|left)|"
    r"\bnot\s+(?:only|just)\b|\bahead\s+of\s+(?:the\s+)?due\b|\bbefore\s+(?:it\s+was|the)\s+due\b|"
    r"\b(?:that|which|what|as)\s+(?:he|she|they|we|I)\s+(?:still\s+)?(?:owed|promised)[^,;.]*",
    re.IGNORECASE,
)
_SURELY_DONE = re.compile(
    r"\b(?:it|that|this|which|all|everything)(?:'s|\s+(?:is|was|has|had))?(?:\s+(?:now|all|been|just|since|already|long|"
    r"finally|duly|completely|in\s+fact))*\s+(?:done|finished|completed?|happened|sorted|closed|delivered|dealt\s+with|"
    r"taken\s+care\s+of|fulfilled|settled)\b(?!\s+(?:by|before|until|once|when|if)\b)(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_NO_CHASE = re.compile(r"\bno\s+(?:need|reason|point)\b[^,;.]*", re.IGNORECASE)
_PASTS = {
    "sent": "send", "wrote": "write", "written": "write", "gave": "give", "given": "give", "brought": "bring",
    "built": "build", "ran": "run", "held": "hold", "met": "meet", "got": "get", "put": "put", "set": "set",
    "paid": "pay", "drew": "draw", "drawn": "draw", "found": "find", "took": "take", "taken": "take", "made": "make",
    "told": "tell", "taught": "teach", "shown": "show", "spoke": "speak", "spoken": "speak", "came": "come",
    "went": "go", "gone": "go", "led": "lead", "fed": "feed", "did": "do", "done": "do", "cut": "cut", "let": "let",
    "kept": "keep", "left": "leave", "sold": "sell", "rebuilt": "rebuild", "chose": "choose", "rewrote": "rewrite",
    "rewritten": "rewrite", "read": "read", "split": "split", "shot": "shoot", "dug": "dig", "rang": "ring",
    "redrew": "redraw", "sought": "seek", "bought": "buy", "began": "begin", "swapped": "swap", "laid": "lay",
}  # fmt: skip
_SMALL_WORDS = """
    a an the to of for in on at with and or by from up over out off into their our your his her its them us you it that
    this these those is was be been has have had will as all any
"""
_SMALL = frozenset(_SMALL_WORDS.split())
_SHORT_SENTENCE = 7  # words; what is longer says something of its own
_SHORT_ANSWER = 10
_ENOUGH, _ENOUGH_TOLD = 0.6, 0.75
_SHORTEST_STEM = 3


def read_closings(event: Event, passage: Passage, open_commitments: Sequence[Commitment]) -> Iterator[Commitment]:
    """Yield the promises that a text says were kept, as their rows will be: "done" since the event.

    Args:
        event: What was said.
        passage: Its text, cut.
        open_commitments: The promises that were open then; others are never closed.
    """
    if not open_commitments:
        return
    tasks = [(promise, _words(promise.task)) for promise in open_commitments if promise.open_at(event.at)]
    texts = [passage.words(s.start, s.start + len(s.text)) for s in passage.sentences]
    closed: set[str] = set()
    for index, sentence in enumerate(passage.sentences):
        before = texts[index - 1] if index else ""
        after = texts[index + 1] if index + 1 < len(texts) else ""
        if all("question" in clause.moods for clause in sentence.clauses) and not _surely_done(after):
            continue
        promise = _kept(event, texts[index], before, after, tasks)
        if promise is not None and promise.id not in closed:
            closed.add(promise.id)
            yield promise.model_copy(update={"state": "done", "closed_at": event.at, "closed_by": event.id})


def _kept(
    event: Event,
    text: str,
    before: str,
    after: str,
    tasks: Sequence[tuple[Commitment, frozenset[str]]],
) -> Commitment | None:
    """Return the one promise that a sentence names and says is done."""
    words = _words(text)
    named = [(len(task & words) / len(task), promise) for promise, task in tasks if task]
    share, best = max(named, key=lambda pair: (pair[0], _speaks_of(pair[1], text, event)), default=(0.0, None))
    if best is None or share < _ENOUGH or sets_condition(text):
        return None
    rest = _without(text, best.task)
    said = _DONE.search(rest) or _short_word(before) or _short_word(after)
    told = share >= _ENOUGH_TOLD and _told_as_past(best.task, text)
    if _surely_done(rest) or (_surely_done(after) and _is_short(after)):
        return best
    open_still = _TO_COME.search(_NOT_TO_COME.sub(" ", rest))
    return best if (said or told) and not open_still else None


def _speaks_of(promise: Commitment, text: str, event: Event) -> bool:
    """Tell whether the owner of a promise is named, or is the one who speaks."""
    return promise.owner == event.author or any(part in text for part in promise.owner.split())


def _without(text: str, task: str) -> str:
    """Take the task's own words out of a text, so that they are not read as saying that it is done or open."""
    lowered, name = text.lower(), task.lower()
    if name in lowered:
        at = lowered.index(name)
        return text[:at] + " " + text[at + len(name) :]
    return text


def _surely_done(text: str) -> bool:
    """Tell whether a text says "it is done" and then nothing that is still to come."""
    match = _SURELY_DONE.search(text)
    if match is None or sets_condition(text):
        return False
    return not _TO_COME.search(_NO_CHASE.sub(" ", _NOT_TO_COME.sub(" ", match["rest"])))


def _is_short(text: str) -> bool:
    """Tell whether a sentence is too short to speak of something of its own."""
    return len(text.split()) <= _SHORT_ANSWER


def _short_word(text: str) -> re.Match[str] | None:
    """Find "Done." or "That is off the list now" in a neighbouring sentence, if it is a short one."""
    short = len(text.split()) <= _SHORT_SENTENCE
    return _DONE.search(text) if short and not _TO_COME.search(_NOT_TO_COME.sub(" ", text)) else None


def _told_as_past(task: str, text: str) -> bool:
    """Tell whether the task's verb stands in the text as something that has happened."""
    words = re.findall(r"[\w'-]+", task.lower())
    if not words:
        return False
    verb = words[0]
    for word in re.findall(r"[\w'-]+", text.lower()):
        if word != verb and (_PASTS.get(word) == verb or (word.endswith("ed") and _stem(word) == _stem(verb))):
            return True
    return False


def _words(text: str) -> frozenset[str]:
    """Return the stems of the words that carry the matter."""
    return frozenset(_stem(word) for word in re.findall(r"[^\W_]+", text.lower()) if word not in _SMALL)


def _stem(word: str) -> str:
    """Bring the forms of a word together, roughly: "reviewed", "reviews" and "review"."""
    word = _PASTS.get(word, word)
    for ending in ("ing", "ied", "ies", "ed", "es", "s", "e", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            word = word.removesuffix(ending)
            break
    return word[:-1] if len(word) > _SHORTEST_STEM and word[-1] == word[-2] else word
