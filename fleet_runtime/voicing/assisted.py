"""The assisted voice: the runtime composes what carries responsibility, a small model finishes sentences.

A generator of model requests (see `Voice`): it never waits, and goes on without the model where an
answer is None. Boundaries were decided before; no answer of the model can move a message.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Sequence
from typing import TypeVar

from fleet_runtime.guarding import check_line, check_reflection
from fleet_runtime.messages import ModelReply, ModelRequest
from fleet_runtime.prompting import PromptBook
from fleet_runtime.recall import RELEVANT
from fleet_runtime.records import Finding, Part, Recalled
from fleet_runtime.voicing import compose, forms, strangers, turning
from fleet_runtime.voicing.asking import Asker, kind_of, reflected
from fleet_runtime.voicing.bank import VoiceBank, VoiceTasks, least_heard
from fleet_runtime.voicing.scene import Scene, Voice, Voiced

_TONES = {"bad_news": "negative", "good_news": "positive", "plain_news": "neutral"}
_MOST_REFLECTED = 20  # words; copying more takes seconds and adds nothing
_LONGEST_VOICED = 80  # characters of a fact that is voiced

_Found = TypeVar("_Found")

_AGREES = re.compile(
    r"(?:yes|no|yeah|sure|of course|certainly|absolutely|agreed|right|correct|exactly)\b", re.IGNORECASE
)

_Written = Generator[ModelRequest, ModelReply | None, tuple[str, ...]]


class AssistedVoice:
    """Answers one scene. Make one for each reply."""

    def __init__(self, scene: Scene, bank: VoiceBank, tasks: VoiceTasks, book: PromptBook) -> None:
        """Keep the scene and its words; nothing is asked yet."""
        self._scene = scene
        self._bank = bank
        self._tasks = tasks
        self._ask = Asker(book, tasks, scene.system)
        self._findings: list[Finding] = []
        self._written: list[str] = []

    def speak(self) -> Voice:
        """Ask what has to be asked, and return the composed part."""
        kind, text = yield from self._answered()
        part = Part(role=self._scene.role.role_class, text=text, kind=kind, model_written=tuple(self._written))
        return Voiced(part=part, findings=tuple(self._findings))

    def _answered(self) -> Generator[ModelRequest, ModelReply | None, tuple[str, str]]:
        """Return what kind of reply it became, and its text."""
        scene, bank = self._scene, self._bank
        courteous = self._without_content()
        if courteous:
            return courteous
        body, greeted = forms.without_greeting(scene.text)
        if scene.packet:
            return (yield from self._taken_over(body))
        hello = compose.salutation(scene, bank, greeted=greeted)
        if scene.decision.verdict == "hand_off":
            return "hand_off", compose.join(hello, self._handed_over(body))
        if scene.decision.verdict == "decline" and forms.claims(body, bank):
            unconfirmed = yield from self._not_confirmed(body, nearest=False)
            return "claim", compose.join(hello, unconfirmed, compose.declined(scene, bank))
        if scene.decision.verdict == "decline":
            return "decline", compose.join(hello, (yield from self._declined(body)))
        kind, text = yield from self._own_work(body)
        return kind, compose.join(hello, text)

    def _without_content(self) -> tuple[str, str] | None:
        """Answer courtesies, "who are you" and attempts to talk the role out of its lane."""
        scene, bank = self._scene, self._bank
        if forms.talks_a_role_out(scene.text, bank):
            return "injection", compose.say(scene, bank, "seconded" if scene.packet else "injection")
        courtesy = forms.courtesy(scene.text, bank)
        if courtesy:
            return courtesy, compose.say(scene, bank, courtesy, speaker=compose.first_name(scene.speaker))
        if bank.cued("identity", scene.text):
            return "identity", compose.introduction(scene, bank)
        return None

    def _own_work(self, body: str) -> Generator[ModelRequest, ModelReply | None, tuple[str, str]]:
        """Answer the questions of the message, or take up its news."""
        if strangers.asks_about(body, self._known()):
            return "others", compose.say(self._scene, self._bank, "others")
        parts = [part for part in forms.sentences(body) if not forms.is_tag(part)] or [body]
        questions = [part for part in parts if forms.is_question(part) and not _orders_a_word(part)]
        news = [part for part in parts if part not in questions]
        if not questions:
            return (yield from self._taken_up(news))
        told = compose.recorded(self._scene, self._bank) if self._scene.noted else ""
        kind, text = yield from self._replied(" ".join(questions), body)
        return kind, compose.join(told, text)

    def _known(self) -> str:
        """Join what names the account and everybody on its record."""
        scene = self._scene
        talk = [piece for pair in scene.conversation_so_far for piece in pair]
        noted, recalled = [note.sentence for note in scene.noted], [item.text for item in scene.recalled]
        account = " ".join(re.split(r"[\W_]+", scene.account))
        return " ".join((account, scene.speaker, scene.goal, *scene.evidence, *scene.heard, *talk, *noted, *recalled))

    def _replied(self, question: str, body: str) -> Generator[ModelRequest, ModelReply | None, tuple[str, str]]:
        """Answer a question of the role's own work."""
        scene, bank = self._scene, self._bank
        kind = "claims_promise" if forms.claims(body, bank) else (yield from self._kind(question, asks=True))
        if kind == "claims_promise":
            return "claim", (yield from self._not_confirmed(self._scene.text))
        if kind == "asks_other_customers":
            return "others", compose.say(scene, bank, "others")
        if kind == "asks_next_step":
            given_back = yield from self._question_back(question)
            return "propose", self._closed(compose.join(given_back, compose.proposal(scene, bank)), "plan")
        found = compose.answering(question, scene, RELEVANT)
        if found:
            return "answer", (yield from self._from_record(question, found))
        return (yield from self._unanswered(question))

    def _unanswered(self, question: str) -> Generator[ModelRequest, ModelReply | None, tuple[str, str]]:
        """Say that the record answers nothing, and promise nothing instead."""
        given_back = yield from self._question_back(question)
        nobody = self._scene.decision.verdict == "nobody"
        kind = "no_promise" if forms.wants_a_word(question) else "nobody" if nobody else "nothing_found"
        text = compose.join(given_back, compose.say(self._scene, self._bank, kind))
        return kind, self._closed(text, "open") if kind == "nothing_found" else text

    def _not_confirmed(self, body: str, *, nearest: bool = True) -> Generator[ModelRequest, ModelReply | None, str]:
        """Confirm nothing of what we are said to have promised, and say what is on record."""
        scene, bank = self._scene, self._bank
        said = yield from self._claim_back(body)
        near = compose.nearest(scene, bank, RELEVANT) if nearest else ""
        return compose.join(said, compose.say(scene, bank, "claim"), near)

    def _claim_back(self, body: str) -> Generator[ModelRequest, ModelReply | None, str]:
        """Have a claim given back as what the customer says; nothing, where the model does not manage it."""
        clause = _first(turning.claimed, body)
        return (yield from self._reworded(clause, self._stem("claim"))) if clause else ""

    def _taken_up(self, news: Sequence[str]) -> Generator[ModelRequest, ModelReply | None, tuple[str, str]]:
        """Give news back, and say what was put on record."""
        scene, bank = self._scene, self._bank
        focus = max(news, key=self._weight, default=scene.text)
        if any(forms.claims(sentence, bank) for sentence in news):
            return "claim", (yield from self._not_confirmed(self._scene.text))
        order = _first(turning.ordered, scene.text)
        if order:
            given_back = yield from self._reflection(order, "order")
            return "no_promise", compose.join(given_back, compose.say(scene, bank, "no_promise"))
        if scene.decision.verdict == "nobody":
            return "nobody", compose.say(scene, bank, "nobody")
        kind = yield from self._kind(focus, asks=False)
        if kind == "claims_promise":
            return "claim", (yield from self._not_confirmed(self._scene.text))
        if kind == "unclear" and not scene.noted:
            return "clarify", self._closed(compose.say(scene, bank, "clarify"), "open")
        tone = _TONES.get(kind, forms.tone_of(focus, bank))
        question = compose.closing_question(scene, bank, tone)
        reflection = yield from self._reflection(turning.reflectable(focus), tone)
        record = compose.join(compose.recorded(scene, bank), compose.beside(scene, bank, RELEVANT))
        return "record", compose.join(reflection, record, question)

    def _weight(self, sentence: str) -> tuple[bool, int]:
        """Prefer the sentence that tells the bad news, then the longest that can be given back."""
        tone = forms.tone_of(sentence, self._bank)
        return (tone == "negative", len(sentence) if turning.reflectable(sentence) else 0)

    def _kind(self, text: str, *, asks: bool) -> Generator[ModelRequest, ModelReply | None, str]:
        """Say the kind: by cue words where they are plain, else by the model, checked against the words."""
        if forms.claims(text, self._bank):
            return "claims_promise"
        if asks and self._bank.cued("next_step", text):
            return "asks_next_step"
        reply = yield self._ask.kind(text, question=asks)
        choice = self._tasks.question if asks else self._tasks.statement
        kind = kind_of(reply, choice)
        if kind == "asks_other_customers" and not self._names_a_stranger(text):
            kind = "asks_record"
        if kind == "claims_promise" and not self._bank.cued("claim_words", text):
            kind = None
        return kind or ("asks_record" if asks else "")

    def _names_a_stranger(self, text: str) -> bool:
        """Tell whether the text speaks of other customers, or names somebody that no evidence knows."""
        return self._bank.cued("other_customers", text) or strangers.names_somebody(text, self._known())

    def _from_record(self, question: str, found: Sequence[Recalled]) -> Generator[ModelRequest, ModelReply | None, str]:
        """Voice one line a fact (each guarded against its own fact, else the plain fact), and name the sources."""
        scene, bank = self._scene, self._bank
        facts = [item for item in found if item.key]
        plain = [compose.plain_line(item, scene) for item in found]
        if not facts:
            given_back = yield from self._question_back(question)
            return compose.join(given_back, compose.say(scene, bank, "answer", facts=" ".join(plain[:2])))
        lines = yield from self._lines(question, [compose.plain_line(item, scene) for item in facts])
        source = compose.say(scene, bank, "source", sources=compose.sources(facts, scene))
        if self._written:
            return compose.join(*lines, source)
        return compose.join(compose.say(scene, bank, "answer", facts=" ".join(lines)), source)

    def _lines(self, question: str, facts: Sequence[str]) -> _Written:
        """Have short facts voiced; a rejected line, and a fact that is long enough to be said as it is, stays plain."""
        short = [fact for fact in facts if len(fact) <= _LONGEST_VOICED]
        reply = (yield self._ask.answer(question, short)) if short else None
        written = [compose.sentence(line) for line in (reply.text.splitlines() if reply else ()) if line.strip()]
        # Fewer lines than facts leave facts plain, more are not said; "Yes," would answer more than the fact does.
        pairs = [pair for pair in zip(short, written, strict=False) if not _AGREES.match(pair[1])]
        cleared = {fact: line for fact, line in pairs if self._passes(line, check_line(line, fact))}
        return tuple(cleared.get(fact, fact) for fact in facts)

    def _passes(self, sentence: str, objections: Sequence[Finding]) -> bool:
        """Keep what the guard said of a model's sentence, and the sentence if it said nothing."""
        self._findings.extend(objections)
        if not objections:
            self._written.append(sentence)
        return not objections

    def _reflection(self, clause: str | None, tone: str) -> Generator[ModelRequest, ModelReply | None, str]:
        """Have the clause given back after a stem; code gives back a long one, and one that the model spoilt."""
        if clause is None:
            return ""
        stem = self._stem(tone)
        return (yield from self._reworded(clause, stem)) or f"{stem} {clause}."

    def _reworded(self, clause: str, stem: str) -> Generator[ModelRequest, ModelReply | None, str]:
        """Have the model go on after the stem with the clause's own words; nothing, if it does not keep to them."""
        if len(clause.split()) > _MOST_REFLECTED:
            return ""
        said = reflected((yield self._ask.reflection(clause, stem)), stem)
        return self._cleared(said, clause, stem) if said else ""

    def _cleared(self, said: str, clause: str, stem: str) -> str:
        """Return a sentence that gives back a clause, or nothing where the guard objects or a word was changed."""
        objections = check_reflection(said, clause, opening=stem)
        if not objections and not turning.keeps_words(said, clause):
            return ""
        return f"{stem} {said}" if self._passes(f"{stem} {said}", objections) else ""

    def _stem(self, tone: str) -> str:
        """Take the stem of that tone which was not used lately."""
        return least_heard(self._bank.stems.get(tone, self._bank.stems["neutral"]), self._scene.heard)

    def _question_back(self, question: str) -> Generator[ModelRequest, ModelReply | None, str]:
        """Have a question given back as what is asked; nothing, where the model does not manage it."""
        asked = _first(turning.asked, question)
        if asked is None:
            return ""
        stem = compose.join(self._stem("question"), asked.word, asked.begins)
        said = reflected((yield self._ask.reflection(asked.rest, stem, word=asked.word)), stem)
        whole = compose.join(asked.begins, said or "")
        if not said or not turning.turned(whole, asked):
            return ""
        return self._cleared(whole, asked.rest, stem.removesuffix(asked.begins).rstrip())

    def _declined(self, body: str) -> Generator[ModelRequest, ModelReply | None, str]:
        """Give a wish back, promise nothing, say what was done with it, and ask for the need behind it."""
        scene, bank = self._scene, self._bank
        wish, order = _first(turning.wished_for, body), _first(turning.ordered, body)
        question = compose.closing_question(scene, bank, "request")
        if wish:
            given_back = yield from self._reflection(wish, "request")
        elif order:
            given_back = yield from self._reflection(order, "order")
        else:
            given_back = yield from self._question_back(body)
        return compose.join(given_back, compose.declined(scene, bank), question)

    def _handed_over(self, body: str) -> str:
        """Say who takes the message, without a model: that of the wrong role has no say in a hand-off."""
        scene, bank = self._scene, self._bank
        if all(packet.to_role in bank.behind_the_scenes for packet in scene.hand_offs) and scene.hand_offs:
            return compose.say(scene, bank, "nothing_found")
        if forms.claims(body, bank):
            return compose.join(compose.say(scene, bank, "claim"), compose.handed_over(scene, bank))
        return compose.join(self._code_reflection(body), compose.handed_over(scene, bank))

    def _code_reflection(self, body: str) -> str:
        """Give news back without a model; a wish is given back by the colleague who takes it."""
        clause = _first(turning.reflectable, body)
        return f"{self._stem(forms.tone_of(clause, self._bank))} {clause}." if clause else ""

    def _taken_over(self, body: str) -> Generator[ModelRequest, ModelReply | None, tuple[str, str]]:
        """Open as the colleague to whom the message was handed: answer what the record answers, promise nothing."""
        scene, bank = self._scene, self._bank
        if scene.role.role_class in bank.behind_the_scenes:
            return "taken_over", compose.say(scene, bank, "coordinated")
        said = f'"{compose.shortened(scene.text)}"'
        if forms.claims(body, bank):
            opening = (yield from self._claim_back(body)) or compose.say(scene, bank, "taken_over", said=said)
            return "taken_over", compose.join(opening, compose.say(scene, bank, "unconfirmed"))
        if strangers.asks_about(body, self._known()):
            return "others", compose.say(scene, bank, "others")
        question = " ".join(
            part for part in forms.sentences(body) if forms.is_question(part) and not forms.is_tag(part)
        )
        found = compose.answering(question, scene, RELEVANT) if turning.asks_for_record(question) else ()
        if found:
            return "taken_over", (yield from self._from_record(question, found))
        opening = yield from self._opening(body, question)
        opening = opening or compose.say(scene, bank, "taken_over", said=said)
        return "taken_over", self._closed(compose.join(opening, bank.unheard("taking_up", scene.heard)), "taken_over")

    def _opening(self, body: str, question: str) -> Generator[ModelRequest, ModelReply | None, str]:
        """Have the colleague say with what it was reached; nothing, where no model manages it."""
        if question:
            return (yield from self._question_back(question))
        order = _first(turning.ordered, body)
        clause = order or _first(turning.reflectable, body) or _first(turning.reported, body)
        if clause is None or (self._scene.heard and clause in self._scene.heard[-1]):
            return ""  # the colleague who hands over has just given it back
        return (yield from self._reworded(clause, self._stem("order" if order else "taken_over")))

    def _closed(self, text: str, tone: str) -> str:
        """Close a reply with one fitting question."""
        return compose.join(text, compose.closing_question(self._scene, self._bank, tone))


def _first(find: Callable[[str], _Found | None], body: str) -> _Found | None:
    """Return what is found in the first sentence that holds it."""
    return next((found for sentence in forms.sentences(body) if (found := find(sentence))), None)


def _orders_a_word(sentence: str) -> bool:
    """Tell whether a sentence wants us to say or confirm something, and asks nothing."""
    return forms.wants_a_word(sentence) and forms.order_in(sentence) is not forms.Order.NONE
