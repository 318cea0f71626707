"""Pieces of pages kept by all that they show: a product's card is made once, not for every page that bears it.

A piece is kept under a key that holds every value it depends on, so it is never stale and says nothing to one
tenant that another did not say in the same words. What differs by reader, the form's token, is put in afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import g
from markupsafe import Markup

from app.web.forms import TOKEN_PLACE, token_field
from app.web.locale import locale

MOST = 10_000
"""Pieces in one process, each about a kilobyte; when there are more, all are made anew."""

_pieces: dict[tuple[Any, ...], Markup] = {}


def piece(macro: Callable[..., Markup], key: tuple[Any, ...], *values: Any) -> Markup:
    """What a macro says of the values, kept under `key` in each theme and language."""
    made = _kept(macro, key, values)
    return made.replace(TOKEN_PLACE, token_field()) if TOKEN_PLACE in made else made


def pieces(macro: Callable[..., Markup], things: Iterable[Any]) -> Markup:
    """What a macro says of each thing, kept under its `key`."""
    return Markup("").join([_kept(macro, one.key, (one,)) for one in things]).replace(TOKEN_PLACE, token_field())


def _kept(macro: Callable[..., Markup], key: tuple[Any, ...], values: tuple[Any, ...]) -> Markup:
    whole_key = (macro, locale(), *key)
    made = _pieces.get(whole_key)
    if made is None:
        if len(_pieces) >= MOST:
            _pieces.clear()
        made = _pieces[whole_key] = _made(macro, values)
    return made


def _made(macro: Callable[..., Markup], values: tuple[Any, ...]) -> Markup:
    g.makes_piece = True
    try:
        return macro(*values)
    finally:
        g.makes_piece = False
