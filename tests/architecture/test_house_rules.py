"""The rules of the house that a machine can hold us to."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from flask import Flask
from jinja2 import Environment

from app.commands.events import wiring
from app.web.access import policy_of

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("app", "tenants", "blueprints")
TEMPLATES = ("app/web/templates/**/*.*", "blueprints/*/templates/**/*.*", "themes/*/templates/**/*.*")


def sources(*rooms: str) -> Iterator[Path]:
    for room in rooms or ROOMS:
        yield from sorted((ROOT / room).rglob("*.py"))


def escaped(line: str, rule: str) -> bool:
    """A reasoned escape: `# house: <rule> -- reason`."""
    return re.search(rf"# house: {rule} -- \S", line) is not None


def offences(pattern: str, rule: str, *rooms: str, but: tuple[str, ...] = ()) -> list[str]:
    found = []
    for path in sources(*rooms):
        name = str(path.relative_to(ROOT))
        if name.startswith(but):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if re.search(pattern, line) and not escaped(line, rule):
                found.append(f"{name}:{number}: {line.strip()}")
    return found


def test_nobody_commits_but_the_kernel() -> None:
    assert offences(r"\.commit\(", "commit", but=("app/kernel/db.py",)) == []


def test_search_path_is_spoken_of_by_the_tenancy_only() -> None:
    allowed = ("tenants/", "app/kernel/db.py", "app/kernel/identity.py")
    assert offences(r"search_path", "search_path", but=allowed) == []


def test_flasks_own_render_template_is_not_used() -> None:
    assert offences(r"\brender_template\b", "render") == []


def test_files_are_not_too_long() -> None:
    long = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in sources()}
    assert {name: lines for name, lines in long.items() if lines > 400} == {}


def test_functions_are_not_too_long() -> None:
    long = []
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= 50:
                long.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
    assert long == []


def test_every_module_says_what_it_is_for() -> None:
    texts = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8").strip() for path in sources()}
    silent = [name for name, text in texts.items() if text and not ast.get_docstring(ast.parse(text))]
    assert silent == []


def test_every_route_has_an_audience_and_a_policy(app: Flask) -> None:
    with app.app_context():
        undeclared = [rule.endpoint for rule in app.url_map.iter_rules() if policy_of(rule.endpoint) is None]
    assert undeclared == []


def test_staff_and_hq_routes_are_never_open(app: Flask) -> None:
    doors = {"accounts_desk", "accounts_security"}
    with app.app_context():
        open_routes = [
            rule.endpoint for rule in app.url_map.iter_rules()
            if getattr(app.blueprints.get(rule.endpoint.split(".")[0]), "audience", "") in ("staff", "hq")
            and policy_of(rule.endpoint) in ("anyone", "link") and rule.endpoint.split(".")[0] not in doors
        ]
    assert open_routes == []


def test_wiring_of_events_is_written_down(app: Flask) -> None:
    assert (ROOT / "docs/events.md").read_text(encoding="utf-8") == wiring()


def test_every_template_compiles(app: Flask) -> None:
    environments: dict[str | tuple[str, str], Environment] = {"": app.jinja_env, **app.extensions["themes"]}
    broken = []
    for theme, environment in environments.items():
        for name in environment.list_templates(filter_func=lambda name: name.endswith((".html", ".txt"))):
            try:
                environment.get_template(name)
            except Exception as error:
                broken.append(f"{theme}:{name}: {error}")
    assert broken == []


CATALOGUES = sorted(ROOT.glob("app/*/translations/ru/LC_MESSAGES/messages.po")) + sorted(
    ROOT.glob("*/translations/ru/LC_MESSAGES/messages.po")
) + sorted(ROOT.glob("blueprints/*/translations/ru/LC_MESSAGES/messages.po"))


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: str(path.relative_to(ROOT)))
def test_russian_words_are_whole(path: Path) -> None:
    with path.open("rb") as file:
        catalogue = read_po(file, locale="ru")
    lacking = [str(m.id) for m in catalogue if m.id and (m.fuzzy or not all(_forms(m.string)))]
    assert lacking == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: str(path.relative_to(ROOT)))
def test_russian_words_have_the_same_places(path: Path) -> None:
    with path.open("rb") as file:
        catalogue = read_po(file, locale="ru")
    place = re.compile(r"%\((\w+)\)")
    unequal = [
        str(m.id) for m in catalogue
        if m.id and isinstance(m.string, str) and set(place.findall(str(m.id))) != set(place.findall(m.string))
    ]
    assert unequal == []


def test_english_words_stand_for_the_same_russian_everywhere() -> None:
    """The application merges the catalogues of all packages, so of two wordings one would be shown in both places."""
    russian: dict[object, dict[object, str]] = {}
    for path in CATALOGUES:
        if path.is_relative_to(ROOT / "app" / "demo"):  # the mail catcher is a program of its own
            continue
        with path.open("rb") as file:
            for message in read_po(file, locale="ru"):
                if message.id:
                    said = russian.setdefault((message.context, _first(message.id)), {})
                    said.setdefault(message.string, str(path.parents[3].relative_to(ROOT)))
    assert {english: said for english, said in russian.items() if len(said) > 1} == {}


def test_every_word_has_its_russian() -> None:
    known: set[str] = set()
    for path in CATALOGUES:
        with path.open("rb") as file:
            known |= {str(_first(m.id)) for m in read_po(file, locale="ru") if m.id}
    missing = sorted(f"{place}: {word}" for place, word in _words() if word not in known)
    assert missing == []


def test_no_foreign_addresses_in_files() -> None:
    parts = ("pypi" + r"\.org", "pythonhosted", "registry" + r"\.npmjs", "cdn" + r"\.", "unpkg", r"googleapis\.com")
    hosts = "|".join(parts)
    names = (
        "requirements.lock", "package-lock.json", "package.json", "pyproject.toml", "Makefile", "README.md", ".npmrc",
    )
    found = [name for name in names if (ROOT / name).exists() and re.search(hosts, (ROOT / name).read_text("utf-8"))]
    assert found == []
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text("utf-8")


def _forms(string: object) -> tuple[object, ...]:
    return string if isinstance(string, tuple) else (string,)


def _first(message_id: object) -> object:
    return message_id[0] if isinstance(message_id, tuple) else message_id


def _words() -> Iterator[tuple[str, str]]:
    from babel.messages.extract import extract_from_file

    keywords = {"_": None, "_l": None, "gettext": None, "ngettext": (1, 2), "lazy_gettext": None}
    for path in sources():
        for _line, message, _comments, _context in extract_from_file("python", path, keywords):
            yield str(path.relative_to(ROOT)), str(_first(message))
    options = {"silent": "false", "extensions": "jinja2.ext.do"}
    for path in (path for room in TEMPLATES for path in sorted(ROOT.glob(room))):
        for _line, message, _comments, _context in extract_from_file(
            "jinja2.ext:babel_extract", path, keywords, options=options
        ):
            yield str(path.relative_to(ROOT)), str(_first(message))


OUTGOING = {
    "app/web/mail.py": "letters go to the mail server of the settings",
    "blueprints/integrations/payments/gateway.py": "the payment provider of the settings",
    "app/kernel/outgoing.py": "the one client for addresses people give; it judges each before it opens it",
    "app/kernel/tracing.py": "the collector of traces of the settings",
    "app/demo/": "the demo's own processes ask each other on this machine",
    "app/embedded/": "starting the embedded services on this machine",
}
CLIENTS = (
    "requests", "httpx", "aiohttp", "urllib3", "urllib.request", "http.client", "socket", "smtplib", "ftplib", "stripe",
    "telnetlib", "xmlrpc", "asyncio.streams", "pycurl", "websockets", "paramiko",
    "opentelemetry.exporter",
)


def test_only_these_speak_to_other_machines() -> None:
    """An address a person gives is opened by `app.kernel.outgoing` alone, one that a file names by nobody."""
    found = []
    for path in sources():
        name = str(path.relative_to(ROOT))
        if not name.startswith(tuple(OUTGOING)):
            found += [f"{name}: {module}" for module in _imported(path) if _is_client(module)]
    assert found == []


def _is_client(module: str) -> bool:
    return any(module == client or module.startswith(f"{client}.") for client in CLIENTS)


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("page", ["docs/security.md", "docs/trust.md"])
def test_what_the_pages_on_trust_name_is_there(page: str) -> None:
    named = re.findall(r"`((?:app|blueprints|docs|tenants|tests)/[\w/.-]+)`", (ROOT / page).read_text(encoding="utf-8"))
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []
