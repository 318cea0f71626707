"""Many buyers at once want the last pieces: none is sold twice, and none is refused to whom there was enough for.

`ZVENO_TEST_ROUNDS` says how often; `make trust` takes the full length.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from dataclasses import dataclass, field
from random import Random

from app.kernel.ids import new_id
from blueprints.catalog import stock
from blueprints.orders.errors import NoStock
from blueprints.orders.service import place_order
from tests.blueprints.orders.shelf import NOON, draft, put_stock
from tests.factories.leads import add_products
from tests.house import KAZAN, House

ROUNDS, BUYERS, PRODUCTS = int(os.environ.get("ZVENO_TEST_ROUNDS", "4")), 64, 4

Wish = dict[int, int]
"""Quantity by product, in the order in which the buyer put them in the cart."""


@dataclass
class Rush:
    """What 64 buyers wish for at the same moment, and what became of it."""

    wishes: list[Wish]
    served: list[Wish] = field(default_factory=list)
    refused: list[Wish] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def run(self, house: House) -> None:
        """Let all of them press the button."""
        gate = threading.Barrier(len(self.wishes))

        def buy(wish: Wish) -> None:
            gate.wait()
            try:
                with house.speaking(KAZAN):
                    place_order(draft=draft(*wish.items(), cart_id=new_id()), at=NOON)
            except NoStock:
                self.refused.append(wish)
            except Exception as error:
                self.broken.append(f"{type(error).__name__}: {error}")
            else:
                self.served.append(wish)

        buyers = [threading.Thread(target=buy, args=(wish,)) for wish in self.wishes]
        for buyer in buyers:
            buyer.start()
        for buyer in buyers:
            buyer.join()

    @property
    def sold(self) -> Counter[int]:
        """Pieces by product."""
        return sum((Counter(wish) for wish in self.served), Counter())


def test_the_last_pieces_are_sold_once(house: House) -> None:
    chance, sold, refused = Random(20261124), 0, 0
    products = add_products(house, PRODUCTS)
    put_stock(house, KAZAN, dict.fromkeys(products, 0))
    for round_ in range(ROUNDS):
        free = {product: chance.randint(0, 40) for product in products}
        refill(house, free)
        rush = Rush([wish(chance, products) for _buyer in range(BUYERS)])
        rush.run(house)
        assert rush.broken == [], round_
        assert len(rush.served) + len(rush.refused) == BUYERS
        left = {product: pieces - rush.sold[product] for product, pieces in free.items()}
        assert min(left.values()) >= 0, f"round {round_} sold {rush.sold} of {free}"
        assert stands(house) == {product: (pieces, 0) for product, pieces in left.items()}
        assert [wish for wish in rush.refused if all(left[one] >= pieces for one, pieces in wish.items())] == []
        sold, refused = sold + sum(rush.sold.values()), refused + len(rush.refused)
    assert refused > ROUNDS and sold > ROUNDS
    print(f"\n{ROUNDS} rounds of {BUYERS} buyers: {sold} pieces sold, {refused} buyers refused, nothing oversold")


def wish(chance: Random, products: list[int]) -> Wish:
    """Some of the products in an order of his own."""
    chosen = chance.sample(products, chance.randint(1, len(products)))
    return {product: chance.randint(1, 3) for product in chosen}


def refill(house: House, free: dict[int, int]) -> None:
    """Everything ordered before has left; so many are there now."""
    with house.speaking(KAZAN):
        for (lead_id,) in house.rows("SELECT DISTINCT lead_id FROM network.reservations WHERE state = 'held'"):
            stock.ship(owner_id=KAZAN, lead_id=lead_id)  # type: ignore[arg-type]
        stock.report(owner_id=KAZAN, levels=free, at=NOON)


def stands(house: House) -> dict[int, tuple[int, int]]:
    """Free pieces by product, and by how many the reservations differ from what is marked as reserved."""
    return {
        int(str(product)): (int(str(free)), int(str(difference)))
        for product, free, difference in house.rows(
            "SELECT product_id, on_hand - reserved, reserved - coalesce((SELECT sum(quantity) FROM network.reservations"
            " WHERE reservations.owner_id = stock.owner_id AND reservations.product_id = stock.product_id"
            " AND state = 'held'), 0) FROM network.stock"
        )
    }
