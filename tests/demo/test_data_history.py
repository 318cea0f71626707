"""The half year of leads: in order, in character, and never ahead of its own clock."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from app.demo.data.catalogue import catalogue
from app.demo.data.comments import VERDICTS
from app.demo.data.dealers import dealers
from app.demo.data.demand import HALF_A_YEAR
from app.demo.data.history import HistoryLead, history
from app.demo.data.visits import visits

UNTIL = datetime(2026, 11, 23, 12, tzinfo=UTC)
DEALERS = dealers(24)
LEADS = list(history(catalogue(300), DEALERS, 2000, 7, UNTIL))
ORDERS = [lead for lead in LEADS if lead.kind == "order"]


def moments_of(lead: HistoryLead) -> list[datetime]:
    course = [lead.created_at]
    for offer in lead.offers:
        course += [offer.offered_at, *([offer.responded_at] if offer.responded_at else [])]
    ends = (lead.accepted_at, lead.shipped_at, lead.delivered_at, lead.closed_at, lead.feedback_at)
    return [*course, *(at for at in ends if at)]


def test_as_many_orders_as_asked_and_a_fifth_more_leads() -> None:
    assert len(ORDERS) == 2000 and len(LEADS) == 2440
    assert [lead.sequence for lead in LEADS] == list(range(1, 2441))
    assert all(early.created_at <= late.created_at for early, late in pairwise(LEADS))


def test_time_runs_forward_and_stops_now() -> None:
    for lead in LEADS:
        course = moments_of(lead)
        assert course == sorted(course), lead
        assert UNTIL - HALF_A_YEAR - timedelta(days=2) < course[0] and course[-1] <= UNTIL


def test_offers_end_within_their_window_and_only_the_last_stands() -> None:
    for lead in LEADS:
        assert [offer.round for offer in lead.offers] == list(range(1, lead.rounds + 1))
        assert len({offer.dealer for offer in lead.offers}) == lead.rounds <= 4
        assert all(offer.state in ("declined", "expired") for offer in lead.offers[:-1])
        for offer in lead.offers:
            assert offer.responded_at is None or offer.responded_at <= offer.deadline_at
            assert (offer.state == "declined") == (offer.reason is not None)


def test_own_leads_stay_with_their_dealer() -> None:
    own = [lead for lead in LEADS if lead.owner]
    assert own and all(lead.source == "dealer_site" and lead.assignee == lead.owner and not lead.offers for lead in own)


def test_states_agree_with_their_instants() -> None:
    for lead in LEADS:
        assert (lead.state == "won") == (lead.delivered_at is not None)
        assert (lead.state in ("won", "lost", "invalid")) == (lead.closed_at is not None)
        assert (lead.state == "lost") == (lead.lost_reason is not None)
        assert (lead.satisfaction is None) == (lead.feedback_at is None)
        assert lead.state in ("new", "offered", "invalid", "lost") or lead.accepted_at


def test_mix_is_the_one_of_a_working_network() -> None:
    sources = Counter(lead.source for lead in LEADS)
    assert 0.40 < sources["brand_site"] / len(LEADS) < 0.50
    assert 0.25 < sources["dealer_site"] / len(LEADS) < 0.35
    won = sum(lead.state == "won" for lead in ORDERS) / len(ORDERS)
    assert 0.8 < won < 0.97
    marks = [lead.satisfaction for lead in LEADS if lead.satisfaction]
    assert 4.0 < sum(marks) / len(marks) < 4.7 and set(marks) == {1, 2, 3, 4, 5}
    months = Counter(lead.created_at.month for lead in LEADS)
    assert months[10] > 1.5 * months[7]


def test_orders_carry_lines_payment_and_delivery() -> None:
    for lead in ORDERS:
        assert 1 <= len(lead.lines) <= 4 and lead.payment_method and lead.delivery_method
        assert lead.value_minor == sum(line.product.price_minor * line.quantity for line in lead.lines)
        assert len({line.product.sku for line in lead.lines}) == len(lead.lines)
        assert lead.is_paid or lead.state != "won"


def test_comments_are_many_and_finished() -> None:
    assert sum(map(len, VERDICTS.values())) >= 60
    written = {lead.feedback for lead in LEADS if lead.feedback}
    assert len(written) > 50 and not any("{" in text for text in written)


def test_same_seed_same_history() -> None:
    again = list(history(catalogue(300), DEALERS, 2000, 7, UNTIL))
    assert again == LEADS
    assert list(history(catalogue(300), DEALERS, 50, 8, UNTIL)) != LEADS[:61]


def test_visits_cover_every_site_and_day() -> None:
    rows = list(visits(DEALERS, 2000, 7, UNTIL))
    assert rows == list(visits(DEALERS, 2000, 7, UNTIL))
    assert len({(row.owner, row.day, row.source) for row in rows}) == len(rows) == 183 * (2 + 24)
    assert 30 < sum(row.visits for row in rows) / len(LEADS) < 60
