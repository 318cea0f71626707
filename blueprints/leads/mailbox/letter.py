"""A letter as it came, read without trusting it: size, depth and text are bounded, attachments left alone. Pure."""

from __future__ import annotations

import hashlib
import re
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import getaddresses
from html.parser import HTMLParser
from typing import NamedTuple

LARGEST = 1024 * 1024
MOST_PARTS, MOST_HOPS, LONGEST = 50, 30, 20_000
AUTOMATIC = ("x-autoreply", "x-autorespond", "x-auto-response-suppress", "x-failed-recipients")
SKIPPED = frozenset({"script", "style", "head", "title"})
BREAKS = frozenset({"p", "br", "div", "tr", "li", "table", "h1", "h2", "h3", "blockquote"})
QUOTED = re.compile(r"^\s*(>|-{2,}\s*(original message|исходное сообщение|forwarded)|_{20,})", re.IGNORECASE)
UNKEPT = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


class Letter(NamedTuple):
    """Who wrote, what about, in which words; `mark` is the same whenever the same letter comes again."""

    mark: str
    sender: str
    name: str
    subject: str
    text: str


class Refused(Exception):
    """A letter that is no lead; `reason` is one of `wording.REASONS`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def mark_of(raw: bytes) -> str:
    """What tells a letter from others before it is read whole: its Message-ID, or all of it."""
    found = re.search(rb"^message-id:\s*(<[^>\r\n]{1,900}>)", raw[:65_536].split(b"\r\n\r\n")[0], re.IGNORECASE | re.M)
    return hashlib.sha256(found[1] if found else raw).hexdigest()[:32]


def read(raw: bytes, *, ourselves: str = "") -> Letter:
    """The letter, or `Refused` with the reason: too large, broken, automatic, a mass mail, a loop, without words."""
    if len(raw) > LARGEST:
        raise Refused("too_large")
    try:
        message = BytesParser(policy=policy.default).parsebytes(raw)
        _check(message)
        text = _text(message)
        subject, (name, sender) = _header(message, "subject"), _sender(message)
    except (RecursionError, ValueError, LookupError, AttributeError, TypeError, IndexError, AssertionError):
        raise Refused("broken") from None
    if sender and sender == ourselves.lower():
        raise Refused("loop")
    if not text and not subject:
        raise Refused("empty")
    return Letter(mark_of(raw), sender, name, subject, text)


def _check(message: EmailMessage) -> None:
    """Answers of machines and mass mails are no leads, and nothing is answered to them."""
    if _header(message, "auto-submitted").lower() not in ("", "no") or any(message[name] for name in AUTOMATIC):
        raise Refused("automatic")
    if message.get("return-path", "").strip() == "<>" or message.get_content_type() == "multipart/report":
        raise Refused("automatic")
    if _header(message, "precedence").lower() in ("bulk", "list", "junk") or message["list-id"]:
        raise Refused("bulk")
    if len(message.get_all("received", [])) > MOST_HOPS:
        raise Refused("loop")


def _sender(message: EmailMessage) -> tuple[str, str]:
    """Name and address of whom to answer."""
    told = [str(value) for key in ("reply-to", "from") for value in message.get_all(key, [])]
    pairs = [(name, address) for name, address in getaddresses(told) if "@" in address]
    name, address = pairs[0] if pairs else ("", "")
    return _clean(name)[:120], address.strip().lower()[:200]


def _text(message: EmailMessage) -> str:
    """The words of the letter: its plain part, else its HTML as text."""
    plain, rich = "", ""
    for number, part in enumerate(message.walk()):
        if number > MOST_PARTS:
            break
        if part.is_multipart() or part.get_filename() or part.get_content_disposition() == "attachment":
            continue
        if part.get_content_type() == "text/plain" and not plain:
            plain = _decoded(part)
        elif part.get_content_type() == "text/html" and not rich:
            rich = as_text(_decoded(part))
    lines = _clean(plain.strip() or rich).splitlines()
    kept = "\n".join(line.strip() for line in lines if not QUOTED.match(line))
    return re.sub(r"\n{3,}", "\n\n", kept).strip()[:LONGEST]


def _decoded(part: EmailMessage) -> str:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    for charset in (part.get_content_charset() or "utf-8", "utf-8", "cp1251"):
        try:
            return data[: LARGEST].decode(charset)
        except (LookupError, UnicodeError):
            continue
    return data.decode("utf-8", "replace")


def as_text(html: str) -> str:
    """HTML as lines of text; nothing of it is loaded or run."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return re.sub(r"[ \t\u00a0]+", " ", "".join(reader.words))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._skipping = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A new line where the browser begins one."""
        if not self._skipping and tag in SKIPPED:
            self._skipping = tag
        elif tag in BREAKS:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """Words again after what is not shown."""
        if tag == self._skipping:
            self._skipping = ""

    def handle_data(self, data: str) -> None:
        """Words that are shown."""
        if not self._skipping:
            self.words.append(data)


def _header(message: EmailMessage, name: str) -> str:
    return _clean(str(message.get(name, "")))[:300].strip()


def _clean(text: str) -> str:
    return UNKEPT.sub(" ", text)
