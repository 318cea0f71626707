"""What goods and offers of a file refer to, learnt while the file is read."""

from __future__ import annotations

from dataclasses import dataclass, field

from .records import AttributeRecord, PriceTypeRecord


@dataclass(slots=True)
class Directory:
    """Known categories, properties, price types, warehouses and units; pass it on to the next file of an exchange."""

    categories: set[str] = field(default_factory=set)
    attributes: dict[str, AttributeRecord] = field(default_factory=dict)
    price_types: dict[str, PriceTypeRecord] = field(default_factory=dict)
    warehouses: set[str] = field(default_factory=set)
    units: dict[str, str] = field(default_factory=dict)
    found: list[AttributeRecord] = field(default_factory=list)

    def attribute_named(self, external_id: str, name: str, unit: str = "") -> str:
        """The id of an attribute that only goods mention; it is found once and yielded before its product."""
        key = external_id or (f"{name}, {unit}" if unit else name)
        if key not in self.attributes:
            self.attributes[key] = AttributeRecord(key, name, unit=unit)
            self.found.append(self.attributes[key])
        return key

    def take_found(self) -> list[AttributeRecord]:
        """Attributes found since the last call."""
        found, self.found = self.found, []
        return found
