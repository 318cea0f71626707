"""Who exchanges: a manager's mail address and password, or the user `key` with an API key; then a signed cookie."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from flask import request

from app.kernel.errors import Forbidden, Invalid
from app.kernel.words import _
from app.web.access import ROLES
from app.web.links import read_link, sign
from blueprints.accounts.errors import WrongPassword
from blueprints.accounts.keys import check_key
from blueprints.accounts.queries import has_factor
from blueprints.accounts.service import authenticate
from blueprints.catalog.importing import storage

COOKIE = "zveno_exchange"
PURPOSE = "exchange"
KEY_USER = "key"
LONGEST = 12 * 3600
MOST_BYTES = 1024 * 1024 * 1024
PART = re.compile(r"[\w#()+,=@~-][\w .#()+,=@~-]{0,119}")
DEEPEST = 6


class NotSignedIn(Forbidden):
    """No session, or one that is over."""


class BadName(Invalid):
    """A file name that is no plain name."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A session of an exchange: its id, who it is, and the folder of its files."""

    id: str
    actor: str

    @property
    def folder(self) -> Path:
        """Where its files are gathered."""
        return storage.exchange_folder(self.id)

    def begin(self) -> None:
        """Throw away what an earlier try of this session left."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)

    def receive(self, name: str, body: BinaryIO) -> None:
        """Add a chunk to a file."""
        path = self.folder / safe(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        room = MOST_BYTES - sum(file.stat().st_size for file in self.folder.rglob("*") if file.is_file())
        with path.open("ab") as file:
            storage.append(body, file, room)

    def note_sent(self, order_ids: list[uuid.UUID], at: datetime) -> None:
        """Remember which orders were handed over, until 1C says that it has them."""
        self.folder.mkdir(parents=True, exist_ok=True)
        sent = {"at": at.isoformat(), "orders": [str(order_id) for order_id in order_ids]}
        (self.folder / "sent.json").write_text(json.dumps(sent), encoding="utf-8")

    def sent(self) -> tuple[list[uuid.UUID], datetime] | None:
        """The orders last handed over and when."""
        path = self.folder / "sent.json"
        if not path.exists():
            return None
        sent = json.loads(path.read_text(encoding="utf-8"))
        return [uuid.UUID(order_id) for order_id in sent["orders"]], datetime.fromisoformat(sent["at"])


def sign_in(kind: str, scope: str) -> str:
    """The cookie of a new session of one kind, `catalog` or `sale`; `WrongPassword` or `Forbidden` otherwise."""
    given = request.authorization
    user, password = (given.username or "", given.password or "") if given and given.type == "basic" else ("", "")
    actor = _actor(user, password, scope)
    return sign(PURPOSE, f"{kind}|{secrets.token_hex(16)}|{actor}")


def current_exchange() -> Exchange:
    """The session of this call, or `NotSignedIn`; a key that may send stock may not fetch orders by its cookie."""
    cookie = request.cookies.get(COOKIE, "")
    if not cookie:
        raise NotSignedIn(_("The exchange has no session. Begin with checkauth and send its cookie."))
    kind, session, actor = read_link(PURPOSE, cookie, max_age=LONGEST).split("|", 2)
    if kind != request.args.get("type"):
        raise NotSignedIn(_("The exchange has no session. Begin with checkauth and send its cookie."))
    return Exchange(session, actor)


def safe(name: str) -> str:
    """The file name if it is a plain relative one; `BadName` otherwise."""
    parts = name.replace("\\", "/").split("/")
    if not name or len(parts) > DEEPEST or not all(PART.fullmatch(part) for part in parts):
        raise BadName(_("The file name %(name)s is not accepted.", name=name[:80]))
    return "/".join(parts)


def _actor(user: str, password: str, scope: str) -> str:
    if user == KEY_USER:
        key_id = check_key(password, scope)
        if key_id is None:
            raise WrongPassword(_("The key is not known here, or it may not do this."))
        return f"key {key_id}"
    staff = authenticate(kind="staff", email=user, password=password)
    if ROLES[staff.role] < ROLES["manager"]:
        raise Forbidden(_("Only managers and owners may exchange. Ask one of them for an API key."))
    if has_factor(staff.id):
        raise Forbidden(_("Your sign-in asks for a second factor, which 1C cannot show. Give it an API key instead."))
    return f"1C, {staff.name}"
