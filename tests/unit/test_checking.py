"""Every finding of the checker, and what comes near one and is sound."""

from __future__ import annotations

import pytest
from organisations import ENOUGH, checked, contract, found, organisation, profile, profile_source, role_source

from fleet_runtime.checking import check, prompt_meter
from fleet_runtime.checking.topics import root
from fleet_runtime.errors import UnknownProfile

TICKETS = "- **Does NOT close tickets** — that is the **{owner}**'s lane."
CLOSURE = "- **Does NOT work tickets to closure** — that is the **{owner}**'s lane."


def pair(one: list[str], other: list[str]) -> list[str]:
    """Check two roles, a-desk and b-desk, with these boundaries; return code and place of what is no note."""
    report = checked(
        role_source(contract("a-desk", boundaries=one), "a-desk.md"),
        role_source(contract("b-desk", boundaries=other), "b-desk.md"),
    )
    return [f"{finding.code} {finding.where}" for finding in report.findings if finding.severity != "info"]


def test_a_sound_organisation_has_no_finding() -> None:
    report = checked(
        role_source(contract("a-desk", boundaries=["- **Does NOT mend cars** — the **b-desk** does."]), "a-desk.md"),
        role_source(contract("b-desk", boundaries=["- **Does NOT sell cars** — the **a-desk** does."]), "b-desk.md"),
        profile_source(profile("day", ["a-desk", "b-desk"]), "day.yaml"),
    )
    assert report.findings == ()
    assert (report.roles, report.profiles) == (2, 1)


class TestNames:
    def test_two_files_of_one_layer_give_a_class(self) -> None:
        report = checked(role_source(contract("a-desk"), "a.md"), role_source(contract("a-desk"), "b.md"))
        assert found(report, "duplicate-class") == ["b.md:3"]

    def test_a_class_in_two_layers_is_an_override(self) -> None:
        report = checked(role_source(contract("a-desk"), "a.md"), role_source(contract("a-desk"), "b.md", layer=2))
        assert found(report, "duplicate-class") == []

    def test_an_owner_that_no_file_gives(self) -> None:
        places = pair(["- **Does NOT mend cars** — the **b-desks-lead** does."], [])
        assert places == ["dangling-owner a-desk.md:11"]

    def test_a_domain_without_roles(self) -> None:
        boundary = "- **Does NOT mend cars** — that belongs to {}."
        assert pair([boundary.format("engineering")], []) == ["dangling-owner a-desk.md:11"]
        assert pair([boundary.format("operations")], []) == []

    def test_a_broken_file_still_gives_its_class(self) -> None:
        broken = contract("b-desk").replace("## Mandate", "## Duties")
        report = checked(
            role_source(contract("a-desk", boundaries=["- **Does NOT mend** — the **b-desk** does."]), "a-desk.md"),
            role_source(broken, "b.md"),
        )
        assert {one.code for one in report.findings if one.severity == "error"} == {"missing-section"}

    def test_a_context_role_is_known_by_a_glance(self) -> None:
        text = contract("a-desk", boundaries=["- **Does NOT mend cars** — the **b-desk** does."])
        below = contract("b-desk", boundaries=["- **Does NOT fly** — the **c-desk** does."])
        whole = organisation(
            role_source(text, "a-desk.md"),
            role_source(below, "b-desk.md", layer=0, checked=False),
            role_source(contract("z-desk"), "z-desk.md", layer=0, checked=False),
        )
        assert [role.role_class for _, role in whole.in_force()] == ["a-desk", "b-desk"]
        assert whole.roles["z-desk"].domain == "operations"
        assert check(whole).findings == ()

    def test_a_profile_named_otherwise(self) -> None:
        report = checked(
            role_source(contract("a-desk"), "a.md"), profile_source(profile("night", ["a-desk"]), "p/day.yaml")
        )
        assert found(report, "profile-id-mismatch") == ["p/day.yaml:1"]

    def test_a_seat_without_a_role(self) -> None:
        report = checked(
            role_source(contract("a-desk"), "a.md"), profile_source(profile("day", ["a-desk", "a-desc"]), "day.yaml")
        )
        assert found(report, "unknown-seat") == ["day.yaml:6"]
        assert "did you mean a-desk?" in str(report.findings[-1])

    def test_an_unknown_profile_is_an_error(self) -> None:
        with pytest.raises(UnknownProfile, match="did you mean day"):
            checked(
                role_source(contract("a-desk"), "a.md"),
                profile_source(profile("day", ["a-desk"]), "day.yaml"),
                asked="dya",
            )


class TestStaff:
    MEND = "- **Does NOT mend cars** — the **c-desk** does."

    def report(self, *seats: str, comment: str = "", asked: str | None = None) -> list[str]:
        report = checked(
            role_source(contract("a-desk", boundaries=[self.MEND]), "a-desk.md"),
            role_source(contract("b-desk", domain="sales"), "b-desk.md"),
            role_source(contract("c-desk"), "c-desk.md"),
            profile_source(profile("day", seats, comment), "day.yaml"),
            asked=asked,
        )
        return [str(one) for one in report.findings if one.code in ("owner-not-staffed", "unused-allow")]

    def test_an_owner_without_a_seat(self) -> None:
        (line,) = self.report("b-desk", "a-desk")
        assert line.startswith("a-desk.md:11: warning[owner-not-staffed]")
        assert "there b-desk takes it (reporting line)" in line

    def test_nobody_may_be_left_to_take_it(self) -> None:
        (line,) = self.report("a-desk")
        assert "there nobody takes it" in line

    def test_a_seated_owner(self) -> None:
        assert self.report("a-desk", "c-desk") == []

    def test_it_is_argued_in_the_profile(self) -> None:
        comment = "# check: allow owner-not-staffed — cars are mended by a garage"
        assert self.report("b-desk", "a-desk", comment=comment) == []
        (line,) = self.report("a-desk", "c-desk", comment=comment)
        assert line.startswith("day.yaml:1: warning[unused-allow]")

    def test_the_profile_asked_for_brings_its_role_files_into_the_report(self) -> None:
        sources = (
            role_source(contract("a-desk"), "a-desk.md"),
            role_source(contract("c-desk", examples=()), "c-desk.md", layer=0, checked=False),
            profile_source(profile("day", ["c-desk"]), "day.yaml", layer=0, checked=False),
        )
        assert found(checked(*sources), "few-examples") == []
        assert found(checked(*sources, asked="day"), "few-examples") == ["c-desk.md:1"]

    def test_unreachable_with_and_without_own_profiles(self) -> None:
        roles = [role_source(contract(f"{name}-desk"), f"{name}-desk.md") for name in "ab"]
        own = checked(*roles, profile_source(profile("day", ["a-desk"]), "day.yaml"))
        assert found(own, "unreachable-class") == ["b-desk.md:3"]
        assert own.count("warning") == 1
        none = checked(*roles)
        assert found(none, "unreachable-class") == ["a-desk.md:3", "b-desk.md:3"]
        assert none.count("warning") == 0
        assert found(checked(roles[0]), "unreachable-class") == []

    def test_a_role_that_another_names_is_reached(self) -> None:
        named = contract("a-desk", boundaries=["- **Does NOT mend cars** — the **b-desk** does."])
        report = checked(
            role_source(named, "a-desk.md"),
            role_source(contract("b-desk"), "b-desk.md"),
            profile_source(profile("day", ["a-desk"]), "day.yaml"),
        )
        assert found(report, "unreachable-class") == []


class TestRefusals:
    def test_each_says_that_it_is_the_others(self) -> None:
        places = pair([TICKETS.format(owner="b-desk")], [CLOSURE.format(owner="a-desk")])
        assert places == ["refused-by-everyone a-desk.md:11", "refused-by-everyone b-desk.md:11"]

    def test_the_owner_refuses_it_and_names_nobody(self) -> None:
        places = pair([TICKETS.format(owner="b-desk")], ["- **Does NOT close tickets** — nobody does."])
        assert places == ["refused-by-everyone a-desk.md:11"]

    def test_one_message_under_both_is_one_topic(self) -> None:
        mine = "- **Does NOT mend roofs** — the **b-desk** does.\n  - it rains in"
        theirs = "- **Does NOT climb** — the **a-desk** does.\n  - it rains in"
        assert len(pair([mine], [theirs])) == 2

    @pytest.mark.parametrize(
        ("mine", "theirs"),
        [
            ("repair the code", "approve the code"),
            ("handle people and pay", "work out the pay strategy"),
            ("design the interaction", "run interviews with users"),
            ("write the final copy", "choose what is written"),
        ],
    )
    def test_neighbouring_topics_are_two(self, mine: str, theirs: str) -> None:
        one = f"- **Does NOT {mine}** — that belongs to the **b-desk**."
        other = f"- **Does NOT {theirs}** — that belongs to the **a-desk**."
        assert pair([one], [other]) == []

    def test_a_second_owner_that_keeps_it_is_an_exit(self) -> None:
        both = "- **Does NOT close tickets** — they belong to the **b-desk** or the **c-desk**."
        report = checked(
            role_source(contract("a-desk", boundaries=[both]), "a-desk.md"),
            role_source(contract("b-desk", boundaries=[CLOSURE.format(owner="a-desk")]), "b-desk.md"),
            role_source(contract("c-desk"), "c-desk.md"),
        )
        assert found(report, "refused-by-everyone") == []

    def test_three_pass_it_round(self) -> None:
        ring = {"a-desk": "b-desk", "b-desk": "c-desk", "c-desk": "a-desk"}
        report = checked(
            *(
                role_source(contract(name, boundaries=[TICKETS.format(owner=owner)]), f"{name}.md")
                for name, owner in ring.items()
            )
        )
        assert found(report, "hand-off-cycle") == [f"{name}.md:11" for name in ring]
        assert found(report, "refused-by-everyone") == []

    def test_a_chain_that_ends_with_somebody_is_none(self) -> None:
        chain = {"a-desk": "b-desk", "b-desk": "c-desk"}
        report = checked(
            *(
                role_source(contract(name, boundaries=[TICKETS.format(owner=owner)]), f"{name}.md")
                for name, owner in chain.items()
            ),
            role_source(contract("c-desk"), "c-desk.md"),
        )
        assert [one for one in report.findings if one.severity == "error"] == []


class TestMandates:
    def overlap(self, one: str, other: str) -> list[str]:
        report = checked(
            role_source(contract("a-desk", [one]), "a-desk.md"), role_source(contract("b-desk", [other]), "b-desk.md")
        )
        return found(report, "overlapping-mandates")

    def test_two_claim_the_same_work(self) -> None:
        one = "**Resolve support tickets** — answer each and stay with it until the customer confirms the repair."
        other = "**Close the tickets** — support for a customer: stay until the repair is confirmed."
        assert self.overlap(one, other) == ["a-desk.md:7", "b-desk.md:7"]

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (
                "**Set the sales strategy** — segments and motion.",
                "**Set the marketing strategy** — message, market.",
            ),
            ("**Give the verdict** — weigh the findings.", "**Give one verdict** — pass or send back."),
        ],
    )
    def test_like_titles_of_other_work(self, one: str, other: str) -> None:
        assert self.overlap(one, other) == []

    def contradiction(self, mandate: str, boundary: str) -> list[str]:
        text = contract("a-desk", [mandate], [f"- **Does NOT {boundary}** — nobody does."])
        return found(checked(role_source(text, "a-desk.md")), "boundary-contradicts-mandate")

    @pytest.mark.parametrize(
        ("mandate", "boundary"),
        [
            ("**Resolve customer tickets** — until they are done.", "resolve tickets"),
            ("**Carry tickets to closure** — until they are done.", "close tickets"),
            ("**Keep the rooms** — light, heating and locks of every room.", "see to light, heating and locks"),
        ],
    )
    def test_a_boundary_refuses_the_mandate(self, mandate: str, boundary: str) -> None:
        assert self.contradiction(mandate, boundary) == ["a-desk.md:11"]

    @pytest.mark.parametrize(
        ("mandate", "boundary"),
        [
            ("**Carry tickets to closure** — until they are done.", "repair defects in the product's code"),
            ("**Approve changes** — after reading them.", "approve changes without a reader"),
            ("**Delegate the breaking down** — to planners.", "break down objectives"),
            ("**Map the process** — as it is.", "run the process"),
        ],
    )
    def test_a_boundary_beside_the_mandate(self, mandate: str, boundary: str) -> None:
        assert self.contradiction(mandate, boundary) == []

    def test_derivations_share_a_root(self) -> None:
        assert len({root(word) for word in ("close", "closing", "closed", "closure")}) == 1
        assert len({root(word) for word in ("renew", "renewal", "renewals", "renewing")}) == 1
        assert len({root(word) for word in ("plan", "planning", "plans", "planned")}) == 1
        assert root("access") == "access"


class TestExamples:
    def places(self, code: str, *roles: str) -> list[str]:
        return found(checked(*(role_source(text, f"{n}.md") for n, text in enumerate(roles))), code)

    def test_few_and_enough(self) -> None:
        assert self.places("few-examples", contract("a-desk", examples=ENOUGH[:15])) == ["0.md:17"]
        assert self.places("few-examples", contract("a-desk", examples=())) == ["0.md:1"]
        assert self.places("few-examples", contract("a-desk", examples=ENOUGH)) == []

    def test_twice_in_one_role(self) -> None:
        text = contract("a-desk", examples=["Where is it?", *ENOUGH, "where is it"])
        assert self.places("duplicate-example", text) == ["0.md:36"]

    def test_in_two_roles(self) -> None:
        one = contract("a-desk", examples=["Where is it?", *ENOUGH])
        other = contract("b-desk", examples=["where is it?"])
        assert self.places("duplicate-example", one, other) == ["0.md:19", "1.md:19"]

    def test_as_own_work_and_under_a_boundary(self) -> None:
        refused = "- **Does NOT mend** — nobody does.\n  - where is it"
        text = contract("a-desk", boundaries=[refused], examples=["Where is it?", *ENOUGH])
        assert self.places("duplicate-example", text) == ["0.md:20"]

    def test_a_message_that_one_refuses_and_another_owns_is_right(self) -> None:
        refused = "- **Does NOT mend** — the **b-desk** does.\n  - where is it"
        one = contract("a-desk", boundaries=[refused])
        assert self.places("duplicate-example", one, contract("b-desk", examples=["where is it"])) == []


class TestPrompts:
    def test_over_the_budget_at_the_longest_section(self) -> None:
        long = contract("a-desk", examples=(), extra="## Persona").replace("Calm.", "Calm. " * 400)
        whole = organisation(role_source(long, "a-desk.md"), role_source(contract("b-desk"), "b-desk.md"))
        meter = prompt_meter(whole, {"contract.md.j2": "{{ role.persona }}{{ role.title }}"}, 300)
        report = check(whole, prompt_tokens=meter, prompt_budget=300)
        assert found(report, "prompt-over-budget") == []  # broken twice over: a second persona is an error of its own
        sound = long.replace("## Persona\n\n\n", "")
        whole = organisation(role_source(sound.removesuffix("## Persona\n"), "a-desk.md"))
        report = check(whole, prompt_tokens=meter, prompt_budget=300)
        assert found(report, "prompt-over-budget") == ["a-desk.md:13"]

    def test_what_is_far_within_is_not_compiled(self) -> None:
        whole = organisation(role_source(contract("a-desk"), "a-desk.md"))
        meter = prompt_meter(whole, {"contract.md.j2": "{{ this is no template"}, 4000)
        assert found(check(whole, prompt_tokens=meter), "prompt-over-budget") == []


class TestArguing:
    def findings(self, comment: str, examples: tuple[str, ...] = ()) -> tuple[list[str], int]:
        text = contract("a-desk", examples=examples) + f"\n{comment}\n"
        report = checked(role_source(text, "a-desk.md"))
        return [one.code for one in report.findings if one.code != "boundary-without-owner"], len(report.argued)

    def test_a_reason_answers_a_note(self) -> None:
        assert self.findings("<!-- check: allow few-examples — nobody writes to it -->") == ([], 1)

    def test_without_a_reason(self) -> None:
        codes, argued = self.findings("<!-- check: allow few-examples -->")
        assert sorted(codes) == ["allow-without-reason", "few-examples"]
        assert argued == 0

    def test_a_code_that_does_not_exist(self) -> None:
        codes, _ = self.findings("<!-- check: allow few-exampels — a slip -->")
        assert sorted(codes) == ["few-examples", "unknown-allow-code"]

    def test_unused(self) -> None:
        assert self.findings("<!-- check: allow few-examples — it has -->", ENOUGH) == (["unused-allow"], 0)

    def test_what_only_a_deep_check_finds_is_not_called_unused(self) -> None:
        assert self.findings("<!-- check: allow overlapping-mandates — on purpose -->", ENOUGH) == ([], 0)

    def test_most_errors_cannot_be_argued(self) -> None:
        text = contract("a-desk", boundaries=["- **Does NOT mend** — the **b-desk** does."])
        report = checked(role_source(f"{text}\n<!-- check: allow dangling-owner — soon -->\n", "a-desk.md"))
        assert [one.code for one in report.findings] == ["dangling-owner", "unused-allow"]

    def test_an_error_that_rests_on_likeness_is_argued_in_either_file(self) -> None:
        one = contract("a-desk", boundaries=[TICKETS.format(owner="b-desk")])
        other = contract("b-desk", boundaries=[CLOSURE.format(owner="a-desk")])
        comment = "\n<!-- check: allow refused-by-everyone: tickets close themselves -->\n"
        report = checked(role_source(one + comment, "a-desk.md"), role_source(other, "b-desk.md"))
        assert found(report, "refused-by-everyone") == []
        assert len(report.argued) == 2
