"""The category tree and the definitions of attributes, kept in the process for a few seconds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.identity import current_tenant
from blueprints.catalog.models import Attribute, Category, Offer, Product
from tenants.registry import Cache

_trees = Cache()
_attributes = Cache()


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
        tree = _load_tree()
        _trees.put(current_tenant(), tree)
    return tree


def definitions() -> dict[str, Definition]:
    """Attribute definitions by code, in the order a product page shows them."""
    found, known = _attributes.get("all")
    if not found:
        known = _load_definitions()
        _attributes.put("all", known)
    return known


def _load_tree() -> Tree:
    counts = (
        sa.select(Product.category_id, sa.func.count().label("number"))
        .where(*listed()).group_by(Product.category_id).subquery()
    )
    rows = db.session.execute(
        sa.select(Category, sa.func.coalesce(counts.c.number, 0))
        .outerjoin(counts, counts.c.category_id == Category.id)
        .order_by(Category.position, Category.id)
    ).all()
    nodes = {
        row.id: Node(row.id, row.slug, row.name_ru, row.name_en, row.path, products=number) for row, number in rows
    }
    roots = [_hang(nodes, nodes[row.id], row.parent_id) for row, _number in rows if row.parent_id not in nodes]
    for row, _number in rows:
        if row.parent_id in nodes:
            _hang(nodes, nodes[row.id], row.parent_id)
    for root in roots:
        _sum_up(root)
    return Tree(roots, {node.slug: node for node in nodes.values()}, nodes)


def _hang(nodes: dict[int, Node], node: Node, parent_id: int | None) -> Node:
    parent = nodes.get(parent_id or 0)
    if parent is not None:
        node.parent = parent
        parent.children.append(node)
    return node


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
