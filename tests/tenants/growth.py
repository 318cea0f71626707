"""Many tenants in a database of their own, one more revision of their schema, and a runner that may be killed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from app.commands.database import prepare
from tenants import migrating
from tenants.bootstrap import ensure_hq, upgrade
from tenants.cluster import OWNER
from tenants.owner import owner_engine
from tenants.provisioning import NewTenant, provision
from tests.conftest import HQ_TENANT, PASSWORDS

GROWN = '''
from alembic import op
revision = "9001"
down_revision = "{before}"
branch_labels = depends_on = None

def upgrade():
    op.execute("ALTER TABLE orders ADD COLUMN grown integer NOT NULL DEFAULT 7")

def downgrade():
    op.execute("ALTER TABLE orders DROP COLUMN grown")
'''
RUNNER = """
import sys
from pathlib import Path
from tenants import migrating
from tenants.owner import owner_engine
migrating.ROOT, migrating.TURNS = Path(sys.argv[1]), 3
outcomes = list(migrating.migrate_tenants(owner_engine(sys.argv[2])))
sys.exit(any(outcome.error for outcome in outcomes))
"""


def database(superuser: str, name: str) -> str:
    """A prepared database with `network` and HQ; answers the owner's address."""
    prepare(superuser, name, PASSWORDS)
    address = sa.make_url(superuser).set(database=name, username=OWNER, password=PASSWORDS[OWNER])
    owner = address.render_as_string(hide_password=False)
    migrating.load_models()
    assert upgrade(owner_engine(owner)) == []
    ensure_hq(owner_engine(owner), HQ_TENANT)
    return owner


def add(owner: str, number: int) -> str:
    """One more dealer; answers his id."""
    with owner_engine(owner).begin() as connection:
        return provision(connection, NewTenant(
            slug=f"d{number}", name=f"Дилер {number}", legal_name="", inn="", hosts=(f"d{number}.localhost",),
        ))


@contextmanager
def one_more_revision(folder: Path) -> Iterator[Path]:
    """The migrations with a revision that adds a column, here and for runners that are given the folder."""
    root, before = folder / "migrations", migrating.head("tenant")
    shutil.copytree(migrating.ROOT, root, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "tenant" / "versions" / "9001_grown.py").write_text(GROWN.format(before=before))
    kept = migrating.ROOT
    migrating.ROOT = root
    migrating.head.cache_clear()
    try:
        yield root
    finally:
        migrating.ROOT = kept
        migrating.head.cache_clear()


def runner(root: Path, owner: str) -> subprocess.Popen[bytes]:
    """A run over all tenants in a process of its own."""
    return subprocess.Popen([sys.executable, "-c", RUNNER, str(root), owner], stderr=subprocess.DEVNULL)
