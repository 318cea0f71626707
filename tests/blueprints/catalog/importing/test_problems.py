"""Reports read in both languages: every code the readers use has its sentence, and every sentence its Russian."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask_babel import Babel

from blueprints.catalog import importing
from blueprints.catalog.importing.problems import SENTENCES, Notes, Problem, sentence, shown

PACKAGE = Path(importing.__path__[0])
RUSSIAN = PACKAGE.parent / "translations" / "ru" / "LC_MESSAGES" / "messages.po"
NOTED = re.compile(r"\b(?:warn|fail)\(\s*\"(\w+)\"|\"(missing_\w+)\"")


def noted_codes() -> set[str]:
    sources = (path.read_text("utf-8") for path in PACKAGE.glob("*.py") if path.name != "problems.py")
    return {first or second for text in sources for first, second in NOTED.findall(text)}


def test_every_code_has_its_sentence_and_every_sentence_its_code() -> None:
    assert noted_codes() == set(SENTENCES)


@pytest.fixture
def russian(tmp_path: Path) -> Flask:
    compiled = tmp_path / "ru" / "LC_MESSAGES" / "messages.mo"
    compiled.parent.mkdir(parents=True)
    with RUSSIAN.open("rb") as source, compiled.open("wb") as target:
        write_mo(target, read_po(source, locale="ru"))
    app = Flask(__name__)
    Babel(app, default_locale="ru", default_translation_directories=str(tmp_path))
    return app


@pytest.mark.parametrize("code", SENTENCES)
def test_a_stored_problem_reads_in_english_and_in_russian(code: str, russian: Flask) -> None:
    params = {"value": "К-1", "cap": 200, "read": "12.35"}
    english = sentence(code, params)
    with russian.app_context():
        told = sentence(code, params)
    assert english.endswith(".") and told.endswith(".") and "%(" not in english + told
    assert re.search("[а-я]", told) and not re.search("[а-я]", english.replace("Ид", ""))


def test_a_quoted_value_is_short_and_on_one_line() -> None:
    assert shown("a\nb\x00" + "x" * 100) == "a b " + "x" * 55 + "…"


def test_notes_keep_the_place_they_were_made_at() -> None:
    notes = Notes("7")
    notes.place = "C7"
    notes.warn("price_zero", "price")
    assert notes.problems == [Problem("price_zero", "C7", "price", params={"value": ""})]
