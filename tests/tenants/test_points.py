"""Points of pick-up name their town once."""

from __future__ import annotations

import pytest

from tenants.points import Point


@pytest.mark.parametrize(("address", "told"), [
    ("ул. Садовая, 5", "Казань, ул. Садовая, 5"), ("Казань, ул. Садовая, 5", "Казань, ул. Садовая, 5"),
    ("Kazan, Sadovaya 5", "Kazan, Sadovaya 5"), ("", "Казань"),
])
def test_a_town_is_named_once(address: str, told: str) -> None:
    assert Point("t_000002", "main", "Тепло", 1, address).where("Казань", "Kazan") == told
