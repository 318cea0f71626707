"""Certificates: recorded by hand and from a table, revoked, and read by the dealer."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

import pytest

from app.kernel.clock import now
from app.kernel.errors import Invalid, Refused
from app.kernel.identity import hq
from blueprints.routing import certifying
from blueprints.routing.certifying import Paper
from tests.blueprints.leads.test_desk_and_links import staff_browser
from tests.factories.leads import MORNING
from tests.house import HQ, KAZAN, SIBIR, House, token_of

PAPER = Paper("Котлы", "N-1", date(2026, 1, 1), date(2026, 12, 31), "Пётр")
HEADING = "dealer;scheme;number;holder;from;until\n"


def record(house: House, paper: Paper = PAPER, dealer: str = KAZAN) -> None:
    with house.speaking(hq()):
        certifying.record(dealer_id=dealer, paper=paper)


def test_a_certificate_counts_to_the_end_of_its_last_day_in_moscow(house: House) -> None:
    record(house)
    assert house.rows("SELECT valid_from AT TIME ZONE 'UTC', valid_until AT TIME ZONE 'UTC' FROM network.certificates")[
        0
    ][1].isoformat() == "2026-12-31T21:00:00"  # type: ignore[attr-defined]


def test_the_same_number_takes_new_days_and_is_no_second_one(house: House) -> None:
    record(house)
    record(house, Paper("Котлы", "N-1", date(2026, 1, 1), date(2027, 12, 31)))
    assert house.rows("SELECT count(*), max(holder) FROM network.certificates") == [(1, None)]


@pytest.mark.parametrize(
    ("paper", "field"),
    [
        (Paper("", "N-1", date(2026, 1, 1), date(2026, 1, 2)), "scheme"),
        (Paper("Котлы", "N" * 99, date(2026, 1, 1), date(2026, 1, 2)), "number"),
        (Paper("Котлы", "N-1", date(2026, 1, 2), date(2026, 1, 1)), "last"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(house: House, paper: Paper, field: str) -> None:
    with house.speaking(hq()), pytest.raises(Invalid) as refused:
        certifying.record(dealer_id=KAZAN, paper=paper)
    assert refused.value.field == field


def test_a_revoked_one_ends_at_that_minute_and_only_once(house: House) -> None:
    record(house)
    with house.speaking(hq()):
        (paper,) = certifying.certificates_of(KAZAN)
        certifying.revoke(dealer_id=KAZAN, certificate_id=paper.id, at=MORNING.replace(year=2026, month=6, day=1))
        assert certifying.state_of(paper, MORNING.replace(year=2026, month=6, day=2)) == "revoked"
        with pytest.raises(Refused):
            certifying.revoke(dealer_id=KAZAN, certificate_id=paper.id, at=MORNING.replace(year=2026, month=6, day=3))


def test_a_table_records_the_good_lines_and_tells_the_others(house: House) -> None:
    table = HEADING + (
        "teplo-kazan;Котлы;N-1;Пётр;01.01.2026;31.12.2026\n"
        "sibir;Котлы;N-2;;2026-01-01;2026-12-31\n"
        "nobody;Котлы;N-3;;2026-01-01;2026-12-31\n"
        "sibir;Котлы;N-4;;soon;2026-12-31\n"
    )
    slugs = {row[0]: row[1] for row in house.rows("SELECT id, slug FROM network.tenants")}
    table = table.replace("teplo-kazan", str(slugs[KAZAN])).replace("sibir", str(slugs[SIBIR]))
    with house.speaking(hq()):
        report = certifying.take_in(BytesIO(table.encode()))
    assert (report.recorded, len(report.problems)) == (2, 2)
    assert house.rows("SELECT owner_id, number FROM network.certificates ORDER BY number") == [
        (KAZAN, "N-1"), (SIBIR, "N-2"),
    ]


def test_pages_record_and_revoke_and_the_dealer_reads_his_own(house: House) -> None:
    browser = staff_browser(house, HQ, "manager")
    page = browser.get(f"/hq/certificates/{KAZAN}").text
    wrong = browser.post(f"/hq/certificates/{KAZAN}", data={
        "csrf_token": token_of(page), "scheme": "Котлы", "number": "", "first": "x", "last": "2026-01-01",
    })
    assert wrong.status_code == 422 and 'value="Котлы"' in wrong.text
    today = now().date()
    good = {"csrf_token": token_of(page), "scheme": "Котлы", "number": "N-7", "first": f"{today}",
            "last": f"{today + timedelta(days=30)}"}
    assert browser.post(f"/hq/certificates/{KAZAN}", data=good).status_code == 302
    assert "N-7" in browser.get("/hq/certificates?q=котл").text
    assert "N-7" in staff_browser(house, KAZAN).get("/desk/leads/reception").text
    paper = house.scalar("SELECT id FROM network.certificates")
    answer = browser.post(f"/hq/certificates/{KAZAN}/{paper}/revocation", data={"csrf_token": token_of(page)})
    assert answer.status_code == 302
    assert house.scalar("SELECT revoked_at IS NOT NULL FROM network.certificates") is True
    nothing = browser.post("/hq/certificates", data={"csrf_token": token_of(page)})
    assert nothing.status_code == 422
