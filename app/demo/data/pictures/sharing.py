"""Which products look the same, so that each picture is drawn once.

A drawing is first made on a sketch, which notes the strokes and paints nothing: products of the same
strokes share a picture. In a large catalogue the long series of radiators share theirs by steps of
their size as well, as manufacturers photograph one of them for several.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from app.demo.data.catalogue import Product

LARGE = 1000
"""From so many products on, sizes beside one another share a picture."""

STEPS: Mapping[str, tuple[int, ...]] = {"sections": (6, 10, 16), "length": (600, 1000, 1600, 2400)}
STEPPED = frozenset({"panel_radiator", "section_radiator", "tube_radiator"})


@dataclass(frozen=True, slots=True)
class Pictures:
    """File names of the pictures: by SKU, and for each the product it is drawn from."""

    by_sku: Mapping[str, str]
    drawn_from: Mapping[str, Product]


def shared(products: Sequence[Product], draw_on: Callable[[Any, Product], object]) -> Pictures:
    """The pictures of a catalogue; `draw_on` puts a product's drawing on a canvas."""
    is_large = len(products) >= LARGE
    by_sku: dict[str, str] = {}
    drawn_from: dict[str, Product] = {}
    for product in products:
        looks = _stepped(product) if is_large else product
        sketch = Sketch()
        draw_on(sketch, looks)
        name = by_sku[product.sku] = f"{product.picture.replace('_', '-')}-{sketch.digest()}.webp"
        drawn_from.setdefault(name, looks)
    return Pictures(by_sku, drawn_from)


class Sketch:
    """Takes the strokes of a canvas and its pen, and only notes them."""

    def __init__(self) -> None:
        self._strokes: list[Any] = []

    @property
    def pen(self) -> Sketch:
        """What is drawn by the pen is noted with the rest."""
        return self

    def __getattr__(self, stroke: str) -> Callable[..., None]:
        return lambda *where, **how: self._strokes.append((stroke, where, how))

    def digest(self) -> str:
        """The same for the same strokes."""
        # Version 2 of the format writes values alone; later ones tell shared objects from equal ones.
        return sha256(marshal.dumps(self._strokes, 2)).hexdigest()[:16]


def _stepped(product: Product) -> Product:
    """The product in the size that its picture shows."""
    if product.picture not in STEPPED:
        return product
    sizes = {code: _nearest(product.attributes[code], steps) for code, steps in STEPS.items()
             if code in product.attributes}
    return replace(product, attributes={**product.attributes, **sizes})


def _nearest(size: Any, steps: Sequence[int]) -> int:
    return min(steps, key=lambda step: abs(step - size))
