"""Staff of a tenant: who may invite, change and let go whom; links that work once."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from itsdangerous import TimestampSigner

from app.kernel.clock import now
from app.kernel.db import db
from app.web.mail import compose
from app.web.models import Mail
from blueprints.accounts.service import entry_token
from tests.blueprints.accounts.conftest import PASSWORD, People, links_in_mails, post
from tests.house import KAZAN, SIBIR, House


def test_an_invited_person_sets_his_password_and_is_in(people: People, house: House) -> None:
    owner = people.here("olga")
    values = {"name": "Иван", "email": "Ivan@Example.ru", "role": "clerk"}
    assert post(owner, "/desk/people", **values).status_code == 303
    link = links_in_mails(house, "mail/invitation")[0]
    ivan = house.visit(KAZAN)
    assert post(ivan, link, name="Иван Петров", password="короткий").status_code == 422
    assert post(ivan, link, name="Иван Петров", password="дом на краю села").status_code == 303
    assert "Иван Петров" in ivan.get("/desk/me").text
    assert house.visit(KAZAN).get(link).status_code == 409


@pytest.mark.parametrize(("actor", "role", "status"), [
    ("owner", "owner", 303), ("owner", "manager", 303), ("owner", "clerk", 303),
    ("manager", "owner", 422), ("manager", "manager", 303), ("manager", "clerk", 303),
    ("clerk", "clerk", 403),
])
def test_nobody_invites_above_his_own_role(
    people: People, house: House, unlimited: None, actor: str, role: str, status: int
) -> None:
    browser = people.here("olga", actor)
    answer = post(browser, "/desk/people", page="/desk/me", name="Иван", email="ivan@example.ru", role=role)
    assert answer.status_code == status
    invited = house.scalar("SELECT role FROM t_000002.staff WHERE email = 'ivan@example.ru'")
    assert invited == (role if status == 303 else None)


@pytest.mark.parametrize(("actor", "old", "new", "result"), [
    ("owner", "manager", "owner", "owner"), ("owner", "owner", "clerk", "clerk"),
    ("manager", "clerk", "manager", "manager"), ("manager", "clerk", "owner", "clerk"),
    ("manager", "owner", "clerk", "owner"),
])
def test_nobody_changes_what_is_above_his_own_role(
    people: People, house: House, actor: str, old: str, new: str, result: str
) -> None:
    browser, ivan = people.here("olga", actor), people.staff("ivan", old)
    post(browser, f"/desk/people/{ivan}/role", page="/desk/me", role=new)
    assert house.scalar("SELECT role FROM t_000002.staff WHERE email = 'ivan@example.ru'") == result


def test_the_last_owner_stays(people: People, house: House) -> None:
    ivan = people.staff("ivan", "owner")
    people.staff("invited", "owner", password=None)
    olga_id = people.staff("olga")
    olga, ivans = people.sign_in("olga"), people.sign_in("ivan")
    post(olga, f"/desk/people/{ivan}/deactivation", page="/desk/people")
    assert ivans.get("/desk/me").status_code == 302
    post(olga, f"/desk/people/{olga_id}/deactivation", page="/desk/people")
    post(olga, f"/desk/people/{olga_id}/role", page="/desk/people", role="clerk")
    query = "SELECT count(*) FROM t_000002.staff WHERE role = 'owner' AND is_active AND password_hash IS NOT NULL"
    assert house.scalar(query) == 1


def test_who_was_let_go_cannot_sign_in_until_he_is_let_in_again(people: People, house: House) -> None:
    olga, ivan = people.here("olga"), people.staff("ivan", "clerk")
    post(olga, f"/desk/people/{ivan}/deactivation", page="/desk/people")
    assert post(house.visit(KAZAN), "/desk/sign-in", email="ivan@example.ru", password=PASSWORD).status_code == 422
    post(olga, f"/desk/people/{ivan}/activation", page="/desk/people")
    people.sign_in("ivan")


def test_a_colleague_who_lost_his_telephone_is_signed_out_everywhere(people: People, house: House) -> None:
    olga, ivan = people.here("olga", "manager"), people.staff("ivan", "clerk")
    ivans, owners = people.sign_in("ivan"), people.here("pavel")
    post(olga, f"/desk/people/{ivan}/sessions/end", page="/desk/people")
    assert ivans.get("/desk/me").status_code == 302
    acts = house.rows("SELECT details ->> 'count' FROM t_000002.audit_log WHERE action = 'people.sessions_ended'")
    assert acts == [("1",)]
    people.sign_in("ivan")
    pavel = house.scalar("SELECT id FROM t_000002.staff WHERE email = 'pavel@example.ru'")
    post(olga, f"/desk/people/{pavel}/sessions/end", page="/desk/people")
    assert owners.get("/desk/me").status_code == 200


def test_reset_link_works_once_and_ends_sessions(people: People, house: House) -> None:
    before = people.here("olga")
    visitor = house.visit(KAZAN)
    for email in ("olga@example.ru", "nobody@example.ru"):
        assert post(visitor, "/desk/password", email=email).headers["Location"] == "/desk/sign-in"
    link, = links_in_mails(house, "mail/password_reset")
    assert post(visitor, link, password="новый длинный пароль").status_code == 303
    assert before.get("/desk/me").status_code == 302
    assert visitor.get("/desk/me").status_code == 200
    assert house.visit(KAZAN).get(link).status_code == 409
    assert links_in_mails(house, "mail/password_changed") == ["/desk/password"]
    people.sign_in("olga", password="новый длинный пароль")


def test_reset_link_ages_and_means_nothing_at_a_sibling(
    people: People, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.staff("olga")
    people.staff("olga", tenant_id=SIBIR)
    post(house.visit(KAZAN), "/desk/password", email="olga@example.ru")
    link, = links_in_mails(house, "mail/password_reset")
    assert house.visit(SIBIR).get(link).status_code == 403
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _signer: int(now().timestamp()) + 7200)
    assert house.visit(KAZAN).get(link).status_code == 409


@pytest.mark.parametrize("password", [
    "короткий", "1234567890", "ааааааааааа", "olga@example.ru", "olga12345!", "х" * 129,
])
def test_weak_passwords_are_refused_at_their_field(people: People, password: str) -> None:
    browser = people.here("olga")
    answer = post(browser, "/desk/me/password", page="/desk/me", current=PASSWORD, password=password)
    assert answer.status_code == 422
    assert 'id="password-error"' in answer.text


def test_entry_token_signs_in_once_and_at_its_own_host_only(people: People, house: House) -> None:
    olga = people.staff("olga")
    with house.speaking("t_000001"):
        token = entry_token(olga, KAZAN)
    assert house.visit(SIBIR).get(f"/desk/enter/{token}").headers["Location"] == "/desk/sign-in"
    browser = house.visit(KAZAN)
    assert browser.get(f"/desk/enter/{token}?next=/desk/me").headers["Location"] == "/desk/me"
    assert browser.get("/desk/me").status_code == 200
    second = house.visit(KAZAN)
    assert second.get(f"/desk/enter/{token}").headers["Location"] == "/desk/sign-in"
    assert second.get("/desk/me").status_code == 302


def test_people_are_listed_in_a_fixed_number_of_queries(people: People, house: House, unlimited: None) -> None:
    browser = people.here("olga")
    browser.get("/desk/people")
    counts = []
    for more in ("one", "two", "three"):
        counts.append(_queries(house, lambda: browser.get("/desk/people")))
        people.staff(more, "clerk")
    assert len(set(counts)) == 1


MAILS = ("invitation", "password_reset", "password_changed", "confirm_address", "already_registered")


@pytest.mark.parametrize("name", MAILS)
def test_mails_speak_the_readers_language(house: House, name: str) -> None:
    values = {"name": "NAME", "inviter": "INVITER", "link": "http://x.localhost/y"}
    with house.speaking(KAZAN):
        for locale in ("ru", "en"):
            message = compose(Mail(
                to_address="a@example.ru", template=f"mail/{name}", locale=locale, params=values, created_at=now()
            ))
            plain, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
            words = plain.partition("-- ")[0].replace("Тепло Казань", "")
            assert (re.search("[а-я]", words) is not None) == (locale == "ru")
            assert "http://x.localhost/y" in plain
            assert "http://x.localhost/y" in html


def _queries(house: House, run: Callable[[], object]) -> int:
    seen: list[str] = []
    with house.web.app_context():
        engine = db.engine

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        run()
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    return len(seen)
