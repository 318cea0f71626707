"""10,000 products of 1C from the upload to the last row, by queue and worker.

`make bench ARGS=tests/benchmarks/bench_import.py`. The baseline, in the same run, is the same file once more, when
reading is all there is to do.
"""

from __future__ import annotations

import io
from time import perf_counter

from app.kernel.clock import now
from blueprints.catalog.importing import queries
from blueprints.catalog.importing.service import upload
from tests.factories.commerceml import package
from tests.house import HQ, House

PRODUCTS, AIM = 10_000, 30.0


def take_in(house: House, body: bytes) -> tuple[float, dict[str, int]]:
    """Seconds, and what was changed."""
    began = perf_counter()
    with house.speaking(HQ):
        run = upload(
            source=io.BytesIO(body), filename="1c.zip", purpose="catalogue", started_by="bench", locale="en", at=now()
        )
    house.work()
    seconds = perf_counter() - began
    with house.speaking(HQ):
        done = queries.get_run(run.id, "catalogue")
    assert done.state == "done", done.error
    return seconds, done.counts


def test_ten_thousand_products_in_half_a_minute(house: House) -> None:
    body = package(PRODUCTS)
    first, counts = take_in(house, body)
    again, unchanged = take_in(house, body)
    print(f"\n{PRODUCTS} products: {first:.1f} s new (aim {AIM:g} s)")
    print(f"baseline, the same file again: {again:.1f} s; ratio {first / again:.1f}")
    assert (counts["new"], counts["prices_changed"]) == (PRODUCTS, PRODUCTS)
    assert (unchanged["unchanged"], unchanged["prices_changed"]) == (PRODUCTS, 0)
