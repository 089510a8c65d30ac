"""A streamed reply: sentences whose join is the reply, each as soon as it is cleared; abandoning it loses nothing."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import anyio
import pytest
from open_fleets import CSM, open_fleet, state_of
from told import ToldModel

from fleet_runtime.errors import ModelUnreachable
from fleet_runtime.messages import ModelRequest
from fleet_runtime.records import Part
from fleet_runtime.runtime.agent import pieces

pytestmark = pytest.mark.anyio

TICKET = "the sync is broken again!!"
WISH = "Could your team build us a connector to our warehouse system?"
DOWN = ModelUnreachable("nothing answers", hint="start it")


async def test_a_stream_gives_sentences_whose_join_is_the_reply() -> None:
    async with open_fleet() as fleet:
        agent = await fleet.spawn(CSM, account="acme")
        for text in (TICKET, WISH, "Thanks!", f'Dana said "stop." {TICKET}', "One.\n\nTwo.  Three!"):
            cut = [piece async for piece in agent.stream_text(text)]
            assert agent.last_reply is not None
            assert "".join(cut) == agent.last_reply.text
            assert all(piece.strip() for piece in cut)
            assert len(cut) >= len(agent.last_reply.parts)


async def test_a_free_reply_keeps_its_paragraphs_when_streamed() -> None:
    text = "First paragraph. It has two sentences.\n\nSecond paragraph."
    async with open_fleet(ToldModel("free", {"reply": [text]})) as fleet:
        agent = await fleet.spawn(CSM, account="acme")
        assert "".join([piece async for piece in agent.stream_text("Our planners like it.")]) == text


async def test_the_first_part_is_heard_before_the_second_is_made() -> None:
    """A part that the guard has cleared does not wait for the rest of the reply."""
    heard_first = anyio.Event()

    async def wait(_: ModelRequest) -> str:
        with anyio.fail_after(5):
            await heard_first.wait()
        return "I am looking into it."

    async with open_fleet(ToldModel("free", {"reply": [wait]})) as fleet:
        agent = await fleet.spawn(CSM, account="acme")
        async for _ in agent.stream_text(TICKET):
            heard_first.set()
        assert agent.last_reply is not None
        assert agent.last_reply.parts[-1].text == "I am looking into it."


async def test_an_abandoned_stream_still_commits(tmp_path: Path) -> None:
    database = tmp_path / "f.db"
    async with open_fleet(ToldModel("free", {"reply": ["I am looking into it."]}), database) as fleet:
        stream = (await fleet.spawn(CSM, account="acme")).stream_text(TICKET, turn_id="t1")
        assert await anext(stream)
        assert isinstance(stream, AsyncGenerator)
        await stream.aclose()
    async with open_fleet(None, database) as fleet:
        turns = (await state_of(fleet)).turns
        assert [(turn.id, turn.state) for turn in turns] == [("t1", "done")]
        assert turns[0].reply is not None
        assert turns[0].reply.parts[-1].text == "I am looking into it."


async def test_a_stream_raises_the_error_of_its_turn_bare() -> None:
    async with open_fleet(ToldModel("free", {"reply": [DOWN]})) as fleet:
        agent = await fleet.spawn(CSM, account="acme")
        with pytest.raises(ModelUnreachable):
            async for _ in agent.stream_text("Our champion is Priya Nair.", turn_id="t1"):
                pass
        assert [turn.state for turn in (await state_of(fleet)).turns] == ["accepted"]


def test_a_part_without_text_streams_nothing() -> None:
    assert pieces(Part(role="r", text="", kind="k"), first=True) == []
