"""The API's word about leads without an order, repeatable like all of it."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest

from app.kernel.clock import now
from tests.blueprints.integrations.api.conftest import Machine
from tests.house import House

Machines = Callable[..., Machine]


def quoted(caller: Machine) -> uuid.UUID:
    """A request for a quote of the dealer's own."""
    body = {"kind": "quote", "customer": {"name": "Анна", "phone": "+79161234567"}}
    return caller.post("/leads", json=body, key="a").get_json()["id"]


def test_a_lead_is_talked_about_to_its_sale(house: House, machine: Machines) -> None:
    caller = machine()
    lead_id = quoted(caller)
    assert caller.post(f"/leads/{lead_id}/attempt").get_json()["attempts"] == 1
    assert caller.post(f"/leads/{lead_id}/contact").get_json()["state"] == "contacted"
    offer = caller.post(f"/leads/{lead_id}/quote", json={"value": {"minor": 900_000}}).get_json()
    assert (offer["state"], offer["value"], offer["next_steps"][:2]) == (
        "quoted", {"minor": 900_000, "currency": "RUB"}, ["quote", "sale"],
    )
    body = {"value": {"minor": 800_000, "currency": "RUB"}, "sold_on": now().date().isoformat(), "document": "С-17"}
    first, again = (caller.post(f"/leads/{lead_id}/sale", json=body, key="s") for _each in range(2))
    assert (first.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert (first.get_json()["state"], first.get_json()["next_steps"]) == ("won", ["reopening"])
    assert house.scalar("SELECT count(*) FROM network.lead_events WHERE kind = 'won'") == 1
    assert caller.post(f"/leads/{lead_id}/reopening").get_json()["state"] == "quoted"
    ended = caller.post(f"/leads/{lead_id}/invalidation", json={"reason": "spam"}).get_json()
    assert (ended["state"], ended["invalid_reason"]) == ("invalid", "spam")


@pytest.mark.parametrize("value", [None, {}, {"minor": 0}, {"minor": 1.5}, {"minor": 10**17}, 100])
def test_a_sum_that_cannot_be_is_told_at_its_field(house: House, machine: Machines, value: object) -> None:
    caller = machine()
    wrong = caller.post(f"/leads/{quoted(caller)}/sale", json={"value": value})
    assert (wrong.status_code, wrong.get_json()["field"].split(".")[0]) == (422, "value")


def test_a_program_asks_for_what_changed_since(house: House, machine: Machines) -> None:
    caller = machine()
    body = {"kind": "quote", "customer": {"name": "Анна", "phone": "+79161234567"}, "comment": None}
    body.pop("comment")
    first = quoted(caller)
    second = caller.post(
        "/leads", json=body | {"customer": {"name": "Пётр", "phone": "+79167654321"}}, key="b",
    ).get_json()
    since = second["updated_at"]
    caller.post(f"/leads/{first}/contact")
    asked = caller.get("/leads", query_string={"updated_since": since}).get_json()["items"]
    assert [one["id"] for one in asked] == [second["id"], first]
    page = caller.get("/leads", query_string={"updated_since": since, "limit": 1}).get_json()
    rest = caller.get("/leads", query_string={"updated_since": since, "limit": 1, "cursor": page["next"]}).get_json()
    assert [page["items"][0]["id"], rest["items"][0]["id"], rest["next"]] == [second["id"], first, None]
