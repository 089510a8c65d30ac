"""Probes made of contracts, the verdicts on them, and what was agreed to before; decisions are scripted here."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from bakery_street import BAKER, LOCKSMITH, VET, contract, roles
from hypothesis import given
from hypothesis import strategies as st

from fleet_runtime.contracts import Boundary, MandateItem, Role, Staff
from fleet_runtime.decisions import Decision, RuleHit, Verdict
from fleet_runtime.errors import ContractError
from fleet_runtime.parsing import parse_role
from fleet_runtime.ports import TextVectors
from fleet_runtime.probing import (
    Agreed,
    Bench,
    Bullet,
    BulletResult,
    Probe,
    ProbeKind,
    ProbeResult,
    bullets_of,
    judge,
    judge_mutants,
    judge_references,
    mutants_of,
    read_recording,
    recorded,
    shipped_boundaries,
    texts_to_embed,
    write_recording,
)
from fleet_runtime.probing.frames import shipped_frames
from fleet_runtime.probing.judging import failed_kinds, holds
from fleet_runtime.probing.mutants import Mutant, _batches, _meet
from fleet_runtime.routing import RouteQuery, build_index, compile_rules, route

STREET = Staff(roles=roles(), lead=BAKER)
ANIMALS = "Does NOT treat sick animals"


class Scripted:
    """A dispatcher that was told what to do: keep everything but the texts it was given an answer for."""

    def __init__(self, answers: Mapping[str, Decision] | None = None, *, otherwise: Decision | None = None) -> None:
        self.answers = dict(answers or {})
        self.otherwise = otherwise

    def decide(self, probe: Probe) -> Decision:
        return self.answers.get(probe.text) or self.otherwise or decided("keep", probe.role)


def decided(verdict: Verdict, choice: str | None, rule: RuleHit | None = None) -> Decision:
    stage = "boundary" if rule else "shortlist"
    return Decision(id="d", verdict=verdict, choice=choice, stage=stage, confidence=0.5, reason="", rule=rule)


def hit(boundary: Boundary, role: str = BAKER) -> RuleHit:
    return RuleHit(role=role, text=boundary.text, where="here:1", owners=boundary.owners)


def bullets(staff: Staff = STREET, name: str = BAKER) -> tuple[Bullet, ...]:
    role = staff.get(name)
    assert role is not None
    return bullets_of(role, compile_rules(staff))


def of(bullet: Bullet, kind: ProbeKind) -> list[Probe]:
    return [probe for probe in bullet.probes if probe.kind == kind]


def test_every_bullet_and_every_message_is_probed() -> None:
    mandate, examples, doors, animals = bullets()
    assert [probe.text for probe in mandate.probes] == [
        "Please bake bread and cakes: from bread dough and cake dough to the baked loaf."
    ]
    assert [probe.text for probe in examples.probes] == list(roles()[0].examples)
    assert {probe.allowed for probe in (*mandate.probes, *examples.probes)} == {"keep"}
    assert all(probe.learned == probe.text for probe in examples.probes)
    assert (doors.where, animals.where) == ("roles/street-baker.md:11", "roles/street-baker.md:18")
    messages = ["Could you treat sick animals?", *roles()[0].boundaries[1].examples]
    assert [probe.text for probe in of(animals, "out-of-lane")] == messages
    assert [probe.text for probe in of(animals, "hand-off")] == messages
    assert {probe.owners for probe in of(animals, "hand-off")} == {(VET,)}
    assert {probe.allowed for probe in of(animals, "hand-off")} == {"owners"}
    assert [probe.learned for probe in of(animals, "out-of-lane")] == ["", *messages[1:]]


def test_attempts_wrap_messages_in_several_frames_and_are_the_same_every_time() -> None:
    *_, doors, animals = bullets()
    for bullet in (doors, animals):
        attempts = of(bullet, "adversarial")
        said = [probe.learned or probe.text for probe in of(bullet, "out-of-lane")]
        frames = {
            frame
            for probe in attempts
            for frame in shipped_frames()
            for text in said
            if probe.text in (frame.replace("{message}", text), frame.replace("{message}", f"{text}."))
        }
        assert len(frames) == len(attempts) == 4
        assert {probe.allowed for probe in attempts} == {"not this role"}
    assert bullets() == bullets()


def test_a_boundary_without_messages_is_tried_in_two_frames() -> None:
    role = Role(
        role_class="loner",
        title="Loner",
        mandate=(MandateItem(title="SEO", text=""),),
        boundaries=(Boundary(text="Prices are not discussed here", refuses=""),),
    )
    staff = Staff(roles=(role,), lead="loner")
    mandate, boundary = bullets(staff, "loner")
    assert [probe.text for probe in mandate.probes] == ["Please SEO."]
    assert [probe.text for probe in of(boundary, "out-of-lane")] == ["I need this: Prices are not discussed here"]
    assert [probe.allowed for probe in of(boundary, "hand-off")] == ["decline"]
    assert len({probe.text for probe in of(boundary, "adversarial")}) == 2


def test_ids_tell_probes_apart_and_say_where_they_come_from() -> None:
    probes = [probe for role in STREET.roles for bullet in bullets(name=role.role_class) for probe in bullet.probes]
    assert len({probe.id for probe in probes}) == len(probes)
    assert all(probe.id.startswith(f"{probe.role} {probe.where} {probe.kind} ") for probe in probes)


def test_frames_are_many_and_each_takes_a_message() -> None:
    assert len(set(shipped_frames())) == len(shipped_frames()) >= 12
    assert all(frame.count("{message}") == 1 for frame in shipped_frames())


def test_a_message_is_decided_by_an_index_that_has_not_learned_it() -> None:
    bench = Bench(STREET)
    *_, animals = bullets()
    probe = of(animals, "out-of-lane")[1]
    known = route(RouteQuery(text=probe.text, active_role=BAKER), build_index(STREET), decision_id="d")
    reasons = [
        reason for decision in (known, bench.decide(probe)) for one in decision.candidates for reason in one.reasons
    ]
    assert any(probe.text in reason for one in known.candidates for reason in one.reasons)
    assert not any(probe.text in reason for one in bench.decide(probe).candidates for reason in one.reasons)
    assert reasons
    assert bench.decide(probe) is bench.decide(probe)


def test_a_bench_names_the_texts_it_looks_up() -> None:
    pytest.importorskip("numpy")
    probes = [probe for bullet in bullets() for probe in bullet.probes][:40]
    texts = texts_to_embed(STREET, probes)
    assert len(set(texts)) == len(texts)
    vectors = {text: [float(number % 7 == axis) for axis in range(7)] for number, text in enumerate(texts)}
    bench = Bench(STREET, TextVectors("told", vectors))
    classes = {role.role_class for role in STREET.roles}
    assert {bench.decide(probe).choice for probe in probes} <= {None, *classes}
    without = bench.without([(BAKER, 1)])
    rules = [decision.rule for decision in map(without.decide, probes) if decision.rule is not None]
    assert all(rule.text != roles()[0].boundaries[1].text for rule in rules)


RULE = RuleHit(role=BAKER, text="", where="x:1", owners=(VET,))
OTHER = RuleHit(role=LOCKSMITH, text="", where="y:1", owners=(VET,))


@pytest.mark.parametrize(
    ("allowed", "decision", "held"),
    [
        ("keep", decided("keep", BAKER), True),
        ("keep", decided("decline", BAKER, RULE), False),
        ("keep", decided("nobody", None), False),
        ("not this role", decided("keep", BAKER), False),
        ("not this role", decided("decline", BAKER, RULE), True),
        ("not this role", decided("nobody", None), True),
        ("not this role", decided("hand_off", LOCKSMITH), True),
        ("decline", decided("decline", BAKER, RULE), True),
        ("decline", decided("hand_off", VET, RULE), False),
        ("owners", decided("hand_off", VET, RULE), True),
        ("owners", decided("hand_off", LOCKSMITH, RULE), True),  # the vet's own contract passed it on
        ("owners", decided("hand_off", VET), False),  # a louder mandate is no boundary
        ("owners", decided("hand_off", VET, OTHER), False),
        ("owners", decided("nobody", None, RULE), False),
        ("owners", decided("keep", BAKER), False),
    ],
)
def test_what_holds(allowed: str, decision: Decision, held: bool) -> None:  # noqa: FBT001 - a table's column
    probe = Probe.model_validate(
        {"id": "p", "kind": "hand-off", "text": "t", "role": BAKER, "allowed": allowed, "owners": (VET,), "where": "w"}
    )
    assert holds(probe, decision) is held


@given(st.lists(st.tuples(st.sampled_from(["in-lane", "out-of-lane", "hand-off", "adversarial"]), st.booleans())))
def test_a_kind_fails_where_fewer_than_half_hold(given_results: list[tuple[ProbeKind, bool]]) -> None:
    results = [
        ProbeResult(
            probe=Probe(id=str(number), kind=kind, text="", role=BAKER, allowed="keep", where=""),
            holds=held,
            decision=decided("keep", BAKER),
        )
        for number, (kind, held) in enumerate(given_results)
    ]
    failed = failed_kinds(results)
    for kind in {kind for kind, _ in given_results}:
        of_kind = [held for other, held in given_results if other == kind]
        assert (kind in failed) == (of_kind.count(True) < of_kind.count(False))
    bullet = Bullet(role=BAKER, part="boundary", text="", label="", where="", probes=())
    weak = BulletResult(bullet=bullet, results=tuple(results)).weak
    assert all(not one.holds and one.probe.kind not in failed for one in weak)


def test_a_role_that_keeps_everything_fails_its_boundaries_only() -> None:
    mandate, examples, doors, animals = judge(bullets(), Scripted())
    assert (mandate.failed, examples.failed) == ((), ())
    assert doors.failed == animals.failed == ("out-of-lane", "hand-off", "adversarial")
    assert animals.count("hand-off") == (0, 7)
    assert animals.results[0].went == "stays with street-baker"


def test_where_a_message_went_is_said() -> None:
    probe = bullets()[0].probes[0]
    said = {
        "is declined by street-baker": decided("decline", BAKER, RULE),
        "goes to animal-doctor by x:1": decided("hand_off", VET, RULE),
        "goes to animal-doctor, by no boundary": decided("hand_off", VET),
        "is nobody's": decided("nobody", None),
    }
    for words, decision in said.items():
        assert ProbeResult(probe=probe, holds=False, decision=decision).went == words


def agreed_boundaries() -> tuple[Agreed, ...]:
    """The baker's contract, recorded when everything held."""
    return tuple(
        Agreed(origin="recorded", bullet=bullet, held=tuple(probe.id for probe in bullet.probes))
        for bullet in bullets()
    )


def changed(text: str) -> Staff:
    return Staff(roles=roles(baker=text), lead=BAKER)


def moving(rule: RuleHit | None) -> Scripted:
    """A dispatcher that moves whatever was said under the boundary on animals to the vet."""
    *_, animals = bullets()
    doors = bullets()[2]
    answers = {probe.text: decided("hand_off", VET, rule) for probe in animals.probes}
    by = hit(roles()[0].boundaries[0])
    answers |= {probe.text: decided("hand_off", LOCKSMITH, by) for probe in doors.probes}
    return Scripted(answers)


def test_what_was_recorded_and_still_stands_holds() -> None:
    assert judge_references(agreed_boundaries(), moving(hit(roles()[0].boundaries[1])), STREET) == ()


def test_a_recorded_boundary_that_is_gone_is_broken_though_its_messages_go_the_same_way() -> None:
    without = changed(contract(BAKER, without=VET))
    for rule in (None, hit(roles()[0].boundaries[0])):  # a louder mandate, or a boundary that had work of its own
        broken = judge_references(agreed_boundaries(), moving(rule), without)
        assert [(one.agreed.bullet.label, one.gone) for one in broken] == [(ANIMALS, True)]


def test_a_recorded_boundary_that_was_reworded_holds_if_the_new_one_takes_its_messages() -> None:
    reworded = contract(BAKER).replace("Does NOT treat sick animals", "Does NOT cure dogs or cats")
    staff = changed(reworded)
    assert staff.roles[0].boundaries[1].text != roles()[0].boundaries[1].text
    assert judge_references(agreed_boundaries(), moving(hit(staff.roles[0].boundaries[1])), staff) == ()
    assert [one.gone for one in judge_references(agreed_boundaries(), moving(None), staff)] == [True]


def test_a_recorded_boundary_whose_messages_stay_now_is_weakened() -> None:
    answers = moving(None).answers
    *_, animals = bullets()
    staying = {text: one for text, one in answers.items() if text not in {probe.text for probe in animals.probes}}
    broken = judge_references(agreed_boundaries(), Scripted(staying), STREET)
    assert [(one.agreed.bullet.label, one.gone) for one in broken] == [(ANIMALS, False)]


def test_only_what_held_is_demanded_and_only_of_roles_at_work() -> None:
    nothing = tuple(one.model_copy(update={"held": ()}) for one in agreed_boundaries())
    assert judge_references(nothing, Scripted(), STREET) == ()
    assert judge_references(agreed_boundaries(), Scripted(), Staff(roles=roles()[1:], lead=VET)) == ()
    # whose owner is not at work any more cannot be handed over
    alone = Staff(roles=roles()[:1], lead=BAKER)
    broken = judge_references(agreed_boundaries(), Scripted(), alone)
    assert all(result.probe.kind != "hand-off" for one in broken for result in one.results)


def test_the_shipped_contract_below_demands_the_boundaries_that_are_gone() -> None:
    without = changed(contract(BAKER, without=VET))
    shipped = shipped_boundaries(roles()[0], without)
    assert [one.bullet.label for one in shipped] == ["Does NOT open doors or change locks", ANIMALS]
    broken = judge_references(shipped, Scripted(), without)
    assert [(one.agreed.bullet.label, one.gone) for one in broken] == [(ANIMALS, True)]
    assert all(result.probe.allowed == "not this role" for result in broken[0].results)
    assert judge_references(shipped, Scripted(), STREET) == ()  # both still stand: judged as the project's own


def test_another_author_s_contract_of_the_same_class_is_held_to_nothing() -> None:
    other = (
        contract(VET)
        .replace("class: animal-doctor", "class: street-baker")
        .replace("Does NOT bake", "Does NOT ever bake")
    )
    other = other.replace("Does NOT open", "Does NOT ever open")
    staff = changed(other)
    assert staff.roles[0].role_class == BAKER
    assert shipped_boundaries(roles()[0], staff) == ()
    assert (
        shipped_boundaries(parse_role(contract(BAKER).replace("class: street-baker", "class: x"), source=""), staff)
        == ()
    )


def test_a_recording_is_read_as_it_was_written() -> None:
    results = judge(bullets(), Scripted())
    text = write_recording(recorded(results))
    assert text.count("\n") == sum(len(bullet.probes) for bullet in bullets())
    assert read_recording(text, source="r") == recorded(results)
    assert write_recording(read_recording(f"\n{text}\n", source="r")) == text


@pytest.mark.parametrize("line", ["{}", "no JSON", '{"probe": 1}', "[]"])
def test_a_line_that_is_no_probe_is_told_with_its_place(line: str) -> None:
    with pytest.raises(ContractError) as caught:
        read_recording(f"\n{line}\n", source="r.jsonl")
    assert caught.value.where == "r.jsonl:2"
    assert "--record" in caught.value.hint


names = st.sampled_from("abcdef")
pairs = st.lists(st.tuples(names, st.lists(names, max_size=2)), max_size=20)


@given(pairs)
def test_boundaries_deleted_together_have_nothing_to_do_with_each_other(
    given_pairs: list[tuple[str, list[str]]],
) -> None:
    empty = BulletResult(bullet=Bullet(role="", part="boundary", text="", label="", where="", probes=()), results=())
    mutants = [
        Mutant(role=role, number=number, owners=tuple(owners), before=empty)
        for number, (role, owners) in enumerate(given_pairs)
    ]
    batches = _batches(mutants)
    assert sorted(one.number for batch in batches for one in batch) == list(range(len(mutants)))
    for batch in batches:
        assert not any(_meet(one, other) for one in batch for other in batch if one is not other)


def test_mutants_are_made_of_all_boundaries_and_judged_where_these_hold() -> None:
    by_hand = moving(hit(roles()[0].boundaries[1]))
    sound = judge(bullets(), by_hand)
    assert [(one.role, one.number, one.owners) for one in mutants_of(sound)] == [
        (BAKER, 0, (LOCKSMITH,)),
        (BAKER, 1, (VET,)),
    ]
    assert {one.fate for one in judge_mutants(mutants_of(sound), Bench(STREET))} == {"killed"}
    failing = judge_mutants(mutants_of(judge(bullets(), Scripted())), Bench(STREET))
    assert [(one.fate, one.probes) for one in failing] == [("failing already", 0)] * 2


def test_a_boundary_that_another_covers_survives_its_deletion() -> None:
    twice = contract(BAKER).replace(
        "## Persona", "- **Does NOT cure a sick dog** — the **animal-doctor** does.\n\n## Persona"
    )
    sick = "our dog is sick, can you look at the sick dog"
    twice = twice.replace(
        "the **animal-doctor** does.\n", f"the **animal-doctor** does.\n  - {sick}\n  - the sick dog\n  - a sick dog\n"
    )
    staff = changed(twice)
    doubled = bullets(staff)[-1]
    held = ProbeResult(probe=doubled.probes[0], holds=True, decision=decided("hand_off", VET))
    before = BulletResult(bullet=doubled, results=(held,))
    mutant = Mutant(role=BAKER, number=2, owners=(VET,), before=before)
    (found,) = judge_mutants([mutant], Bench(staff))
    assert (found.fate, found.held, found.probes) == ("survived", 8, 8)
