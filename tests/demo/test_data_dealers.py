"""Dealers and people of the demo network: valid requisites, real towns, nobody's mailbox."""

import re
from random import Random

import phonenumbers
import pytest
from stdnum.ru import inn

from app.demo.data.dealers import NOBODY_YET, Dealer, dealers
from app.demo.data.people import SURNAMES, feminine, person
from tenants.geography import distance_km, regions

SMALL, LARGE = dealers(24), dealers(1000)
BOTH = pytest.mark.parametrize("network", [SMALL, LARGE], ids=["24", "1000"])


@BOTH
def test_tax_numbers_are_valid_and_belong_to_nobody(network: tuple[Dealer, ...]) -> None:
    assert all(inn.is_valid(dealer.inn) and dealer.inn.startswith("00") for dealer in network)
    assert len({dealer.inn for dealer in network}) == len(network)
    assert all(len(dealer.inn) == (12 if dealer.legal_name.startswith("ИП") else 10) for dealer in network)


@BOTH
def test_slugs_are_host_labels_and_unique(network: tuple[Dealer, ...]) -> None:
    assert len({dealer.slug for dealer in network}) == len(network)
    assert all(re.fullmatch(r"[a-z][a-z0-9-]{2,47}", dealer.slug) for dealer in network)


@BOTH
def test_most_regions_are_served_and_an_exclusive_one_by_a_single_home_dealer(network: tuple[Dealer, ...]) -> None:
    served = {code for dealer in network for code, _ in dealer.territories}
    bare = NOBODY_YET - {dealer.city.region_code for dealer in network}
    assert bare and {region.code for region in regions()} - served == bare
    for dealer in network:
        (home, kind), *shared = dealer.territories
        assert home == dealer.city.region_code and all(each == "shared" for _, each in shared)
        if kind == "exclusive":
            assert [other for other in network if other.city.region_code == home] == [dealer]


def test_small_network_opens_in_distinct_towns_led_by_the_largest() -> None:
    assert len({dealer.city.id for dealer in SMALL}) == 24
    assert [dealer.city.name_ru for dealer in SMALL[:3]] == ["Москва", "Санкт-Петербург", "Новосибирск"]


@BOTH
def test_dealer_is_near_his_town_and_can_be_called(network: tuple[Dealer, ...]) -> None:
    for dealer in network:
        assert distance_km(dealer.lat, dealer.lon, dealer.city.lat, dealer.city.lon) < 6
        assert re.fullmatch(r"\+79\d\d000\d{4}", dealer.phone)
        assert phonenumbers.is_possible_number(phonenumbers.parse(dealer.phone))
        assert dealer.email.endswith("@example.ru")


def test_hours_are_read_by_routing() -> None:
    from blueprints.routing.rules.windows import WorkingHours

    for dealer in SMALL:
        hours = WorkingHours.from_dict(dealer.hours)
        assert hours.timezone == dealer.city.timezone and hours.weekly[0]


def test_same_seed_same_dealers() -> None:
    assert dealers.__wrapped__(24, 7) == SMALL
    assert dealers(24, 8) != SMALL


def test_women_have_womens_surnames() -> None:
    assert [feminine(name) for name in ("Белов", "Воробьёв", "Зимин", "Раевский", "Шевченко", "Седых")] == [
        "Белова", "Воробьёва", "Зимина", "Раевская", "Шевченко", "Седых",
    ]  # fmt: skip
    random = Random(1)
    found = [person(random) for _ in range(400)]
    forms = {feminine(name) for name in SURNAMES}
    assert all(one.name.split()[1] in forms for one in found if one.is_woman)


def test_mail_goes_to_example_domains_only() -> None:
    random = Random(2)
    addresses = [person(random).email for _ in range(400)]
    assert all(re.fullmatch(r"[a-z0-9.]+@example\.(ru|com)", address) for address in addresses)
