"""On no path of hops is a tool run that the role's own list and the turn's grant do not both name.

Staffs, lists and grants are drawn; models call whatever they like, hand off and ask colleagues, also after a person
has decided what waited.
"""

from __future__ import annotations

import tempfile
from fnmatch import fnmatchcase
from pathlib import Path

import anyio
import anyio.lowlevel
from exploring import examples
from guesthouse import COOK, HOST, PORTER, Post, Speaker, open_house
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleet_runtime import tool
from fleet_runtime.messages import ModelReply, ModelRequest, ToolCall
from fleet_runtime.ports import Tool
from fleet_runtime.records import ToolContext

Names = tuple[str, ...]
NAMES = ("oven", "larder", "ledger", "lock")
NEEDS_YES = "lock"
ROLES = (HOST, COOK, PORTER)
LISTED = st.sampled_from([(), ("l*",), ("absent", "o?en"), ("lock",), NAMES[:2], NAMES[2:], NAMES[1:], NAMES])
GRANT = st.sampled_from([("lock",), (), ("lock", "oven"), ("l*", "hand_off"), NAMES[:2], NAMES[1:], None])
WISH = st.one_of(
    st.sampled_from([*NAMES, "absent", "l*"]).map(lambda name: (name, "{}")),
    st.sampled_from(ROLES).map(lambda to: ("hand_off", f'{{"to": "{to}", "why": "theirs", "asked": "take it"}}')),
    st.sampled_from(ROLES).map(lambda to: ("ask_colleague", f'{{"to": "{to}", "question": "What is it?"}}')),
)
OWN = st.sampled_from((NEEDS_YES, *NAMES)).map(lambda name: (name, "{}"))
ACTION = st.one_of(st.just("Good day."), st.lists(WISH, min_size=1, max_size=3))


class Wilful(Speaker):
    """A model that calls what it drew, whether it was offered or not; an ``eager`` one begins with tools."""

    def __init__(self, data: st.DataObject) -> None:
        super().__init__("free")
        self.eager = data.draw(st.booleans())
        self._data = data

    async def complete(self, request: ModelRequest) -> ModelReply:
        self.calls.append(request)
        await anyio.lowlevel.checkpoint()
        action = self._data.draw(st.lists(OWN, min_size=2, max_size=4) if self.eager else ACTION)
        self.eager = False
        if isinstance(action, str):
            return ModelReply(text=action)
        wishes = tuple(
            ToolCall(id=f"c{place}", name=name, arguments=given) for place, (name, given) in enumerate(action)
        )
        return ModelReply(text="", tool_calls=wishes)


def tools(done: list[tuple[str, str, str]]) -> list[Tool]:
    """Make the tools, which note who ran them under which key."""

    def one(name: str) -> Tool:
        def run(context: ToolContext) -> str:
            """Do it."""
            done.append((name, context.role, context.idempotency_key))
            return "done"

        return tool(name=name, needs_approval=name == NEEDS_YES)(run)

    return [one(name) for name in NAMES]


async def use(data: st.DataObject, house: dict[str, Post], grant: Names | None) -> None:
    """Ask a message, decide what waits, and hold what was run against what might be."""
    done: list[tuple[str, str, str]] = []
    model = Wilful(data)
    with tempfile.TemporaryDirectory() as folder:
        async with open_house(model, Path(folder), house=house, tools=tools(done), max_hops=3, tool_rounds=3) as fleet:
            await (await fleet.spawn(HOST, account="a")).ask("Hm, well.", turn_id="t1", tools=grant)
            assert NEEDS_YES not in {name for name, _, _ in done}
            approved: set[str] = set()
            for question in (await fleet.approvals.list())[:2]:
                model.eager = True
                if data.draw(st.booleans()):
                    approved.add(question.use_id)
                    await fleet.approvals.approve(question.id)
                else:
                    await fleet.approvals.reject(question.id)
    for name, role, key in done:
        listed = house[role].tools
        assert any(fnmatchcase(name, pattern) for pattern in listed), f"{role} has not got {name}"
        assert grant is None or name in grant, f"{name} was not granted"
        assert name != NEEDS_YES or key in approved
    keys = [key for _, _, key in done]
    assert len(set(keys)) == len(keys)


@given(data=st.data(), host=LISTED, cook=LISTED, porter=LISTED, grant=GRANT)
@settings(max_examples=examples(60), suppress_health_check=list(HealthCheck))
def test_nothing_is_run_beyond_the_grant_and_the_roles_own_list(
    data: st.DataObject, host: Names, cook: Names, porter: Names, grant: Names | None
) -> None:
    house = {
        HOST: Post("Keep guests", "cook meals", COOK, host),
        COOK: Post("Cook meals", "rent rooms to guests", HOST, cook),
        PORTER: Post("Carry trunks", "clean windows", HOST, porter),
    }
    anyio.run(use, data, house, grant)
