"""What is kept of events for ranking, and how it is read back: words, flags, vectors, sessions and moments."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from fleet_runtime.ports import RankingRows
from fleet_runtime.recall import EventIndex, embedded_text, event_terms, packed_vector, read_question, recall
from fleet_runtime.recall.columns import Columns
from fleet_runtime.recall.features import Sight
from fleet_runtime.recall.fusion import fused, shipped_weights, signs
from fleet_runtime.recall.terms import ENDS_ASKING, HOLDS_NAME, HOLDS_NUMBER, HOLDS_TIME, MOST_WORDS, ONLY_ASKS
from fleet_runtime.recall.vectors import WIDTH, cosines, table
from fleet_runtime.records import Event

START = datetime(2026, 3, 30, 9, tzinfo=UTC)


def event(number: int, text: str, author: str = "Dana", after: timedelta = timedelta()) -> Event:
    return Event(id=f"e{number}", at=START + after, kind="message", author=author, text=text)


def header(text: str) -> int:
    return int.from_bytes(event_terms(event(0, text))[:4], "little")


def columns(events: list[Event]) -> Columns:
    made = EventIndex.of_events(events).columns
    assert isinstance(made, Columns)
    return made


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("When is it due?", ENDS_ASKING | ONLY_ASKS),
        ("We start in June. Is that fine?", ENDS_ASKING | HOLDS_TIME | HOLDS_NAME),
        ("We bought 12 seats.", HOLDS_NUMBER),
        ("They met Priya Nair yesterday.", HOLDS_NAME | HOLDS_TIME),
        ("", 0),
    ],
)
def test_the_header_tells_what_words_do_not(text: str, flags: int) -> None:
    assert header(text) & ~MOST_WORDS == flags
    assert header(text) & MOST_WORDS == len(text.split())


def test_content_words_take_four_bytes_each_and_stem_alike() -> None:
    assert len(event_terms(event(0, "We renewed the contracts"))) == 4 * 3
    assert event_terms(event(0, "renewed contracts"))[4:] == event_terms(event(0, "renew a contract"))[4:]


def test_author_and_date_are_found_though_the_bytes_hold_neither() -> None:
    seen = columns([event(0, "Hello there"), event(1, "Good morning", author="Paul Meyer", after=timedelta(days=3))])
    sight = Sight(seen, read_question("What did Meyer say in April 2026?", START), None)
    assert sight.speaker.tolist() == [False, True]
    assert sight.dated.tolist() == [False, True]
    assert sight.held[1] > sight.held[0]


@pytest.mark.parametrize(("asked", "dated"), [("in Q2 2026", True), ("in 2026", True), ("on 3 May 2026", False)])
def test_periods_are_quarters_years_and_days(asked: str, dated: bool) -> None:  # noqa: FBT001 - a table
    seen = columns([event(0, "Hello", after=timedelta(days=3))])
    assert bool(Sight(seen, read_question(f"What was said {asked}?", START), None).dated[0]) is dated


def test_a_pause_of_six_hours_ends_a_session() -> None:
    pauses = (timedelta(), timedelta(hours=1), timedelta(hours=8))
    seen = columns([event(number, "Hello", after=pause) for number, pause in enumerate(pauses)])
    assert seen.session.tolist() == [0, 0, 1]
    sight = Sight(seen, read_question("hello", START), None)
    assert sight.at(np.array([1, 2, 4], dtype=np.float32), -1).tolist() == [0, 1, 0]
    assert sight.at(np.array([1, 2, 4], dtype=np.float32), 2).tolist() == [0, 0, 0]


def test_a_part_up_to_a_moment_equals_an_index_of_that_part() -> None:
    events = [event(number, f"route {number} seats", after=timedelta(hours=9 * number)) for number in range(6)]
    part, alone = columns(events).until(events[3].at), columns(events[:4])
    assert len(part) == 4
    question = read_question("which route has 2 seats", START)
    for one, other in zip(
        signs(Sight(part, question, None)).values(), signs(Sight(alone, question, None)).values(), strict=True
    ):
        assert one.tolist() == other.tolist()
    assert columns(events).until(None) is not None
    assert len(columns(events).until(START - timedelta(days=1))) == 0


@pytest.mark.parametrize("width", [64, 250, WIDTH, 1536])
def test_packed_vectors_keep_their_angles(width: int) -> None:
    made = np.random.default_rng(7).normal(size=(40, width))
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    packed = [packed_vector(row.tolist()) for row in made]
    assert {len(row) for row in packed} == {-(-min(width, WIDTH) // 4)}
    numbers, inverse = table([*packed, None])
    for row in made[:5]:
        found = cosines(numbers, inverse, row.tolist())
        assert np.abs(found[:-1] - made @ row).max() < (0.25 if width > WIDTH else 0.2)
        assert found[-1] == 0


def test_vectors_of_another_width_count_as_missing() -> None:
    numbers, inverse = table([packed_vector([1.0, 0.0, 0.0, 0.0]), packed_vector([1.0] + [0.0] * 7), None])
    assert (inverse > 0).tolist() == [True, False, False]
    assert cosines(numbers, inverse, [1.0] + [0.0] * 7).tolist() == [0, 0, 0]


def test_events_of_one_moment_stand_in_the_order_of_their_numbers() -> None:
    said = [event(0, "one").model_copy(update={"id": name}) for name in ("D1:10", "D1:2", "D1:1", "m")]
    rows = EventIndex.of_events(said).rows
    index = EventIndex.of(rows._replace(vectors=[name.encode() for name in rows.ids]))
    assert list(index.rows.ids) == ["D1:1", "D1:2", "D1:10", "m"]
    assert list(index.rows.vectors) == [b"D1:1", b"D1:2", b"D1:10", b"m"]


def test_an_account_long_silent_is_asked_about_its_own_time() -> None:
    index = EventIndex.of_events([event(0, "Hello")])
    said = event(0, "Hello").at
    assert index.present(said + timedelta(days=90)) == said + timedelta(days=90)
    assert index.present(said + timedelta(days=900)) == said
    assert EventIndex.of_events([]).present(said) == said


def test_the_shipped_weights_name_the_signs_there_are() -> None:
    events = [event(0, "We ship on Monday"), event(1, "Fine")]
    rows = EventIndex.of_events(events).rows._replace(vectors=[packed_vector([1.0, 0.0]), None])
    question = read_question("when do we ship", START)
    with_vectors = Sight(EventIndex.of(rows).columns, question, [1.0, 0.0])
    words_only = Sight(columns(events), question, None)
    weights = shipped_weights()
    assert set(weights.with_vectors) == set(signs(with_vectors))
    assert set(weights.words_only) == set(signs(words_only))
    assert fused(with_vectors)[0] > fused(with_vectors)[1]
    assert fused(words_only)[0] > fused(words_only)[1]


def test_an_empty_account_loads_no_numpy() -> None:
    program = (
        "import sys; from datetime import datetime, UTC; from fleet_runtime.ports import RankingRows\n"
        "from fleet_runtime.recall import EventIndex, read_question, recall\n"
        "now = datetime(2026, 1, 1, tzinfo=UTC)\n"
        "index = EventIndex.of(RankingRows(0, (), (), (), (), ()))\n"
        "print(recall(index, (), (), read_question('hello', now), keys=(), now=now).tell({}), 'numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[0] == "() False"


def test_texts_are_asked_for_few_events_and_missing_ones_passed_over() -> None:
    events = [event(number, f"route {number}", after=timedelta(hours=number)) for number in range(30)]
    ranked = recall(
        EventIndex.of_events(events), (), (), read_question("the route", START), keys=(), now=START, limit=4
    )
    assert len(ranked.wanted) == 12
    assert len(ranked.tell({one.id: one for one in events})) == 4
    assert ranked.tell({}) == ()
    later = recall(
        EventIndex.of_events(events), (), (), read_question("route", START), keys=(), now=START,
        as_of=START - timedelta(days=1),
    )  # fmt: skip
    assert later.wanted == ()


def test_rows_without_vectors_and_what_is_embedded() -> None:
    rows = RankingRows(1, ["e0"], [0], ["message"], ["Dana"], [event_terms(event(0, "Hello"))])
    assert not Sight(EventIndex.of(rows).columns, read_question("hello", START), [1.0]).embedded.any()
    assert embedded_text(event(0, "Hello")) == "Dana: Hello"


def test_a_question_that_leans_on_the_turns_before_takes_over_their_words() -> None:
    before = ("Tell me about the Rivalsoft offer.", "It came in May from their sales desk.")
    assert read_question("And the price?", START, before=before).carried[-2:] == ("rivalsoft", "offer")
    assert read_question("When does it end?", START, before=before).spoken.endswith("When does it end?")
    assert read_question("How many seats does Northwind have?", START, before=before).carried == ()
    assert read_question("And the price?", START).carried == ()
