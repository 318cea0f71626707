"""Explanations: small, whole, and in words for whoever reads them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask_babel import Babel, force_locale

import blueprints.routing
from app.kernel.ids import tenant_id
from blueprints.routing.rules import DEFAULT_PROFILE, Told, Verdict, decide, explain, sentence, told
from blueprints.routing.rules.wording import REASONS, Viewpoint
from tests.factories.routing import moscow_order, network, profile_of

PO = Path(blueprints.routing.__path__[0]) / "translations/ru/LC_MESSAGES/messages.po"


@pytest.fixture(scope="module")
def russian(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """An application that speaks the package's Russian."""
    folder = tmp_path_factory.mktemp("words")
    compiled = folder / "ru/LC_MESSAGES/messages.mo"
    compiled.parent.mkdir(parents=True)
    with PO.open("rb") as source, compiled.open("wb") as target:
        write_mo(target, read_po(source, locale="ru"))
    app = Flask(__name__)
    Babel(app, default_translation_directories=str(folder))
    with app.test_request_context(), force_locale("ru"):
        yield


def test_explanation_of_a_hundred_candidates_takes_4_kb() -> None:
    explanation = explain(decide(moscow_order(), network(100), DEFAULT_PROFILE))
    size = len(json.dumps(explanation, ensure_ascii=False, separators=(",", ":")).encode())
    assert len(explanation["lines"]) == 100
    assert size <= 4096


def test_every_dealer_reads_back_what_was_decided_about_him() -> None:
    profile = profile_of("territory", ("stock_now", {"missing": "last"}), "freshness", "distance", "capacity", "rating")
    decision = decide(moscow_order(), network(200), profile)
    explanation = json.loads(json.dumps(explain(decision)))
    count = len(decision.ranking)
    for each in decision.ranking:
        assert told(explanation, each.dealer_id) == Told(each.rank, count, rounded(each.verdicts))
    for each in decision.excluded:
        assert told(explanation, each.dealer_id) == Told(None, count, rounded(each.reasons))
    assert told(explanation, tenant_id(999)) is None
    assert decision.excluded and decision.ranking


def rounded(verdicts: tuple[Verdict, ...]) -> tuple[Verdict, ...]:
    return tuple(each._replace(score=each.score and round(each.score, 2)) for each in verdicts)


def test_decision_without_criteria_explains_itself() -> None:
    explanation = explain(decide(moscow_order(), [], DEFAULT_PROFILE))
    assert explanation == {
        "v": 1,
        "profile": ["default", 1],
        "strategy": "orders",
        "tried": [],
        "reason": "decision.nobody",
        "ranked": 0,
        "excluded": 0,
        "marks": [],
        "lines": {},
    }


def test_every_reason_given_has_words() -> None:
    criteria = [("territory", {"outside": "last"}), ("stock_now", {"missing": "last"}), "freshness", "distance"]
    decision = decide(moscow_order(), network(200), profile_of(*criteria, "rating", "capacity", "working_hours"))
    for each in [*decision.ranking, *decision.excluded]:
        for verdict in each.verdicts:
            assert sentence(verdict.reason, verdict.values, "dealer") and sentence(verdict.reason, verdict.values)


@pytest.mark.parametrize(
    ("reason", "values", "viewpoint", "expected"),
    [
        ("freshness.days", (9,), "hq", "Данные об остатках получены 9 дней назад"),
        ("freshness.days", (21.0,), "hq", "Данные об остатках получены 21 день назад"),
        ("freshness.hours", (3,), "dealer", "Данные об остатках получены 3 часа назад"),
        ("distance.km", (412,), "dealer", "Расстояние 412 км"),
        ("territory.outside", (), "dealer", "Место вне вашей территории"),
        ("territory.outside", (), "hq", "Место вне территории дилера"),
        ("territory.other_goods", (7,), "dealer", "Место на вашей территории, но она для других товаров"),
        ("rating.known", (72, 1), "dealer", "Ваш рейтинг — 72 из 100 по 1 результату"),
        ("raise.satisfaction", (4.3,), "dealer", "Повышайте удовлетворённость клиентов: средняя оценка — 4,3 из 5"),
        ("raise.acceptance", (50,), "dealer", "Принимайте больше предложенных заявок: сейчас 50 %"),
    ],
)
@pytest.mark.usefixtures("russian")
def test_reasons_in_russian(reason: str, values: tuple[float, ...], viewpoint: Viewpoint, expected: str) -> None:
    assert sentence(reason, values, viewpoint) == expected


@pytest.mark.usefixtures("russian")
def test_every_reason_is_worded_in_russian() -> None:
    for reason, sentences in REASONS.items():
        for tell in sentences:
            numbers = [5] * tell.__code__.co_argcount
            assert any("а" <= letter.lower() <= "я" for letter in tell(*numbers)), reason
