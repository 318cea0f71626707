"""The front end holds together: icons that templates name exist, themes are complete, nothing comes from elsewhere."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from app.web.vendor import ICONS, ROOT

TEMPLATES = sorted(
    path for folder in ("app", "blueprints", "themes") for path in (ROOT / folder).rglob("templates/**/*.html")
)
THEMES = sorted((ROOT / "themes").glob("*/theme.toml"))
NAMED = re.compile(r"""\bicon\("([a-z0-9-]+)"|icon_name="([a-z0-9-]+)\"""")
PALETTE = {"brand", "brand_ink", "accent", "paper", "ink"}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_icons_named_in_a_template_are_in_the_sprite(template: Path) -> None:
    named = {first or second for first, second in NAMED.findall(template.read_text(encoding="utf-8"))}
    assert named - set(ICONS) == set()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_templates_carry_nothing_the_content_policy_refuses(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    mail = "mail" in template.name or "mail" in template.parent.name
    assert re.findall(r"<[^>{]*\son[a-z]+=|javascript:", text) == []
    assert mail or re.findall(r"\sstyle=", text) == []


@pytest.mark.parametrize("theme", THEMES, ids=lambda path: path.parent.name)
def test_a_theme_says_its_name_and_offers_three_palettes(theme: Path) -> None:
    about = tomllib.loads(theme.read_text(encoding="utf-8"))
    assert about["name"].keys() == about["description"].keys() == {"ru", "en"}
    assert len(about["palettes"]) == 3
    for palette in about["palettes"]:
        assert palette["name"].keys() == {"ru", "en"}
        assert palette["colours"].keys() == PALETTE
        assert all(re.fullmatch(r"#[0-9a-f]{6}", colour) for colour in palette["colours"].values())


def test_lock_of_the_front_end_names_no_registry() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []
