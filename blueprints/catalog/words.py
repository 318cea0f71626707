"""Finding products by words: article numbers and barcodes first, then stems, then what looks alike."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import sqlalchemy as sa

from app.kernel.db import db
from blueprints.catalog.models import Category, Product
from blueprints.catalog.tree import listed

MOST = 1000
"""Hits that are looked at; who has more should say more."""
ALIKE = 0.3
"""Share of trigrams a mistyped word must have in common with a product, 0 to 1; «кател» with «котел» is 0.33."""
CLOSE = 0.65
"""How close a mistyped word must then be to a word of the product, 0 to 1; «кател» to «котел» is 0.8."""
SHORT = 3
"""Words up to so many letters, and all with a digit in them, are taken as they stand."""
TERMS = 8
UNITS = frozenset(["квт", "вт", "мм", "см", "м", "л", "шт", "kw", "w", "mm", "cm", "m", "l", "pcs"])
SPLIT = re.compile(r"[^\w./+×-]+")


@dataclass(frozen=True, slots=True)
class Hits:
    """Products found, best first; `is_guess` when nothing fits the words as they were written."""

    ids: list[int]
    is_guess: bool = False


def fold(words: str) -> str:
    """Words as the index keeps them: lower case, ё as е."""
    return words.lower().replace("ё", "е").strip()


def terms_of(words: str) -> list[str]:
    """The words that matter: units after a number say nothing, an article is one word."""
    found = [term.strip("-./+_") for term in SPLIT.split(fold(words)[:200])]
    return [term for term in found if term and term not in UNITS][:TERMS]


def find_ids(words: str) -> Hits:
    """Products this site lists for these words, in one query, or two when nothing fits as it was written."""
    terms = terms_of(words)
    if not terms:
        return Hits([])
    exact = list(db.session.scalars(_by_stems(words, terms)))
    if exact:
        return Hits(exact)
    alike = _closest(terms, db.session.execute(_by_likeness(terms)).all())
    return Hits(alike, is_guess=bool(alike))


def _by_stems(words: str, terms: list[str]) -> sa.Select[tuple[int]]:
    code = fold(words)
    is_code = sa.or_(sa.func.lower(Product.sku) == code, Product.barcode == code)
    query = sa.func.plainto_tsquery(_RUSSIAN, " ".join(terms))
    everything = sa.and_(sa.func.numnode(query) > 0, *(_has(term) for term in terms))
    return (
        sa.select(Product.id)
        .where(*listed(), sa.or_(is_code, Product.search_text.contains(code, autoescape=True), everything))
        .order_by(
            sa.case((is_code, 0), else_=1), sa.func.ts_rank(Product.search, query).desc(),
            Product.popularity.desc(), Product.id,
        ).limit(MOST)
    )


def _has(term: str) -> sa.ColumnElement[bool]:
    """The product or its category speaks of the term; a word such as «для» says nothing."""
    stem = sa.func.plainto_tsquery(_RUSSIAN, term)
    start = sa.func.to_tsquery(_SIMPLE, "'" + term.replace("\\", "").replace("'", "") + "':*")
    return sa.or_(
        sa.func.numnode(stem) == 0, Product.search.op("@@")(stem), Product.search.op("@@")(start),
        Product.category_id.in_(_categories(stem)),
    )


def _categories(stem: sa.ColumnElement[object]) -> sa.Select[tuple[int]]:
    """Categories whose own name, or that of one above them, holds the stem."""
    above = sa.orm.aliased(Category)
    name = sa.func.translate(sa.func.lower(above.name_ru + " " + sa.func.coalesce(above.name_en, "")), "ё", "е")
    return (
        sa.select(Category.id).join(above, Category.path.startswith(above.path))
        .where(sa.func.to_tsvector(_RUSSIAN, name).op("@@")(stem))
    )


def _by_likeness(terms: list[str]) -> sa.Select[tuple[int, str]]:
    likeness = [sa.func.word_similarity(term, Product.search_text) for term in terms]
    alike = [
        Product.search_text.contains(term, autoescape=True) if _is_exact(term) else one >= ALIKE
        for term, one in zip(terms, likeness, strict=True)
    ]
    return (
        sa.select(Product.id, Product.search_text).where(*listed(), *alike)
        .order_by(sum(likeness[1:], likeness[0]).desc(), Product.popularity.desc(), Product.id).limit(MOST // 2)
    )


def _closest(terms: list[str], rows: Sequence[sa.Row[tuple[int, str]]]) -> list[int]:
    """Those of the rows in which every term is nearly a word, the nearest first."""
    wanted = [term for term in terms if not _is_exact(term)]
    words = {word for _id, text in rows for word in text.split()}
    near = {(term, word): SequenceMatcher(None, term, word).ratio() for term in wanted for word in words}
    scored = [(one, [max(near[term, word] for word in text.split()) for term in wanted]) for one, text in rows]
    close = [(product_id, sum(marks)) for product_id, marks in scored if all(mark >= CLOSE for mark in marks)]
    return [product_id for product_id, _mark in sorted(close, key=lambda pair: -pair[1])]


def _is_exact(term: str) -> bool:
    return len(term) <= SHORT or any(sign.isdigit() for sign in term)


_RUSSIAN, _SIMPLE = sa.literal_column("'russian'::regconfig"), sa.literal_column("'simple'::regconfig")
