"""Entry of the tree `network`; see `migrations/env.py`."""

from migrations.env import run

run("network")
