"""Drawings of pipes, cables, fittings, valves and manifolds."""

from math import pi

from app.demo.data.catalogue import Product
from app.demo.data.pictures.canvas import ACCENT, COLOURS, FLAT, METAL, PAINT, ROUND, Canvas, Colour, shade
from app.demo.data.pictures.facts import number, word
from app.demo.data.pictures.parts import nut, polar, thermostatic

BRASS, CHROME, RED = COLOURS["brass"], COLOURS["chrome"], COLOURS["red"]


def pipe_coil(canvas: Canvas, product: Product) -> None:
    """A coil lying on the floor, higher the longer it is."""
    layers = 3 + min(6, round(number(product, "coil_length", 100) / 70))
    thick = 15 + number(product, "diameter", 16) * 0.5
    tint: Colour = {"IST": (206, 212, 220), "RCH": (232, 230, 226)}.get(product.family, (238, 240, 242))
    canvas.ground(130, 670, 610, 86, 0.3)
    for layer in range(layers):
        y = 560 - layer * thick * 0.86
        canvas.ring((140, y - 100, 660, y + 100), thick, shade(tint, -0.05 * (layer % 2)))
    top = 560 - (layers - 1) * thick * 0.86
    for turn in range(1, 5):
        inset = turn * thick * 0.98
        canvas.ring((140 + inset, top - 100 + inset * 0.42, 660 - inset, top + 100 - inset * 0.42), thick, tint)
    stripe = {"IST": COLOURS["blue"], "RCH": RED}.get(product.family, ACCENT)
    for x in (236, 520):
        canvas.shape([(x, top + 62), (x + 46, top + 74), (x + 46, 662), (x, 648)], shade(stripe, 0.05), PAINT)
    end = [(660, top - 10), (664, top - 60), (640, top - 110), (590, top - 140)]
    canvas.tube(end, thick, tint)
    canvas.dot(590, top - 140, thick * 0.5, shade(tint, -0.25))
    canvas.dot(590, top - 140, thick * 0.3, (70, 66, 64))


def cable_coil(canvas: Canvas, product: Product) -> None:
    """A hank of heating cable standing up, its cold end free."""
    turns = 4 + min(5, round(number(product, "coil_length", 60) / 24))
    cable = (188, 66, 52)
    canvas.ground(290, 510, 638)
    for turn in range(turns):
        wobble = (turn * 37 % 11) - 5
        inset = turn * 13
        canvas.ring(
            (180 + inset + wobble, 170 + inset, 620 - inset + wobble, 630 - inset), 13, shade(cable, (turn % 3) * 0.07)
        )
    for angle in (0.5, 2.6, 4.6):
        inner, outer = polar(400, 400, 226 - turns * 13 - 6, angle), polar(400, 400, 232, angle)
        canvas.line([inner, outer], (40, 42, 46), 13)
    canvas.tube([(400, 628), (470, 650), (560, 640), (640, 590), (688, 600)], 12, COLOURS["rubber"])
    canvas.slab((330, 356, 470, 444), (246, 244, 240), PAINT, radius=10)
    canvas.slab((330, 356, 470, 382), ACCENT, FLAT, radius=10)
    for row in range(3):
        canvas.line([(348, 398 + row * 14), (440 - row * 18, 398 + row * 14)], (150, 146, 142), 4)


def heating_mat(canvas: Canvas, product: Product) -> None:
    """A mat half unrolled: mesh, cable winding over it, the roll behind."""
    canvas.ground(120, 690, 640, 60, 0.25)
    net = [(250, 330), (650, 330), (690, 660), (110, 660)]
    canvas.shape(net, (222, 226, 214), ((0, 0.1), (1, -0.06)))
    for step in range(1, 15):
        share = step / 15
        canvas.line([(250 + 400 * share, 330), (110 + 580 * share, 660)], (190, 199, 182), 2)
        y = 330 + 330 * share**1.35
        canvas.line([(250 - 140 * share**1.35, y), (650 + 40 * share**1.35, y)], (190, 199, 182), 2)
    path: list[tuple[float, float]] = []
    runs = 7
    for run in range(runs):
        share = (0.1 + 0.82 * run / (runs - 1)) ** 1.35
        left, right, y = 278 - 140 * share, 622 + 40 * share, 330 + 330 * share
        path += [(left, y), (right, y)] if run % 2 == 0 else [(right, y), (left, y)]
    canvas.tube(path, 9, (206, 74, 50))
    roll = min(96.0, 44 + number(product, "mat_area", 4) * 5)
    canvas.rod((236, 334 - roll * 1.5, 664, 334 + roll * 0.2), (214, 218, 204), ROUND)
    for place in range(14):
        x = 250 + place * 30
        canvas.tube([(x, 334 - roll * 1.4), (x + 10, 334 + roll * 0.1)], 6, (206, 74, 50))
    canvas.oval((640, 334 - roll * 1.5, 690, 334 + roll * 0.2), (196, 200, 188), PAINT)
    for ring in range(1, 5):
        canvas.pen.ellipse(
            [
                (648 + ring * 3) * 2,
                (334 - roll * 1.5 + ring * roll * 0.17) * 2,
                (682 - ring * 3) * 2,
                (334 + roll * 0.2 - ring * roll * 0.17) * 2,
            ],
            outline=(150, 154, 144),
            width=3,
        )


def pipe_stick(canvas: Canvas, product: Product) -> None:
    """A stack of straight pipes, their open ends towards us."""
    size = 34 + number(product, "diameter", 25) * 0.5
    rows = 3 if size < 60 else 2
    canvas.ground(110, 690, 604, 40, 0.3)
    for row in range(rows):
        for place in range(rows + 1 - row):
            x = 170 + (place + row / 2) * size * 1.02
            y = 590 - size / 2 - row * size * 0.87
            _slanted(canvas, x, y, size)


def _slanted(canvas: Canvas, x: float, y: float, size: float) -> None:
    far, rise, colour = 330.0, 150.0, (236, 238, 238)
    bands = ((0.0, -0.34), (0.18, -0.1), (0.34, 0.28), (0.5, 0.1), (0.72, -0.12), (0.9, -0.34))
    for number_, (start, light) in enumerate(bands):
        stop = bands[number_ + 1][0] if number_ + 1 < len(bands) else 1.0
        low, high = y - size / 2 + size * start, y - size / 2 + size * stop + 1
        canvas.pen.polygon(
            [(p * 2, q * 2) for p, q in ((x, low), (x, high), (x + far, high - rise), (x + far, low - rise))],
            fill=shade(colour, light),
        )
    canvas.line([(x, y - size * 0.06), (x + far, y - size * 0.06 - rise)], COLOURS["green"], size * 0.05)
    canvas.ball(x, y, size / 2, shade(colour, -0.06))
    canvas.dot(x, y, size * 0.39, (110, 168, 130))
    canvas.dot(x, y, size * 0.35, shade(colour, -0.02))
    canvas.dot(x, y, size * 0.27, (44, 44, 46))


def fitting(canvas: Canvas, product: Product) -> None:
    """A brass body with steel press sleeves."""
    _joint(canvas, product, BRASS, sleeve=CHROME)


def fitting_ppr(canvas: Canvas, product: Product) -> None:
    """A white socket for welding."""
    _joint(canvas, product, (226, 228, 228), sleeve=None)


def _joint(canvas: Canvas, product: Product, colour: Colour, *, sleeve: Colour | None) -> None:
    size = 66 + min(46.0, number(product, "diameter", 20))
    shape = word(product, "shape")
    floor = {"elbow": 612.0, "tee": 470 + size * 0.66}.get(shape, 440 + size * 0.66)
    canvas.ground(*((290, 380) if shape == "elbow" else (190, 600)), floor, 24, 0.4)
    if shape == "elbow":
        canvas.tube([(330, 600), (330, 380), (352, 326), (406, 304), (620, 304)], size, colour)
        ends = [(330.0, 560.0, False), (580.0, 304.0, True)]
    elif shape == "tee":
        canvas.tube([(180, 470), (620, 470)], size, colour)
        canvas.tube([(400, 470), (400, 250)], size, colour)
        ends = [(216.0, 470.0, True), (584.0, 470.0, True), (400.0, 280.0, False)]
    else:
        canvas.tube([(180, 440), (620, 440)], size * 0.92, colour)
        ends = [(230.0, 440.0, True), (570.0, 440.0, True)]
    for x, y, lies in ends[:-1] if shape == "adapter" else ends:
        _sleeve(canvas, x, y, size, colour, sleeve, lies=lies)
    if shape == "adapter":
        _thread(canvas, 560, 440, size)


def _sleeve(
    canvas: Canvas, x: float, y: float, size: float, colour: Colour, sleeve: Colour | None, *, lies: bool
) -> None:
    half, long = size * 0.58, size * 0.62
    tone, finish = (sleeve, METAL) if sleeve else (colour, ROUND)
    if lies:
        canvas.rod((x - long, y - half, x + long, y + half), tone, finish)
        canvas.rod((x - long - 6, y - half * 1.08, x - long + 12, y + half * 1.08), shade(tone, -0.06), finish)
        canvas.rod((x + long - 12, y - half * 1.08, x + long + 6, y + half * 1.08), shade(tone, -0.06), finish)
    else:
        canvas.slab((x - half, y - long, x + half, y + long), tone, finish, radius=0)
        canvas.slab(
            (x - half * 1.08, y - long - 6, x + half * 1.08, y - long + 12), shade(tone, -0.06), finish, radius=0
        )
        canvas.slab(
            (x - half * 1.08, y + long - 12, x + half * 1.08, y + long + 6), shade(tone, -0.06), finish, radius=0
        )
    if sleeve:
        canvas.dot(x, y, size * 0.1, shade(ACCENT, 0.1))


def _thread(canvas: Canvas, x: float, y: float, size: float) -> None:
    half = size * 0.56
    nut(canvas, (x - size * 0.7, y - half * 1.25, x - size * 0.1, y + half * 1.25), BRASS, across=True)
    canvas.rod((x - size * 0.1, y - half * 0.86, x + size * 0.75, y + half * 0.86), BRASS, METAL)
    for turn in range(8):
        place = x - size * 0.02 + turn * size * 0.1
        canvas.line([(place, y - half * 0.86), (place + size * 0.05, y + half * 0.86)], shade(BRASS, -0.35), 3)


def ball_valve(canvas: Canvas, product: Product) -> None:
    """A brass valve with a butterfly, a lever or a union."""
    size = 78 + number(product, "diameter", 15) * 1.1
    kind = product.sku[-1]
    canvas.ground(230, 570, 470 + size * 0.72, 24, 0.4)
    canvas.rod((236, 470 - size * 0.46, 564, 470 + size * 0.46), CHROME, METAL)
    canvas.ball(400, 470, size * 0.74, CHROME)
    for x in (226, 494):
        nut(canvas, (x, 470 - size * 0.68, x + 80, 470 + size * 0.68), CHROME, across=True)
    if kind == "U":
        nut(canvas, (574, 470 - size * 0.78, 648, 470 + size * 0.78), BRASS, across=True)
    neck = 470 - size * 0.7
    canvas.slab((378, neck - 46, 422, neck + 12), BRASS, METAL, radius=3)
    if kind == "L":
        canvas.shape(
            [
                (366, neck - 60),
                (640, neck - 96),
                (676, neck - 92),
                (676, neck - 70),
                (640, neck - 68),
                (366, neck - 34),
            ],
            RED,
            PAINT,
            upright=True,
        )
    else:
        canvas.shape(
            [
                (400, neck - 62),
                (316, neck - 104),
                (286, neck - 76),
                (300, neck - 44),
                (400, neck - 34),
                (500, neck - 44),
                (514, neck - 76),
                (484, neck - 104),
            ],
            RED,
            PAINT,
            upright=True,
        )
    nut(canvas, (384, neck - 76, 416, neck - 56), COLOURS["steel"])


def radiator_valve(canvas: Canvas, product: Product) -> None:
    """A nickel valve, straight or angled, under a cap or a thermostatic head."""
    angled = word(product, "shape") == "angle"
    canvas.ground(*((350, 450, 642) if angled else (220, 580, 562)), 24, 0.38)
    if angled:
        canvas.slab((362, 470, 438, 640), CHROME, METAL, radius=3)
        nut(canvas, (346, 566, 454, 628), CHROME)
    else:
        canvas.rod((190, 462, 420, 534), CHROME, METAL)
        nut(canvas, (196, 442, 262, 554), CHROME, across=True)
    canvas.rod((400, 462, 600, 534), CHROME, METAL)
    nut(canvas, (516, 440, 590, 556), CHROME, across=True)
    canvas.ball(400, 496, 64, CHROME)
    canvas.slab((362, 400, 438, 460), CHROME, METAL, radius=4)
    if product.sku.endswith("K"):
        thermostatic(canvas, 400, 412, 170)
        return
    canvas.slab((340, 300, 460, 412), (238, 238, 236), ROUND, radius=14)
    for place in range(8):
        canvas.line([(352 + place * 14, 322), (352 + place * 14, 398)], (190, 190, 188), 3)


def manifold(canvas: Canvas, product: Product) -> None:
    """Two bars with as many outlets as the product has: flow meters above, caps below."""
    count = int(number(product, "outlets", 6))
    step = min(84.0, 500 / count)
    left = 400 - count * step / 2
    right = left + count * step
    tone = {"brass": BRASS, "plastic": (70, 74, 80)}.get(word(product, "material"), CHROME)
    canvas.shadow((left, 270, right + 30, 330), (left, 480, right + 30, 540), blur=20, strength=0.34)
    for x in (left + step * 0.2, right - step * 0.2):
        canvas.slab((x - 9, 196, x + 9, 640), COLOURS["steel"], METAL, radius=4)
    for y, is_supply in ((290, True), (500, False)):
        for place in range(count):
            x = left + step * (place + 0.5)
            canvas.slab(
                (x - step * 0.17, y + 20, x + step * 0.17, y + 92),
                BRASS if tone != (70, 74, 80) else tone,
                METAL,
                radius=3,
            )
            nut(canvas, (x - step * 0.24, y + 64, x + step * 0.24, y + 92), BRASS)
        canvas.rod((left - 20, y - 26, right + 20, y + 26), tone, METAL)
        nut(canvas, (left - 64, y - 38, left - 20, y + 38), BRASS, across=True)
        canvas.rod((right + 20, y - 30, right + 46, y + 30), RED if is_supply else COLOURS["blue"], ROUND)
        for place in range(count):
            _outlet(canvas, left + step * (place + 0.5), y - 24, step, is_supply=is_supply)


def _outlet(canvas: Canvas, x: float, y: float, step: float, *, is_supply: bool) -> None:
    if is_supply:
        canvas.slab((x - step * 0.13, y - 66, x + step * 0.13, y), (224, 234, 240), ROUND, radius=4)
        canvas.slab((x - step * 0.08, y - 36, x + step * 0.08, y - 26), RED, FLAT, radius=2)
        canvas.slab((x - step * 0.19, y - 82, x + step * 0.19, y - 58), RED, ROUND, radius=5)
    else:
        canvas.slab((x - step * 0.26, y - 54, x + step * 0.26, y), (240, 240, 238), ROUND, radius=7)
        canvas.line([(x - step * 0.2, y - 40), (x + step * 0.2, y - 40)], COLOURS["blue"], 3)


def mixing_unit(canvas: Canvas, product: Product) -> None:
    """A pump and a thermostatic valve between two unions."""
    canvas.shadow((280, 210, 560, 660), blur=24, strength=0.3)
    for y in (230, 620):
        canvas.rod((250, y - 28, 600, y + 28), BRASS, METAL)
        nut(canvas, (590, y - 42, 640, y + 42), BRASS, across=True)
    canvas.slab((360, 230, 420, 620), BRASS, METAL, radius=4)
    thermostatic(canvas, 288, 214, 92)
    canvas.ball(390, 425, 104 + number(product, "head", 6) * 1.5, COLOURS["black"])
    canvas.dot(390, 425, 74, (62, 66, 72))
    turn = [polar(390, 425, 54, angle * pi / 20) for angle in range(-14, 15)]
    canvas.line(turn, ACCENT, 7)
    canvas.dot(390, 425, 16, (200, 202, 206))
    canvas.ball(520, 230, 36, (246, 246, 244))
    canvas.line([(520, 230), (536, 210)], RED, 4)
