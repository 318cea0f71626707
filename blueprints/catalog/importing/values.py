"""Texts of a file made into values: clean text, numbers as people write them, prices, quantities, VAT, units.

What does not fit is noted with the reason and gives nothing; these functions never raise.
"""

from __future__ import annotations

import re
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from urllib.parse import urlsplit

from app.kernel.cells import Cell, CellError
from app.kernel.money import Money

from .problems import Notes

LONGEST_NUMBER = 40
MOST_MONEY = Decimal(1_000_000_000)
MOST_PIECES = Decimal(1_000_000_000)
KOPECK = Decimal("0.01")
EXEMPT = re.compile(r"без\s*(налога|ндс)|no.?vat|without|exempt|не\s*облагается", re.IGNORECASE)
VAT_RATES = {Decimal(rate) for rate in (0, 5, 7, 10, 18, 20, 22)}
CURRENCIES = {"RUB", "USD", "EUR", "KZT", "BYN", "CNY", "GBP", "TRY", "UZS", "KGS", "AMD", "GEL", "AED", "INR", "CHF"}
CURRENCY_NAMES = {
    name: code
    for code, names in {
        "RUB": ("", "RUR", "РУБ", "РУБ.", "Р", "Р.", "₽", "РУБЛЬ", "РУБЛИ", "643", "810"),
        "USD": ("$", "ДОЛЛ", "ДОЛЛ.", "840"),
        "EUR": ("€", "ЕВРО", "978"),
        "KZT": ("ТЕНГЕ", "398"),
        "BYN": ("BYR", "933"),
        "CNY": ("ЮАНЬ", "156"),
    }.items()
    for name in names
}
# the short Russian name of a unit, its code in ОКЕИ, and other words for it
UNIT_WORDS = {
    "шт": ("796", "шт.", "штука", "штуки", "штук", "pcs", "pc", "piece"),
    "пар": ("715", "пара", "пары"),
    "м": ("006", "6", "м.", "метр", "m"),
    "пог. м": ("018", "18", "пог.м", "п.м.", "п. м"),
    "м²": ("055", "55", "м2", "кв.м", "кв. м"),
    "м³": ("113", "м3", "куб.м", "куб. м"),
    "л": ("112", "л.", "литр"),
    "г": ("163", "грамм"),
    "кг": ("166", "кг.", "килограмм", "kg"),
    "т": ("168", "тонна"),
    "лист": ("625", "листов"),
    "набор": ("704", "наб."),
    "рул": ("736", "рулон", "рул."),
    "упак": ("778", "упаковка", "уп", "уп.", "упак.", "pack"),
    "ящ": ("812", "ящик"),
    "компл": ("839", "комплект", "компл.", "set"),
}
UNITS = {word: short for short, words in UNIT_WORDS.items() for word in words}
# controls, and the marks that turn the direction of text around
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
SPACES = re.compile(r"\s+")
IN_NUMBER = re.compile(r"[\s'’]|руб(?:лей|ля|ль)?\.?|р\.|р$|rub|rur|[₽$€%]", re.IGNORECASE)
NUMBER = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+|\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d{1,3}(?:\.\d{3})+(?:,\d*)?)")


def line_of(text: str) -> str:
    """One clean line of text."""
    if text.isprintable() and "  " not in text:
        return text.strip()
    return SPACES.sub(" ", UNSEEN.sub("", text)).strip()


def text_of(text: str) -> str:
    """Clean text that may have several lines."""
    return UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def clipped(text: str, cap: int, name: str, notes: Notes) -> str:
    """The text, cut with a note if it is longer than `cap`."""
    if len(text) <= cap:
        return text
    notes.warn("text_too_long", name, text, cap=cap)
    return text[:cap]


def cell_text(cell: Cell) -> str:
    """A cell as a person sees it; whole numbers without a decimal part."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        return cell.strftime("%d.%m.%Y")
    return format(cell, "f") if isinstance(cell, Decimal) and abs(cell.adjusted()) < LONGEST_NUMBER else str(cell)


def number(value: Cell) -> Decimal | None:
    """A number as people write it: `12 345,50 ₽`, `1.234,50`, `12345.5`; `None` if it is none.

    A single comma or dot is the decimal mark; where both occur, or one repeats, groups of three are thousands.
    """
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    if not isinstance(value, str) or isinstance(value, CellError) or len(value) > LONGEST_NUMBER:
        return None
    text = IN_NUMBER.sub("", value)
    if not text.isascii() or not NUMBER.fullmatch(text):
        return None
    mark = max(text.rfind(","), text.rfind("."))
    if mark >= 0 and text.count(text[mark]) > 1:
        mark = len(text)
    whole, fraction = (text, "") if mark < 0 else (text[:mark], text[mark + 1 :])
    digits = whole.replace(",", "").replace(".", "")
    return Decimal(f"{digits or '0'}.{fraction}" if fraction else digits)


def price(value: Cell, currency: str, name: str, notes: Notes) -> Money | None:
    """A price above zero in a known currency, rounded to kopecks with a note."""
    amount = number(value)
    if amount is None:
        notes.warn("price_not_number", name, cell_text(value))
    elif amount < 0:
        notes.warn("price_negative", name, cell_text(value))
    elif amount > MOST_MONEY:
        notes.warn("price_too_big", name, cell_text(value))
    elif amount == 0:
        notes.warn("price_zero", name)
    else:
        return _money(amount, currency, name, notes)
    return None


def _money(amount: Decimal, currency: str, name: str, notes: Notes) -> Money | None:
    rounded = amount.quantize(KOPECK, rounding=ROUND_HALF_UP)
    if rounded != amount:
        notes.warn("price_rounded", name, format(amount, "f"), read=format(rounded, "f"))
    if rounded == 0:
        return None
    return Money.of(rounded, currency)


def currency_code(value: str, name: str, notes: Notes) -> str | None:
    """The ISO 4217 code; roubles if nothing is said."""
    code = line_of(value).upper()
    code = CURRENCY_NAMES.get(code, code)
    if code not in CURRENCIES:
        notes.warn("currency_unknown", name, value)
        return None
    return code


def quantity(value: Cell, name: str, notes: Notes) -> Decimal | None:
    """A quantity from zero up; below zero, as 1C may say after a sale without receipt, becomes zero with a note."""
    amount = number(_without_words(value))
    if amount is None:
        notes.warn("quantity_not_number", name, cell_text(value))
    elif amount < 0:
        notes.warn("quantity_negative", name, cell_text(value))
        return Decimal(0)
    elif amount > MOST_PIECES:
        notes.warn("quantity_too_big", name, cell_text(value))
        return None
    return amount


def _without_words(value: Cell) -> Cell:
    """`> 10`, `10 шт.` say ten."""
    if isinstance(value, str) and not isinstance(value, CellError) and len(value) <= LONGEST_NUMBER:
        return re.sub(r"^\s*[>≥]\s*|\s*(шт|компл|упак|м|кг|л|pcs)\.?\s*$", "", value, flags=re.IGNORECASE)
    return value


def vat(value: Cell, name: str, notes: Notes) -> tuple[Decimal | None, bool]:
    """The VAT rate in percent, and whether the goods are exempt."""
    text = line_of(cell_text(value))
    if not text:
        return None, False
    if EXEMPT.search(text):
        return None, True
    rate = number(re.sub(r"(?i)^(vat|ндс)[ _]*|[/_]1\d\d$", "", text))
    if isinstance(value, Decimal) and rate is not None and 0 < rate < 1:
        # a cell formatted as percent holds the fraction
        rate *= 100
    if rate in VAT_RATES:
        return Decimal(int(rate)), False
    notes.warn("vat_unknown", name, text)
    return None, False


def unit(text: str, code: str = "") -> str:
    """The short Russian name of a unit, by its ОКЕИ code or by the word in the file."""
    word = line_of(text)
    return UNITS.get(code.strip()) or UNITS.get(word.lower(), word[:16])


def picture(text: str, notes: Notes) -> str | None:
    """A file name inside the package, or an http address; anything that points elsewhere is refused."""
    name = line_of(text).replace("\\", "/")
    if not name:
        return None
    if "://" in name or name.startswith("//"):
        good = _is_web_address(name)
    else:
        good = not name.startswith("/") and ".." not in name.split("/") and ":" not in name
    if good and len(name) <= 1000:
        return name
    notes.warn("picture_refused", "pictures", text)
    return None


def _is_web_address(address: str) -> bool:
    """Whether the address is http or https and names a host."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None
