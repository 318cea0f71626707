"""`zveno catalogue import` on the house under test."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.commands.catalogue import catalogue
from app.config import environment
from tests.house import KAZAN, House

REAL = Path(__file__).parents[1] / "data" / "commerceml"

Run = Callable[..., Result]


@pytest.fixture
def run(house: House, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command with the settings of the house."""
    for name, value in environment(house.settings).items():
        monkeypatch.setenv(name, value)
    return lambda *arguments: CliRunner().invoke(catalogue, ["import", *map(str, arguments)])


def test_a_file_of_1c_is_taken_in(house: House, run: Run) -> None:
    result = run(REAL / "import.xml")
    assert result.exit_code == 0, result.output
    assert "new" in result.output
    assert house.scalar("SELECT count(*) FROM network.products") == 2
    assert house.rows("SELECT filename, state FROM t_000001.import_runs") == [("import.xml", "done")]


def test_a_rehearsal_changes_nothing(house: House, run: Run) -> None:
    result = run(REAL / "import.xml", "--dry-run")
    assert result.exit_code == 0 and "nothing was changed" in result.output
    assert house.scalar("SELECT count(*) FROM network.products") == 0
    assert house.scalar("SELECT count(*) FROM t_000001.import_runs") == 0


def test_a_dealers_table_with_a_mapping(house: House, run: Run, tmp_path: Path) -> None:
    run(REAL / "import.xml")
    (tmp_path / "stock.csv").write_text("A;B\nБ-130001;4\n", encoding="utf-8")
    (tmp_path / "columns.json").write_text(json.dumps({"columns": ["sku", "quantity"]}), encoding="utf-8")
    result = run(tmp_path / "stock.csv", "--tenant", KAZAN, "--mapping", tmp_path / "columns.json")
    assert result.exit_code == 0, result.output
    assert house.rows("SELECT owner_id, on_hand FROM network.stock") == [(KAZAN, 4)]


def test_a_broken_file_ends_in_a_sentence(house: House, run: Run, tmp_path: Path) -> None:
    (tmp_path / "broken.xml").write_bytes((REAL / "import.xml").read_bytes()[:59_000])
    result = run(tmp_path / "broken.xml")
    assert result.exit_code == 1 and "Error: The file breaks off" in result.output
    assert house.scalar("SELECT count(*) FROM network.products") == 0
