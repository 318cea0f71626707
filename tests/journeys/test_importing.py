"""HQ brings its catalogue as a table: upload, columns, progress, a report of what to mend; then it sells."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Arrive
from tests.journeys.network import Network
from tests.journeys.person import shoot
from tests.journeys.steps import sign_in_to_hq, stat

pytestmark = pytest.mark.browser

ROWS = 300


def test_hq_imports_a_table_and_the_goods_are_on_sale(network: Network, arriving: Arrive) -> None:
    hq = arriving("desktop", "ru")
    sign_in_to_hq(hq)
    hq.visit("ochag", "/hq/catalogue/imports")
    hq.reads("Imports")
    hq.page.locator("[name=file]").set_input_files(
        {"name": "прайс.csv", "mimeType": "text/csv", "buffer": table().encode("windows-1251")}
    )
    hq.press("Upload")
    hq.reads("What the columns hold")
    expect(hq.page.locator("#column-0")).to_have_value("sku")
    expect(hq.page.locator("#column-1")).to_have_value("name")
    hq.page.locator("#column-3").select_option("price")
    shoot(hq, "import-columns", whole=True)
    hq.press("Import")
    hq.reads("What to mend")
    assert stat(hq, "New products") == str(ROWS)
    expect(hq.page.locator("tbody tr").first).to_contain_text("сто рублей")
    shoot(hq, "import-report", whole=True)

    visitor = arriving("phone", "ru")
    visitor.visit("ochag", "/catalogue?q=UTP-0042")
    visitor.sees("Утеплитель труб Кокон 42")
    visitor.sees("1 042")


def table() -> str:
    """A price list as accounting programs write it; one price is words."""
    lines = ["Артикул;Наименование;Группа;Сколько стоит"]
    for number in range(1, ROWS + 1):
        price = "сто рублей" if number == 7 else f"{1000 + number},00"
        lines.append(f"UTP-{number:04d};Утеплитель труб Кокон {number};Утеплители;{price}")
    return "\r\n".join(lines)
