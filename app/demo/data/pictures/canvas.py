"""A drawing surface for pictures of goods: soft backdrop, shadows, shaded solids.

Everything is placed on a square of 800 and drawn twice as large, then halved, which smooths
the edges. Solids are masks filled with a gradient; shadows are blurred at a quarter of the size.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from io import BytesIO
from math import hypot
from typing import TypeAlias

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

SIZE = 800
SCALE = 2
FULL = SIZE * SCALE
DIM = 4
# The smallest part of the picture that is ever enlarged to the whole.
CLOSEST = 0.74

Colour: TypeAlias = tuple[int, int, int]
Point: TypeAlias = tuple[float, float]
Box: TypeAlias = tuple[float, float, float, float]
# Places from 0 to 1 along a surface and how much lighter (or darker, below 0) it is there.
Finish: TypeAlias = tuple[tuple[float, float], ...]

PAINT: Finish = ((0, -0.07), (0.08, 0.10), (0.35, 0.03), (0.8, -0.04), (1, -0.14))
ROUND: Finish = ((0, -0.42), (0.10, -0.22), (0.30, 0.30), (0.40, 0.34), (0.62, -0.02), (0.88, -0.30), (1, -0.44))
METAL: Finish = (
    (0, -0.50), (0.08, -0.25), (0.22, 0.45), (0.30, 0.70), (0.38, 0.30), (0.58, -0.18), (0.72, -0.34), (0.86, 0.10),
    (0.94, -0.12), (1, -0.45),
)  # fmt: skip
GLASS: Finish = ((0, 0.22), (0.45, 0.05), (0.46, 0.0), (1, -0.1))
FLAT: Finish = ((0, 0), (1, 0))

COLOURS: dict[str, Colour] = {
    "white": (240, 240, 238), "graphite": (74, 78, 84), "black": (40, 41, 45), "ivory": (236, 226, 202),
    "silver": (186, 191, 196), "bronze": (142, 104, 66), "sand": (212, 194, 162), "olive": (124, 128, 92),
    "chrome": (198, 202, 208), "brass": (205, 164, 86), "steel": (172, 178, 184), "copper": (190, 116, 78),
    "red": (196, 62, 48), "blue": (58, 112, 178), "orange": (232, 120, 48), "green": (70, 140, 96),
    "glass": (28, 32, 40), "rubber": (52, 54, 58),
}  # fmt: skip
ACCENT = COLOURS["orange"]


def shade(colour: Colour, by: float) -> Colour:
    """The colour moved towards white (above 0) or black (below)."""
    end = 255 if by > 0 else 0
    red, green, blue = (round(part + (end - part) * abs(by)) for part in colour)
    return red, green, blue


@lru_cache(maxsize=512)
def _strip(colour: Colour, finish: Finish) -> Image.Image:
    """One row of 128 pixels along a finish."""
    strip = Image.new("RGB", (128, 1))
    strip.putdata([shade(colour, _at(finish, number / 127)) for number in range(128)])
    return strip


def _at(finish: Finish, place: float) -> float:
    for (start, low), (end, high) in zip(finish, finish[1:], strict=False):
        if place <= end:
            return low + (high - low) * (place - start) / ((end - start) or 1)
    return finish[-1][1]


@lru_cache(maxsize=1)
def _ball() -> Image.Image:
    """Light falling on a ball from the upper left, in grey."""
    wide = ImageOps.invert(Image.radial_gradient("L").resize((512, 512), Image.Resampling.BILINEAR))
    return wide.crop((168, 178, 424, 434)).point(lambda value: min(255, int(max(0, value - 34) * 1.18)))


@lru_cache(maxsize=2)
def _backdrop(has_floor: bool) -> Image.Image:
    """A light wall, brighter in the middle, and a floor it runs into."""
    glow = ImageOps.invert(Image.radial_gradient("L")).resize((FULL, FULL), Image.Resampling.BILINEAR)
    wall = ImageOps.colorize(glow, (219, 215, 210), (252, 251, 249))
    if has_floor:
        floor = Image.new("RGB", (FULL, FULL), (204, 198, 191))
        mask = Image.new("L", (1, 64))
        mask.putdata([max(0, round((row - 45) * 9)) for row in range(64)])
        wall.paste(floor, (0, 0), mask.resize((FULL, FULL), Image.Resampling.BICUBIC))
    return wall


@lru_cache(maxsize=2)
def _blank(has_floor: bool) -> Image.Image:
    return _backdrop(has_floor).reduce(2 * DIM)


class Canvas:
    """The picture being drawn; `pen` draws flat shapes in doubled coordinates through `at`."""

    def __init__(self, *, floor: bool) -> None:
        self._has_floor = floor
        self.image = _backdrop(floor).copy()
        self.pen = ImageDraw.Draw(self.image)

    def webp(self) -> bytes:
        """The finished picture, moved close enough for the thing to fill it."""
        frame = self._frame()
        return encode(self.image.resize((SIZE, SIZE), Image.Resampling.HAMMING, box=frame))

    def _frame(self) -> Box:
        """A square around all that was drawn, with a margin, but never so close that small things look huge."""
        small = self.image.reduce(2 * DIM)
        changed = (
            ImageChops.difference(small, _blank(self._has_floor)).convert("L").point(lambda value: 255 * (value > 14))
        )
        left, top, right, bottom = (edge * 2 * DIM for edge in changed.getbbox() or (0, 0, 0, 0))
        side = min(FULL, max(FULL * CLOSEST, 1.14 * max(right - left, bottom - top)))
        x = min(max(0, (left + right - side) / 2), FULL - side)
        y = min(max(0, (top + bottom - side) / 2), FULL - side)
        return x, y, x + side, y + side

    def shadow(self, *boxes: Box, blur: float = 14, strength: float = 0.3, radius: float = 12) -> None:
        """A soft shadow of rounded boxes, to be cast before the things themselves are drawn."""
        self._cast(
            lambda pen: [pen.rounded_rectangle(_scaled(box, 1 / DIM), radius / DIM, fill=255) for box in boxes],
            blur,
            strength,
        )

    def ground(self, left: float, right: float, y: float, depth: float = 22, strength: float = 0.42) -> None:
        """The shadow something leaves on the floor it stands on."""
        wide = (left - 26, y - depth, right + 34, y + depth)
        tight = (left, y - depth / 3, right, y + depth / 3)
        self._cast(lambda pen: pen.ellipse(_scaled(wide, 1 / DIM), fill=255), 13, strength * 0.6)
        self._cast(lambda pen: pen.ellipse(_scaled(tight, 1 / DIM), fill=255), 5, strength)

    def _cast(self, paint: Callable[[ImageDraw.ImageDraw], object], blur: float, strength: float) -> None:
        small = Image.new("L", (SIZE // DIM, SIZE // DIM))
        paint(ImageDraw.Draw(small))
        soft = small.filter(ImageFilter.GaussianBlur(blur / DIM)).point(lambda value: int(value * strength))
        area = soft.getbbox()
        if area:
            left, top, right, bottom = (edge * DIM * SCALE for edge in area)
            mask = soft.crop(area).resize((right - left, bottom - top), Image.Resampling.BILINEAR)
            self.image.paste((46, 40, 38), (left, top, right, bottom), mask)

    def fill(self, box: Box, mask: Image.Image, colour: Colour, finish: Finish, *, upright: bool = False) -> None:
        """Pour a gradient through a mask as large as the box; `upright` runs it from top to bottom."""
        strip = _strip(colour, finish)
        row, far = (
            (strip.transpose(Image.Transpose.ROTATE_270), (1, mask.height)) if upright else (strip, (mask.width, 1))
        )
        # Stretched one way smoothly, then merely repeated: a fifth of the time of doing both at once.
        surface = row.resize(far, Image.Resampling.BILINEAR).resize(mask.size, Image.Resampling.NEAREST)
        left, top, *_ = _scaled(box, SCALE)
        self.image.paste(surface, (round(left), round(top)), mask)

    def slab(
        self, box: Box, colour: Colour, finish: Finish = PAINT, *, radius: float = 6, upright: bool = False
    ) -> None:
        """A rounded rectangle."""
        mask = _mask(box)
        width, height = mask.size
        corner = min(radius * SCALE, width / 2, height / 2)
        ImageDraw.Draw(mask).rounded_rectangle((0, 0, width - 1, height - 1), corner, fill=255)
        self.fill(box, mask, colour, finish, upright=upright)

    def shape(self, points: Sequence[Point], colour: Colour, finish: Finish = PAINT, *, upright: bool = False) -> None:
        """A polygon."""
        box = _around(points)
        mask = _mask(box)
        ImageDraw.Draw(mask).polygon([((x - box[0]) * SCALE, (y - box[1]) * SCALE) for x, y in points], fill=255)
        self.fill(box, mask, colour, finish, upright=upright)

    def oval(self, box: Box, colour: Colour, finish: Finish = ROUND, *, upright: bool = False) -> None:
        """An ellipse with a gradient along one axis."""
        mask = _mask(box)
        ImageDraw.Draw(mask).ellipse((0, 0, mask.width - 1, mask.height - 1), fill=255)
        self.fill(box, mask, colour, finish, upright=upright)

    def ball(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """A sphere, or the round face of something lit from the upper left."""
        box = (x - radius, y - radius, x + radius, y + radius)
        mask = _mask(box)
        ImageDraw.Draw(mask).ellipse((0, 0, mask.width - 1, mask.height - 1), fill=255)
        light = _ball().resize(mask.size, Image.Resampling.BILINEAR)
        face = ImageOps.colorize(light, shade(colour, -0.52), shade(colour, 0.48), mid=shade(colour, -0.04))
        self.image.paste(face, (round(box[0] * SCALE), round(box[1] * SCALE)), mask)

    def drum(self, box: Box, colour: Colour, finish: Finish = ROUND, *, tilt: float = 0.12) -> None:
        """An upright cylinder seen a little from above."""
        left, top, right, bottom = box
        lid = (right - left) * tilt
        self.oval((left, bottom - lid * 2, right, bottom), colour, finish)
        self.slab((left, top + lid, right, bottom - lid), colour, finish, radius=0)
        self.oval((left, top, right, top + lid * 2), shade(colour, 0.16), PAINT)

    def rod(self, box: Box, colour: Colour, finish: Finish = ROUND) -> None:
        """A cylinder lying across the picture."""
        self.slab(box, colour, finish, radius=0, upright=True)

    def tube(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        """A pipe or cable with rounded bends: one line over another, ever lighter and thinner."""
        points = bent(points, width * 1.1)
        for share, light, shift in (
            (1, -0.42, 0),
            (0.86, -0.2, -0.02),
            (0.66, 0, -0.06),
            (0.4, 0.2, -0.11),
            (0.17, 0.5, -0.15),
        ):
            moved = [((x + shift * width) * SCALE, (y + shift * width) * SCALE) for x, y in points]
            thick = max(1, round(width * share * SCALE))
            self.pen.line(moved, fill=shade(colour, light), width=thick, joint="curve")

    def ring(self, box: Box, width: float, colour: Colour) -> None:
        """A turn of pipe: an ellipse drawn as a tube."""
        for share, light, shift in ((1, -0.4, 0), (0.78, -0.12, -0.03), (0.5, 0.1, -0.08), (0.2, 0.42, -0.13)):
            thick = max(1, round(width * share * SCALE))
            grow = width * (share - 1) / 2
            moved = (
                box[0] - grow + shift * width,
                box[1] - grow + shift * width,
                box[2] + grow + shift * width,
                box[3] + grow + shift * width,
            )
            self.pen.ellipse(_scaled(moved, SCALE), outline=shade(colour, light), width=thick)

    def line(self, points: Sequence[Point], colour: Colour, width: float = 2) -> None:
        """A flat line."""
        self.pen.line(at(*points), fill=colour, width=max(1, round(width * SCALE)), joint="curve")

    def dot(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """A flat disc."""
        self.pen.ellipse(_scaled((x - radius, y - radius, x + radius, y + radius), SCALE), fill=colour)


def at(*points: Point) -> list[Point]:
    """Points of the square of 800 where the pen draws them."""
    return [(x * SCALE, y * SCALE) for x, y in points]


def bent(points: Sequence[Point], radius: float) -> list[Point]:
    """The line with each corner rounded off, as far as the neighbouring stretches allow."""
    line = [points[0]]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        start, end = _towards(corner, before, radius), _towards(corner, after, radius)
        for step in range(9):
            t = step / 8
            u = 1 - t
            x, y = (u * u * a + 2 * u * t * b + t * t * c for a, b, c in zip(start, corner, end, strict=True))
            line.append((x, y))
    return [*line, points[-1]]


def _towards(corner: Point, other: Point, radius: float) -> Point:
    far = hypot(other[0] - corner[0], other[1] - corner[1]) or 1
    share = min(0.5, radius / far)
    return corner[0] + (other[0] - corner[0]) * share, corner[1] + (other[1] - corner[1]) * share


def curve(points: Sequence[Point]) -> list[Point]:
    """A closed Catmull-Rom curve through the points, the first of them left sharp."""
    drawn: list[Point] = []
    count = len(points)
    for place in range(count):
        before, start, end, after = (points[(place + step) % count] for step in (-1, 0, 1, 2))
        before = start if place == 0 else before
        after = end if place == count - 1 else after
        drawn += [_spline(before, start, end, after, step / 12) for step in range(12)]
    return drawn


def _spline(
    before: Point,
    start: Point,
    end: Point,
    after: Point,
    t: float,
) -> Point:
    x, y = (
        0.5 * (2 * q + (r - p) * t + (2 * p - 5 * q + 4 * r - s) * t * t + (3 * q - p - 3 * r + s) * t**3)
        for p, q, r, s in zip(before, start, end, after, strict=True)
    )
    return x, y


def encode(image: Image.Image, quality: int = 84) -> bytes:
    """WebP bytes, the same for the same pixels."""
    out = BytesIO()
    image.save(out, "WEBP", quality=quality, method=1)
    return out.getvalue()


def _scaled(box: Box, by: float) -> Box:
    left, top, right, bottom = box
    return left * by, top * by, right * by, bottom * by


def _around(points: Sequence[Point]) -> Box:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def _mask(box: Box) -> Image.Image:
    left, top, right, bottom = box
    return Image.new("L", (max(1, round((right - left) * SCALE)), max(1, round((bottom - top) * SCALE))))
