"""Read what the templates do not know: by matter and value, by place and person, by forms of wording.

This is the second look at a text. It runs over whole sentences, and only for keys that the templates left
unread. What is mere talk, of another company, or part of a promise is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from fleet_runtime.contracts import MemoryKey
from fleet_runtime.learning.reading.holders import names_in, read_holder
from fleet_runtime.learning.reading.matters import relations
from fleet_runtime.learning.reading.others import opens_with_another
from fleet_runtime.learning.reading.passages import Sentence
from fleet_runtime.learning.reading.patterns import Found
from fleet_runtime.learning.reading.relations import relate
from fleet_runtime.learning.reading.scene import Scene
from fleet_runtime.learning.reading.terms import PLANNED
from fleet_runtime.learning.reading.wordings import read_wording, wordings

_GOES_ON = re.compile(
    r"(?:it|that|this|name|she|he|the\s+(?:right|correct|actual|real|new)|should|correct|instead|new)\b", re.IGNORECASE
)
_ANSWERS = re.compile(
    r"(?:(?:well|so|yes|right|now|answer)\W+)?(?:it(?:'s)?|that(?:'s)?|they(?:'re)?|we're|is|are|now|paperwork\S*|"
    r"(?:rollout|roll-out|deployment|go-live)\s+(?:goes|is)|(?-i:[A-Z])\w+)\b",
    re.IGNORECASE,
)


def read_statements(scene: Scene, keys: Sequence[MemoryKey]) -> Iterator[tuple[Found, Sentence, int]]:
    """Yield what a text states for the keys that are still unread, with its sentence and that one's number."""
    unread = {key.name: key for key in keys}
    for number, sentence in enumerate(scene.passage.sentences):
        if not scene.readable(number):
            continue
        found = [*_typed(scene, number, unread), *_people(scene, number, unread), *_words(scene, number, unread)]
        for item in found:
            if not scene.is_promised(item.value_start):
                unread.pop(item.key, None)
                yield item, sentence, number


def _typed(scene: Scene, number: int, unread: Mapping[str, MemoryKey]) -> Iterator[Found]:
    """Read dates, counts and amounts; where one sentence names the matter and the next the value, in both."""
    passage, sentence = scene.passage, scene.passage.sentences[number]
    if scene.frame.foreign[number] or opens_with_another(sentence.text):
        return
    joined = scene.joined(number)
    barred = [*scene.promised, *((effect.place, effect.place + 1) for effect in scene.frame.effects)]
    for relation in relations():
        if relation.key not in unread:
            continue
        planned = relation.key in PLANNED
        found = next(relate(relation, passage, sentence, barred, planned=planned), None)
        if found is None and joined is not None and not relation.matter.search(joined.clauses[-1].text):
            found = next(relate(relation, passage, joined, barred, planned=planned), None)
        if found is not None:
            yield found


def _people(scene: Scene, number: int, unread: Mapping[str, MemoryKey]) -> Iterator[Found]:
    """Read who holds which place."""
    places = [key for key in unread.values() if key.kind == "person"]
    if not places or scene.frame.foreign[number]:
        return
    passage, sentences = scene.passage, scene.passage.sentences
    told = names_in(passage, sentences[number - 1]) if number else ()
    before = sorted({name.words for name in told if not name.gone})
    she = before[0] if len(before) == 1 else ""
    joined = scene.joined(number)
    for key in places:
        found = next(read_holder(key, passage, sentences[number], she), None)
        if found is None and joined is not None and _GOES_ON.match(sentences[number + 1].text):
            found = next(read_holder(key, passage, joined), None)
        if found is not None:
            yield found


def _answered(scene: Scene, number: int) -> Sentence | None:
    """Join a sentence with the next where that one goes on with it: "What plan is it? It's …", "Plan changed. Is …"."""
    joined = scene.joined(number)
    return joined if joined is not None and _ANSWERS.match(scene.passage.sentences[number + 1].text) else None


def _words(scene: Scene, number: int, unread: Mapping[str, MemoryKey]) -> Iterator[Found]:
    """Read values that are words of the text."""
    sentence, current = scene.passage.sentences[number], scene.current()
    places = {key.name for key in scene.keys if key.kind == "person"}
    people = [fact.value for fact in scene.holding if fact.value and fact.key in places]
    for key, wording in wordings().items():
        if key not in unread or (scene.frame.foreign[number] and key != "competitor"):
            continue
        former = next((fact.value or "" for fact in current.get(key, ())), "")
        found_in = list(read_wording(wording, scene.passage, sentence, former, people))
        joined = None if found_in else _answered(scene, number)
        if joined is not None:
            found_in = [
                found
                for found in read_wording(wording, scene.passage, joined, former, people)
                if found.value_start >= sentence.start + len(sentence.text) > found.start
            ]
        for found in found_in:
            if key == "competitor" and scene.frame.names_another(sentence.text.replace(found.value, " ")):
                continue  # another company's rival
            yield found
