"""Logos of dealers: a simple sign in the firm's two colours, chosen by its name."""

from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from math import cos, pi, sin

from PIL import Image, ImageColor, ImageDraw

from app.demo.data.pictures.canvas import Colour, curve, shade

SIZE = 512
SCALE = 2

Pen = ImageDraw.ImageDraw


def logo(name: str, colours: tuple[str, str]) -> bytes:
    """A square PNG with a transparent ground; the same name and colours give the same sign."""
    digest = sha256(name.encode()).digest()
    main, second = (_rgb(colour) for colour in colours)
    image = Image.new("RGBA", (SIZE * SCALE, SIZE * SCALE))
    pen = ImageDraw.Draw(image)
    PLATES[digest[5] % len(PLATES)](pen, main)
    SIGNS[digest[11] % len(SIGNS)](pen, (255, 255, 255), shade(second, 0.05))
    out = BytesIO()
    image.reduce(SCALE).save(out, "PNG")
    return out.getvalue()


def _rgb(colour: str) -> Colour:
    red, green, blue = ImageColor.getrgb(colour)[:3]
    return red, green, blue


def _at(*points: tuple[float, float]) -> list[tuple[float, float]]:
    return [(x * SCALE, y * SCALE) for x, y in points]


def _disc(pen: Pen, colour: Colour) -> None:
    pen.ellipse(_at((16, 16), (496, 496)), fill=colour)


def _tile(pen: Pen, colour: Colour) -> None:
    pen.rounded_rectangle(_at((20, 20), (492, 492)), 116 * SCALE, fill=colour)


def _hexagon(pen: Pen, colour: Colour) -> None:
    corners = [(256 + 244 * sin(k * pi / 3), 256 - 244 * cos(k * pi / 3)) for k in range(6)]
    pen.polygon(_at(*corners), fill=colour)


def _shield(pen: Pen, colour: Colour) -> None:
    pen.rounded_rectangle(_at((40, 24), (472, 330)), 60 * SCALE, fill=colour)
    pen.pieslice(_at((40, 60), (472, 492)), 0, 180, fill=colour)


def _drop(pen: Pen, colour: Colour) -> None:
    pen.rounded_rectangle(_at((20, 20), (492, 492)), 200 * SCALE, fill=colour, corners=(True, False, True, True))


def _flame_sign(pen: Pen, light: Colour, second: Colour) -> None:
    pen.polygon(
        _at(
            *curve(
                [
                    (256, 92),
                    (352, 226),
                    (372, 316),
                    (316, 396),
                    (256, 410),
                    (196, 396),
                    (140, 316),
                    (170, 236),
                    (214, 250),
                ]
            )
        ),
        fill=light,
    )
    pen.polygon(_at(*curve([(262, 250), (308, 326), (286, 388), (256, 396), (222, 386), (206, 330)])), fill=second)


def _house_sign(pen: Pen, light: Colour, second: Colour) -> None:
    pen.polygon(_at((256, 104), (412, 244), (376, 244), (376, 392), (136, 392), (136, 244), (100, 244)), fill=light)
    pen.polygon(_at(*curve([(256, 218), (306, 296), (300, 352), (256, 370), (212, 352), (206, 296)])), fill=second)


def _drop_sign(pen: Pen, light: Colour, second: Colour) -> None:
    pen.polygon(
        _at(*curve([(256, 88), (360, 250), (366, 336), (304, 404), (208, 404), (146, 336), (152, 250)])), fill=light
    )
    pen.arc(_at((196, 262), (330, 372)), 20, 130, fill=second, width=26 * SCALE)


def _sun_sign(pen: Pen, light: Colour, second: Colour) -> None:
    for ray in range(12):
        angle = ray * pi / 6
        pen.line(
            _at((256 + 118 * cos(angle), 256 + 118 * sin(angle)), (256 + 168 * cos(angle), 256 + 168 * sin(angle))),
            fill=light,
            width=26 * SCALE,
        )
    pen.ellipse(_at((170, 170), (342, 342)), fill=second)


def _wave_sign(pen: Pen, light: Colour, second: Colour) -> None:
    for row, colour in enumerate((light, second, light)):
        crest = [(116 + x, 178 + row * 78 + 30 * sin(x / 46)) for x in range(0, 281, 4)]
        pen.line(_at(*crest), fill=colour, width=38 * SCALE, joint="curve")
        for x, y in (crest[0], crest[-1]):
            pen.ellipse(_at((x - 19, y - 19), (x + 19, y + 19)), fill=colour)


def _radiator_sign(pen: Pen, light: Colour, second: Colour) -> None:
    for place in range(5):
        x = 120 + place * 58
        pen.rounded_rectangle(_at((x, 142), (x + 40, 370)), 20 * SCALE, fill=second if place == 2 else light)
    for y in (190, 306):
        pen.rectangle(_at((112, y), (400, y + 16)), fill=light)


def _snow_sign(pen: Pen, light: Colour, second: Colour) -> None:
    for arm in range(6):
        angle = arm * pi / 3
        tip = (256 + 160 * sin(angle), 256 - 160 * cos(angle))
        pen.line(_at((256, 256), tip), fill=light, width=24 * SCALE)
        for bend in (-0.5, 0.5):
            root = (256 + 96 * sin(angle), 256 - 96 * cos(angle))
            pen.line(
                _at(root, (root[0] + 58 * sin(angle + bend * 1.6), root[1] - 58 * cos(angle + bend * 1.6))),
                fill=light,
                width=20 * SCALE,
            )
    pen.ellipse(_at((210, 210), (302, 302)), fill=second)


def _ring_sign(pen: Pen, light: Colour, second: Colour) -> None:
    pen.arc(_at((112, 112), (400, 400)), 130, 410, fill=light, width=44 * SCALE)
    pen.ellipse(_at((196, 196), (316, 316)), fill=second)


def _bolt_sign(pen: Pen, light: Colour, second: Colour) -> None:
    pen.polygon(_at((290, 92), (152, 284), (244, 284), (214, 420), (362, 218), (268, 218)), fill=light)
    pen.ellipse(_at((338, 330), (402, 394)), fill=second)


def _brick_sign(pen: Pen, light: Colour, second: Colour) -> None:
    for row in range(3):
        shift = 0 if row % 2 else 52
        for place in range(-1, 3):
            left, right = max(112, 112 + place * 108 + shift), min(400, 112 + place * 108 + shift + 96)
            if right - left > 14:
                warm = row == 1 and place == 1
                pen.rounded_rectangle(
                    _at((left, 164 + row * 68), (right, 164 + row * 68 + 54)),
                    10 * SCALE,
                    fill=second if warm else light,
                )


PLATES: tuple[Callable[[Pen, Colour], None], ...] = (_disc, _tile, _hexagon, _shield, _drop)
SIGNS: tuple[Callable[[Pen, Colour, Colour], None], ...] = (
    _flame_sign, _house_sign, _drop_sign, _sun_sign, _wave_sign, _radiator_sign, _snow_sign,
    _ring_sign, _bolt_sign, _brick_sign,
)  # fmt: skip
