"""Pictures people upload: judged by content, decoded and encoded anew, kept under random names."""

from __future__ import annotations

import io
import secrets
from pathlib import Path
from typing import BinaryIO

from flask import current_app, send_from_directory
from PIL import Image, ImageOps, UnidentifiedImageError
from werkzeug.wrappers import Response

from app.kernel.errors import Invalid
from app.kernel.identity import current_tenant
from app.kernel.ids import HQ
from app.kernel.words import _
from app.web.access import Section
from app.web.here import here

MAX_BYTES = 5 * 1024 * 1024
MAX_PIXELS = 25_000_000
MONTH = 30 * 24 * 3600

media = Section("media", __name__)


class BadPicture(Invalid):
    """The upload is no picture we take."""


def folder(tenant_id: str) -> Path:
    """The tenant's folder of files."""
    return current_app.config["ZVENO"].media_dir / tenant_id


def catalogue_folder() -> Path:
    """Where pictures of the master catalogue are kept, which every tenant shows."""
    return folder(HQ) / "catalogue"


def save_picture(upload: BinaryIO, *, field: str, box: tuple[int, int]) -> str:
    """Store an uploaded picture, fitted into `box` pixels, as WebP; answers its name. `BadPicture` otherwise."""
    return _store(encode_picture(upload.read(MAX_BYTES + 1), field=field, box=box))


def encode_picture(body: bytes, *, field: str, box: tuple[int, int]) -> bytes:
    """A stranger's picture decoded, fitted into `box` pixels and encoded anew as WebP. `BadPicture` otherwise."""
    if len(body) > MAX_BYTES:
        raise BadPicture(_("The picture is larger than 5 MB. Make it smaller and try again."), field=field)
    try:
        with Image.open(io.BytesIO(body), formats=("PNG", "JPEG", "WEBP", "GIF")) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise BadPicture(
                    _("The picture is larger than 5000 × 5000 pixels. Make it smaller and try again."), field=field
                )
            return _encode(picture, box)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise BadPicture(
            _("This file cannot be read as a picture. Upload PNG, JPEG or WebP; of an SVG, save a PNG first."),
            field=field,
        ) from None


def _encode(picture: Image.Image, box: tuple[int, int]) -> bytes:
    clean = ImageOps.exif_transpose(picture).convert("RGBA")  # a phone notes how it was held instead of turning
    clean.thumbnail(box)
    out = io.BytesIO()
    clean.save(out, "WEBP", quality=90)
    return out.getvalue()


def _store(body: bytes) -> str:
    name = f"{secrets.token_hex(16)}.webp"
    place = folder(current_tenant())
    place.mkdir(parents=True, exist_ok=True)
    (place / name).write_bytes(body)
    return name


@media.get("/media/<name>", access="anyone")
def own(name: str) -> Response:
    """A file of this tenant."""
    return send_from_directory(folder(here().id), name, max_age=MONTH)


@media.get("/media/catalogue/<path:name>", access="anyone")
def catalogue(name: str) -> Response:
    """A picture of the master catalogue, which every tenant shows."""
    return send_from_directory(catalogue_folder(), name, max_age=MONTH)
