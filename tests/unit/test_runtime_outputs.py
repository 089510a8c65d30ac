"""Objects instead of talk: validated, fed back, refused with a typed error, and the same object for the same turn."""

from __future__ import annotations

from datetime import date

import pytest
from open_fleets import CSM, open_fleet
from pydantic import BaseModel, Field, field_validator
from told import ToldModel

from fleet_runtime.errors import OutputInvalid

pytestmark = pytest.mark.anyio

RECORD = {"id": "order", "at": "2027-01-08T09:00:00Z", "kind": "order", "author": "Order form",
          "text": "The contract covers 120 seats. The contract renews on 31 January 2028."}  # fmt: skip
GOOD = '{"seats": 120, "renews": "2028-01-31"}'


class Contract(BaseModel):
    """What is under contract."""

    seats: int = Field(ge=1)
    renews: date

    @field_validator("seats")
    @classmethod
    def even(cls, seats: int) -> int:
        """Seats come in pairs: no schema can say that."""
        if seats % 2:
            raise ValueError("seats come in pairs")
        return seats


async def test_an_object_comes_back_and_the_reply_around_it() -> None:
    model = ToldModel("free", {"reply": [GOOD]})
    async with open_fleet(model) as fleet:
        await fleet.memory("acme").record(RECORD)
        agent = await fleet.spawn(CSM, account="acme")
        found = await agent.ask("When does our contract renew?", output=Contract, turn_id="t1")
        again = await agent.ask("x", output=Contract, turn_id="t1")
    assert found == again == Contract(seats=120, renews=date(2028, 1, 31))
    assert agent.last_reply is not None
    assert agent.last_reply.text == GOOD
    schema = model.calls[0].json_schema
    assert schema is not None
    assert set(schema["properties"]) == {"seats", "renews"}
    assert len(model.calls) == 1


@pytest.mark.parametrize(
    ("bad", "told"),
    [("no JSON", "JSON"), ('{"seats": 120}', "renews"), ('{"seats": 121, "renews": "2028-01-31"}', "pairs")],
)
async def test_what_is_wrong_goes_back_to_the_model(bad: str, told: str) -> None:
    model = ToldModel("free", {"reply": [bad, GOOD]})
    async with open_fleet(model, guard="off") as fleet:
        agent = await fleet.spawn(CSM, account="acme")
        assert (await agent.ask("When does our contract renew?", output=Contract)).seats == 120
    assert told in model.calls[1].messages[-1].content


async def test_after_the_last_chance_there_is_one_typed_error_and_the_turn_stays() -> None:
    model = ToldModel("free", {"reply": ["no", "no", "never", GOOD]})
    async with open_fleet(model, guard="off") as fleet:
        agent = await fleet.spawn(CSM, account="acme")
        with pytest.raises(OutputInvalid) as caught:
            await agent.ask("When does our contract renew?", output=Contract, turn_id="t1")
        assert caught.value.answer == "never"
        assert (await agent.ask("x", output=Contract, turn_id="t1")).seats == 120


async def test_an_object_says_nothing_that_no_record_holds() -> None:
    invented = '{"seats": 500, "renews": "2028-01-31"}'
    model = ToldModel("free", {"reply": [invented, GOOD]})
    async with open_fleet(model) as fleet:
        await fleet.memory("acme").record(RECORD)
        agent = await fleet.spawn(CSM, account="acme")
        assert (await agent.ask("When does our contract renew?", output=Contract)).seats == 120
    assert "500" in model.calls[1].messages[-1].content
