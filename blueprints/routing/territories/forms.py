"""An area as a form: four ways to say where, of which one counts."""

from __future__ import annotations

import re
from typing import ClassVar

from wtforms import Field, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.kernel.errors import Invalid
from app.kernel.words import _, _l
from app.web.forms import Form, strip
from blueprints.routing.rules.areas import MOST_KM
from blueprints.routing.rules.outlines import read_outline, write_outline
from blueprints.routing.territories.atlas import Atlas
from blueprints.routing.territories.wording import KINDS, SHAPES
from tenants.models import City, Territory

DEGREES = re.compile(r"-?\d{1,3}([.,]\d{1,12})?", re.ASCII)
USUAL_KM = 50


class BadPlace(Invalid):
    """It does not say where."""


class Asked:
    """Marks a field that one of the shapes asks for; `area` says what is missing."""

    field_flags: ClassVar[dict[str, bool]] = {"required": True}

    def __call__(self, form: Form, field: Field) -> None:
        """Let everything pass."""


class AreaForm(Form):
    """Who, how, and where."""

    dealer = SelectField(_l("Dealer"), [DataRequired()])
    kind = RadioField(_l("How he serves it"), [DataRequired()], choices=list(KINDS.items()), default="primary")
    shape = RadioField(_l("What the area is"), [DataRequired()], choices=list(SHAPES.items()), default="circle")
    region = SelectField(_l("Region"), [Optional()], validate_choice=False)
    city = StringField(_l("City"), [Asked(), Length(max=120)], filters=[strip])
    lat = StringField(_l("Latitude"), [Optional(), Length(max=20)], filters=[strip])
    lon = StringField(_l("Longitude"), [Optional(), Length(max=20)], filters=[strip])
    radius = StringField(_l("Radius, km"), [Asked(), Length(max=10)], filters=[strip], default=str(USUAL_KM))
    points = TextAreaField(_l("Points of the outline"), [Asked()])
    goods = SelectMultipleField(
        _l("Only for these goods"), coerce=int, option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False),
        description=_l("With none chosen the area is for all goods. Else it counts for leads with such goods alone: not"
                       " for others, nor for those that name none."),
    )
    name = StringField(
        _l("Name of the area"), [Optional(), Length(max=80)], filters=[strip],
        description=_l("Without one it is called by what it holds: “Kazan and 50 km around”."),
    )
    note = TextAreaField(_l("Note on the area"), [Optional(), Length(max=500)], filters=[strip])

    def area(self, atlas: Atlas) -> Territory:
        """What the form says, or `Invalid` with the field to mend."""
        area = Territory(
            owner_id=self.dealer.data, kind=self.kind.data, shape=self.shape.data, name=self.name.data or "",
            note=self.note.data or "", category_ids=sorted(self.goods.data or ()),
        )
        if area.shape == "region":
            area.region_code = self.region.data
            if area.region_code not in atlas.region_names:
                raise BadPlace(_("Choose a region."), field="region")
        elif area.shape == "city":
            area.city_id = self._city(atlas).id
        elif area.shape == "circle":
            self._draw_around(area, atlas)
        else:
            area.outline = read_outline(self.points.data or "")
        return area

    def show(self, area: Territory, atlas: Atlas) -> None:
        """Fill in what stands."""
        self.dealer.data, self.kind.data, self.shape.data = area.owner_id, area.kind, area.shape
        self.region.data, self.city.data = area.region_code, atlas.labels.get(area.city_id or 0, "")
        if area.city_id is None:
            self.lat.data, self.lon.data = (_written(degrees) for degrees in (area.lat, area.lon))
        self.radius.data = str(area.radius_km or USUAL_KM)
        self.points.data = write_outline(area.outline or ())
        self.name.data, self.note.data, self.goods.data = area.name, area.note, area.category_ids

    def _draw_around(self, area: Territory, atlas: Atlas) -> None:
        radius = self.radius.data or ""
        if not (radius.isascii() and radius.isdecimal() and 1 <= int(radius) <= MOST_KM):
            raise BadPlace(_("Write whole kilometres from 1 to %(most)s.", most=MOST_KM), field="radius")
        area.radius_km = int(radius)
        if self.lat.data or self.lon.data:
            area.lat, area.lon = _degrees(self.lat, 90), _degrees(self.lon, 180)
        else:
            city = self._city(atlas)
            area.city_id, area.lat, area.lon = city.id, city.lat, city.lon

    def _city(self, atlas: Atlas) -> City:
        told = self.city.data or ""
        city = atlas.find(told)
        if city is None:
            words = _("There is no city called “%(name)s”. Choose one of the list.", name=told) if told else None
            raise BadPlace(words or _("Choose a city."), field="city")
        return city


def _degrees(field: StringField, most: int) -> float:
    told = field.data or ""
    if not DEGREES.fullmatch(told) or abs(float(told.replace(",", "."))) > most:
        raise BadPlace(
            _("Write degrees from -%(most)s to %(most)s, for example 55.79.", most=most), field=field.short_name
        )
    return float(told.replace(",", "."))


def _written(degrees: float | None) -> str:
    return "" if degrees is None else f"{degrees:.5f}".rstrip("0").rstrip(".")
