"""Files to import, and importing them as somebody."""

from __future__ import annotations

import io
from collections import Counter
from pathlib import Path

import pytest

from app.kernel.clock import now
from blueprints.catalog.importing import queries
from blueprints.catalog.importing.service import upload
from blueprints.catalog.models import ImportRun
from tests.house import HQ, House

REAL = Path(__file__).parents[3] / "data" / "commerceml"


class Files:
    """Uploads a file as its owner and lets the workers take it in."""

    def __init__(self, house: House) -> None:
        self.house = house

    def take(self, body: bytes, owner: str = HQ, name: str = "file.xml") -> ImportRun:
        """The run of a file that needs no mapping, when the workers are done."""
        purpose = "catalogue" if owner == HQ else "stock"
        with self.house.speaking(owner):
            run = upload(
                source=io.BytesIO(body), filename=name, purpose=purpose, started_by="test", locale="en", at=now()
            )
        self.house.work()
        return self.again(run, owner)

    def again(self, run: ImportRun, owner: str = HQ) -> ImportRun:
        """The run as it stands now."""
        with self.house.speaking(owner):
            return queries.get_run(run.id, run.purpose)

    def codes(self, owner: str = HQ) -> Counter[str]:
        """Codes of all report lines."""
        return Counter(str(code) for (code,) in self.house.rows(f"SELECT code FROM {owner}.import_lines"))


@pytest.fixture
def files(house: House) -> Files:
    """Files of this test."""
    return Files(house)


def real(name: str) -> bytes:
    """A file as 1C wrote it."""
    return (REAL / name).read_bytes()
