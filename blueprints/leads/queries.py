"""Reads of leads. Row-level security decides what a speaker sees; a contact is answered only to who holds the lead."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.identity import current_tenant
from app.kernel.ids import HQ
from app.kernel.paging import Page, paginate
from app.kernel.words import _
from app.web.locale import format_money, localized
from blueprints.accounts.models import Staff
from blueprints.leads import rules
from blueprints.leads.errors import NoSuchLead
from blueprints.leads.models import Lead, LeadContact, LeadEvent, LeadMessage, LeadOffer, OwnContact
from tenants.models import City, Tenant

TABS = ("new", "work", "done")
NEWEST_FIRST = (Lead.created_at.desc(), Lead.id)


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to call about a lead."""

    name: str
    email: str | None = None
    phone: str | None = None
    address: str | None = None
    comment: str | None = None
    company: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A line of a lead's history in words, as `ui.timeline` takes it."""

    title: str
    when: datetime
    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class Inbox:
    """A page of one tab of the dealer's leads with what the list shows beside them; everything in seven queries."""

    tab: str
    page: Page[Lead]
    contacts: dict[uuid.UUID, Contact]
    cities: dict[int, City]
    counts: dict[str, int]
    deadlines: dict[uuid.UUID, datetime]
    """Until when the offers among them may be taken."""


def find_lead(owner_id: str, lead_id: uuid.UUID) -> Lead | None:
    """The lead, if the speaker may see it."""
    return db.session.get(Lead, (owner_id, lead_id))


def lock_lead(owner_id: str, lead_id: uuid.UUID) -> Lead | None:
    """The lead, locked until the transaction ends; lines of its history may still be added meanwhile."""
    return db.session.scalar(
        sa.select(Lead).where(Lead.owner_id == owner_id, Lead.id == lead_id)
        .with_for_update(key_share=True).execution_options(populate_existing=True)
    )


def get_lead(owner_id: str, lead_id: uuid.UUID) -> Lead:
    """The lead, or `NoSuchLead`."""
    lead = find_lead(owner_id, lead_id)
    if lead is None:
        raise NoSuchLead(_("There is no such lead, or it is not yours."))
    return lead


def is_mine(lead: Lead) -> bool:
    """Whether the speaker holds the lead: he took it, or it was born on his own site."""
    return lead.assignee_id == current_tenant() and lead.state not in ("new", "offered")


def contact_of(lead: Lead) -> Contact | None:
    """Whom to call; None while the speaker neither owns nor holds the lead."""
    return contacts_of([lead]).get(lead.id)


def contacts_of(leads: Iterable[Lead]) -> dict[uuid.UUID, Contact]:
    """Contacts by lead, of those the speaker owns or holds; at most two queries whatever the number."""
    mine = [lead for lead in leads if lead.owner_id == current_tenant() or is_mine(lead)]
    found: dict[uuid.UUID, Contact] = {}
    for table in dict.fromkeys(_contact_table(lead) for lead in mine):
        ids = [lead.id for lead in mine if _contact_table(lead) is table]
        rows = db.session.execute(
            sa.select(
                table.lead_id, table.name, table.email, table.phone, table.address, table.comment, table.company
            ).where(table.lead_id.in_(ids))
        )
        found |= {lead_id: Contact(*values) for lead_id, *values in rows}
    return found


def feedback_of(lead: Lead) -> str | None:
    """What the customer wrote with his stars, for who owns or holds the lead."""
    if lead.owner_id != current_tenant() and not is_mine(lead):
        return None
    table = _contact_table(lead)
    return db.session.scalar(sa.select(table.feedback).where(table.lead_id == lead.id))


def find_shared(lead: Lead) -> bool:
    """Whether the lead's contact stands in the network (leads of HQ), not in the dealer's own schema."""
    return lead.owner_id == HQ


def _contact_table(lead: Lead) -> type[LeadContact] | type[OwnContact]:
    return LeadContact if find_shared(lead) else OwnContact


def history(lead: Lead) -> list[Told]:
    """What happened to the lead as far as the speaker may see, oldest first."""
    events = db.session.scalars(
        sa.select(LeadEvent).where(LeadEvent.owner_id == lead.owner_id, LeadEvent.lead_id == lead.id)
        .order_by(LeadEvent.at, LeadEvent.id)
    ).all()
    names = _names(events)
    return [_told(event, names) for event in events]


def count_events(lead: Lead, kind: str) -> int:
    """How often this happened to the lead, as far as the speaker may see."""
    return db.session.scalar(
        sa.select(sa.func.count()).select_from(LeadEvent)
        .where(LeadEvent.owner_id == lead.owner_id, LeadEvent.lead_id == lead.id, LeadEvent.kind == kind)
    ) or 0


def messages(lead: Lead) -> Sequence[LeadMessage]:
    """Messages between customer and dealer, oldest first."""
    return db.session.scalars(
        sa.select(LeadMessage).where(LeadMessage.owner_id == lead.owner_id, LeadMessage.lead_id == lead.id)
        .order_by(LeadMessage.at, LeadMessage.id)
    ).all()


def offers_of(lead: Lead) -> Sequence[LeadOffer]:
    """Rounds of offers in order, as far as the speaker may see."""
    return db.session.scalars(
        sa.select(LeadOffer).where(LeadOffer.owner_id == lead.owner_id, LeadOffer.lead_id == lead.id)
        .order_by(LeadOffer.round)
    ).all()


def find_my_offer(lead: Lead) -> LeadOffer | None:
    """The speaker's latest offer of the lead, as it stands now."""
    return db.session.scalar(
        sa.select(LeadOffer)
        .where(
            LeadOffer.owner_id == lead.owner_id, LeadOffer.lead_id == lead.id, LeadOffer.dealer_id == current_tenant()
        )
        .order_by(LeadOffer.round.desc()).limit(1).execution_options(populate_existing=True)
    )


def deadlines_of(leads: Iterable[Lead]) -> dict[uuid.UUID, datetime]:
    """Until when the speaker may take those that wait for his answer, in one query."""
    waiting = [lead.id for lead in leads if lead.state == "offered"]
    rows = db.session.execute(
        sa.select(LeadOffer.lead_id, LeadOffer.deadline_at).where(*_open_to_me(), LeadOffer.lead_id.in_(waiting))
    )
    return {row.lead_id: row.deadline_at for row in rows}


def is_offered_to_me() -> sa.ColumnElement[bool]:
    """The condition of leads that wait for the speaker's answer, alone or with others."""
    return sa.and_(Lead.state == "offered", Lead.id.in_(sa.select(LeadOffer.lead_id).where(*_open_to_me())))


def _open_to_me() -> tuple[sa.ColumnElement[bool], ...]:
    return LeadOffer.dealer_id == current_tenant(), LeadOffer.state == "offered"


def city_of(lead: Lead) -> City | None:
    """Where the customer is."""
    return db.session.get(City, lead.city_id) if lead.city_id else None


def dealer_of(lead: Lead) -> Tenant | None:
    """Public facts of who serves the customer; None while nobody took the lead."""
    return db.session.get(Tenant, lead.assignee_id) if lead.assignee_id and lead.accepted_at else None


def inbox(
    *, tab: str, search: str = "", source: str = "", page: int = 1, counts: dict[str, int] | None = None
) -> Inbox:
    """The leads of the speaking dealer in one tab, newest first, offers by their deadline.

    A number is looked for in every tab; who knows the `counts` of the tabs spares a query. Without a tab, what
    waits for an answer comes before what is in work.
    """
    counts = counts or tab_counts()
    if tab not in TABS:
        tab = "work" if counts["work"] and not counts["new"] else "new"
    query = sa.select(Lead).where(*_named(search) or (_tab(tab), *_matching(search, source)))
    order = (Lead.deadline_at, Lead.id) if tab == "new" else (Lead.created_at.desc(), Lead.id)
    found = paginate(query.order_by(*order), page=page, per_page=20)
    return Inbox(
        tab, found, contacts_of(found.items), _cities(found.items), counts,
        deadlines_of(found.items) if tab == "new" or search else {},
    )


def search_leads(
    *, state: str = "", dealer: str = "", region: str = "", source: str = "", since: datetime | None = None,
    until: datetime | None = None, is_escalated: bool = False, search: str = "", page: int = 1,
) -> Page[Any]:
    """Rows `(lead, city, dealer's name)` of the whole network, newest first, as far as the speaker may see them.

    `state` is a state of leads, or `held`, `was_offered`, `was_accepted`, `feedback`, `satisfied`; `until` is outside.
    """
    query = sa.select(Lead.owner_id, Lead.id).where(
        *_asked(state, dealer, region, source), *_between(since, until), *_found(search)
    )
    if is_escalated:
        query = query.where(Lead.escalated_at.is_not(None), Lead.state == "new")
    found = paginate(
        query.order_by(*NEWEST_FIRST), page=page, per_page=25, scalars=False, at_once=bool(search.strip())
    )
    return replace(found, items=_with_places(found.items))


def _with_places(keys: Sequence[Any]) -> list[Any]:
    """The leads of these keys with city and dealer: a page of keys is found without carrying whole leads along."""
    if not keys:
        return []
    rows = db.session.execute(
        sa.select(Lead, City, Tenant.name.label("dealer_name"))
        .outerjoin(City, City.id == Lead.city_id).outerjoin(Tenant, Tenant.id == Lead.assignee_id)
        .where(sa.tuple_(Lead.owner_id, Lead.id).in_([tuple(key) for key in keys])).order_by(*NEWEST_FIRST)
    )
    return list(rows)


def tab_counts() -> dict[str, int]:
    """How many leads stand in each tab, in one query."""
    columns = [sa.func.count().filter(_tab(tab)).label(tab) for tab in TABS]
    row = db.session.execute(sa.select(*columns).select_from(Lead)).one()
    return {tab: getattr(row, tab) for tab in TABS}


def _tab(tab: str) -> sa.ColumnElement[bool]:
    me = current_tenant()
    mine = Lead.assignee_id == me
    if tab == "new":
        return is_offered_to_me()
    if tab == "work":
        return sa.and_(mine, Lead.state.in_(rules.HELD))
    is_elsewhere = sa.or_(Lead.assignee_id.is_distinct_from(me), Lead.state == "new")
    passed_on = sa.and_(me == sa.any_(Lead.visible_to), is_elsewhere, sa.not_(is_offered_to_me()))
    is_over = sa.and_(mine, Lead.state.in_(("won", "lost", "invalid")))
    return sa.and_(sa.or_(is_over, passed_on), Lead.joined_to.is_(None))


def _matching(search: str, source: str) -> Iterable[sa.ColumnElement[bool]]:
    if source:
        yield Lead.source == source
    if words := search.strip():
        like = _like(words)
        yield sa.or_(
            sa.cast(Lead.lines, sa.Text).ilike(like),
            Lead.city_id.in_(sa.select(City.id).where(sa.or_(City.name_ru.ilike(like), City.name_en.ilike(like)))),
            sa.and_(Lead.state.not_in(("new", "offered")), Lead.assignee_id == current_tenant(), _called(like)),
        )


def _called(like: str) -> sa.ColumnElement[bool]:
    return sa.or_(*(
        Lead.id.in_(sa.select(table.lead_id).where(
            sa.or_(table.name.ilike(like), table.phone.ilike(like), table.email.ilike(like))
        ))
        for table in (LeadContact, OwnContact)
    ))


def _like(words: str) -> str:
    escaped = words.strip().replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{escaped}%"


def _asked(state: str, dealer: str, region: str, source: str) -> Iterable[sa.ColumnElement[bool]]:
    if state:
        yield _in_state(state)
    for column, value in ((Lead.assignee_id, dealer), (Lead.region_code, region), (Lead.source, source)):
        if value:
            yield column == value


def _between(since: datetime | None, until: datetime | None) -> Iterable[sa.ColumnElement[bool]]:
    if since:
        yield Lead.created_at >= since
    if until:
        yield Lead.created_at < until


def _found(search: str) -> Iterable[sa.ColumnElement[bool]]:
    if named := _named(search):
        yield from named
    elif words := search.strip():
        yield sa.cast(Lead.lines, sa.Text).ilike(_like(words))


def _named(search: str) -> tuple[sa.ColumnElement[bool], ...]:
    """The condition of the lead or its parts whose number the words are, nothing when they are none: by the index."""
    number = search.strip().removeprefix("№").strip()
    is_it = Lead.number.in_(rules.numbers_of(number))
    is_number = number[:1].isdigit() and db.session.scalar(sa.select(sa.exists().where(is_it)))
    return (is_it,) if is_number else ()


def _in_state(state: str) -> sa.ColumnElement[bool]:
    """Stages of the funnel beside the states: who was ever offered, taken, delivered, content."""
    stages = {
        "satisfied": Lead.satisfaction >= 4, "feedback": Lead.feedback_at.is_not(None),
        "was_offered": sa.or_(Lead.rounds > 0, Lead.accepted_at.is_not(None)),
        "was_accepted": Lead.accepted_at.is_not(None), "held": Lead.state.in_(rules.HELD),
    }
    return stages.get(state, Lead.state == state)


def _cities(leads: Iterable[Lead]) -> dict[int, City]:
    ids = {lead.city_id for lead in leads if lead.city_id}
    rows: Iterable[Any] = db.session.scalars(sa.select(City).where(City.id.in_(ids))) if ids else ()
    return {city.id: city for city in rows}


def _names(events: Iterable[LeadEvent]) -> dict[str, str]:
    """Names of the speaker's own people among the actors; others' people are not seen."""
    ids = {event.actor.removeprefix("staff:") for event in events if event.actor.startswith("staff:")}
    if not ids:
        return {}
    rows = db.session.execute(sa.select(Staff.id, Staff.name).where(Staff.id.in_([uuid.UUID(one) for one in ids])))
    return {f"staff:{staff_id}": name for staff_id, name in rows}


def _told(event: LeadEvent, names: dict[str, str]) -> Told:
    minor = event.data.get("minor")
    goods = {
        key: [{**line, "name": localized(line)} for line in event.data[key]]
        for key in ("missing", "supplied") if key in event.data
    }
    said = [
        format_money(minor) if minor else "", rules.history_text(event.kind, {**event.data, **goods}),
        names.get(event.actor, ""),
    ]
    return Told(
        rules.history_title(event.kind), event.at, " · ".join(word for word in said if word),
        rules.history_tone(event.kind),
    )
