"""Placing together: as good as trying everything, never beyond a dealer's room, never a pair that is excluded."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from blueprints.routing.rules.batch import NEVER, UNPLACED, assign, costs_of, place_together
from tests.factories.routing import moscow_order, network, profile_of

Costs = list[list[float]]


def best_of_all(matrix: np.ndarray, room: list[int]) -> float:
    """By trying every placement."""
    ways = range(-1, matrix.shape[1])
    sums = []
    for way in product(ways, repeat=matrix.shape[0]):
        if all(way.count(column) <= room[column] for column in range(matrix.shape[1])):
            sums.append(sum(UNPLACED if one < 0 else matrix[row, one] for row, one in enumerate(way)))
    return min(sums)


@settings(max_examples=150, deadline=None)
@given(some.data())
def test_it_is_the_best_of_all_placements(data: some.DataObject) -> None:
    rows, columns = data.draw(some.integers(1, 5)), data.draw(some.integers(1, 4))
    cost = some.one_of(some.just(NEVER), some.floats(0, 1))
    matrix = np.array([[data.draw(cost) for _column in range(columns)] for _row in range(rows)])
    room = [data.draw(some.integers(0, 3)) for _column in range(columns)]
    chosen, total = assign(matrix, room)
    assert total == pytest.approx(best_of_all(matrix, room), rel=1e-9, abs=1e-9)
    assert all(chosen.count(column) <= room[column] for column in range(columns))
    assert all(one is None or matrix[row, one] < NEVER for row, one in enumerate(chosen))
    assert assign(matrix, room) == (chosen, total)


def test_an_earlier_criterion_weighs_more_than_the_next_ones_together() -> None:
    first, others, best, worst = costs_of([(1, 0, 0, 0), (0, 1, 1, 1), (1, 1, 1, 1), (0, 0, 0, 0)])
    assert best == 0 < first < others < 1 == worst


def test_the_dealer_with_room_for_one_serves_whom_he_serves_best() -> None:
    """Alone, either order would take the near dealer; together he takes the one who has nobody else near."""
    near, far = (replace(one, lat=lat, lon=37.6) for one, lat in zip(network(2), (55.7, 59.0), strict=True))
    first = replace(moscow_order(lead_id="a"), lat=56.9, lines=())
    second = replace(moscow_order(lead_id="b"), lat=55.7, lines=())
    profile = profile_of(("distance", {"precision": 0.001}))
    together = place_together([first, second], [[near, far]] * 2, profile, {near.dealer_id: 1, far.dealer_id: 1})
    assert together.dealers == (far.dealer_id, near.dealer_id)
    full = place_together([first, second], [[near, far]] * 2, profile, {near.dealer_id: 1, far.dealer_id: 0})
    assert sorted(full.dealers, key=str) == sorted([near.dealer_id, None], key=str)


def test_nobody_waits_and_nobody_is_there() -> None:
    profile = profile_of("distance")
    assert place_together([], [], profile, {}).dealers == ()
    assert place_together([moscow_order()], [[]], profile, {}).dealers == (None,)
