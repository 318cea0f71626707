"""Every column that can hold words says whether it holds a person's; what it says is true of the tables there are."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from app.commands.personal import dictionary
from app.kernel.db import db
from app.kernel.privacy import BASES, FATES, KINDS, PEOPLE
from blueprints.privacy.rules import TERMS
from blueprints.privacy.wording import BASIS_WORDS, KIND_WORDS, PURPOSE_WORDS, TABLE_WORDS, TERM_WORDS, WHY_WORDS
from tenants.migrating import load_models
from tenants.personal_data import HOLDINGS, PLAIN

load_models()
ROOT = Path(__file__).resolve().parents[2]
NUMERIC = (sa.BigInteger, sa.Boolean, sa.Date, sa.Double, sa.Float, sa.Integer, sa.Numeric, sa.TIMESTAMP, sa.Uuid)
TABLES = {table.fullname: table for table in db.metadata.tables.values()}


def test_every_table_is_in_the_dictionary_once() -> None:
    assert sorted([*HOLDINGS, *PLAIN]) == sorted(TABLES)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_column_that_can_hold_words_is_declared(name: str) -> None:
    """Add the column to `tenants/personal_data.py`: what it holds of whom, or that it holds nothing of anybody."""
    wordy = {column.name for column in TABLES[name].columns if not isinstance(column.type, NUMERIC)}
    assert wordy - declared(name) == set()


@pytest.mark.parametrize("name", sorted(TABLES))
def test_nothing_is_declared_that_is_not_there_or_twice(name: str) -> None:
    there = {column.name for column in TABLES[name].columns}
    assert declared(name) - there == set()
    holding = HOLDINGS.get(name)
    if holding:
        assert set(holding.plain.split()) & set(holding.personal) == set()
        assert {*holding.shown.split(), *holding.yields.values()} - there == set()


@pytest.mark.parametrize("name", sorted(HOLDINGS))
def test_words_of_the_dictionary_are_known(name: str) -> None:
    holding = HOLDINGS[name]
    assert set(holding.whose) <= set(PEOPLE)
    assert holding.basis in BASES
    assert holding.basis in BASIS_WORDS
    assert holding.purpose in PURPOSE_WORDS
    assert name in TABLE_WORDS
    assert {column.kind for column in holding.personal.values()} <= set(KINDS) & set(KIND_WORDS)
    fates = {column.fate for column in holding.personal.values()}
    assert fates <= set(FATES)
    assert "row" not in fates or fates == {"row"}, "either the row goes or it stays"
    assert ("kept" in fates) <= (holding.why in WHY_WORDS), "who keeps says why"
    assert set(holding.ends) <= set(TERMS) & set(TERM_WORDS)


def test_a_new_column_of_words_would_be_missed() -> None:
    """The control: a table as it might be tomorrow."""
    table = sa.Table("customers", sa.MetaData(), sa.Column("nickname", sa.Text), sa.Column("age", sa.Integer))
    wordy = {column.name for column in table.columns if not isinstance(column.type, NUMERIC)}
    assert wordy - declared("customers") == {"nickname"}


def test_the_page_is_written_from_the_dictionary() -> None:
    assert (ROOT / "docs/personal-data.md").read_text(encoding="utf-8") == dictionary()


def declared(name: str) -> set[str]:
    """Columns the dictionary names."""
    if name in PLAIN:
        return set(PLAIN[name].split())
    return {*HOLDINGS[name].plain.split(), *HOLDINGS[name].personal}
