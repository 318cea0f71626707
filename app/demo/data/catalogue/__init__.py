"""The catalogue of «Очаг», the invented manufacturer of the demo network."""

from app.demo.data.catalogue.assemble import catalogue
from app.demo.data.catalogue.shapes import (
    Attribute,
    Catalogue,
    Category,
    Option,
    Product,
    Text,
    Value,
    VatRate,
)

__all__ = ["Attribute", "Catalogue", "Category", "Option", "Product", "Text", "Value", "VatRate", "catalogue"]
