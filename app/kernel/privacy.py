"""The words in which personal data is declared: what a column holds, whose it is, and what erasure makes of it.

The declarations themselves stand in `tenants/personal_data.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

KINDS = ("name", "contact", "address", "free_text", "letter", "credential", "technical", "payment")
"""Classes of personal data; `letter` is the text of a mail or of a reply that may quote others."""

PEOPLE = ("customer", "staff", "dealer")
"""Whose data it is: a consumer's, a member of staff's, or that of a dealer's contact person."""

BASES = ("contract", "consent", "law", "interest")
"""Legal grounds of 152-FZ, article 6, part 1: points 5, 1, 2 and 7."""

FATES = {
    "row": None,
    "kept": None,
    "null": "NULL",
    "name": ":pseudonym",
    "empty": "'{}'",
    "mailbox": "'erased-' || id || '@erased.invalid'",
    "contact": "jsonb_build_object('name', CAST(:pseudonym AS text), 'email', NULL, 'phone', NULL, 'address', NULL,"
               " 'comment', NULL)",
}
"""What erasure writes in place of a value, as SQL; `row`: the row goes; `kept`: the law has us keep it."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column with personal data: its class, and its fate when the person is erased."""

    kind: str
    fate: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A table with personal data.

    `find` is the SQL condition of the rows of a person, written with what is known of him so far
    (`:emails :phones :quotes :customers :staff :orders :carts :leads :numbers :names`); `yields` tells which of
    its columns make more known. `ends` holds, by the name of a term, the condition of rows whose time is over at
    `:before`. `shown` are columns beside the personal ones that make an export understandable. `why` says
    what obliges to keep what is kept; `ends_with_row`, that in the end rows go which erasure of a person leaves.
    """

    whose: tuple[str, ...]
    purpose: str
    basis: str
    find: str
    personal: Mapping[str, Column]
    plain: str = ""
    shown: str = ""
    yields: Mapping[str, str] = field(default_factory=dict)
    ends: Mapping[str, str] = field(default_factory=dict)
    ends_with_row: bool = False
    why: str = ""

    @property
    def is_deleted(self) -> bool:
        """Whether erasure takes whole rows."""
        return any(column.fate == "row" for column in self.personal.values())

    @property
    def changes(self) -> dict[str, str]:
        """New values by column, as SQL; nothing when rows are deleted or everything is kept."""
        values = ((name, FATES[column.fate]) for name, column in self.personal.items())
        return {} if self.is_deleted else {name: value for name, value in values if value is not None}
