"""Letters become leads of whom they were sent to; what is no lead is noted for a while with the reason."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.dialects.postgresql import insert

from app.kernel.db import db
from app.kernel.money import Money
from app.kernel.paging import Page, paginate
from blueprints.leads.finding import find_city, find_goods
from blueprints.leads.intake import Asking, Taken, take
from blueprints.leads.mailbox.letter import Letter, Refused, mark_of, read
from blueprints.leads.mailbox.understanding import language_of, understand
from blueprints.leads.models import IncomingMail
from blueprints.leads.queries import Contact
from blueprints.leads.service import Wish
from tenants.registry import TenantFacts, find_by_host

BOX = "leads"
"""The name before the @ of addresses that take leads."""


def owner_of(address: str) -> TenantFacts | None:
    """Whose leads an address takes, by the address alone: `leads@<host>`, or `leads+<slug>@<host of HQ>`."""
    local, _at, host = address.strip().lower().rpartition("@")
    box, _plus, slug = local.partition("+")
    facts = find_by_host(host) if box == BOX else None
    if facts is None or not slug:
        return facts if facts and facts.state == "active" else None
    named = find_by_host(f"{slug}.{current_app.config['ZVENO'].site_domain}") if facts.is_hq else None
    return named if named and named.state == "active" else None


def receive(raw: bytes, *, at: datetime) -> IncomingMail:
    """Take a letter to the speaking tenant; the same letter again changes nothing and is answered as before."""
    mark = mark_of(raw)
    is_new = db.session.scalar(
        insert(IncomingMail).values(mark=mark, state="rejected", received_at=at).on_conflict_do_nothing()
        .returning(IncomingMail.mark)
    )
    mail = db.session.get(IncomingMail, mark)
    assert mail is not None
    if is_new:
        _take(raw, mail, at)
    return mail


def letters(*, page: int = 1) -> Page[IncomingMail]:
    """Letters of the speaking tenant, the newest first."""
    return paginate(sa.select(IncomingMail).order_by(IncomingMail.received_at.desc(), IncomingMail.mark), page=page)


def _take(raw: bytes, mail: IncomingMail, at: datetime) -> None:
    try:
        letter = read(raw, ourselves=current_app.config["ZVENO"].mail_from)
        mail.sender, mail.subject = letter.sender or None, letter.subject[:200] or None
        taken = _ask(letter, at)
    except Refused as refused:
        mail.reason = refused.reason
    else:
        mail.state, mail.lead_id = "lead" if taken.is_new else "joined", taken.lead.id


def _ask(letter: Letter, at: datetime) -> Taken:
    said, kind = understand(letter)
    if not said.get("phone") and not said.get("email"):
        raise Refused("no_contact")
    lines, _strange = find_goods(said.get("goods", ""), at)
    return take(at=at, asking=Asking(
        kind=kind, source="mail", campaign=said.get("campaign"), lines=lines,
        city_id=find_city(said["city"]) if "city" in said else None,
        value=Money(sum(line["minor"] for line in lines)), actor="mail", locale=language_of(letter),
        contact=Contact(
            said["name"], said.get("email"), said.get("phone"), said.get("address"), said["comment"],
            said.get("company"),
        ),
        wish=Wish(external_id=f"mail:{letter.mark}"),
    ))
