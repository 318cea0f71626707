"""The first owner of a tenant, made from the command line."""

from __future__ import annotations

from urllib.parse import urlsplit

from click.testing import CliRunner

from app.commands.people import people as command
from app.config import environment
from tests.house import House, token_of

PASSWORD = "tihij ogon v pechi"


def test_the_first_owner_sets_his_password_at_the_link_and_comes_in(house: House) -> None:
    arguments = ["add-owner", "ochag", "Anna@example.ru", "--name", "Анна Орлова"]
    done = CliRunner().invoke(command, arguments, env=environment(house.settings))
    assert done.exit_code == 0, done.output
    link = urlsplit(done.output.strip())
    assert link.hostname == "ochag.localhost"
    browser = house.visit()
    form = {"password": PASSWORD, "again": PASSWORD, "csrf_token": token_of(browser.get(link.path).text)}
    assert browser.post(link.path, data=form).status_code == 303
    assert browser.get("/hq/").status_code in (200, 302)
    assert house.rows("SELECT email, role FROM t_000001.staff") == [("anna@example.ru", "owner")]
    assert house.rows("SELECT action, actor FROM t_000001.audit_log ORDER BY number LIMIT 1") == [
        ("people.invited", "console")
    ]
    again = CliRunner().invoke(command, arguments, env=environment(house.settings))
    assert again.exit_code == 1 and "already" in again.output
