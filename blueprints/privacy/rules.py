"""Who a person is to a search, until when he is answered, what his erased name becomes: no session, no clock."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import holidays

TERMS: dict[str, str] = {
    "sales": "keep_sales_days",
    "lost_leads": "keep_lost_leads_days",
    "letters": "keep_letters_days",
    "carts": "keep_carts_days",
    "sessions": "keep_sessions_days",
    "applications": "keep_applications_days",
    "replies": "keep_replies_days",
    "acts": "keep_acts_days",
}
"""The setting that says how many days each term lasts."""

WORKING_DAYS_TO_ANSWER = 10
"""152-FZ, art. 20, part 1 and art. 21, part 5.1."""

PHONE_LENGTH = 10
"""Digits that tell two numbers of Russia apart, whatever stands before them."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom to look for: `whose` data, mail addresses in lower case, phones by their last ten digits."""

    whose: str
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()

    @property
    def quotes(self) -> list[str]:
        """Patterns of texts that quote a contact: this very address or number, no longer one that holds it."""
        addresses = (rf"(^|[^[:alnum:]._%+-]){re.escape(email)}($|[^[:alnum:].-])" for email in self.emails)
        numbers = (rf"(^|\D)(\+?7|8)?{digits}($|\D)" for digits in self.phones)
        return [*addresses, *numbers]


def subject(*, whose: str, email: str | None = None, phone: str | None = None) -> Subject:
    """The person with that mail address, phone number, or both, in any spelling."""
    digits = re.sub(r"\D", "", phone or "")[-PHONE_LENGTH:]
    address = (email or "").strip().lower()
    return Subject(
        whose, (address,) if "@" in address else (), (digits,) if len(digits) == PHONE_LENGTH else (),
    )


def answer_until(received_on: date, days_off: Iterable[date] | None = None) -> date:
    """The last day to answer: ten working days after the request came."""
    off = set(days_off) if days_off is not None else holidays.country_holidays("RU")
    day, left = received_on, WORKING_DAYS_TO_ANSWER
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5 and day not in off
    return day


def fingerprints(words: Iterable[str], key: bytes) -> list[str]:
    """Prints of erased contacts: who knows a contact and holds the key can compare, nobody can read it back."""
    return sorted(hmac.new(key, word.encode(), hashlib.sha256).hexdigest()[:32] for word in words)
