"""Claims of work: which sentences claim any, how they are put to the dispatcher, and what a boundary makes of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from open_fleets import CSM, MARCH, open_fleet, shipped
from scenes import scene, spoken_freely
from told import ToldModel

from fleet_runtime.contracts import Role
from fleet_runtime.decisions import Decision, RuleHit
from fleet_runtime.guarding import Claim, claimed_work, lane_findings
from fleet_runtime.records import AccountState, Turn
from fleet_runtime.runtime.clearing import Clearing, colleagues_of
from fleet_runtime.runtime.desk import spoken_title
from fleet_runtime.runtime.stages import Remembered, Routed, Way
from fleet_runtime.settings import GuardPolicy

DATA = Path(__file__).resolve().parent.parent / "data" / "guard"
COLLEAGUES = ("support agent", "account executive", "legal counsel", "product manager")
REFUSED = Decision(
    id="d", verdict="hand_off", choice="support-agent", active_role=CSM, stage="boundary", confidence=0.9, reason="r",
    rule=RuleHit(
        role=CSM, text="Does NOT resolve tickets \u2014 the support-agent does.", where="roles/c.md:7",
        owners=("support-agent",),
    ),
)  # fmt: skip
OUT_OF_LANE = "I have reset your password."
IN_LANE = "Our support agent has your message now."


@pytest.mark.parametrize(
    ("reply", "work"),
    [
        ("I have reset your password, please try again.", "can you reset our password"),
        ("I've now repaired the export.", "can you repaired the export"),
        ("I unlocked the account myself.", "can you unlocked the account yourself"),
        ("I'll draft the contract for you.", "can you draft the contract for us"),
        ("I am going to build the connector!", "can you build the connector"),
        ("I can lower the price.", "can you lower the price"),
        ("Let me fix the login.", "can you fix the login"),
        ("I'm changing clause 9 of the agreement.", "can you changing clause 9 of the agreement"),
        ("I'll take care of your ticket.", "can you take care of our ticket"),
        ("I looked into it and then repaired the export.", "can you repaired the export"),
        ("I will look into it and fix the export.", "can you fix the export"),
        ("Good morning! I'll happily prepare the quote \u2014 it is quickly done.", "can you prepare the quote"),
    ],
)
def test_a_claim_of_work_is_put_as_the_customer_would_ask(reply: str, work: str) -> None:
    assert [claim.work for claim in claimed_work(reply, COLLEAGUES)] == [work]


@pytest.mark.parametrize(
    "reply",
    [
        "I've passed this to our support agent, who will fix it.",
        "Our account executive will send the quote.",
        "I'll have our engineers repair it.",
        "I'll get the legal counsel to reword the clause.",
        "I've noted that the login is broken and put it on your account record.",
        "I have added your wish to the list.",
        "I can't reset passwords.",
        "I won't draft the contract.",
        "Shall I draft the contract?",
        "You asked me to lower the price.",
        "I understand that the export fails.",
        "I'm sorry about the broken sync.",
        "I will look into it.",
        "I looked into it and asked our support agent.",
        "I agree that the price matters.",
        "We will talk about it on Monday.",
        "",
    ],
)
def test_what_is_no_work_of_the_speaker_is_no_claim(reply: str) -> None:
    assert claimed_work(reply, COLLEAGUES) == ()


def test_a_reply_of_claims_costs_a_few_looks_at_most() -> None:
    assert len(claimed_work("I fixed the export. " * 50)) == 6
    (claim,) = claimed_work(f"I fixed the {'very ' * 400}old export.")
    assert len(claim.work.split()) <= 32


def test_only_refused_work_is_a_finding_which_says_whose_it_is() -> None:
    claims = claimed_work("I have reset your password. I'll prepare our review.")
    (finding,) = lane_findings(claims, (REFUSED, None))
    assert (finding.kind, finding.sentence) == ("lane", OUT_OF_LANE)
    assert "Does NOT resolve tickets;" in finding.message
    assert "support-agent" in finding.message
    with pytest.raises(ValueError, match="shorter"):
        lane_findings(claims, (REFUSED,))


def test_the_finding_of_an_unowned_boundary_names_nobody() -> None:
    rule = RuleHit(role=CSM, text="Does NOT build", where="roles/c.md:9")
    claim = Claim(sentence="I'll build it.", text="I'll build it", work="can you build it")
    (finding,) = lane_findings((claim,), (REFUSED.model_copy(update={"rule": rule}),))
    assert "belongs to" not in finding.message


class RefusesAll:
    """A director that refuses every text, and does nothing else."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def refusal(self, text: str, role: str, *, history: Sequence[str] = (), decision_id: str) -> Decision:
        assert (role, len(history), decision_id) == (CSM, 1, "d:claim")
        self.asked.append(text)
        return REFUSED

    async def route(self, turn: Turn, state: AccountState) -> Routed:
        raise AssertionError(f"nothing is routed: {turn.id} of {state.key}")

    async def carry(self, turn: Turn, role: Role, routed: Routed, memory: Remembered | None) -> Way:
        raise AssertionError(f"nothing is carried: {turn.id}, {role.role_class}, {routed}, {memory}")


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("policy", "drafts", "text", "findings"),
    [
        ("enforce", [OUT_OF_LANE, IN_LANE], IN_LANE, 1),
        ("enforce", [OUT_OF_LANE, OUT_OF_LANE], "Composed.", 2),
        ("warn", [OUT_OF_LANE], OUT_OF_LANE, 1),
        ("off", [OUT_OF_LANE], OUT_OF_LANE, 0),
    ],
)
async def test_the_same_policy_holds_for_the_lane(
    policy: GuardPolicy, drafts: list[str], text: str, findings: int
) -> None:
    given, director = scene("Thanks.", at=MARCH), RefusesAll()
    voiced, _ = await spoken_freely(given, drafts, Clearing(director).reader(given), policy, "Composed.")
    assert voiced.part.text == text
    assert [finding.kind for finding in voiced.findings] == ["lane"] * findings
    assert len(director.asked) == findings


def test_the_own_title_is_no_colleague() -> None:
    assert "customer success manager" not in colleagues_of(scene("Hi"))
    assert "support agent" in colleagues_of(scene("Hi"))


@pytest.mark.anyio
async def test_a_claim_of_a_colleagues_work_does_not_leave_the_house() -> None:
    claim = "I have reset the password of your colleague who is locked out."
    model = ToldModel("free", {"reply": [claim, "Thank you for telling me."]})
    async with open_fleet(model) as fleet:
        agent = await fleet.spawn(CSM, account="acme")
        reply = await agent.ask("Thank you!")
    assert reply.text == "Thank you for telling me."
    assert "lane" in {finding.kind for finding in reply.findings}
    assert "belongs to support-agent" in model.calls[1].messages[-1].content


@pytest.mark.anyio
@pytest.mark.parametrize("name", ["lane_dev", "lane_held_out"])
async def test_labelled_claims(name: str) -> None:
    """By words alone, as the shipped staff's contracts stand."""
    rows = [json.loads(line) for line in (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
    names = [spoken_title(role) for role in shipped()[0].roles]
    found: dict[bool, list[bool]] = {True: [], False: []}
    async with open_fleet() as fleet:
        for row in rows:
            claims = claimed_work(row["reply"], names)
            refusals = [
                await fleet._assembly.dispatcher.refusal(one.work, row["role"], decision_id="d") for one in claims
            ]
            found[row["bad"]].append(bool(lane_findings(claims, refusals)))
    assert min(len(found[True]), len(found[False])) >= 25
    assert sum(found[True]) >= 0.75 * len(found[True])
    assert sum(found[False]) <= 0.05 * len(found[False])
