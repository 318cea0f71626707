"""What a drawing wants to know of a product."""

from app.demo.data.catalogue import Product
from app.demo.data.pictures.canvas import COLOURS, Colour


def number(product: Product, code: str, otherwise: float) -> float:
    """A fact as a number, where the product has it."""
    value = product.attributes.get(code, otherwise)
    return float(value) if isinstance(value, int | float) else otherwise


def word(product: Product, code: str, otherwise: str = "") -> str:
    """A fact as a word, where the product has it."""
    return str(product.attributes.get(code, otherwise))


def colour_of(product: Product, otherwise: str = "white") -> Colour:
    """The colour the product is made in."""
    return COLOURS[word(product, "colour", otherwise)]
