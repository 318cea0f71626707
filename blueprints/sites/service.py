"""A dealer's way in: applying, confirming, being made, being approved; and HQ's say over who is in."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from stdnum.exceptions import InvalidChecksum
from stdnum.exceptions import ValidationError as NumberError
from stdnum.ru import inn as taxpayer

from app.kernel.db import db
from app.kernel.events import publish
from app.kernel.ids import HQ
from app.kernel.words import _, ngettext
from app.web.audit import audit
from app.web.links import sign, site_url
from app.web.mail import send_later
from blueprints.accounts.passwords import check_new, hash_password
from blueprints.sites import queries
from blueprints.sites.errors import BadInn, InnTaken, NoApplication, NotWaiting
from blueprints.sites.events import (
    DealerApproved,
    DealerClosed,
    DealerConfirmed,
    DealerRefused,
    DealerResumed,
    DealerSuspended,
)
from blueprints.sites.models import DealerApplication
from tenants import registry
from tenants.models import Tenant
from tenants.names import check_slug

CONFIRM, INVITE = "dealer-confirm", "dealer-invite"
HAND_OVER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Applicant:
    """What the form asks of a would-be dealer."""

    company: str
    inn: str
    city_id: int
    contact_name: str
    email: str
    phone: str
    slug: str
    password: str
    locale: str


def check_wish(slug: str) -> str:
    """The wished subdomain when it can be had, or `BadSlug` with the reason."""
    taken = queries.slugs_in_use()
    return check_slug(slug.strip().lower(), taken=taken, guarded=taken)


def check_inn(number: str) -> str:
    """The taxpayer number without blanks; `BadInn` when its check digits are wrong, `InnTaken` when it is in use."""
    compact = taxpayer.compact(number)
    try:
        taxpayer.validate(compact)
    except NumberError as error:
        raise BadInn(_what_is_wrong(compact, error), field="inn") from None
    if queries.is_inn_known(compact):
        raise InnTaken(_("A dealer with this INN is in the network already. Ask him for an invitation."), field="inn")
    return compact


def apply(*, applicant: Applicant, invitation: uuid.UUID | None, at: datetime) -> DealerApplication:
    """Take an application and mail the link that confirms it."""
    slug, inn = check_wish(applicant.slug), check_inn(applicant.inn)
    check_new(applicant.password, applicant.email, applicant.contact_name, applicant.company, slug)
    city = queries.get_city(applicant.city_id)
    application = _invited(invitation) or DealerApplication(owner_id=HQ)
    application.state = "new"
    application.company, application.inn, application.slug = applicant.company, inn, slug
    application.city_id, application.region_code = city.id, city.region_code
    application.contact_name, application.email, application.phone = (
        applicant.contact_name, applicant.email.lower(), applicant.phone,
    )
    application.password_hash = hash_password(applicant.password)
    application.locale, application.consent_at = applicant.locale, at
    db.session.add(application)
    db.session.flush()
    link = site_url(f"/dealers/confirm/{sign(CONFIRM, str(application.id))}")
    send_later(
        to=application.email, template="mail/dealer_confirm", locale=application.locale,
        name=applicant.contact_name, company=application.company, host=queries.host_of(slug), link=link,
    )
    return application


def confirm(*, application_id: uuid.UUID, at: datetime) -> DealerApplication:
    """Note that the mail address is the applicant's own, and have the site made. Twice is once."""
    application = get_application(application_id)
    if application.state == "refused":
        raise NotWaiting(_("This application was refused. Write to us if you think it should not have been."))
    if application.state != "new":
        return application
    check_wish(application.slug or "")
    application.state, application.confirmed_at = "confirmed", at
    publish(DealerConfirmed(tenant_id=HQ, application_id=str(application.id)))
    return application


def invite(*, email: str, company: str, locale: str) -> DealerApplication:
    """HQ invites a dealer by mail; the form he opens knows his company."""
    application = DealerApplication(owner_id=HQ, state="invited", company=company, email=email.lower(), locale=locale)
    db.session.add(application)
    db.session.flush()
    audit("network.invited", f"application:{application.id}")
    link = site_url(f"/dealers/join?invitation={sign(INVITE, str(application.id))}")
    send_later(to=email, template="mail/dealer_invitation", locale=locale, company=company, link=link)
    return application


def approve(*, dealer_id: str, at: datetime) -> None:
    """Open a waiting dealer's site to visitors."""
    _change(dealer_id, "pending", state="active", activated_at=at, state_reason=None)
    audit("network.approved", f"tenant:{dealer_id}")
    publish(DealerApproved(tenant_id=HQ, dealer_id=dealer_id))


def refuse(*, dealer_id: str, reason: str) -> None:
    """Refuse a waiting dealer; his site is closed and he is told the reason."""
    _change(dealer_id, "pending", state="closed", state_reason=reason)
    db.session.execute(
        sa.update(DealerApplication).where(DealerApplication.tenant_id == dealer_id)
        .values(state="refused", refusal_reason=reason)
    )
    audit("network.refused", f"tenant:{dealer_id}")
    publish(DealerRefused(tenant_id=HQ, dealer_id=dealer_id, reason=reason))


def suspend(*, dealer_id: str, reason: str) -> None:
    """Close a dealer's site and desk for now."""
    _change(dealer_id, "active", state="suspended", state_reason=reason)
    audit("network.suspended", f"tenant:{dealer_id}")
    publish(DealerSuspended(tenant_id=HQ, dealer_id=dealer_id, reason=reason))


def close(*, dealer_id: str, reason: str) -> None:
    """End with a dealer who works or is suspended; until he is dropped he may still be resumed."""
    _change(dealer_id, "active", "suspended", state="closed", state_reason=reason)
    audit("network.closed", f"tenant:{dealer_id}")
    publish(DealerClosed(tenant_id=HQ, dealer_id=dealer_id, reason=reason))


def resume(*, dealer_id: str) -> None:
    """Open the site of a dealer who was suspended, or closed but not dropped, again."""
    _change(dealer_id, "suspended", "closed", state="active", state_reason=None)
    audit("network.resumed", f"tenant:{dealer_id}")
    publish(DealerResumed(tenant_id=HQ, dealer_id=dealer_id))


def get_application(application_id: uuid.UUID) -> DealerApplication:
    """The application, or `NoApplication`."""
    application = db.session.get(DealerApplication, (HQ, application_id), with_for_update=True)
    if application is None:
        raise NoApplication(_("There is no such application."))
    return application


def _invited(invitation: uuid.UUID | None) -> DealerApplication | None:
    application = get_application(invitation) if invitation else None
    return application if application and application.state == "invited" else None


def _change(dealer_id: str, *before: str, **values: object) -> None:
    here = sa.and_(Tenant.id == dealer_id, Tenant.kind == "dealer", Tenant.state.in_(before))
    changed = db.session.execute(
        sa.update(Tenant).where(here).values(**values).execution_options(synchronize_session=False)
    )
    if not changed.rowcount:  # type: ignore[attr-defined]
        raise NotWaiting(_("Somebody has changed this dealer meanwhile. Look at the list again."))
    registry.forget()


def _what_is_wrong(inn: str, error: NumberError) -> str:
    if isinstance(error, InvalidChecksum):
        return _("The check digits do not fit: one of the digits is mistyped. Compare it with your papers.")
    if not inn.isdigit():
        return _("The INN is written in digits only.")
    return ngettext(
        "Here is %(num)s digit; a company has 10, an entrepreneur 12.",
        "Here are %(num)s digits; a company has 10, an entrepreneur 12.", len(inn),
    )


def may_enter(application: DealerApplication, at: datetime) -> bool:
    """Whether the applicant's browser may still be handed over signed in: soon after his site was made, once."""
    return application.live_at is not None and at - application.live_at < HAND_OVER
