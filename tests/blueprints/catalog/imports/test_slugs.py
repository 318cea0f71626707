"""Slugs out of names: readable, unique, whatever letters come."""

from __future__ import annotations

import pytest

from blueprints.catalog.importing.slugs import LONGEST, Slugs


@pytest.mark.parametrize(("name", "slug"), [
    ("Котёл «Очаг» 24 кВт", "kotyol-ochag-24-kvt"),
    ("Щётка для объёмных чаш", "shchyotka-dlya-obyomnykh-chash"),
    ("Труба 16×2,0 PE-RT", "truba-16x2-0-pe-rt"),
    ("Kühler", "kuhler"),
    ("—", "x"),
])  # fmt: skip
def test_names_become_latin(name: str, slug: str) -> None:
    assert Slugs(set()).make(name) == slug


def test_a_taken_slug_gets_the_article_then_a_number() -> None:
    slugs = Slugs(set())
    assert [slugs.make("Насос", "P-1") for _ in range(3)] == ["nasos", "nasos-p-1", "nasos-p-1-2"]


def test_long_names_are_cut_at_a_word() -> None:
    assert len(Slugs(set()).make("слово " * 40)) <= LONGEST
