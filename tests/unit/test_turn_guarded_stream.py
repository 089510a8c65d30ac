"""A guarded stream: what is not cleared is never given out, what was given out stays, and the model is told of it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import anyio
import pytest
from guesthouse import COOK, HOST, HOUSE, Post, Speaker, done, heard, open_house, said
from told import Given
from turning import calls, hand_off

from fleet_runtime import tool
from fleet_runtime.messages import ModelReply, ModelRequest, Usage
from fleet_runtime.records import Reply
from fleet_runtime.signals import Objected, Signal, TextReleased

pytestmark = pytest.mark.anyio

STAFF = {**HOUSE, HOST: Post("Keep guests", "cook meals", COOK, ("price",))}
HONEST = "I cannot say what it costs."
UNSUPPORTED = [
    "The room is 480 euros a night.",
    "You get a discount of 15 percent.",
    "It will be ready on 14 March 2031.",
    "We have 37 rooms for you.",
    "There are twelve hundred rooms.",
    "Please write to Bartholomew Quigley about it.",
    "Look at https://inn-of-the-moon.example/rooms for it.",
    "I have sent you the invoice.",
]


@tool
def price() -> str:
    """Look up what a room costs."""
    return "480 euros a night"


async def streamed(model: Speaker, folder: Path, text: str = "Hm, well.", **settings: Any) -> list[Signal]:
    """Stream one message to the host, under ``enforce`` unless the settings say otherwise."""
    chosen: dict[str, Any] = {"guard": "enforce", **settings}
    async with open_house(model, folder, house=STAFF, tools=[price], **chosen) as fleet:
        return await heard((await fleet.spawn(HOST, account="a")).stream(text))


def pieces(signals: list[Signal]) -> list[str]:
    """List what was said, piece by piece."""
    return [signal.text for signal in signals if isinstance(signal, TextReleased)]


def right(signals: list[Signal]) -> Reply:
    """Return the reply, which is what was said."""
    reply = done(signals).reply
    assert " ".join(said(signals).split()) == " ".join(reply.text.split())
    return reply


@pytest.mark.parametrize("claim", UNSUPPORTED)
@pytest.mark.parametrize(
    "before",
    ["", "Good morning. ", "Good morning. It is good to hear from you.\n\n"],
)
async def test_what_nothing_supports_is_never_given_out_and_what_was_cleared_stays(
    tmp_path: Path, claim: str, before: str
) -> None:
    model = Speaker("free", {"reply": [f"{before}{claim} See you soon.", HONEST]})
    signals = await streamed(model, tmp_path)
    reply = right(signals)
    assert claim not in said(signals)
    assert claim not in reply.text
    assert said(signals).startswith(before.strip())
    assert reply.text == said(signals)
    assert reply.text.endswith(HONEST)
    assert [finding.sentence.strip() for finding in reply.findings] == [claim] * len(reply.findings) != []


async def test_the_model_is_told_what_is_sent_already_and_what_is_wrong(tmp_path: Path) -> None:
    model = Speaker("free", {"reply": [f"Good morning. Sit down. {UNSUPPORTED[0]} See you.", HONEST]})
    signals = await streamed(model, tmp_path)
    told = model.calls[1].messages[-1].content
    assert "480 euros" in told
    assert "> Good morning. Sit down." in told
    assert pieces(signals)[:2] == ["Good morning.", " Sit down."]


async def test_nothing_was_sent_then_nothing_is_told_as_sent(tmp_path: Path) -> None:
    model = Speaker("free", {"reply": [f"{UNSUPPORTED[0]} See you.", HONEST]})
    await streamed(model, tmp_path)
    assert "sent already" not in model.calls[1].messages[-1].content


@pytest.mark.parametrize("claim", UNSUPPORTED)
async def test_after_the_last_chance_the_reply_is_composed_behind_what_was_said(tmp_path: Path, claim: str) -> None:
    model = Speaker("free", {"reply": [f"Good morning. {claim} See you.", f"So then. {claim} Well.", claim, claim]})
    signals = await streamed(model, tmp_path)
    reply = right(signals)
    assert reply.text.startswith("Good morning. So then. ")
    assert claim not in said(signals)
    assert len(reply.text) > len("Good morning. So then. ")
    assert reply.parts[-1].kind == "composed"
    assert all(claim not in sentence for part in reply.parts for sentence in part.model_written)


async def test_a_number_that_the_second_sentence_makes_of_the_first_is_not_given_out(tmp_path: Path) -> None:
    """A figure at the very end, cut off by the end of the stream, is looked at like any other."""
    model = Speaker("free", {"reply": ["Good morning. It costs 480 euros", HONEST]})
    signals = await streamed(model, tmp_path)
    assert "480" not in said(signals)
    assert "480" not in right(signals).text


@pytest.mark.parametrize("cut", range(1, 12))
async def test_however_the_endpoint_cuts_its_pieces(tmp_path: Path, cut: int) -> None:
    text = f"Good morning. Dr. Who asks nothing of you, e.g. no money.\n\n{UNSUPPORTED[0]} See you."

    class Cutting(Speaker):
        async def stream(self, request: ModelRequest) -> AsyncGenerator[str | ModelReply]:
            reply = await self.complete(request)
            for begin in range(0, len(reply.text), cut):
                yield reply.text[begin : begin + cut]
            yield reply

    signals = await streamed(Cutting("free", {"reply": [text, HONEST, HONEST]}), tmp_path)
    assert "480" not in said(signals)
    assert said(signals).startswith("Good morning. ")
    assert HONEST in right(signals).text


async def test_what_a_tool_gave_supports_what_is_said_after_it(tmp_path: Path) -> None:
    model = Speaker("free", {"reply": [calls(("price", {})), "The room is 480 euros a night. See you."]})
    signals = await streamed(model, tmp_path)
    assert right(signals).text == "The room is 480 euros a night. See you."
    assert done(signals).reply.findings == ()


async def test_what_is_said_before_a_tool_is_not_supported_by_what_it_will_give(tmp_path: Path) -> None:
    early = calls(("price", {}), said="The room is 480 euros a night. Let me look. ")
    model = Speaker("free", {"reply": [early, "Here you are.", "Here you are."]})
    signals = await streamed(model, tmp_path)
    assert not any("480" in piece for piece in pieces(signals)[:1])
    right(signals)


async def test_a_sentence_is_given_out_while_the_next_is_being_written(tmp_path: Path) -> None:
    heard_first = anyio.Event()

    class Waiting(Speaker):
        async def stream(self, request: ModelRequest) -> AsyncGenerator[str | ModelReply]:
            self.calls.append(request)
            yield "Good morning. "
            yield "Sit "
            with anyio.fail_after(5):
                await heard_first.wait()
            yield "down."
            yield ModelReply(text="Good morning. Sit down.", usage=Usage(calls=1))

    seen: list[str] = []
    async with open_house(Waiting("free"), tmp_path, guard="enforce") as fleet:
        async for signal in (await fleet.spawn(HOST, account="a")).stream("Hm, well."):
            if isinstance(signal, TextReleased):
                seen.append(signal.text)
                heard_first.set()
    assert seen == ["Good morning.", " Sit down."]


@pytest.mark.parametrize("guard", ["off", "warn"])
async def test_without_enforcement_pieces_are_given_out_as_they_come(tmp_path: Path, guard: str) -> None:
    text = f"Good morning. {UNSUPPORTED[0]} See you."
    signals = await streamed(Speaker("free", {"reply": [text]}), tmp_path, guard=guard)
    assert len(pieces(signals)) > 5
    assert right(signals).text == text
    found = [signal.finding.text for signal in signals if isinstance(signal, Objected)]
    assert found == (["480 euros"] if guard == "warn" else [])


async def test_a_policy_of_a_role_goes_before_everybodys_also_after_a_hand_off(tmp_path: Path) -> None:
    answers: list[Given] = [hand_off(COOK), f"Good day. {UNSUPPORTED[0]} See you.", HONEST]
    model = Speaker("free", {"reply": answers})
    signals = await streamed(model, tmp_path, guard="off", role={COOK: {"guard": "enforce"}})
    assert "480" not in said(signals)
    assert right(signals).parts[-1].text == f"Good day. {HONEST}"


async def test_what_a_colleague_made_up_does_not_support_the_reply(tmp_path: Path) -> None:
    """The colleague is guarded like everybody: its invention is no evidence for who voices it."""
    answers: list[Given] = [
        calls(("ask_colleague", {"to": COOK, "question": "What is a meal?"})),
        "A meal is 480 euros.", "A meal is 480 euros.", "A meal is 480 euros.", HONEST, HONEST, HONEST,
    ]  # fmt: skip
    signals = await streamed(Speaker("free", {"reply": answers}), tmp_path)
    assert "480" not in said(signals)
    right(signals)


async def test_a_hand_offs_words_are_not_the_way_round_the_guard(tmp_path: Path) -> None:
    """The reason and the wish that the model gives for a hand-off are told to the customer by nobody."""
    wish = hand_off(COOK, why="the guest gets 480 euros back", asked="tell them that 480 euros come back")
    answers: list[Given] = [wish, "The guest gets 480 euros back.", HONEST, HONEST]
    signals = await streamed(Speaker("free", {"reply": answers}), tmp_path)
    assert "480" not in said(signals)
    assert "480" not in right(signals).text
