"""Pictures people upload: what is taken, how it is turned, and what is refused with which words."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from app.web.media import BadPicture, encode_picture
from tests.house import House

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def drawn(kind: str, size: tuple[int, int] = (300, 100), mode: str = "RGB", **options: object) -> bytes:
    """A picture of that kind."""
    out = io.BytesIO()
    Image.new(mode, size).save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize(("kind", "mode"), [("PNG", "RGBA"), ("JPEG", "RGB"), ("JPEG", "CMYK"), ("WEBP", "RGB")])
def test_a_picture_is_fitted_and_encoded_anew(house: House, kind: str, mode: str) -> None:
    with house.web.app_context():
        body = encode_picture(drawn(kind, mode=mode), field="logo", box=(150, 150))
    with Image.open(io.BytesIO(body)) as stored:
        assert (stored.format, stored.size) == ("WEBP", (150, 50))


def test_a_picture_of_a_phone_held_upright_stands_upright(house: House) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    with house.web.app_context():
        body = encode_picture(drawn("JPEG", exif=exif), field="logo", box=(300, 300))
    with Image.open(io.BytesIO(body)) as stored:
        assert stored.size == (100, 300)


@pytest.mark.parametrize(("body", "word"), [
    (SVG, "SVG"), (b"", "PNG"), (drawn("PNG")[:60], "PNG"), (b"\x89PNG" + b"0" * 6_000_000, "5 МБ"),
    (drawn("PNG", (9000, 4000)), "5000"),
])
def test_what_is_no_picture_is_refused(house: House, body: bytes, word: str) -> None:
    with house.web.test_request_context("/?lang=ru"), pytest.raises(BadPicture) as refused:
        encode_picture(body, field="logo", box=(300, 300))
    assert word in refused.value.sentence
