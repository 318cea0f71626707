"""Whether the process lives, and whether it can serve. No tenant, no session."""

from __future__ import annotations

import redis
import sqlalchemy as sa
from flask import current_app, jsonify
from werkzeug.wrappers import Response

from app.kernel.db import db, unit_of_work
from app.kernel.identity import directory, speaking_as
from app.web.access import Section
from tenants.models import Host

health = Section("health", __name__)


@health.get("/healthz", access="anyone")
def alive() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@health.get("/readyz", access="anyone")
def ready() -> tuple[Response, int]:
    """Database and queue answer; 503 names what does not. The shop serves without the queue, so it only warns."""
    parts = {"database": _database(), "queue": _queue()}
    return jsonify(status="ok" if parts["database"] else "unavailable", parts=parts), 200 if parts["database"] else 503


def _database() -> bool:
    try:
        with speaking_as(directory()), unit_of_work():
            db.session.execute(sa.select(Host.host).limit(1)).first()
    except sa.exc.SQLAlchemyError:
        return False
    return True


def _queue() -> bool:
    try:
        return bool(redis.Redis.from_url(current_app.config["ZVENO"].queue, socket_timeout=1).ping())
    except redis.RedisError:
        return False
