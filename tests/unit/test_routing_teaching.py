"""Labelled messages written into the contracts: where each lands, and what teaches nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fleet_runtime.contracts import Boundary, MandateItem, Role, Staff
from fleet_runtime.routing import Labelled, taught
from fleet_runtime.routing.index import NOBODY

NAMES = ("baker", "porter", "florist")


def boundary(refuses: str, *owners: str, examples: tuple[str, ...] = ()) -> Boundary:
    return Boundary(text=f"Does NOT {refuses}", refuses=refuses, owners=owners, examples=examples, line=3)


def small(name: str, *boundaries: Boundary, examples: tuple[str, ...] = ()) -> Role:
    return Role.model_validate(
        {
            "class": name,
            "title": name,
            "mandate": (MandateItem(title="work", text=""),),
            "boundaries": boundaries,
            "examples": examples,
        }
    )


def crew() -> Staff:
    """The baker names the porter once and the florist twice; the porter names nobody."""
    return Staff(
        roles=(
            small(
                "baker",
                boundary("carry bags", "porter", examples=("take my bag",)),
                boundary("arrange roses", "florist"),
                boundary("water plants", "florist", "porter-of-another-house"),
                examples=("one loaf",),
            ),
            small("porter", boundary("give advice")),
            small("florist"),
        ),
        lead="baker",
    )


def teach(*labelled: Labelled) -> tuple[dict[str, tuple[str, ...]], dict[str, list[tuple[str, ...]]], tuple[str, ...]]:
    """Return each role's examples, the examples under each of its boundaries, and what is nobody's."""
    staff, elsewhere = taught(crew(), labelled)
    own = {role.role_class: role.examples for role in staff.roles}
    under = {role.role_class: [one.examples for one in role.boundaries] for role in staff.roles}
    return own, under, elsewhere


UNTAUGHT = teach()


def test_nothing_labelled_changes_nothing() -> None:
    assert taught(crew(), ()) == (crew(), ())


def test_a_message_that_moved_lands_under_the_one_boundary_that_names_its_owner() -> None:
    own, under, elsewhere = teach(Labelled(text="my trunk is heavy", active_role="baker", expected=("porter",)))
    assert under["baker"] == [("take my bag", "my trunk is heavy"), (), ()]
    assert (own, elsewhere) == (UNTAUGHT[0], ())


def test_where_several_boundaries_or_none_name_the_owner_it_is_the_owners_example() -> None:
    own, under, _ = teach(
        Labelled(text="tulips please", active_role="baker", expected=("florist",)),
        Labelled(text="two rolls", active_role="porter", expected=("baker",)),
    )
    assert own == {"baker": ("one loaf", "two rolls"), "porter": (), "florist": ("tulips please",)}
    assert under == UNTAUGHT[1]


def test_a_message_that_stays_or_that_nobody_held_is_its_owners_example() -> None:
    own, under, _ = teach(
        Labelled(text="rye today?", active_role="baker", expected=("baker",)),
        Labelled(text="up the stairs", expected=("porter",)),
        Labelled(text="from a stranger", active_role="stranger", expected=("porter",)),
    )
    assert own == {"baker": ("one loaf", "rye today?"), "porter": ("up the stairs", "from a stranger"), "florist": ()}
    assert under == UNTAUGHT[1]


def test_a_message_that_stays_is_no_example_of_a_boundary_that_names_its_own_role() -> None:
    alone = Staff(roles=(small("baker", boundary("bake without being asked", "baker")),), lead="baker")
    staff, _ = taught(alone, [Labelled(text="rye today?", active_role="baker", expected=("baker",))])
    assert staff.roles[0].examples == ("rye today?",)
    assert staff.roles[0].boundaries[0].examples == ()


def test_a_message_of_several_owners_teaches_each() -> None:
    own, under, elsewhere = teach(
        Labelled(text="bag and roses", active_role="baker", expected=("porter", "florist", NOBODY))
    )
    assert under["baker"][0] == ("take my bag", "bag and roses")
    assert own["florist"] == ("bag and roses",)
    assert own["porter"] == ()
    assert elsewhere == ("bag and roses",)


def test_nobodys_work_is_returned_once_and_under_no_role() -> None:
    rain = Labelled(text="will it rain", active_role="baker", expected=(NOBODY,))
    assert teach(rain, rain) == (*UNTAUGHT[:2], ("will it rain",))


def test_roles_that_nobody_staffs_teach_nothing() -> None:
    assert teach(Labelled(text="sail the ship", active_role="porter", expected=("sailor",))) == UNTAUGHT
    assert teach(Labelled(text="sail the ship", expected=("sailor",))) == UNTAUGHT


messages = st.builds(
    Labelled,
    text=st.sampled_from(["a b c", "one loaf", "take my bag", "d"]),
    active_role=st.none() | st.sampled_from((*NAMES, "stranger")),
    expected=st.lists(st.sampled_from((*NAMES, "stranger", NOBODY)), min_size=1, max_size=3).map(tuple),
)


@given(st.lists(messages, max_size=6))
def test_teaching_the_same_again_changes_nothing(labelled: list[Labelled]) -> None:
    once, elsewhere = taught(crew(), labelled)
    assert taught(once, labelled) == (once, elsewhere)
    assert len(set(elsewhere)) == len(elsewhere)
    for before, after in zip(crew().roles, once.roles, strict=True):
        assert after.examples[: len(before.examples)] == before.examples
        assert after.model_copy(update={"examples": (), "boundaries": ()}) == before.model_copy(
            update={"examples": (), "boundaries": ()}
        )
