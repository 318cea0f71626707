"""Words of templates looked up once, when a template is read, instead of each time it is shown.

A page says a hundred words that never change but with the language; so each language has templates of its own.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from flask.templating import Environment as FlaskEnvironment
from jinja2 import nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from app.kernel.words import words_of


class Templates(FlaskEnvironment):
    """Flask's environment; an overlay of it with a `language` has read templates in that language alone."""

    language: str | None = None

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The environment's globals and those a template is loaded with, in one dictionary.

        Jinja chains two and compares their keys at each import of macros, a twentieth of a page's time.
        """
        return {**self.globals, **(d or {})}

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        template = super()._parse(source, name, filename)
        if self.language is None:
            return template
        is_markup = self.autoescape(name) if callable(self.autoescape) else self.autoescape
        return _Folding(self.language, is_markup).visit(template)


class _Folding(NodeTransformer):
    """Puts the words in the place of `_("...")` that is given nothing besides."""

    def __init__(self, language: str, is_markup: bool) -> None:
        self._words, self._kind = words_of(language), Markup if is_markup else str

    def visit_Call(self, call: nodes.Call, *args: Any, **options: Any) -> nodes.Node:
        """A call, or what it always says."""
        match call:
            case nodes.Call(node=nodes.Name(name="_"), args=[nodes.Const(value=str(message))], kwargs=[]):
                worded = self._words.gettext(message) % {}
                return nodes.Const(self._kind(worded), lineno=call.lineno)
        return self.generic_visit(call, *args, **options)
