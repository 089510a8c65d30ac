"""A staff too large to weigh every role: it is screened, an obvious owner is found, and no numpy is needed by words."""

from __future__ import annotations

import math
import random
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from hashlib import sha256

import pytest
from small_roles import small

from fleet_runtime.contracts import Boundary, Staff
from fleet_runtime.ports import Vector
from fleet_runtime.routing import RouteQuery, RoutingIndex, VectorTable, build_index, route
from fleet_runtime.routing.index import NOBODY
from fleet_runtime.routing.readings import LexicalReading, dense_reading
from fleet_runtime.routing.terms import topic_terms
from fleet_runtime.routing.weighing import _WEIGHED, Evidence

MANY = 90
DIMENSIONS = 128
MESSAGE = "my falcon will not wear its hood"


@cache
def crew() -> Staff:
    """Return many clerks of made-up work, each of whom refuses falcons, and one falconer who says much besides."""
    drawn = random.Random(7)  # noqa: S311 - made-up words, no secret
    spoken = ["".join(drawn.choice("bdfgklmnprstvz") + drawn.choice("aeiou") for _ in range(4)) for _ in range(600)]
    clerks = tuple(
        small(
            f"clerk-{number}",
            " ".join(drawn.sample(spoken, 6)),
            Boundary(
                text="x",
                refuses=f"train a falcon {spoken[number]}",
                owners=(f"clerk-{(number + 1) % MANY}",),
                examples=(f"my falcon {spoken[number + MANY]}",),
                line=3,
            ),
            examples=tuple(" ".join(drawn.sample(spoken, 5)) for _ in range(3)),
        )
        for number in range(MANY)
    )
    falconer = small(
        "falconer",
        "train falcons and hawks for hunting with gloves, bells, hoods and patience",
        examples=("my falcon will not come back to the glove", "which hood fits a young hawk"),
    )
    return Staff(roles=(*clerks, falconer), lead="clerk-0")


@cache
def index() -> RoutingIndex:
    return build_index(crew())


def stand_in(text: str) -> Vector:
    """Embed by words: each topic term points its own way."""
    vector = [1e-3] * DIMENSIONS
    for term in topic_terms(text):
        told = sha256(term.encode()).digest()
        for byte in told[:4]:
            vector[byte % DIMENSIONS] += 1.0 if told[byte % 32] % 2 else -1.0
    length = math.sqrt(sum(value * value for value in vector))
    return [value / length for value in vector]


@cache
def table() -> VectorTable:
    return VectorTable([stand_in(text) for text in index().texts()])


def asked(text: str = MESSAGE, active_role: str | None = None) -> RouteQuery:
    query = RouteQuery(text=text, active_role=active_role)
    return query.model_copy(update={"message_vectors": tuple(stand_in(one) for one in query.texts())})


def evidence(vectors: Sequence[Vector] | None) -> Evidence:
    return Evidence(asked(), index(), LexicalReading(asked(), index()), dense_reading(asked(), index(), vectors))


@pytest.mark.parametrize("embedded", [False, True])
def test_an_obvious_owner_is_found_in_a_screened_staff(*, embedded: bool) -> None:
    vectors = table() if embedded else None
    decision = route(asked(), index(), vectors=vectors, decision_id="d")
    assert (decision.verdict, decision.choice) == ("route", "falconer")
    assert len(decision.candidates) == 8
    assert decision == route(asked(), index(), vectors=vectors, decision_id="d")


@pytest.mark.parametrize("embedded", [False, True])
def test_a_large_staff_is_screened_before_it_is_weighed(*, embedded: bool) -> None:
    outcomes = evidence(table() if embedded else None).outcomes(None)
    roles = [one.role for one in outcomes if one.kind == "role"]
    assert "falconer" in roles
    assert len(set(roles)) == len(roles)
    assert _WEIGHED <= len(roles) < len(crew().roles)
    assert math.isclose(sum(one.belief for one in outcomes), 1.0)


def test_rules_that_use_the_same_words_crowd_no_role_out() -> None:
    """Each clerk's rule is shorter and nearer to the message than any role; the first places must go to roles."""
    reading = LexicalReading(asked(), index())
    first = reading.likeliest()[:_WEIGHED]
    assert sum(isinstance(owner, int) for owner in first) > _WEIGHED / 2
    assert len([one for one in evidence(None).outcomes(None) if one.kind == "role"]) == _WEIGHED


def test_a_nominee_and_whom_its_rules_name_are_weighed_even_if_screening_leaves_them_out() -> None:
    screened = {one.role for one in evidence(None).outcomes(None)}
    number = next(number for number in range(MANY) if not {f"clerk-{number}", f"clerk-{number + 1}"} & screened)
    outcomes = evidence(None).outcomes(f"clerk-{number}")
    assert {one.kind: one.role for one in outcomes}["own"] == f"clerk-{number}"
    (handed,) = [one for one in outcomes if one.rule is not None]
    assert handed.role == f"clerk-{number + 1}"
    assert handed.rule == index().rules_of[f"clerk-{number}"][0]


@pytest.mark.parametrize("embedded", [False, True])
def test_with_one_other_role_an_unowned_rule_takes_nothing_from_it(*, embedded: bool) -> None:
    """Where only one other role is there, nothing shows that the refused work is of its kind."""
    rash = Boundary(text="x", refuses="give medical advice", examples=("is this rash dangerous",), line=3)
    pair = Staff(
        roles=(
            small("florist", "arrange flowers", rash, examples=("roses for a wedding please",)),
            small("plumber", "repair pipes and taps", examples=("the pipe under the sink leaks",)),
        ),
        lead="florist",
    )
    both = build_index(pair)
    vectors = VectorTable([stand_in(text) for text in both.texts()]) if embedded else None
    decision = route(asked("the pipe under the sink leaks", "florist"), both, vectors=vectors, decision_id="d")
    assert (decision.verdict, decision.choice) == ("hand_off", "plumber")
    assert both.kin(by_vectors=embedded) == {}


def test_the_kin_of_an_unowned_rule_is_the_role_that_clearly_does_such_work() -> None:
    """The seller refuses repairs for nobody: the mechanic does such work, the gardener does not."""
    refused = Boundary(
        text="x", refuses="repair engines", examples=("the engine of the van will not start, please repair it",), line=3
    )
    crew_of_three = Staff(
        roles=(
            small("seller", "sell vans", refused, examples=("what does a van cost",)),
            small("mechanic", "repair engines and brakes", examples=("the engine will not start", "repair my brakes")),
            small("gardener", "cut hedges and lawns", examples=("the hedge is too high", "seed the lawn")),
        ),
        lead="seller",
    )
    index_of_three = build_index(crew_of_three)
    assert index_of_three.kin(by_vectors=False) == {0: "mechanic"}
    vectors = VectorTable([stand_in(text) for text in index_of_three.texts()])
    index_of_three.space(vectors)
    assert index_of_three.kin(by_vectors=True) == {0: "mechanic"}
    query = RouteQuery(text="please repair the engine of the van", active_role="seller")
    held = Evidence(query, index_of_three, LexicalReading(query, index_of_three), None)
    assert "mechanic" not in {one.role for one in held.outcomes("seller")}
    assert "mechanic" in {one.role for one in held.outcomes(None)}
    assert (held.kin_of(0), held.kin_of(None)) == ("mechanic", None)


def test_by_words_alone_nothing_loads_numpy() -> None:
    program = (
        "import sys\n"
        "from fleet_runtime.contracts import MandateItem, Role, Staff\n"
        "from fleet_runtime.routing import RouteQuery, build_index, route\n"
        "roles = tuple(Role.model_validate({'class': name, 'title': name, 'boundaries': (),"
        " 'mandate': (MandateItem(title=f'{name} bread', text=''),)}) for name in ('bake', 'slice'))\n"
        "index = build_index(Staff(roles=roles, lead='bake'))\n"
        "print(route(RouteQuery(text='please slice the bread'), index, decision_id='d').choice)\n"
        "print(sorted(name for name in ('numpy', 'onnxruntime', 'tokenizers') if name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert done.stdout.splitlines()[1:] == ["[]"]


def test_texts_that_are_nobodys_work_here_speak_for_nobody() -> None:
    taught_index = build_index(crew(), elsewhere=("sing to the glaciers",))
    number = taught_index.texts().index("sing to the glaciers")
    assert taught_index.passages[number].speaks_for == (("elsewhere", "elsewhere"),)
    assert number in taught_index.numbers(NOBODY)
    assert taught_index.taught(taught_index.passages[number]) == {NOBODY: 1.0}


def test_an_owner_without_passages_is_not_described() -> None:
    assert LexicalReading(asked(), index()).describe("stranger") == {}
    assert index().space(table()).read(asked().message_vectors, said=1).describe("stranger") == {}
