"""Drawings of water heaters, tanks, vessels and cans."""

from app.demo.data.catalogue import Product
from app.demo.data.pictures.canvas import ACCENT, COLOURS, FLAT, METAL, PAINT, ROUND, Canvas, Colour, shade
from app.demo.data.pictures.facts import colour_of, number
from app.demo.data.pictures.parts import dial, display, flame, nut, stub


def cylinder(canvas: Canvas, product: Product) -> None:
    """A standing cylinder with ports at its side, larger the more it holds."""
    volume = number(product, "volume", 200)
    tall, wide = min(590.0, 330 + volume**0.5 * 10), min(340.0, 190 + volume**0.5 * 5.2)
    left, right, bottom = 400 - wide / 2, 400 + wide / 2, 700
    top = bottom - tall
    canvas.ground(left, right, bottom - 4)
    for x in (left + 24, right - 48):
        canvas.slab((x, bottom - 22, x + 24, bottom + 4), COLOURS["black"], ROUND, radius=3)
    for y in (0.16, 0.4, 0.62, 0.86):
        canvas.rod((right - 6, top + tall * y - 9, right + 28, top + tall * y + 9), COLOURS["brass"], METAL)
    canvas.drum((left, top, right, bottom - 10), COLOURS["white"], ROUND, tilt=0.13)
    canvas.slab((left, top + tall * 0.115, right, top + tall * 0.125), shade(COLOURS["white"], -0.2), ROUND, radius=0)
    canvas.slab((left, bottom - 64, right, bottom - 40), COLOURS["graphite"], ROUND, radius=0)
    dial(canvas, 400, top + tall * 0.3, 30)
    flame(canvas, 400, top + tall * 0.47, 22)
    canvas.oval((400 - 44, top + tall * 0.66, 400 + 44, top + tall * 0.66 + 88), COLOURS["graphite"], PAINT)
    for x, y in ((-26, 18), (26, 18), (-26, 70), (26, 70), (0, 8), (0, 80)):
        canvas.dot(400 + x, top + tall * 0.66 + y, 4.5, COLOURS["chrome"])


def buffer(canvas: Canvas, product: Product) -> None:
    """A heat store in its quilted jacket, ports at many heights."""
    volume = number(product, "volume", 500)
    tall, wide = min(610.0, 360 + volume**0.5 * 6.4), min(400.0, 200 + volume**0.5 * 4.6)
    left, right, bottom = 400 - wide / 2, 400 + wide / 2, 706
    top, jacket = bottom - tall, COLOURS["graphite"]
    canvas.ground(left, right, bottom - 6)
    for step in range(6):
        y = top + tall * (0.14 + step * 0.145)
        canvas.rod((right - 8, y - 10, right + 34, y + 10), COLOURS["steel"], METAL)
    canvas.drum((left, top, right, bottom), jacket, ROUND, tilt=0.14)
    canvas.rod((360, top - 18, 440, top + 18), COLOURS["steel"], METAL)
    seam = left + wide * 0.3
    canvas.line([(seam, top + wide * 0.14), (seam, bottom - wide * 0.12)], shade(jacket, -0.45), 5)
    for tooth in range(int(tall / 12)):
        y = top + wide * 0.15 + tooth * 12
        if y < bottom - wide * 0.14:
            canvas.line([(seam - 3, y), (seam + 3, y)], shade(jacket, 0.35), 1)
    for step in range(3):
        dial(canvas, 440, top + tall * (0.26 + step * 0.24), 24, hand=1.0 - step * 0.9)
    flame(canvas, 440, bottom - 84, 24)


def water_heater(canvas: Canvas, product: Product) -> None:
    """A tank on the wall, slim or round, with a red and a blue pipe."""
    slim, volume = product.sku.endswith("S"), number(product, "volume", 80)
    wide = 220 if slim else 270
    tall = min(530.0, 210 + volume * (3.0 if slim else 2.2))
    left, right, top = 400 - wide / 2, 400 + wide / 2, 360 - tall / 2
    bottom = top + tall
    canvas.shadow((left + 22, top + 34, right + 34, bottom + 34), blur=26, strength=0.34, radius=90)
    for x, ring in ((352, COLOURS["blue"]), (448, COLOURS["red"])):
        stub(canvas, x, bottom - 20, bottom + 64, 20, COLOURS["chrome"])
        canvas.slab((x - 17, bottom + 2, x + 17, bottom + 14), ring, ROUND, radius=3)
    canvas.slab((left, top, right, bottom), COLOURS["white"], ROUND if not slim else PAINT, radius=46 if slim else 74)
    canvas.slab((left + 8, bottom - 92, right - 8, bottom - 88), shade(COLOURS["white"], -0.2), ROUND, radius=0)
    display(canvas, (344, bottom - 170, 456, bottom - 112), "55")
    flame(canvas, 400, top + 84, 22)
    canvas.dot(400, bottom - 60, 7, ACCENT)


def vessel(canvas: Canvas, product: Product) -> None:
    """A diaphragm vessel: two pressed halves and a thread on top."""
    volume, colour = number(product, "volume", 24), colour_of(product)
    if product.sku.endswith("H"):
        colour = (178, 54, 44)
    wide = min(420.0, 200 + volume**0.5 * 15)
    tall = wide * (1.02 if volume < 35 else 1.24)
    left, right, bottom = 400 - wide / 2, 400 + wide / 2, 684
    top = bottom - tall
    if volume >= 35:
        bottom, top = bottom - 14, top - 14
        for x in (left + wide * 0.2, right - wide * 0.2):
            canvas.slab((x - 15, bottom - 60, x + 15, bottom + 34), shade(colour, -0.3), ROUND, radius=3)
    canvas.ground(left + wide * 0.22, right - wide * 0.22, 690 if volume < 35 else 704)
    canvas.slab((384, top - 48, 416, top + 16), COLOURS["chrome"], METAL, radius=2)
    nut(canvas, (374, top - 14, 426, top + 10), COLOURS["chrome"])
    canvas.slab((left, top, right, bottom), colour, ROUND, radius=wide * 0.42)
    middle = (top + bottom) / 2
    canvas.slab((left - 5, middle - 8, right + 5, middle + 8), shade(colour, -0.14), ROUND, radius=4)
    canvas.line([(left - 3, middle - 7), (right + 3, middle - 7)], shade(colour, 0.35), 1.5)
    canvas.slab((400 - 54, middle + 34, 400 + 54, middle + 92), (248, 246, 242), PAINT, radius=6)
    flame(canvas, 400, middle + 62, 18)


def canister(canvas: Canvas, product: Product) -> None:
    """A can or, from fifty litres, a drum; the colour tells what is inside."""
    volume = number(product, "volume", 10)
    colour = {
        "ZMN-P": (60, 142, 92), "ZMN-E": (186, 58, 50), "ZMN-G": (62, 112, 180), "CHK-R": (226, 150, 60),
        "CHK-I": (60, 132, 150), "CHK-G": (120, 92, 150),
    }[product.sku[:5]]  # fmt: skip
    if volume >= 50:
        _barrel(canvas, colour, 1.0 if volume > 100 else 0.82)
        return
    _can(canvas, colour, {1: 0.62, 5: 0.8, 10: 0.9}.get(int(volume), 1.04))


def _can(canvas: Canvas, colour: Colour, scale: float) -> None:
    wide, tall, bottom = 300 * scale, 420 * scale, 690
    left, right, top = 400 - wide / 2, 400 + wide / 2, bottom - tall
    plastic = ((0, -0.25), (0.16, 0.16), (0.5, 0.04), (0.84, -0.08), (1, -0.32))
    cap = (left + wide * 0.12, top - 52 * scale, left + wide * 0.36, top + 20)
    handle = [
        (left + wide * 0.46, top + 26),
        (left + wide * 0.58, top - 34 * scale),
        (right - wide * 0.12, top - 34 * scale),
        (right - wide * 0.06, top + 30),
    ]
    canvas.ground(left, right, bottom - 4)
    canvas.slab(cap, shade(COLOURS["black"], 0.08), ROUND, radius=8)
    canvas.slab((left, top, right, bottom), colour, plastic, radius=34 * scale)
    canvas.tube(handle, 30 * scale, colour)
    _label(canvas, left + wide * 0.1, top + tall * 0.3, right - wide * 0.1, bottom - tall * 0.14, colour)


def _label(canvas: Canvas, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
    """White paper with a coloured head, the mark and three lines of print."""
    tall, wide = bottom - top, right - left
    canvas.slab((left, top, right, bottom), (248, 246, 242), PAINT, radius=10)
    canvas.slab((left, top, right, top + tall * 0.14), shade(colour, -0.15), FLAT, radius=10)
    flame(canvas, 400, top + tall * 0.43, tall * 0.15)
    for row in range(3):
        half, y = wide * (0.35 - row * 0.06), top + tall * (0.68 + row * 0.09)
        canvas.line([(400 - half, y), (400 + half, y)], (170, 166, 160), 4)


def _barrel(canvas: Canvas, colour: Colour, scale: float) -> None:
    wide, tall, bottom = 340 * scale, 520 * scale, 706
    left, right, top = 400 - wide / 2, 400 + wide / 2, bottom - tall
    canvas.ground(left, right, bottom - 10)
    canvas.drum((left, top, right, bottom), colour, ROUND, tilt=0.13)
    for y in (0.3, 0.66):
        canvas.slab((left - 5, top + tall * y, right + 5, top + tall * y + 14), shade(colour, -0.06), ROUND, radius=7)
    canvas.oval((400 - wide * 0.3, top + 12, 400 - wide * 0.1, top + 12 + wide * 0.08), (40, 42, 46), ROUND)
    canvas.slab(
        (400 - wide * 0.3, top + tall * 0.36, 400 + wide * 0.3, top + tall * 0.62), (248, 246, 242), PAINT, radius=8
    )
    flame(canvas, 400, top + tall * 0.5, 40 * scale)
