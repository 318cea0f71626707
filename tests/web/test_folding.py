"""Words of a template are in it once it is read: each language has its own, and what has to be filled in is asked."""

from __future__ import annotations

from flask import Flask
from jinja2 import DictLoader

from app.web.folding import Templates
from app.web.locale import force_locale

SOURCE = '{{ _("Cart") }} {{ _(word) }} {{ _("Order %(number)s", number="<7>") }}'


def environment(app: Flask, language: str | None) -> Templates:
    made = app.jinja_env.overlay(loader=DictLoader({"a.html": SOURCE, "a.txt": SOURCE}))
    made.language = language
    return made


def test_words_are_folded_in_the_language_of_the_templates(app: Flask) -> None:
    with app.test_request_context():
        said = {}
        for language in ("ru", "en"):
            with force_locale(language):
                made = environment(app, language)
                said[language] = [made.get_template(name).render(word="Cart") for name in ("a.html", "a.txt")]
        assert said["en"] == ["Cart Cart Order &lt;7&gt;", "Cart Cart Order <7>"]
        assert said["ru"] == ["Корзина Корзина Заказ &lt;7&gt;", "Корзина Корзина Заказ <7>"]


def test_folded_templates_ask_only_for_what_they_cannot_know(app: Flask) -> None:
    with app.test_request_context():
        asked = {}
        for language in (None, "ru"):
            made = environment(app, language)
            heard: list[str] = []
            made.globals = {**made.globals, "_": lambda message, heard=heard, **_values: heard.append(message) or ""}
            made.get_template("a.html").render(word="City")
            asked[language] = heard
        assert asked == {None: ["Cart", "City", "Order %(number)s"], "ru": ["City", "Order %(number)s"]}
