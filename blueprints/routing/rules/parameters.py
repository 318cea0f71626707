"""Parameters of criteria, described once: the check of a profile and the form that edits it both come from here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, Literal

from app.kernel.words import _

WORD_LIMIT = 80


@dataclass(frozen=True)
class Parameter:
    """What values one parameter takes."""

    kind: Literal["number", "choice", "flag", "word"]
    unit: str = ""
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()
    is_optional: bool = False

    def problem_with(self, value: Any) -> str | None:
        """Why the value cannot be taken, as the end of a sentence; `None` if it can."""
        if value is None and self.is_optional:
            return None
        if self.kind == "flag":
            return None if isinstance(value, bool) else _("must be yes or no")
        if self.kind == "choice":
            return None if value in self.choices else _("must be one of: %(choices)s", choices=", ".join(self.choices))
        return self._problem_with_word(value) if self.kind == "word" else self._problem_with_number(value)

    def _problem_with_word(self, value: Any) -> str | None:
        if isinstance(value, str) and 0 < len(value.strip()) <= WORD_LIMIT:
            return None
        return _("must be a text of at most %(most)s characters", most=WORD_LIMIT)

    def _problem_with_number(self, value: Any) -> str | None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return _("must be a number")
        if self.least is not None and not value >= self.least:
            return _("must be at least %(least)s", least=self.least)
        if self.most is not None and not value <= self.most:
            return _("must be at most %(most)s", most=self.most)
        return None


def number(default: float | None, *, unit: str = "", least: float | None = None, most: float | None = None) -> Any:
    """A field holding a number; a default of `None` makes it optional."""
    about = Parameter("number", unit, least, most, is_optional=default is None)
    return field(default=default, metadata={"parameter": about})


def choice(default: str, *others: str) -> Any:
    """A field holding one of a few words, the default first."""
    return field(default=default, metadata={"parameter": Parameter("choice", choices=(default, *others))})


def word() -> Any:
    """An optional field holding a name in free words."""
    return field(default=None, metadata={"parameter": Parameter("word", is_optional=True)})


def flag(default: bool = False) -> Any:
    """A field holding yes or no."""
    return field(default=default, metadata={"parameter": Parameter("flag")})


def parameters(of: type) -> Iterator[tuple[str, Parameter, Any]]:
    """Name, description and default of each parameter of a criterion, in order."""
    for each in fields(of):
        if "parameter" in each.metadata:
            yield each.name, each.metadata["parameter"], None if each.default is MISSING else each.default
