"""Entry of the tree `tenant`; see `migrations/env.py`."""

from migrations.env import run

run("tenant")
