"""A dealer's import: matched by article, id or barcode, his rows only, and runs that survive a crash."""

from __future__ import annotations

import io

import pytest

from app.kernel.clock import now
from blueprints.catalog.importing import queries, runs, service
from blueprints.catalog.importing.tables import Mapping
from blueprints.catalog.models import ImportRun
from tests.blueprints.catalog.imports.conftest import Files, real
from tests.house import HQ, KAZAN, SIBIR, House


@pytest.fixture
def stocked(files: Files) -> Files:
    """HQ's catalogue of two pairs of shoes, with prices."""
    files.take(real("import.xml"))
    files.take(real("offers.xml"))
    return files


def table(house: House, text: str, columns: list[str]) -> ImportRun:
    """The run of a dealer's table, mapped and worked off."""
    with house.speaking(KAZAN):
        run = service.upload(
            source=io.BytesIO(text.encode()), filename="t.csv", purpose="stock", started_by="Анна", locale="ru",
            at=now(),
        )
        service.map_columns(run, Mapping(tuple(columns)), service.preview(run).headers)
    house.work()
    with house.speaking(KAZAN):
        return queries.get_run(run.id, "stock")


def test_stock_and_prices_by_article(house: House, stocked: Files) -> None:
    run = table(house, "Артикул;Остаток;Цена\nб 130001;7;1600,50\nНЕТ-1;3;10\n", ["sku", "quantity", "price"])
    assert (run.state, run.counts["matched"], run.counts["stock_changed"]) == ("done", 1, 1)
    assert house.rows("SELECT on_hand FROM network.stock WHERE owner_id = 't_000002'") == [(7,)]
    assert house.rows("SELECT minor FROM t_000002.offers") == [(160050,)]
    lines = house.rows("SELECT place, code, params->>'value' FROM t_000002.import_lines")
    assert lines == [("3", "unknown_product", "НЕТ-1")]
    assert house.scalar("SELECT count(*) FROM network.stock WHERE owner_id = 't_000003'") == 0
    assert house.scalar(f"SELECT count(*) FROM {SIBIR}.offers") == 0
    assert house.scalar("SELECT count(*) FROM network.prices") == 2, "HQ's prices are not his"


def test_the_same_table_again_changes_nothing_but_is_fresh_news(house: House, stocked: Files) -> None:
    text, columns = "Артикул;Остаток;Цена\nБ-130001;7;1600\n", ["sku", "quantity", "price"]
    table(house, text, columns)
    before = house.scalar("SELECT reported_at FROM network.stock WHERE owner_id = 't_000002'")
    counts = table(house, text, columns).counts
    assert (counts["stock_changed"], counts["prices_changed"]) == (0, 0)
    assert house.scalar("SELECT reported_at FROM network.stock WHERE owner_id = 't_000002'") > before


def test_reserved_pieces_stay_reserved(house: House, stocked: Files) -> None:
    table(house, "Артикул;Остаток\nБ-130001;7\n", ["sku", "quantity"])
    house.rows("UPDATE network.stock SET reserved = 5 WHERE owner_id = 't_000002' RETURNING 1")
    table(house, "Артикул;Остаток\nБ-130001;2\n", ["sku", "quantity"])
    assert house.rows("SELECT on_hand, reserved FROM network.stock WHERE owner_id = 't_000002'") == [(5, 5)]


def test_a_table_without_stock_and_prices_says_so(house: House, stocked: Files) -> None:
    run = table(house, "Артикул;Наименование\nБ-130001;Сапоги\n", ["sku", "name"])
    assert run.state == "failed" and run.error


def test_a_surprise_is_tried_again_and_ends_in_a_sentence(
    house: House, stocked: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    def break_down(*_arguments: object, **_values: object) -> None:
        tried.append(1)
        raise RuntimeError("the lamp went out")

    monkeypatch.setattr(service, "perform", break_down)
    run = table(house, "Артикул;Остаток\nБ-130001;2\n", ["sku", "quantity"])
    assert run.state == "running" and tried  # a slow machine may see a second try already
    monkeypatch.undo()
    house.rows("UPDATE network.deliveries SET next_at = now() WHERE state = 'queued' RETURNING 1")
    house.work()
    with house.speaking(KAZAN):
        assert queries.get_run(run.id, "stock").state == "done"
    assert house.rows("SELECT on_hand FROM network.stock WHERE owner_id = 't_000002'") == [(2,)]


def test_progress_is_seen_while_nothing_is_written_yet(
    house: House, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    monkeypatch.setattr(runs, "TOLD_EVERY", 0.0)
    note = runs.note

    def watch(run_id: object, **values: object) -> None:
        note(run_id, **values)
        seen.append((
            house.rows("SELECT state, done FROM t_000001.import_runs")[0],
            house.scalar("SELECT count(*) FROM network.products"),
        ))

    monkeypatch.setattr(runs, "note", watch)
    files.take(real("import.xml"))
    assert len(seen) >= 3
    assert {written for _row, written in seen} == {0}
    assert all(state == "running" for (state, _done), _written in seen)
    assert house.scalar(f"SELECT count(*) FROM network.products WHERE owner_id = '{HQ}'") == 2
