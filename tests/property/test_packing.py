"""A reply is read back exactly as it was packed, and what an earlier version wrote in full is read as well."""

from __future__ import annotations

import json
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from fleet_runtime.decisions import Candidate, Decision
from fleet_runtime.messages import Usage
from fleet_runtime.records import Part, Reply
from fleet_runtime.stores.schema.packing import packed, unpacked

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
names = st.sampled_from(["r", "sales", "", "\n\n"])
numbers = st.floats(allow_nan=False, allow_infinity=False)
candidates = st.builds(Candidate, role=names, score=numbers, reasons=st.just(("a",)))
decisions = st.builds(
    Decision,
    id=texts,
    verdict=st.sampled_from(["keep", "nobody"]),
    choice=st.none() | names,
    stage=st.sampled_from(["address", "owner"]),
    confidence=numbers,
    reason=texts,
    candidates=st.lists(st.builds(Candidate, role=names, score=numbers, reasons=st.just(("a",))), max_size=2).map(
        tuple
    ),
    role_hashes=st.dictionaries(names, texts, max_size=2),
    at=st.none() | st.datetimes(),
)
usages = st.builds(
    Usage,
    prompt_tokens=st.integers(0, 9),
    cost=st.decimals(0, 99, allow_nan=False, places=9),
    unpriced=st.integers(0, 1),
)


@st.composite
def parts(draw: st.DrawFn) -> Part:
    text = draw(texts)
    pieces = [text, text[:3], text[2:], draw(texts), ""]
    written = draw(st.lists(st.sampled_from(pieces), max_size=3))
    return Part(role=draw(names), text=text, kind="answer", model_written=tuple(written))


@st.composite
def replies(draw: st.DrawFn) -> Reply:
    said = draw(st.lists(parts(), max_size=3))
    whole = "\n\n".join(part.text for part in said)
    return Reply(
        turn_id="t1",
        conversation=draw(names),
        text=draw(st.sampled_from([whole, "another", ""])),
        role=draw(st.sampled_from([said[-1].role if said else "", "other", ""])),
        parts=tuple(said),
        decision=draw(decisions),
        usage=draw(usages),
        exhausted=draw(names),
    )


@given(replies())
def test_a_reply_is_read_back_as_it_was(reply: Reply) -> None:
    assert unpacked(packed(reply), "t1") == reply


@given(replies())
def test_what_an_earlier_version_wrote_in_full_is_read(reply: Reply) -> None:
    assert unpacked(reply.model_dump_json(), "t1") == reply


def test_a_plain_reply_says_nothing_twice() -> None:
    text = "The renewal is on file, and Ada takes care of it."
    decision = Decision(id="d", verdict="keep", choice="r", stage="address", confidence=1.0, reason="")
    reply = Reply(
        turn_id="t1", conversation="main", text=text, role="r", decision=decision, usage=Usage(cost=Decimal(0)),
        parts=(Part(role="r", text=text, kind="answer", model_written=(text,)),),
    )  # fmt: skip
    stored = packed(reply)
    assert stored.count(text) == 1
    assert set(json.loads(stored)) == {"conversation", "decision", "parts"}
    assert len(stored) < len(text) + 200
