"""A mail server that delivers nothing: it keeps what it is given, and has a page to read it.

`python -m app.demo.mailcatcher --smtp-port N --http-port N --dir DIR` takes mail by SMTP and shows
it at `http://127.0.0.1:N/`, both on this machine only. The mails are `.eml` files in DIR; beyond
`--keep` of them the oldest go.

For tests: `GET /api/messages?to=<part of an address>` lists them, newest first;
`GET /api/messages/<id>` adds `text`, `html` and `headers`; `DELETE /api/messages` removes all.
"""

import argparse
import base64
import email
import email.policy
import re
import secrets
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import parseaddr
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Blueprint, Flask, Response, abort, current_app, g, redirect, request, url_for
from flask import render_template as render  # house: render -- a program of its own, without tenants and themes
from flask_babel import Babel, format_datetime
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Response as AnyResponse

HOST = "127.0.0.1"
SIZE_LIMIT = 10 * 1024 * 1024
KEEP = 500
IDS = re.compile(r"[0-9]{20}-[0-9a-f]{8}")

PAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-{nonce}'; connect-src 'self';"
    " frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# No script runs and nothing loads from afar; a link that a person clicks opens a tab.
MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation;"
    " default-src 'none'; img-src data: http://*.localhost:* http://127.0.0.1:*;"
    " style-src 'unsafe-inline'; frame-ancestors 'self'"
)

pages = Blueprint("mailcatcher", "app.demo.mailcatcher", template_folder="templates")


@dataclass(frozen=True)
class Mail:
    """One mail as it was received."""

    id: str
    raw: bytes

    @cached_property
    def message(self) -> EmailMessage:
        """The mail, parsed once."""
        return email.message_from_bytes(self.raw, EmailMessage, policy=email.policy.default)

    @property
    def received_at(self) -> datetime:
        """When it came; the id begins with that moment."""
        return datetime.fromtimestamp(int(self.id[:20]) / 1e9, UTC)

    @property
    def recipient(self) -> str:
        """Whom it was sent to, by its envelope."""
        return str(self.message["X-Envelope-To"])

    @property
    def subject(self) -> str:
        """Its subject, empty where it has none."""
        return str(self.message.get("Subject", ""))

    @property
    def site(self) -> str:
        """The name its sender writes under, which is the site's."""
        name, address = parseaddr(str(self.message.get("From", "")))
        return name or address

    @property
    def sender(self) -> str:
        """The address it says it comes from."""
        return parseaddr(str(self.message.get("From", "")))[1]

    @property
    def headers(self) -> list[tuple[str, str]]:
        """All headers, the envelope's two first."""
        return [(name, str(value)) for name, value in self.message.items()]

    @property
    def text(self) -> str | None:
        """The plain part, None where there is none."""
        return self._content("plain")

    @property
    def html(self) -> str | None:
        """The HTML part with its inline pictures put in, its links opening a new tab."""
        html = self._content("html")
        if html is None:
            return None
        for part in self.message.walk():
            if name := str(part.get("Content-ID", "")).strip("<>"):
                html = html.replace(f"cid:{name}", _data_address(part))
        return _links_open_tabs(html)

    def _content(self, kind: str) -> str | None:
        part = self.message.get_body((kind,))
        return str(part.get_content()) if part is not None else None


class Mailbox:
    """The mails of one directory, the newest first."""

    def __init__(self, directory: Path, keep: int = KEEP) -> None:
        self.directory = directory
        self.keep = keep
        directory.mkdir(parents=True, exist_ok=True)

    def put(self, raw: bytes, sender: str, recipients: Sequence[str]) -> str:
        """Keep one mail for each recipient; the id of the last is returned."""
        for recipient in recipients:
            mail_id = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
            envelope = f"X-Envelope-From: {sender}\r\nX-Envelope-To: {recipient}\r\n"
            partial = self.directory / f"{mail_id}.part"
            partial.write_bytes(envelope.encode() + raw)
            partial.replace(self._path(mail_id))
        self._drop_oldest()
        return mail_id

    def find(self, recipient: str = "") -> list[Mail]:
        """Mails to an address that contains `recipient`, the newest first."""
        wanted = recipient.strip().lower()
        mails = [self._read(path) for path in self._paths()]
        return [mail for mail in mails if wanted in mail.recipient.lower()]

    def get(self, mail_id: str) -> Mail | None:
        """The mail of this id, or None."""
        path = self._path(mail_id)
        return self._read(path) if IDS.fullmatch(mail_id) and path.exists() else None

    def clear(self) -> None:
        """Remove all mails."""
        for path in self._paths():
            path.unlink(missing_ok=True)

    def _paths(self) -> list[Path]:
        return sorted(self.directory.glob("*.eml"), reverse=True)

    def _path(self, mail_id: str) -> Path:
        return self.directory / f"{mail_id}.eml"

    def _drop_oldest(self) -> None:
        for path in self._paths()[self.keep :]:
            path.unlink(missing_ok=True)

    @staticmethod
    @lru_cache(maxsize=2 * KEEP)
    def _read(path: Path) -> Mail:
        return Mail(path.stem, path.read_bytes())


class Receiver:
    """What the SMTP server does with a mail."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep the mail and answer the sender."""
        content = envelope.content
        raw = content.encode() if isinstance(content, str) else content or b""
        mail_id = self.mailbox.put(raw, envelope.mail_from or "", envelope.rcpt_tos)
        return f"250 OK, kept as {mail_id}"


@pages.get("/")
def inbox() -> str:
    """The list of mails."""
    recipient = request.args.get("to", "")
    return render("mailcatcher/inbox.html", mails=_mailbox().find(recipient), recipient=recipient)


@pages.get("/mail/<mail_id>")
def read(mail_id: str) -> str:
    """One mail with its tabs."""
    return render("mailcatcher/mail.html", mail=_mail(mail_id), part=request.args.get("part", ""))


@pages.get("/mail/<mail_id>/html")
def html(mail_id: str) -> Response:
    """The HTML part alone, for the frame."""
    response = Response(_mail(mail_id).html or "", mimetype="text/html")
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response


@pages.get("/mail/<mail_id>/source")
def source(mail_id: str) -> Response:
    """The mail as it came over the wire."""
    return Response(_mail(mail_id).raw, mimetype="text/plain")


@pages.post("/clear")
def clear() -> AnyResponse:
    """Remove all, by the button."""
    _mailbox().clear()
    return redirect(url_for(".inbox"))


@pages.get("/api/messages")
def messages() -> dict[str, Any]:
    """The list, for tests."""
    return {"messages": [_summary(m) for m in _mailbox().find(request.args.get("to", ""))]}


@pages.get("/api/messages/<mail_id>")
def message(mail_id: str) -> dict[str, Any]:
    """One mail with its parts, for tests."""
    mail = _mail(mail_id)
    return {**_summary(mail), "text": mail.text, "html": mail.html, "headers": mail.headers}


@pages.delete("/api/messages")
def delete_messages() -> tuple[str, int]:
    """Remove all, for tests."""
    _mailbox().clear()
    return "", 204


@pages.before_request
def refuse_other_sites() -> None:
    """Another site's page may not empty the box."""
    if request.method != "GET" and request.headers.get("Sec-Fetch-Site", "none") not in (
        "none",
        "same-origin",
    ):
        abort(403)


@pages.after_request
def guard(response: Response) -> Response:
    """The headers of every answer."""
    response.headers.setdefault("Content-Security-Policy", PAGE_POLICY.format(nonce=_nonce()))
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


def create_app(mailbox: Mailbox) -> Flask:
    """The page over one mailbox."""
    app = Flask("app.demo.mailcatcher")
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(Path(__file__).parent / "translations")
    Babel(app, locale_selector=_locale)
    app.extensions["mailbox"] = mailbox
    app.jinja_env.globals.update(nonce=_nonce, locale=_locale)
    app.jinja_env.filters["moment"] = _moment
    app.register_blueprint(pages)
    return app


def _mailbox() -> Mailbox:
    mailbox: Mailbox = current_app.extensions["mailbox"]
    return mailbox


def _mail(mail_id: str) -> Mail:
    return _mailbox().get(mail_id) or abort(404)


def _summary(mail: Mail) -> dict[str, Any]:
    return {
        "id": mail.id,
        "received_at": mail.received_at.isoformat(),
        "site": mail.site,
        "from": mail.sender,
        "to": mail.recipient,
        "subject": mail.subject,
    }


def _nonce() -> str:
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return str(g.nonce)


def _locale() -> str:
    return request.accept_languages.best_match(["ru", "en"], "ru")


def _moment(at: datetime) -> str:
    local = at.astimezone()
    return str(format_datetime(local, "d MMM, HH:mm:ss", rebase=False))


def _data_address(part: Any) -> str:
    content = base64.b64encode(part.get_payload(decode=True) or b"").decode()
    return f"data:{part.get_content_type()};base64,{content}"


def _links_open_tabs(html: str) -> str:
    base = '<base target="_blank">'
    head = re.search(r"<head[^>]*>", html, re.IGNORECASE)
    return f"{html[: head.end()]}{base}{html[head.end() :]}" if head else base + html


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_: object) -> None:
        """The page asks for news every few seconds: no log of that."""


def main() -> None:
    """Take mail and show it until told to end."""
    parser = argparse.ArgumentParser(description="Keeps mail instead of delivering it")
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    parser.add_argument("--dir", type=Path, required=True, help="where the mails are kept")
    parser.add_argument("--keep", type=int, default=KEEP, help="how many of them")
    options = parser.parse_args()
    mailbox = Mailbox(options.dir, options.keep)
    smtp = Controller(Receiver(mailbox), HOST, options.smtp_port, data_size_limit=SIZE_LIMIT)
    smtp.start()
    app = create_app(mailbox)
    server = make_server(HOST, options.http_port, app, threaded=True, request_handler=_Quiet)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        smtp.stop()


if __name__ == "__main__":
    main()
