"""Where: the visitor's city, how to find us."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.kernel.words import _
from app.web.here import here
from app.web.templating import render
from blueprints.shop import structured
from blueprints.shop.asking import ask_form
from blueprints.shop.city import find_city, look_up, pick
from blueprints.shop.section import shop


@shop.get("/city", access="anyone")
def city() -> str:
    """Pick a city: search, or the largest ones."""
    words = request.args.get("q", "").replace("\0", "")[:60]
    return render("shop/city.html", found=look_up(words), words=words, target=_target(request.args.get("next")))


@shop.post("/city", access="anyone")
def choose_city() -> Response:
    """Remember the city and go back."""
    target = _target(request.form.get("next"))
    if not pick(request.form.get("city_id", 0, type=int)):
        flash(_("There is no such city in our list. Pick the nearest one."), "error")
        return redirect(url_for("shop.city", next=target))
    return redirect(target)


@shop.get("/contacts", access="anyone")
def contacts() -> str:
    """Phone, mail, address, hours, a map and a question."""
    facts = here()
    return render(
        "shop/contacts.html", form=ask_form(), own_city=find_city(facts.city_id), facts=facts,
        ld=[structured.organization()],
    )


def _target(path: str | None) -> str:
    """Where to go on: a page of this site, whatever the address says."""
    is_ours = path and path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if path and is_ours else url_for("shop.home")
