"""Pictures of the demo network, drawn: goods, dealers' logos, the brand's front page."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from inspect import isfunction

from app.demo.data.catalogue import Product
from app.demo.data.pictures import boilers, chimneys, devices, pipes, radiators, tanks
from app.demo.data.pictures.canvas import Canvas
from app.demo.data.pictures.heroes import hero
from app.demo.data.pictures.logos import logo
from app.demo.data.pictures.sharing import Pictures, shared

__all__ = ["Pictures", "draw", "hero", "logo", "pictures"]

MODULES = (boilers, radiators, pipes, chimneys, tanks, devices)
# Goods that hang or lie in the air of the picture have no floor behind them.
ON_THE_WALL = frozenset(
    {
        "wall_boiler", "electric_boiler", "panel_radiator", "section_radiator", "tube_radiator", "towel_rail",
        "thermostat",
        "controller", "power_unit", "pump", "pump_group", "manifold", "mixing_unit", "water_heater",
    }
)  # fmt: skip


def draw(product: Product) -> bytes:
    """The picture of a product: 800 by 800, WebP; the same product always looks the same."""
    canvas = Canvas(floor=product.picture not in ON_THE_WALL)
    _put(canvas, product)
    return canvas.webp()


def pictures(products: Sequence[Product]) -> Pictures:
    """The pictures that a catalogue needs: products that look the same share one."""
    return shared(products, _put)


def _put(canvas: Canvas, product: Product) -> None:
    _drawings()[product.picture](canvas, product)


@lru_cache(maxsize=1)
def _drawings() -> Mapping[str, Callable[[Canvas, Product], None]]:
    """Each drawing by its name, which is the name products give their picture."""
    return {
        name: each
        for module in MODULES
        for name, each in vars(module).items()
        if isfunction(each) and each.__module__ == module.__name__
    }
