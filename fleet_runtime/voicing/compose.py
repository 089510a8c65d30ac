"""Sentences that carry responsibility, composed from the record and the bank; no model has a hand in them."""

from __future__ import annotations

from collections.abc import Sequence

from fleet_runtime.dates import say_date
from fleet_runtime.lexical import stems
from fleet_runtime.records import Recalled
from fleet_runtime.voicing.bank import VoiceBank, unsaid
from fleet_runtime.voicing.forms import answers
from fleet_runtime.voicing.scene import Scene

MOST_FACTS = 3
_NEAR_BEST = 0.6
_SHORT_QUOTE = 180
_SHARED_WITH_QUOTE = 2
_SURE = 0.9


def join(*pieces: str) -> str:
    """Join the pieces that say something with single spaces."""
    return " ".join(piece.strip() for piece in pieces if piece.strip())


def say(scene: Scene, bank: VoiceBank, name: str, **values: str) -> str:
    """Fill a phrase that was not heard on this account yet, or the one heard longest ago."""
    return bank.phrase(name, scene.heard, **values)


def salutation(scene: Scene, bank: VoiceBank, *, greeted: bool) -> str:
    """Greet back whoever greets, on first contact."""
    return say(scene, bank, "salutation", speaker=first_name(scene.speaker)) if greeted and scene.first_contact else ""


def first_name(speaker: str) -> str:
    """Return the name to call a speaker by; a role name such as "customer" is left out of the greeting."""
    return speaker.split(maxsplit=1)[0] if speaker and speaker[:1].isupper() else "there"


def chosen(recalled: Sequence[Recalled], least: float) -> tuple[Recalled, ...]:
    """Keep the items that bear on the question: above ``least``, and near the best of them."""
    best = max((item.score for item in recalled), default=0.0)
    return tuple(item for item in recalled if item.score >= max(least, best * _NEAR_BEST))[:MOST_FACTS]


def answering(question: str, scene: Scene, least: float) -> tuple[Recalled, ...]:
    """Keep the items that can be an answer: of the kind that is asked for, and quotations only of the same matter.

    A quotation gives way to the fact that was learned from it.
    """
    asked = frozenset(stems(question))
    fitting = [
        item for item in scene.recalled if answers(question, item.text) and (item.key or _same_matter(asked, item))
    ]
    learned = {item.event_id: item for item in scene.recalled if item.key and answers(question, item.text)}
    found = [item if item.key else learned.get(item.event_id, item) for item in chosen(fitting, least)]
    return tuple(dict.fromkeys(found))


def _same_matter(asked: frozenset[str], item: Recalled) -> bool:
    """Tell whether a quotation speaks of what is asked: by two of its words, or by one where recall is sure."""
    shared = len(asked & frozenset(stems(f"{item.text} {item.author}")))
    return shared >= _SHARED_WITH_QUOTE or (shared > 0 and (item.score >= _SURE or shared == len(asked)))


def plain_line(item: Recalled, scene: Scene) -> str:
    """Say a fact as it stands, or quote an event with who said it and when."""
    if item.key:
        return sentence(item.text)
    who = "You wrote" if item.author == scene.speaker else f"{item.author} said"
    return f'{who} on {say_date(item.at.date())}: "{shortened(item.text)}"'


def sources(items: Sequence[Recalled], scene: Scene) -> str:
    """Name where facts come from, each source once."""
    named = [
        f"what you told us on {say_date(item.at.date())}"
        if item.author == scene.speaker
        else f"{item.author} ({say_date(item.at.date())})"
        for item in items
        if item.key
    ]
    return listed(tuple(dict.fromkeys(named)))


def listed(items: Sequence[str]) -> str:
    """Join names as in plain speech: "a, b and c"."""
    return f"{', '.join(items[:-1])} and {items[-1]}" if len(items) > 1 else "".join(items)


def sentence(text: str) -> str:
    """Begin with a capital and end with a full stop."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?", '"')) else ".")


def shortened(text: str) -> str:
    """Cut a long quotation at a word's end, and say so."""
    flat = " ".join(text.split())
    if len(flat) <= _SHORT_QUOTE:
        return flat
    return flat[:_SHORT_QUOTE].rsplit(" ", 1)[0] + " …"


def recorded(scene: Scene, bank: VoiceBank) -> str:
    """Say what this message put on record; true only because learning ran before the voice."""
    if not scene.noted:
        return say(scene, bank, "recorded" if scene.role.memory else "received")
    return say(
        scene, bank, "recorded_facts", facts=" ".join(sentence(noted.sentence) for noted in scene.noted[:MOST_FACTS])
    )


def beside(scene: Scene, bank: VoiceBank, least: float) -> str:
    """Set the nearest older fact beside a message that taught nothing new."""
    facts = [item for item in chosen(scene.recalled, least) if item.key][:1]
    if scene.noted or not facts:
        return ""
    return say(scene, bank, "beside", facts=plain_line(facts[0], scene))


def closing_question(scene: Scene, bank: VoiceBank, tone: str) -> str:
    """Return the first fitting question that was never asked; nothing after two questions in a row.

    Where a fact was put on record, its own bank is asked from.
    """
    last_two = scene.heard[-2:]
    if len(last_two) == 2 and all(reply.rstrip().endswith("?") for reply in last_two):  # noqa: PLR2004 - the last two
        return ""
    names = [bank.question_for[noted.key] for noted in scene.noted if noted.key in bank.question_for]
    questions = bank.questions.get(next(iter(names), tone), bank.questions.get(tone, ()))
    return unsaid(questions, scene.heard)


def handed_over(scene: Scene, bank: VoiceBank) -> str:
    """Say who takes the message now; the packets were written before this is said."""
    owners = listed([scene.titles.get(packet.to_role, packet.to_role) for packet in scene.hand_offs])
    return join(say(scene, bank, "hand_off", owner=owners), _in_view(scene, bank))


def _in_view(scene: Scene, bank: VoiceBank) -> str:
    """Say once in a conversation that the matter stays in view."""
    said = [reply for _, reply in scene.conversation_so_far]
    before = any(phrase in reply for phrase in bank.phrases["keep_in_view"] for reply in said)
    return "" if before else bank.unheard("keep_in_view", scene.heard)


def declined(scene: Scene, bank: VoiceBank) -> str:
    """Promise nothing, and say what was really done with the need."""
    carrier = next((scene.titles.get(packet.to_role, packet.to_role) for packet in scene.hand_offs), "")
    carried = say(scene, bank, "carried", carrier=carrier) if carrier else ""
    return say(scene, bank, "decline", carried=carried)


def proposal(scene: Scene, bank: VoiceBank) -> str:
    """Propose a first step in the role's own work, tied to the goal on record if there is one."""
    because = (
        say(scene, bank, "because_goal", goal=scene.goal.rstrip("."))
        if scene.goal
        else say(scene, bank, "because_nothing")
    )
    return say(scene, bank, "propose", step=say(scene, bank, "step"), because=because)


def introduction(scene: Scene, bank: VoiceBank) -> str:
    """Say who speaks, in the contract's own words."""
    titles = [item.title[:1].lower() + item.title[1:] for item in scene.role.mandate]
    mandate = f"My work is to {listed(titles)}." if titles else ""
    return say(scene, bank, "identity", title=scene.role.title, mandate=mandate)


def nearest(scene: Scene, bank: VoiceBank, least: float) -> str:
    """Say the nearest facts on record, where there are any."""
    facts = [item for item in chosen(scene.recalled, least) if item.key][:2]
    return say(scene, bank, "nearest", facts=" ".join(plain_line(item, scene) for item in facts)) if facts else ""
