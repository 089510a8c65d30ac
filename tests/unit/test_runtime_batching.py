"""Lines of a batch: what is a message, what is its error, and what an example teaches; vectors made ahead."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet_runtime.errors import ContractError, MessageError
from fleet_runtime.ports import Vector
from fleet_runtime.runtime.ahead import AT_ONCE, EmbeddedAhead
from fleet_runtime.runtime.batching import BatchMessage, Placed, read_examples, read_messages
from fleet_runtime.testing import HashEmbedder


def lines(*objects: object) -> bytes:
    return "".join(json.dumps(one) + "\n" for one in objects).encode()


def test_a_line_is_read_with_its_place_and_other_keys_are_passed_over() -> None:
    whole = {"id": "m1", "text": "Hi.", "active_role": "csm", "account": "acme", "history": ["Hello?"], "kind": "x"}
    found = list(read_messages(b"\xef\xbb\xbf" + lines(whole) + b"\n" + lines({"id": 7, "text": "Hi."}), "in.jsonl"))
    first = BatchMessage(id="m1", text="Hi.", active_role="csm", account="acme", history=("Hello?",))
    assert found == [Placed(first, "in.jsonl:1"), Placed(BatchMessage(id=7, text="Hi."), "in.jsonl:3")]
    assert first.query().history == ("Hello?",)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"{", "Invalid JSON"),
        (b"[1]", "should be an object"),
        (b'{"text": "Hi."}', "id: "),
        (b'{"id": "1"}', "text: Field required"),
        (b'{"id": "1", "text": " \\n"}', "text: must not be blank"),
        (b'{"id": "1", "text": "Hi.", "history": "Hello?"}', "history: "),
        (b'{"id": "1", "text": "\xff"}', "the line is not UTF-8"),
    ],
)
def test_a_bad_line_is_an_error_of_its_own(line: bytes, said: str) -> None:
    good = lines({"id": "1", "text": "Hi."})
    before, error, after = read_messages(good + line + b"\n" + good, "in.jsonl")
    assert isinstance(before, Placed)
    assert isinstance(after, Placed)
    assert isinstance(error, MessageError)
    assert error.message.startswith("in.jsonl:2: ")
    assert said in error.message
    assert "\n" not in error.message


@given(st.binary(max_size=200))
def test_any_bytes_are_messages_or_errors(data: bytes) -> None:
    found = list(read_messages(data, "in.jsonl"))
    assert len(found) == sum(bool(line.strip()) for line in data.removeprefix(b"\xef\xbb\xbf").split(b"\n"))
    assert all(isinstance(one, Placed | MessageError) for one in found)


def test_examples_teach_save_the_adversarial_ones() -> None:
    told = {"text": "Hi.", "active_role": "csm", "expected": ["agent"], "kind": "plain"}
    tricks = {**told, "kind": "adversarial"}
    (found,) = read_examples(lines(told, tricks), "examples.jsonl")
    assert (found.text, found.active_role, found.expected) == ("Hi.", "csm", ("agent",))


@pytest.mark.parametrize("bad", [b"x", b'{"text": "Hi.", "expected": []}', b'{"expected": ["csm"]}', b"\xff"])
def test_bad_examples_are_refused_with_their_place(bad: bytes) -> None:
    with pytest.raises(ContractError) as raised:
        read_examples(b"\n" + bad, "examples.jsonl")
    assert raised.value.where == "examples.jsonl:2"


class CountingEmbedder(HashEmbedder):
    """Remembers how many texts came at once."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[int] = []

    async def embed(self, texts: Sequence[str]) -> list[Vector]:
        self.batches.append(len(texts))
        return await super().embed(texts)


@pytest.mark.anyio
async def test_what_was_said_is_embedded_once_in_small_batches_apart_from_the_contracts() -> None:
    encoder = CountingEmbedder()
    said = [f"message {number}" for number in range(AT_ONCE + 2)]
    contract = [f"line {number}" for number in range(2 * AT_ONCE)]
    ahead = EmbeddedAhead(encoder, said)
    assert ahead.name == encoder.name
    await ahead.prepare()
    assert encoder.batches == [AT_ONCE, 2]
    both = [*contract, *said]
    assert await ahead.embed(both) == await HashEmbedder().embed(both)
    assert encoder.batches == [AT_ONCE, 2, len(contract)]
    assert await ahead.embed([]) == []
    await ahead.prepare()
    assert await ahead.embed(said[:1]) == await HashEmbedder().embed(said[:1])
    assert encoder.batches == [AT_ONCE, 2, len(contract)]


@pytest.mark.anyio
async def test_what_was_said_goes_in_small_batches_even_unprepared() -> None:
    encoder = CountingEmbedder()
    said = [f"message {number}" for number in range(AT_ONCE + 1)]
    await EmbeddedAhead(encoder, said).embed(said)
    assert encoder.batches == [AT_ONCE, 1]
