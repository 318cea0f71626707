"""The second factor: codes of an app, codes on paper, and who must have one."""

from __future__ import annotations

import html
import re
import uuid
from datetime import datetime, timedelta

import pyotp
import pytest
from click.testing import CliRunner

from app.commands.people import people as command
from app.config import environment
from app.kernel.clock import frozen, now
from blueprints.accounts import totp
from tests.blueprints.accounts.conftest import PASSWORD, People, links_in_mails, post
from tests.house import HQ, KAZAN, Browser, House

APP, CODE, SECURITY, RULES = "/desk/security/app", "/desk/sign-in/code", "/desk/security", "/desk/rules"


def secret_of(browser: Browser) -> str:
    found = re.search(r"secret=([A-Z2-7]+)", html.unescape(browser.get(APP).text))
    assert found
    return found.group(1)


def code_at(secret: str, at: datetime) -> str:
    return pyotp.TOTP(secret).at(at)


def with_app(browser: Browser, at: datetime) -> tuple[str, list[str]]:
    """Set the app up; its secret and the codes on paper."""
    secret = secret_of(browser)
    answer = post(browser, APP, code=code_at(secret, at))
    assert answer.status_code == 200
    return secret, re.findall(r"<code>([a-z2-9-]+)</code>", answer.text)


def at_second_step(people: People, house: House) -> Browser:
    browser = house.visit(KAZAN)
    answer = post(browser, "/desk/sign-in", email="olga@example.ru", password=PASSWORD)
    assert answer.headers["Location"] == CODE
    assert browser.get("/desk/me").status_code == 302
    return browser


def test_the_password_alone_no_longer_opens(people: People, house: House) -> None:
    with frozen(now()) as at:
        secret, _paper = with_app(people.here("olga"), at)
    with frozen(at + timedelta(minutes=2)) as later:
        browser = at_second_step(people, house)
        assert post(browser, CODE, code="000000").status_code == 422
        assert browser.get("/desk/me").status_code == 302
        assert post(browser, CODE, code=code_at(secret, later)).status_code == 303
        assert browser.get("/desk/me").status_code == 200


def test_a_code_works_once_and_none_before_it(people: People, house: House) -> None:
    with frozen(now()) as at:
        secret, _paper = with_app(people.here("olga"), at)
        assert post(at_second_step(people, house), CODE, code=code_at(secret, at)).status_code == 422
        earlier = code_at(secret, at - timedelta(seconds=30))
        assert post(at_second_step(people, house), CODE, code=earlier).status_code == 422


@pytest.mark.parametrize(("drift", "status"), [(-60, 422), (-30, 303), (0, 303), (30, 303), (60, 422)])
def test_a_clock_may_be_half_a_minute_off(people: People, house: House, drift: int, status: int) -> None:
    with frozen(now()) as at:
        secret, _paper = with_app(people.here("olga"), at)
    with frozen(at + timedelta(minutes=5)) as later:
        code = code_at(secret, later + timedelta(seconds=drift))
        assert post(at_second_step(people, house), CODE, code=code).status_code == status


def test_the_secret_is_sealed_and_opens_for_its_tenant_only(people: People, house: House) -> None:
    secret = secret_of(people.here("olga"))
    sealed = house.scalar("SELECT sealed_secret FROM t_000002.authenticators")
    assert secret not in str(sealed)
    staff_id = people.staff("sibir", tenant_id="t_000003")
    with house.speaking("t_000003"):
        assert totp.accepts(staff_id, "000000", now()) is False


def test_a_code_on_paper_opens_once(people: People, house: House) -> None:
    with frozen(now()) as at:
        _secret, paper = with_app(people.here("olga"), at)
    assert len(set(paper)) == 10
    assert paper[0] not in str(house.rows("SELECT code_hash FROM t_000002.recovery_codes"))
    assert post(at_second_step(people, house), CODE, code=paper[0].upper()).status_code == 303
    assert post(at_second_step(people, house), CODE, code=paper[0]).status_code == 422
    assert post(at_second_step(people, house), CODE, code=paper[1]).status_code == 303


def test_codes_of_the_second_step_are_limited_per_person(people: People, house: House) -> None:
    with frozen(now()) as at:
        with_app(people.here("olga"), at)
    browser = at_second_step(people, house)
    assert [post(browser, CODE, code="000000").status_code for _try in range(6)] == [422] * 5 + [429]
    assert post(at_second_step(people, house), CODE, code="000000").status_code == 429


def test_a_half_sign_in_does_not_wait_for_ever(people: People, house: House) -> None:
    with frozen(now()) as at:
        secret, _paper = with_app(people.here("olga"), at)
    browser = at_second_step(people, house)
    with frozen(at + timedelta(minutes=15)) as later:
        answer = browser.get(CODE)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/sign-in")
        assert pyotp.TOTP(secret).at(later)


def test_a_link_to_reset_the_password_does_not_go_round_it(people: People, house: House) -> None:
    with frozen(now()) as at:
        with_app(people.here("olga"), at)
    browser = house.visit(KAZAN)
    post(browser, "/desk/password", email="olga@example.ru")
    answer = post(browser, links_in_mails(house, "mail/password_reset")[0], password="лес стоит за рекой")
    assert answer.headers["Location"] == CODE
    assert browser.get("/desk/me").status_code == 302


def test_owners_are_led_to_set_it_up_when_the_rule_says_so(people: People, house: House) -> None:
    people.staff("ivan", "manager")
    people.staff("vera", "clerk")
    owner, manager = people.here("olga"), people.sign_in("ivan")
    post(owner, RULES, own="1")
    for browser in (owner, manager):
        assert browser.get("/desk/people").headers["Location"] == SECURITY
        assert browser.post("/desk/people").status_code in (303, 400)
    assert people.sign_in("vera").get("/desk/me").status_code == 200
    late = people.sign_in("ivan")
    assert late.get("/desk/people").headers["Location"] == SECURITY
    assert late.get(RULES).status_code == 303
    with frozen(now()) as at:
        with_app(late, at)
    assert late.get("/desk/people").status_code == 200
    assert manager.get("/desk/people").status_code == 200


def test_control_without_the_rule_nobody_is_led_anywhere(people: People) -> None:
    assert people.here("olga").get("/desk/people").status_code == 200


def test_the_last_factor_stays_while_the_rule_stands(people: People, house: House) -> None:
    owner = people.here("olga")
    with frozen(now()) as at:
        with_app(owner, at)
    post(owner, RULES, own="1")
    assert owner.get("/desk/people").status_code == 200
    assert post(owner, "/desk/security/app/removal", page=SECURITY).status_code == 409
    assert house.scalar("SELECT count(*) FROM t_000002.authenticators") == 1
    post(owner, RULES)
    assert post(owner, "/desk/security/app/removal", page=SECURITY).status_code == 303


def test_hq_asks_it_of_the_owners_of_all_dealers(people: People, house: House) -> None:
    people.staff("anna", tenant_id=HQ)
    people.staff("olga")
    people.staff("ivan", "manager")
    hq = people.sign_in("anna", tenant_id=HQ)
    try:
        assert post(hq, RULES, network="1").status_code == 303
        assert people.sign_in("olga").get("/desk/people").headers["Location"] == SECURITY
        assert people.sign_in("ivan").get("/desk/people").status_code == 200
    finally:
        house.rows("UPDATE network.tenants SET profile = profile - 'second_factor' RETURNING 1")


def test_a_dealer_cannot_set_hqs_rule(people: People, house: House) -> None:
    post(people.here("olga"), RULES, network="1")
    assert house.scalar("SELECT profile->'second_factor' FROM network.tenants WHERE id = 't_000001'") is None


def test_an_owner_takes_the_factor_off_for_a_colleague(people: People, house: House) -> None:
    owner, ivan = people.here("olga"), people.staff("ivan")
    with frozen(now()) as at:
        with_app(people.sign_in("ivan"), at)
    path = f"/desk/people/{ivan}/factor/removal"
    assert post(owner, path, page=RULES).status_code == 303
    assert people.sign_in("ivan").get("/desk/me").status_code == 200
    assert "factor_changed" in str(house.rows("SELECT template FROM t_000002.mails"))
    with house.speaking(KAZAN):
        assert totp.codes_left(ivan) == 0


def test_a_manager_takes_nobodys_factor_off(people: People) -> None:
    manager = people.here("ivan", "manager")
    assert post(manager, f"/desk/people/{uuid.uuid4()}/factor/removal", page="/desk/me").status_code == 403


def test_the_command_line_helps_the_last_owner(people: People, house: House) -> None:
    with frozen(now()) as at:
        with_app(people.here("olga"), at)
    arguments = ["take-factor-off", "teplo-kazan", "Olga@example.ru"]
    done = CliRunner().invoke(command, arguments, env=environment(house.settings))
    assert done.exit_code == 0, done.output
    assert people.sign_in("olga").get("/desk/me").status_code == 200
    line = house.rows("SELECT action, actor FROM t_000002.audit_log ORDER BY number DESC OFFSET 1 LIMIT 1")
    assert line == [("people.factor_reset", "console")]
    assert CliRunner().invoke(command, [*arguments[:2], "no@one.ru"], env=environment(house.settings)).exit_code == 1
