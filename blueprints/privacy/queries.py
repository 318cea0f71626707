"""Reads of requests about personal data of the tenant that speaks."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from flask import current_app

from app.kernel.db import db
from app.kernel.identity import current_tenant
from app.kernel.paging import Page, paginate
from app.web.sessions import tenant_key
from blueprints.privacy import rules
from blueprints.privacy.errors import NoSuchRequest
from blueprints.privacy.models import PersonalRequest


def get_request(request_id: uuid.UUID, *, lock: bool = False) -> PersonalRequest:
    """The request, locked and read anew if asked; `NoSuchRequest` otherwise."""
    query = sa.select(PersonalRequest).where(PersonalRequest.id == request_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = db.session.scalar(query)
    if found is None:
        raise NoSuchRequest
    return found


def list_requests(*, words: str = "", page: int = 1) -> Page[PersonalRequest]:
    """Requests, those that wait first, then the newest; `words` is a mail address or phone, erased or not."""
    query = sa.select(PersonalRequest)
    if words.strip():
        asked = rules.subject(whose="customer", email=words, phone=words)
        query = query.where(sa.or_(
            sa.func.lower(PersonalRequest.email).in_(asked.emails),
            sa.func.right(sa.func.regexp_replace(PersonalRequest.phone, r"\D", "", "g"), 10).in_(asked.phones),
            PersonalRequest.fingerprints.overlap(prints_of(asked)),
        ))
    return paginate(
        query.order_by(PersonalRequest.state != "open", PersonalRequest.number.desc()), page=page, per_page=20
    )


def prints_of(asked: rules.Subject) -> list[str]:
    """Prints of a person's contacts at this tenant."""
    key = tenant_key(current_app.config["ZVENO"].secret_key, current_tenant(), "personal-data")
    return rules.fingerprints((*asked.emails, *asked.phones), key)
