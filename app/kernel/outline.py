"""An outline on the map as PostgreSQL's own `polygon`: it keeps it small and tells fast whether a point lies in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.base import ischema_names

Points = tuple[tuple[float, float], ...]
"""`(lon, lat)` of each corner, the first not said again at the end."""

PAIR = re.compile(r"\(([^(),]+),([^(),]+)\)")


class Outline(sa.types.UserDefinedType[Points]):
    """A column of corners."""

    cache_ok = True

    def get_col_spec(self, **_options: Any) -> str:
        """The name PostgreSQL knows it by."""
        return "polygon"

    def bind_expression(self, bindvalue: sa.BindParameter[Points]) -> sa.ColumnElement[Points]:
        """What is sent is text, and says what it is."""
        return sa.cast(bindvalue, self)

    def bind_processor(self, dialect: sa.Dialect) -> Callable[[Sequence[Sequence[float]] | None], str | None]:
        """Corners as PostgreSQL writes them."""

        def written(points: Sequence[Sequence[float]] | None) -> str | None:
            return points and "(" + ",".join(f"({lon!r},{lat!r})" for lon, lat in points) + ")"

        return written

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Callable[[str | None], Points | None]:
        """Corners as numbers."""

        def read(text: str | None) -> Points | None:
            return None if text is None else tuple((float(lon), float(lat)) for lon, lat in PAIR.findall(text))

        return read


ischema_names["polygon"] = Outline  # the dialect knows no polygons, and migrations are compared with the models
