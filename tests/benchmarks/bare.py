"""The least a Flask application does: the baseline of pages."""

from __future__ import annotations

from flask import Flask

app = Flask(__name__)


@app.get("/")
def index() -> str:
    """A page of three words."""
    return "<p>A bare page</p>"
