"""A row of a table as a lead to be: what it says, and what is wrong with it, as codes. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from flask_babel.speaklater import LazyString

from app.kernel.words import _l

LONGEST = {
    "name": 200, "company": 200, "city": 60, "address": 300, "goods": 1000, "comment": 2000, "campaign": 60,
    "external_id": 120, "email": 200, "phone": 60,
}
KINDS = {
    "callback": "звонок|перезвонить|обратный звонок|call|callback|call back",
    "question": "вопрос|консультация|question", "quote": "расчет|смета|кп|коммерческое предложение|цена|quote|offer",
    "installation": "монтаж|установка|installation|install",
}
BY_WORD = {word: kind for kind, words in KINDS.items() for word in words.split("|")}
BY_WORD_FOUND = re.compile("|".join(rf"\b{re.escape(word)}\b" for word in sorted(BY_WORD, key=len, reverse=True)))
"""The kind of “Расчёт котла” is that of its first word we know."""
LANGUAGES = {"ru": "ru|рус|русский|russian|rus", "en": "en|англ|английский|english|eng"}
BY_LANGUAGE = {word: code for code, words in LANGUAGES.items() for word in words.split("|")}
SENTENCES: dict[str, LazyString] = {
    "no_contact": _l("There is neither a phone nor an e-mail. Fill in one of them."),
    "phone_wrong": _l("“%(value)s” is no phone number. Write it with its area code, for example +7 916 123-45-67."),
    "email_wrong": _l("“%(value)s” is no e-mail address."),
    "too_long": _l("The text is cut to %(cap)s characters."),
    "kind_unknown": _l("“%(value)s” is none of: call back, question, quote, installation. It is taken as a question."),
    "locale_unknown": _l("“%(value)s” is neither Russian nor English. The customer is written to in your language."),
    "city_unknown": _l("There is no city “%(value)s” in our list; it is kept in the note."),
    "goods_unknown": _l("There is no article number %(value)s; it is kept in the note."),
    "joined_to": _l("The same customer has lead № %(value)s open: the row is joined to it."),
    "too_many_rows": _l("Only the first %(cap)s rows are taken. Put the rest into another file."),
}
LEFT_OUT = frozenset({"no_contact", "too_many_rows"})
"""What costs the row; the rest costs a field."""
UNKEPT = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff]")


class Flaw(NamedTuple):
    """What is wrong with which field."""

    code: str
    field: str
    value: str = ""
    cap: int = 0


class Draft(NamedTuple):
    """What a row says, normalised; `flaws` of code `LEFT_OUT` mean that it is not taken."""

    number: int
    said: Mapping[str, str]
    kind: str
    flaws: tuple[Flaw, ...]

    @property
    def is_whole(self) -> bool:
        """Whether the row becomes a lead."""
        return not any(flaw.code in LEFT_OUT for flaw in self.flaws)


def read(number: int, targets: Sequence[str], texts: Sequence[str]) -> Draft:
    """The row of this number by what its columns hold."""
    flaws: list[Flaw] = []
    raw = {target: UNKEPT.sub(" ", text).strip() for target, text in zip(targets, texts, strict=False) if target}
    said = {target: _cut(target, text, flaws) for target, text in raw.items() if text}
    kind = _kind(said.pop("kind", ""), said, flaws)
    for field, mend in (("phone", normal_phone), ("email", normal_email)):
        if field in said and (good := mend(said[field])) is None:
            flaws.append(Flaw(f"{field}_wrong", field, said.pop(field)[:60]))
        elif field in said:
            said[field] = good or ""
    if "locale" in said and (word := said.pop("locale")):
        if code := BY_LANGUAGE.get(word.lower().partition("-")[0].strip()):
            said["locale"] = code
        else:
            flaws.append(Flaw("locale_unknown", "locale", word[:60]))
    if not said.get("phone") and not said.get("email"):
        flaws.append(Flaw("no_contact", "phone"))
    return Draft(number, said, kind, tuple(flaws))


def normal_phone(text: str) -> str | None:
    """The number in international form, None if it is none; without a country it is a Russian one."""
    try:
        number = phonenumbers.parse(text[:60], "RU")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def normal_email(text: str) -> str | None:
    """The address if it is one, None if not."""
    try:
        return validate_email(text[:200], check_deliverability=False).normalized
    except EmailNotValidError:
        return None


def _cut(field: str, text: str, flaws: list[Flaw]) -> str:
    cap = LONGEST.get(field, 200)
    if len(text) > cap:
        flaws.append(Flaw("too_long", field, text[:60], cap))
    return text[:cap]


def _kind(word: str, said: Mapping[str, str], flaws: list[Flaw]) -> str:
    told = BY_WORD_FOUND.search(word.lower().replace("ё", "е"))
    known = BY_WORD[told[0]] if told else None
    if word and known is None:
        flaws.append(Flaw("kind_unknown", "kind", word[:60]))
        return "question"
    return known or ("quote" if "goods" in said else "question" if "comment" in said else "callback")
