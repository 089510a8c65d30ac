"""A tape gives back what was recorded, says what does not fit, and holds no secrets."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest
from endpoint_models import pieces_until_error
from hypothesis import given
from hypothesis import strategies as st

from fleet_runtime.errors import ModelError, ModelUnreachable
from fleet_runtime.messages import ChatMessage, ModelReply, ModelRequest, ToolCall
from fleet_runtime.testing import Cassette, NotOnTape, ScriptedModel, Step, TapeDamaged, UnusedEntries
from fleet_runtime.testing.stripping import Stripper

SECRET = "sk-proj-abcdefgh12345678"  # noqa: S105 - made up
CALL = ToolCall(id="a", name="count", arguments="{}")


def request(text: str = "Hello?", task: str = "greet") -> ModelRequest:
    return ModelRequest(task=task, messages=(ChatMessage(role="user", content=text),))


async def recorded(path: Path, *asked: tuple[ModelRequest, Step]) -> None:
    """Record these, every second one streamed; errors are expected where the steps have some."""
    async with Cassette(path, record=ScriptedModel([step for _, step in asked])) as model:
        for place, (one, _) in enumerate(asked):
            try:
                if place % 2:
                    [_ async for _ in model.stream(one)]
                else:
                    await model.complete(one)
            except ModelError:
                continue


def test_what_was_recorded_is_replayed_with_its_pieces_its_calls_and_its_errors(tmp_path: Path) -> None:
    async def work() -> None:
        tape = tmp_path / "tapes" / "greeting.jsonl"
        gone = ModelUnreachable("nothing answers", hint="look")
        await recorded(
            tape,
            (request("one"), Step("greet", "First.")),
            (request("two"), Step("greet", "Second and last.")),
            (request("three"), Step("greet", ModelReply(text="", tool_calls=(CALL,)))),
            (request("four"), Step("greet", gone, breaks_after=2)),
        )
        async with Cassette(tape) as model:
            assert model.info.name == "scripted"
            assert model.info.reason == "replayed from greeting.jsonl"
            *pieces, last = [piece async for piece in model.stream(request("two"))]
            assert pieces == ["Second ", "and las", "t."]
            assert isinstance(last, ModelReply)
            assert last.text == "Second and last."
            timed = request("one").model_copy(update={"timeout_seconds": 3.0})
            assert (await model.complete(timed)).text == "First."
            assert (await model.complete(request("three"))).tool_calls == (CALL,)
            before, error = await pieces_until_error(model, request("four"))
            assert (len(before), type(error), error.message, error.hint) == (
                2,
                ModelUnreachable,
                gone.message,
                gone.hint,
            )

    anyio.run(work)


def test_requests_alike_are_answered_in_their_order_and_each_once(tmp_path: Path) -> None:
    async def work() -> None:
        tape = tmp_path / "t.jsonl"
        await recorded(tape, (request(), Step("greet", "One.")), (request(), Step("greet", "Two.")))
        async with Cassette(tape) as model:
            assert [(await model.complete(request())).text for _ in range(2)] == ["One.", "Two."]
            with pytest.raises(NotOnTape, match="the tape is over"):
                await model.complete(request())

    anyio.run(work)


def test_another_request_is_told_by_what_is_different(tmp_path: Path) -> None:
    async def work() -> None:
        tape = tmp_path / "t.jsonl"
        said = "Dear all\nwe have 40 seats\nThanks"
        await recorded(tape, (request("Goodbye."), Step("greet", "Bye.")), (request(said), Step("greet", "Fine.")))
        model = Cassette(tape)
        with pytest.raises(NotOnTape) as caught:
            await model.complete(request(said.replace("40", "45")))
        assert "-we have 40 seats" in str(caught.value)
        assert "+we have 45 seats" in str(caught.value)
        assert "Goodbye" not in str(caught.value)
        with pytest.raises(UnusedEntries, match="greet, greet"):
            model.assert_done()

    anyio.run(work)


def test_the_blocks_own_error_goes_before_unused_entries(tmp_path: Path) -> None:
    async def work() -> None:
        tape = tmp_path / "t.jsonl"
        await recorded(tape, (request(), Step("greet", "One.")))
        with pytest.raises(KeyError):
            async with Cassette(tape):
                raise KeyError
        with pytest.raises(UnusedEntries):
            async with Cassette(tape):
                pass

    anyio.run(work)


@pytest.mark.parametrize("text", [None, "", "{}", "hello", '{"info": {"name": "x"}}'])
def test_no_tape_is_told_at_once(text: str | None, tmp_path: Path) -> None:
    tape = tmp_path / "t.jsonl"
    if text is not None:
        tape.write_text(text)
    with pytest.raises(TapeDamaged, match=r"t\.jsonl"):
        Cassette(tape)


def test_secrets_are_stripped_and_still_compare(tmp_path: Path) -> None:
    async def work() -> None:
        tape = tmp_path / "t.jsonl"
        asked = request(f"My key is {SECRET}, write to ann@example.com. Order 7781.")
        steps = [Step("greet", f"Your key {SECRET} is noted, Ann (ann@example.com).")]
        async with Cassette(tape, record=ScriptedModel(steps), strip=[r"Order \d+"], strip_emails=True) as model:
            assert SECRET in (await model.complete(asked)).text, "who asked gets the answer itself"
        kept = tape.read_text()
        assert not any(secret in kept for secret in (SECRET, "ann@example.com", "7781"))
        later = request(f"My key is {SECRET}, write to bob@example.com. Order 9.")
        async with Cassette(tape, strip=[r"Order \d+"], strip_emails=True) as model:
            assert (await model.complete(later)).text == "Your key *** is noted, Ann (***)."

    anyio.run(work)


@pytest.mark.parametrize(
    ("text", "stripped"),
    [
        ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
        ("authorization=Basic dXNlcg==", "authorization=Basic ***"),
        ('{"Authorization": "tok-1"}', '{"Authorization": "***"}'),
        ("use bearer abcdef123 now", "use bearer *** now"),
        ("api_key=abc, api-key: def", "api_key=***, api-key: ***"),
        ('"password": "hunter2"', '"password": "***"'),
        ("https://ann:pw@example.com/x", "https://ann:***@example.com/x"),
        ("ghp_0123456789abcdefghij and AKIAABCDEFGHIJKLMNOP", "*** and ***"),
        ("xoxb-1234567890-abc", "***"),
        ("eyJhbGciOiJI.eyJzdWIiOiIx.c2ln", "***"),
        ("a task-force of skilled people, secret: none", "a task-force of skilled people, secret: ***"),
        ("12:30 at http://localhost:8080/v1, ann@example.com", "12:30 at http://localhost:8080/v1, ann@example.com"),
    ],
)
def test_what_is_stripped(text: str, stripped: str) -> None:
    assert Stripper().text(text) == stripped


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_stripping_twice_changes_nothing_more(value: object) -> None:
    stripper = Stripper([r"\d{3,}"], emails=True)
    once = stripper.value(value)
    assert stripper.value(once) == once
    assert without_texts(once) == without_texts(value)


def without_texts(value: object) -> object:
    """The shape of a JSON value."""
    if isinstance(value, dict):
        return {key: without_texts(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [without_texts(inner) for inner in value]
    return "" if isinstance(value, str) else value
