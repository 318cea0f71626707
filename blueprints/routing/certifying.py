"""Certificates of dealers' people: recorded by HQ one by one or from a table, revoked, read by the dealer himself."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, BinaryIO

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.kernel.db import db
from app.kernel.errors import Invalid, NotFound, Refused
from app.kernel.ids import new_id
from app.kernel.paging import Page, paginate
from app.kernel.spreadsheets import open_table
from app.kernel.words import _
from app.web.audit import audit
from blueprints.routing.reception import midnight
from tenants.models import Certificate, Tenant

LONGEST_TEXT = {"scheme": 80, "number": 80, "holder": 120}
COLUMNS = ("dealer", "scheme", "number", "holder", "from", "until")
"""Of a table: the dealer by his INN or the address of his site, the days as 2026-12-31 or 31.12.2026."""
MOST_ROWS = 5_000
ENDING = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Paper:
    """A certificate as somebody records it; it counts from the first day to the end of the last one."""

    scheme: str
    number: str
    first: date
    last: date
    holder: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What a table brought: certificates recorded, and a sentence for each line that was not."""

    recorded: int
    problems: tuple[str, ...]


def certificates_of(dealer_id: str) -> Sequence[Certificate]:
    """A dealer's certificates, those that end last first."""
    return db.session.scalars(
        sa.select(Certificate).where(Certificate.owner_id == dealer_id)
        .order_by(Certificate.valid_until.desc(), Certificate.id)
    ).all()


def all_certificates(*, words: str, page: int) -> Page[Any]:
    """Rows `(certificate, dealer's name)` of the network, those that end first first."""
    query = sa.select(Certificate, Tenant.name).join(Tenant, Tenant.id == Certificate.owner_id)
    if words.strip():
        like = words.strip()[:100]
        query = query.where(sa.or_(*(
            column.icontains(like, autoescape=True) for column in (Tenant.name, Certificate.scheme, Certificate.number)
        )))
    order = query.order_by(Certificate.valid_until, Certificate.owner_id, Certificate.id)
    return paginate(order, page=page, per_page=25, scalars=False)


def schemes() -> Sequence[str]:
    """Names of the schemes there are certificates of."""
    return db.session.scalars(sa.select(Certificate.scheme).distinct().order_by(Certificate.scheme).limit(200)).all()


def state_of(paper: Certificate, at: datetime) -> str:
    """`revoked`, `ended`, `coming`, `ending` within sixty days, or `valid`."""
    if paper.revoked_at and paper.revoked_at <= at:
        return "revoked"
    if paper.valid_until <= at:
        return "ended"
    if paper.valid_from > at:
        return "coming"
    return "ending" if paper.valid_until <= at + ENDING else "valid"


def record(*, dealer_id: str, paper: Paper) -> None:
    """Keep a certificate of a dealer's; one of the same scheme and number takes the new days and holder."""
    _check(paper)
    values = {
        "holder": paper.holder or None, "valid_from": midnight(paper.first),
        "valid_until": midnight(paper.last + timedelta(days=1)),
    }
    statement = insert(Certificate).values(
        owner_id=dealer_id, id=new_id(), scheme=paper.scheme, number=paper.number, **values
    )
    db.session.execute(statement.on_conflict_do_update(
        index_elements=[Certificate.owner_id, Certificate.scheme, Certificate.number], set_=values
    ))
    audit("network.certified", dealer_id, scheme=paper.scheme, number=paper.number, until=paper.last.isoformat())


def revoke(*, dealer_id: str, certificate_id: uuid.UUID, at: datetime) -> None:
    """From this minute on it counts no more."""
    paper = db.session.get(Certificate, (dealer_id, certificate_id))
    if paper is None:
        raise NotFound(_("There is no such certificate."))
    if state_of(paper, at) in ("revoked", "ended"):
        raise Refused(_("This certificate has ended already."))
    paper.revoked_at = at
    audit("network.certificate_revoked", dealer_id, scheme=paper.scheme, number=paper.number)


def take_in(source: BinaryIO) -> Report:
    """Record the certificates of a table; a line that cannot be read is told and keeps no other from being recorded."""
    dealers, recorded, problems = _dealers(), 0, []
    with open_table(source) as table:
        for number, cells in _lines(table.rows()):
            try:
                dealer_id, paper = _read(cells, dealers)
                record(dealer_id=dealer_id, paper=paper)
                recorded += 1
            except Invalid as error:
                problems.append(_("Line %(number)s: %(problem)s", number=number, problem=error.sentence))
    return Report(recorded, tuple(problems))


def day_of(text: str) -> date:
    """The day of `2026-12-31` or `31.12.2026`."""
    for shape in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            return datetime.strptime(text.strip()[:10], shape).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    raise Invalid(_("“%(text)s” is no day like 31.12.2026", text=text[:30]))


def _check(paper: Paper) -> None:
    for name, most in LONGEST_TEXT.items():
        text = getattr(paper, name) or ""
        if len(text) > most:
            raise Invalid(_("Write %(most)s characters at most.", most=most), field=name)
    if not paper.scheme or not paper.number:
        raise Invalid(_("A certificate has a scheme and a number."), field="number" if paper.scheme else "scheme")
    if paper.last < paper.first:
        raise Invalid(_("The last day comes before the first one."), field="last")


def _lines(rows: Iterator[Any]) -> Iterator[tuple[int, list[str]]]:
    """Numbered lines below the heading, each with a cell for every column."""
    for place, row in enumerate(rows, 1):
        if place == 1:
            continue
        if place > MOST_ROWS + 1:
            raise Invalid(_("The table has more than %(most)s lines: divide it.", most=MOST_ROWS), field="table")
        texts = [str(cell if cell is not None else "").strip() for cell in row.cells]
        yield place, [*texts, *[""] * len(COLUMNS)][: len(COLUMNS)]


def _read(cells: list[str], dealers: dict[str, str]) -> tuple[str, Paper]:
    dealer, scheme, number, holder, first, last = cells
    dealer_id = dealers.get(dealer.casefold())
    if dealer_id is None:
        raise Invalid(_("no dealer has the INN or the address “%(text)s”", text=dealer[:60]))
    return dealer_id, Paper(scheme, number, day_of(first), day_of(last), holder or None)


def _dealers() -> dict[str, str]:
    """By INN and by the address of the site; an INN of two dealers means neither."""
    rows = db.session.execute(sa.select(Tenant.id, Tenant.inn, Tenant.slug).where(Tenant.kind == "dealer")).all()
    found = {row.inn: row.id for row in rows}
    twice = {row.inn for row in rows if found[row.inn] != row.id}
    return {inn: dealer for inn, dealer in found.items() if inn not in twice} | {row.slug: row.id for row in rows}
