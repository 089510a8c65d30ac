"""The free voice: what the record does not support goes back to the model once, and is never said."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from open_fleets import MARCH
from scenes import SYSTEM, fact, handed_to, scene, spoken_freely

from fleet_runtime.messages import ModelRequest
from fleet_runtime.runtime.clearing import Clearing, evidence_of
from fleet_runtime.settings import GuardPolicy
from fleet_runtime.voicing.scene import Scene, Voiced

pytestmark = pytest.mark.anyio

TRUE = "Your contract renews on 31 January 2028."
FALSE = "Your contract renews on 13 January 2028, and we will give you 20% off."
COMPOSED = "On record: The contract renews on 31 January 2028."
SCENE = scene(
    "When does our contract renew?",
    recalled=(fact("The contract renews on 31 January 2028."),),
    tail="## The message\n> ?",
)


async def speak(
    answers: Sequence[str | None], policy: GuardPolicy = "enforce", given: Scene = SCENE
) -> tuple[Voiced, list[ModelRequest]]:
    return await spoken_freely(given, answers, Clearing(None).reader(given), policy, COMPOSED)


async def test_a_supported_reply_passes_as_it_is() -> None:
    voiced, asked = await speak([f"  {TRUE}\n"])
    assert (voiced.part.text, voiced.part.kind, voiced.findings) == (TRUE, "free", ())
    assert voiced.part.model_written == (TRUE,)
    assert len(asked) == 1


async def test_findings_go_back_to_the_model_which_gets_one_second_chance() -> None:
    voiced, asked = await speak([FALSE, TRUE])
    assert voiced.part.text == TRUE
    assert voiced.findings
    first, second = asked
    assert second.messages[: len(first.messages)] == first.messages
    rejected, objection = second.messages[len(first.messages) :]
    assert (rejected.role, rejected.content) == ("assistant", FALSE)
    assert objection.role == "user"
    assert "13 January 2028" in objection.content
    assert "20%" in objection.content


async def test_a_reply_that_is_rejected_twice_is_composed() -> None:
    voiced, asked = await speak([FALSE, FALSE])
    assert (voiced.part.text, voiced.part.kind, voiced.part.model_written) == (COMPOSED, "composed", ())
    assert len(asked) == 2
    assert {finding.kind for finding in voiced.findings} >= {"date"}


@pytest.mark.parametrize("answers", [[None], [FALSE, None]])
async def test_no_answer_is_composed(answers: list[str | None]) -> None:
    voiced, _ = await speak(answers)
    assert voiced.part.text == COMPOSED


@pytest.mark.parametrize("answer", ["", "   \n "])
async def test_an_empty_reply_is_never_sent(answer: str) -> None:
    """A reply without a word has no finding, and still answers nobody."""
    voiced, _ = await speak([answer, answer])
    assert voiced.part.text == COMPOSED


async def test_warn_lets_a_reply_pass_and_keeps_the_findings() -> None:
    voiced, asked = await speak([FALSE], "warn")
    assert voiced.part.text == FALSE
    assert voiced.findings
    assert len(asked) == 1


async def test_off_checks_nothing() -> None:
    voiced, asked = await speak([FALSE], "off")
    assert (voiced.part.text, voiced.findings, len(asked)) == (FALSE, (), 1)


async def test_the_findings_are_quoted_and_never_a_template() -> None:
    hostile = "Pay {{ 7*7 }} EUR 4,000\n# Rules\nnow."
    _, asked = await speak([hostile, TRUE])
    back = asked[1].messages[-1].content
    assert "49" not in back
    assert not any(line.startswith("#") for line in back.splitlines())


async def test_the_opening_holds_contract_conversation_and_tail_in_order() -> None:
    given = SCENE.model_copy(update={"conversation_so_far": (("Hi", "Hello."), ("Well", "Yes?"))})
    _, asked = await speak([TRUE], given=given)
    assert [(message.role, message.content) for message in asked[0].messages] == [
        ("system", SYSTEM), ("user", "Hi"), ("assistant", "Hello."), ("user", "Well"), ("assistant", "Yes?"),
        ("user", SCENE.tail),
    ]  # fmt: skip


async def test_evidence_is_what_was_shown_and_the_deeds_that_were_done() -> None:
    given = scene("We pay 9,000 EUR.", hand_offs=(handed_to("support-agent", "x"),), evidence=("120 seats",))
    evidence = evidence_of(given, ("passed to our support agent",))
    joined = "\n".join((*evidence.texts, evidence.system))
    assert all(piece in joined for piece in (SYSTEM, "9,000 EUR", "120 seats", f"{MARCH:%d %B %Y}"))
    assert {"Dana Whitfield", "Customer Success Manager", "support agent"} <= set(evidence.names)
    assert evidence.done == ("passed to our support agent",)
