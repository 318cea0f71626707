"""The towns and regions of the country as a form offers them and reads them back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from app.web.locale import localized
from blueprints.routing.territories import queries
from tenants.models import City


@dataclass(frozen=True)
class Atlas:
    """Towns, the largest first, and names of regions by code in the reader's language."""

    cities: Sequence[City]
    region_names: Mapping[str, str]

    @cached_property
    def labels(self) -> dict[int, str]:
        """What each town is called; where names repeat, all but the largest with their region."""
        seen: Counter[str] = Counter()
        labels = {}
        for city in self.cities:
            name = localized(city)
            labels[city.id] = f"{name} ({self.region_names[city.region_code]})" if seen[name] else name
            seen[name] += 1
        return labels

    def find(self, words: str) -> City | None:
        """The largest town called so, in either language, or as its label says."""
        return self._by_name.get(_folded(words))

    @cached_property
    def _by_name(self) -> dict[str, City]:
        found: dict[str, City] = {}
        for city in self.cities:
            for name in (self.labels[city.id], city.name_ru, city.name_en):
                found.setdefault(_folded(name), city)
        return found


def atlas(cities: Sequence[City] | None = None) -> Atlas:
    """The country; two queries, one if the towns are at hand already."""
    names = {region.code: localized(region) for region in queries.all_regions()}
    ordered = sorted(names.items(), key=lambda one: one[1])
    return Atlas(queries.all_cities() if cities is None else cities, dict(ordered))


def _folded(text: str) -> str:
    return text.strip().lower().replace("ё", "е")
