"""What kind an attribute is, judged by all its values: numbers, yes or no, a few choices, or just text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from .records import AttributeValue
from .values import number

MOST_CHOICES = 30
LONGEST_CHOICE = 60
LONGEST_DIGITS = 9
YES = frozenset({"да", "есть", "yes", "true", "истина", "1"})
NO = frozenset({"нет", "no", "false", "ложь", "0"})
FLAGS = (YES | NO) - {"1", "0"}


@dataclass(slots=True)
class Census:
    """Counts of the values an attribute has in a file."""

    seen: int = 0
    numbers: int = 0
    flags: int = 0
    are_several: bool = False
    longest: int = 0
    distinct: set[str] = field(default_factory=set)

    def add(self, value: AttributeValue) -> None:
        """Count one product's value."""
        self.seen += 1
        if not isinstance(value, str):
            self.are_several = True
            return
        self.longest = max(self.longest, len(value))
        self.numbers += _is_number(value)
        self.flags += value.lower() in FLAGS
        if len(self.distinct) <= MOST_CHOICES:
            self.distinct.add(value)


def kind_of(declared: str, census: Census) -> tuple[str, bool]:
    """The kind, and whether people may narrow a list by it."""
    few = 2 <= len(census.distinct) <= MOST_CHOICES
    if census.are_several:
        return "text", False
    if census.numbers == census.seen:
        return "number", len(census.distinct) > 1
    if census.flags == census.seen or declared == "bool":
        return "bool", census.seen > 1
    repeats = len(census.distinct) * 2 <= census.seen
    if declared == "choice" or (repeats and few and census.longest <= LONGEST_CHOICE):
        return "choice", few
    return "text", False


def typed(kind: str, value: AttributeValue) -> str | int | float | bool | None:
    """The value as an attribute of that kind keeps it (a choice still by its words); None if it does not fit."""
    text = value if isinstance(value, str) else ", ".join(value)
    if kind == "number":
        amount = number(text)
        return None if amount is None else _plain(amount)
    if kind == "bool":
        word = text.lower()
        return True if word in YES else False if word in NO else None
    return text


def retail_type(names: Iterable[tuple[str, str]]) -> str | None:
    """Which of the price types (id and name) is the retail one: by name, else the first; None where there is none."""
    types = list(names)
    for words in (("retail", "рознич", "ррц", "rrp"), ("рекоменд", "сайт", "интернет", "базов", "основн")):
        for external_id, name in types:
            if external_id == words[0] or any(word in name.lower() for word in words):
                return external_id
    return types[0][0] if types else None


def _is_number(text: str) -> bool:
    amount = number(text)
    return amount is not None and abs(amount.adjusted()) < LONGEST_DIGITS and not _is_code(text)


def _is_code(text: str) -> bool:
    """`007` is a code, not a number."""
    return len(text) > 1 and text.startswith("0") and text.isdigit()


def _plain(amount: Decimal) -> int | float:
    return int(amount) if amount == amount.to_integral_value() else float(amount)
