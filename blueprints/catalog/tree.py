"""The category tree and the definitions of attributes, kept in the process for a few seconds.

Categories are the network's, so one tree serves every tenant who lists all there is; one who does not is asked what
he hides, and has a tree with counts of his own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.identity import current_tenant
from blueprints.catalog.models import Attribute, Category, Offer, Product
from tenants.registry import Cache

_whole = Cache()
_trees = Cache()
_attributes = Cache()
_NUMBER = sa.func.count().label("number")


@dataclass(slots=True)
class Node:
    """A category with what is under it; `products` counts what this site lists in it and below."""

    id: int
    slug: str
    name_ru: str
    name_en: str | None
    path: str
    parent: Node | None = field(default=None, repr=False)
    children: list[Node] = field(default_factory=list)
    products: int = 0

    @property
    def key(self) -> tuple[str, str, str | None]:
        """What a link to it shows, for pieces that are kept."""
        return self.slug, self.name_ru, self.name_en

    @property
    def trail(self) -> list[Node]:
        """From the root down to this one."""
        return [*(self.parent.trail if self.parent else ()), self]

    @property
    def all_ids(self) -> list[int]:
        """This category and everything below it."""
        return [self.id, *(one for child in self.children for one in child.all_ids)]


@dataclass(frozen=True, slots=True)
class Tree:
    """All categories: the roots in order, and each by slug and by id."""

    roots: list[Node]
    by_slug: dict[str, Node]
    by_id: dict[int, Node]

    def __iter__(self) -> Iterator[Node]:
        return iter(self.by_id.values())


@dataclass(frozen=True, slots=True)
class Definition:
    """What an attribute's code means (see `models.Attribute`)."""

    code: str
    name_ru: str
    name_en: str | None
    kind: str
    unit_ru: str | None
    unit_en: str | None
    choices: dict[str, Any]
    is_facet: bool


def listed() -> tuple[sa.ColumnElement[bool], ...]:
    """Conditions on `Product`: HQ publishes it and this site shows it."""
    unlisted = sa.select(Offer.product_id).where(Offer.is_listed.is_(False))
    return Product.state == "published", Product.id.not_in(unlisted)


def category_tree() -> Tree:
    """The tree as this site shows it."""
    found, tree = _trees.get(current_tenant())
    if not found:
        rows, tree = _everything()
        hidden = _hidden()
        if hidden:
            tree = _grown([(*row[:-1], row.products - hidden.get(row.id, 0)) for row in rows])
        _trees.put(current_tenant(), tree)
    return tree


def definitions() -> dict[str, Definition]:
    """Attribute definitions by code, in the order a product page shows them."""
    found, known = _attributes.get("all")
    if not found:
        known = _load_definitions()
        _attributes.put("all", known)
    return known


def _everything() -> tuple[Sequence[sa.Row[Any]], Tree]:
    """The categories, each with how many published products are right in it, and their tree: the same for all."""
    found, known = _whole.get("all")
    if not found:
        counts = _counted(sa.select(Product.category_id, _NUMBER)).subquery()
        rows = db.session.execute(
            sa.select(
                Category.id, Category.slug, Category.name_ru, Category.name_en, Category.path, Category.parent_id,
                sa.func.coalesce(counts.c.number, 0).label("products"),
            )
            .outerjoin(counts, counts.c.category_id == Category.id).order_by(Category.position, Category.id)
        ).all()
        known = rows, _grown(rows)
        _whole.put("all", known)
    return known


def _hidden() -> dict[int | None, int]:
    """How many published products of each category this site does not show."""
    hidden = sa.select(Product.category_id, _NUMBER).join(Offer, Offer.product_id == Product.id)
    return {row[0]: row[1] for row in db.session.execute(_counted(hidden.where(Offer.is_listed.is_(False))))}


def _counted(products: sa.Select[Any]) -> sa.Select[Any]:
    return products.where(Product.state == "published").group_by(Product.category_id)


def _grown(rows: Iterable[Sequence[Any]]) -> Tree:
    """The tree of rows `(id, slug, name_ru, name_en, path, parent_id, products)`, parents anywhere among them."""
    rows = list(rows)
    nodes = {row[0]: Node(*row[:5], products=row[6]) for row in rows}
    roots = [node for node, row in zip(nodes.values(), rows, strict=True) if row[5] not in nodes]
    for node, row in zip(nodes.values(), rows, strict=True):
        if parent := nodes.get(row[5]):
            node.parent = parent
            parent.children.append(node)
    for root in roots:
        _sum_up(root)
    return Tree(roots, {node.slug: node for node in nodes.values()}, nodes)


def _sum_up(node: Node) -> int:
    node.products += sum(_sum_up(child) for child in node.children)
    return node.products


def _load_definitions() -> dict[str, Definition]:
    rows = db.session.execute(
        sa.select(
            Attribute.code, Attribute.name_ru, Attribute.name_en, Attribute.kind, Attribute.unit_ru,
            Attribute.unit_en, Attribute.choices, Attribute.is_facet,
        ).order_by(Attribute.position, Attribute.id)
    )
    return {row.code: Definition(*row) for row in rows}
