"""What a letter says of a lead: fields of forwarded forms, else what can be found in free words. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

import phonenumbers

from blueprints.leads.importing.columns import propose
from blueprints.leads.importing.drafts import LONGEST, normal_email, normal_phone, read
from blueprints.leads.mailbox.letter import Letter

FIELD = re.compile(r"^[\s*•-]*([^\W\d_][\w .\-]{1,30}?)\s*[:：]\s*(\S.{0,1000})$", re.MULTILINE)
TOWN = re.compile(r"\b(?:г\.|город[еа]?|из|in|from)\s*([А-ЯЁA-Z][\w-]+(?:[ -][А-ЯЁA-Z][\w-]+)?)")
ARTICLE = re.compile(
    r"\b(?=[A-Z0-9-]{0,60}\d)[A-Z]{2,20}[A-Z0-9]{0,20}(?:-[A-Z0-9]{1,20}){1,6}(?:\s*[xх×*]\s*\d{1,4})?", re.IGNORECASE
)
CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
KINDS = (
    ("installation", r"монтаж|установ[кит]|install"),
    ("quote", r"расч[её]т|посчита|рассчита|смет|стоимост|коммерческ|прайс|\bquote|\bprice"),
    ("callback", r"перезвон|позвон|call (me|us)? ?back|call me"),
)


def understand(letter: Letter) -> tuple[Mapping[str, str], str]:
    """What is said, by the names of `columns.TARGETS`, and the kind of the lead; whom to answer is the writer."""
    fields = dict(reversed(FIELD.findall(letter.text)[:40]))
    targets = propose(list(fields))
    draft = read(0, targets, list(fields.values()))
    said = dict(draft.said)
    said.pop("external_id", None)
    words = f"{letter.subject}\n{letter.text}"
    if "phone" not in said and (number := _phone(words)):
        said["phone"] = number
    if "email" not in said and (address := normal_email(letter.sender)):
        said["email"] = address
    said.setdefault("name", letter.name or letter.sender or "—")
    if "city" not in said and (town := TOWN.search(words)):
        said["city"] = town[1]
    said.setdefault("goods", "; ".join(dict.fromkeys(ARTICLE.findall(words)))[: LONGEST["goods"]])
    said["comment"] = words.strip()[: LONGEST["comment"]]
    return said, _kind(words) if "kind" not in targets else draft.kind


def language_of(letter: Letter) -> str:
    """The language the writer is answered in: who writes Cyrillic reads Russian."""
    return "ru" if CYRILLIC.search(f"{letter.subject}\n{letter.text}") else "en"


def _phone(words: str) -> str | None:
    for found in phonenumbers.PhoneNumberMatcher(words[:5000], "RU", max_tries=200):
        return normal_phone(found.raw_string)
    return None


def _kind(words: str) -> str:
    lower = words.lower()
    return next((kind for kind, pattern in KINDS if re.search(pattern, lower)), "question")
