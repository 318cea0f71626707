"""The application for a WSGI server: `gunicorn wsgi:app`."""

from __future__ import annotations

import os

from app import logs
from app.factory import create_app
from app.kernel import garbage, metrics

logs.configure()
app = create_app()
garbage.set_aside()
os.register_at_fork(after_in_child=lambda: metrics.PROCESSES.labels("web").set(1))  # the server's working processes
