"""Drawings of pumps, automation, safety equipment and small goods."""

from math import pi

from app.demo.data.catalogue import Product
from app.demo.data.pictures.canvas import ACCENT, COLOURS, FLAT, GLASS, METAL, PAINT, ROUND, Canvas, shade
from app.demo.data.pictures.facts import colour_of, number, word
from app.demo.data.pictures.parts import dial, digits, display, flame, knob, nut, polar, slots, thermostatic

BRASS, CHROME, RED = COLOURS["brass"], COLOURS["chrome"], COLOURS["red"]


def pump(canvas: Canvas, product: Product) -> None:
    """A wet-rotor pump seen from the front, its pipe running up and down."""
    small, clever = product.family == "KRG", product.family == "TOE"
    body = BRASS if small else (92, 96, 102)
    size = 112 if small else 138 + number(product, "head", 6) * 2.4
    reach = 150 if number(product, "length", 180) < 150 else 204
    canvas.shadow((400 - size, 400 - size + 30, 430 + size, 440 + size), blur=28, strength=0.34, radius=140)
    canvas.slab((356, 400 - reach - 40, 444, 400 + reach + 40), body, METAL if small else ROUND, radius=6)
    for y in (400 - reach - 66, 400 + reach + 6):
        nut(canvas, (326, y, 474, y + 60), body if small else COLOURS["steel"])
    canvas.ball(400, 400, size + 26, body)
    face = colour_of(product)
    canvas.ball(400, 400, size, face)
    for place in range(4):
        x, y = polar(400, 400, size * 1.03, pi / 4 + place * pi / 2)
        canvas.ball(x, y, 10, CHROME)
    if clever:
        canvas.slab((322, 352, 478, 448), COLOURS["glass"], GLASS, radius=14)
        digits(canvas, "2.4", 358, 374, 50, (255, 214, 150))
        canvas.dot(400, 400 + size * 0.6, 13, ACCENT)
        return
    canvas.dot(400, 400, size * 0.72, shade(face, 0.12))
    knob(canvas, 400, 400 - size * 0.05, size * 0.34, (206, 206, 204), 0.8)
    for step in range(3):
        x, y = polar(400, 400 - size * 0.05, size * 0.5, -0.8 + step * 0.8)
        canvas.dot(x, y, 6, ACCENT if step == 2 else (232, 232, 230))


def pump_group(canvas: Canvas, product: Product) -> None:
    """A pump group in its black shell: two thermometers, the pump between."""
    canvas.shadow((240, 160, 590, 700), blur=26, strength=0.36)
    for x in (322, 478):
        for y in (96, 640):
            canvas.slab((x - 20, y, x + 20, y + 80), BRASS, METAL, radius=3)
        nut(canvas, (x - 30, 92, x + 30, 124), BRASS)
        nut(canvas, (x - 30, 690, x + 30, 722), BRASS)
    canvas.slab((222, 136, 578, 668), (52, 54, 58), PAINT, radius=34)
    canvas.line([(400, 150), (400, 654)], (34, 36, 40), 4)
    for x, ring in ((322, RED), (478, COLOURS["blue"])):
        canvas.ball(x, 240, 62, ring)
        dial(canvas, x, 240, 52, hand=0.6 if ring == RED else -0.8)
    canvas.ball(478, 470, 76, (84, 88, 94))
    canvas.dot(478, 470, 54, (50, 54, 60))
    digits(canvas, "3", 466, 446, 46, (255, 214, 150))
    if not product.sku.endswith("D"):
        canvas.ball(322, 500, 52, (226, 226, 224))
        canvas.line([(322, 500), (344, 468)], ACCENT, 8)
    flame(canvas, 400, 612, 20)


def thermostat(canvas: Canvas, product: Product) -> None:
    """A square on the wall: a dial on the plain one, figures on the others."""
    colour, key = colour_of(product), product.sku.split("-")[1][0]
    canvas.shadow((230, 238, 592, 604), blur=28, strength=0.34, radius=60)
    canvas.slab((212, 204, 588, 580), shade(colour, -0.08), PAINT, radius=58)
    canvas.slab((218, 208, 582, 572), colour, PAINT, radius=54)
    if key == "1":
        knob(canvas, 400, 390, 128, shade(colour, -0.04), 0.4)
        for step in range(13):
            angle = -2.1 + step * 0.35
            canvas.line(
                [polar(400, 390, 140, angle), polar(400, 390, 154, angle)],
                ACCENT if step > 8 else shade(colour, -0.4),
                4,
            )
        return
    canvas.ball(400, 390, 150, (34, 37, 42))
    canvas.dot(400, 390, 140, (22, 25, 30))
    warm = [polar(400, 390, 124, -2.3 + step * 0.1) for step in range(34)]
    canvas.line([polar(400, 390, 124, -2.3 + step * 0.1) for step in range(47)], (62, 66, 74), 9)
    canvas.line(warm, ACCENT, 9)
    canvas.dot(*warm[-1], 11, (255, 240, 224))
    reading = {"2": "20.5", "3": "21.0", "4": "21.5", "5": "22.0", "6": "19.5"}[key]
    digits(canvas, reading, 324, 352, 68, (250, 248, 244))
    if product.attributes.get("wifi"):
        for arc in range(3):
            canvas.line([polar(400, 486, 6 + arc * 9, step / 10) for step in range(-8, 9)], (180, 184, 190), 3.5)
        canvas.dot(400, 486, 3, (180, 184, 190))


def controller(canvas: Canvas, product: Product) -> None:
    """A box with a screen showing a curve, wider the more circuits it runs."""
    wide = 330 + number(product, "outlets", 2) * 34
    left, right = 400 - wide / 2, 400 + wide / 2
    canvas.shadow((left + 18, 246, right + 26, 610), blur=26, strength=0.34)
    canvas.slab((left, 216, right, 580), COLOURS["white"], PAINT, radius=18)
    canvas.slab((left, 500, right, 580), COLOURS["graphite"], PAINT, radius=18)
    canvas.slab((left + 26, 246, right - 116, 470), COLOURS["glass"], GLASS, radius=12)
    inner, steps = wide - 190, 24
    curve = [(left + 46 + inner * step / steps, 430 - (step / steps) ** 1.5 * 110) for step in range(steps + 1)]
    for row in range(4):
        canvas.line([(left + 46, 310 + row * 40), (left + 46 + inner, 310 + row * 40)], (58, 64, 74), 1.5)
    canvas.line(curve, ACCENT, 5)
    digits(canvas, "-12", left + 50, 262, 30, (170, 206, 240))
    digits(canvas, "55", right - 186, 262, 30, (255, 200, 140))
    knob(canvas, right - 62, 360, 40, (214, 214, 212), 0.4)
    flame(canvas, right - 62, 276, 18)
    slots_, gap = int(number(product, "outlets", 2)) * 2 + 6, 9
    for place in range(slots_):
        x = left + 24 + place * (wide - 48) / slots_
        canvas.slab((x + gap / 2, 528, x + (wide - 48) / slots_ - gap / 2, 562), COLOURS["green"], METAL, radius=3)


def thermostatic_head(canvas: Canvas, product: Product) -> None:
    """A head on its own, with a display when it is electronic."""
    canvas.ground(310, 490, 650, 26)
    colour = COLOURS["white"] if word(product, "colour") == "white" else colour_of(product)
    thermostatic(canvas, 400, 650, 270, colour)
    if product.sku[4] in "EZ":
        display(canvas, (330, 372, 470, 448), "21.0")
        canvas.ball(400, 336, 22, shade(colour, -0.06))
        return
    for step in range(5):
        canvas.line([(320 + step * 40, 372), (320 + step * 40, 384 + step * 8)], shade(colour, -0.5), 6)


def sensor(canvas: Canvas, product: Product) -> None:
    """A probe on its cable, a box for outdoors, or a puck that feels water."""
    kind = product.sku[-1]
    if kind == "U":
        canvas.shadow((318, 236, 510, 580), blur=24, strength=0.34)
        canvas.slab((300, 210, 500, 550), COLOURS["white"], PAINT, radius=26)
        canvas.slab((376, 548, 424, 590), COLOURS["black"], ROUND, radius=6)
        canvas.tube([(400, 586), (400, 640), (420, 700), (470, 740)], 14, COLOURS["rubber"])
        slots(canvas, (338, 450, 462, 516), 5, COLOURS["white"], 4)
        flame(canvas, 400, 300, 26)
        return
    if kind == "V":
        canvas.ground(250, 550, 560, 40)
        canvas.drum((250, 400, 550, 580), COLOURS["white"], ROUND, tilt=0.2)
        canvas.dot(400, 460, 15, ACCENT)
        for turn in (26, 40):
            canvas.pen.ellipse(
                [(400 - turn * 1.6) * 2, (460 - turn) * 2, (400 + turn * 1.6) * 2, (460 + turn) * 2],
                outline=(170, 190, 210),
                width=5,
            )
        return
    canvas.ground(200, 620, 612, 60, 0.26)
    for turn in range(4):
        canvas.ring((230 + turn * 16, 390 + turn * 7, 570 - turn * 16, 600 - turn * 7), 13, COLOURS["rubber"])
    canvas.tube([(560, 470), (600, 400), (590, 320), (520, 270), (430, 262)], 13, COLOURS["rubber"])
    canvas.rod((250, 244, 440, 280), CHROME, METAL)
    canvas.rod((418, 238, 456, 286), COLOURS["black"], ROUND)
    if kind == "T":
        canvas.slab((286, 226, 316, 298), COLOURS["steel"], METAL, radius=4)
    canvas.ball(252, 262, 18, CHROME)


def actuator(canvas: Canvas, product: Product) -> None:
    """A white cap with a window and its cable."""
    canvas.ground(310, 490, 640, 26)
    canvas.tube([(480, 430), (560, 450), (600, 520), (590, 610), (640, 660)], 15, (222, 222, 220))
    canvas.slab((324, 574, 476, 640), CHROME, METAL, radius=4)
    canvas.slab((304, 306, 496, 586), COLOURS["white"], ROUND, radius=34)
    for place in range(9):
        canvas.line([(322 + place * 19.5, 480), (322 + place * 19.5, 570)], (200, 200, 198), 4)
    canvas.slab((360, 286, 440, 330), (120, 170, 210) if word(product, "voltage") == "24" else ACCENT, ROUND, radius=16)
    flame(canvas, 400, 410, 24)


def power_unit(canvas: Canvas, product: Product) -> None:
    """A stabiliser on the wall, or a larger cabinet with a battery."""
    is_ups = product.sku.startswith("STB-U")
    wide, tall = (390, 470) if is_ups else (330, 400)
    wide += min(50, number(product, "watt", 500) / 60)
    left, right, top = 400 - wide / 2, 400 + wide / 2, 400 - tall / 2
    canvas.shadow((left + 18, top + 26, right + 26, top + tall + 30), blur=26, strength=0.36)
    canvas.slab((left, top, right, top + tall), COLOURS["graphite"], PAINT, radius=18)
    canvas.slab((left + 20, top + 22, right - 20, top + 170), COLOURS["glass"], GLASS, radius=12)
    digits(canvas, "230", 400 - 82, top + 58, 74, (150, 230, 190))
    for place in range(5 if is_ups else 3):
        canvas.slab(
            (left + 34 + place * 30, top + 196, left + 54 + place * 30, top + 212),
            ACCENT if place < 4 else (100, 104, 110),
            FLAT,
            radius=4,
        )
    for place in range(2):
        x, y = 400 + (-70 if place == 0 else 70), top + tall - 96
        canvas.ball(x, y, 50, (42, 44, 48))
        for side in (-1, 1):
            canvas.dot(x + side * 15, y, 7, (16, 17, 20))
    slots(canvas, (right - 110, top + 194, right - 30, top + 240), 5, COLOURS["graphite"])


def safety_group(canvas: Canvas, product: Product) -> None:
    """Relief valve, gauge and air vent on one bar."""
    canvas.ground(340, 460, 668)
    canvas.slab((362, 470, 438, 660), BRASS, METAL, radius=4)
    nut(canvas, (340, 600, 460, 660), BRASS)
    canvas.rod((190, 430, 610, 506), BRASS, METAL)
    canvas.slab((206, 330, 278, 440), BRASS, METAL, radius=6)
    canvas.slab((196, 246, 288, 338), RED, ROUND, radius=20)
    for place in range(5):
        canvas.line([(208 + place * 17, 262), (208 + place * 17, 326)], shade(RED, -0.3), 4)
    canvas.slab((526, 300, 598, 440), BRASS, METAL, radius=16)
    canvas.slab((540, 270, 584, 308), BRASS, METAL, radius=4)
    canvas.slab((550, 254, 574, 274), COLOURS["black"], ROUND, radius=4)
    dial(canvas, 400, 300, 104, hand=-1.9 + number(product, "pressure", 3) * 0.4)


def dirt_filter(canvas: Canvas, product: Product) -> None:
    """A separator, a strainer or a clear bulb, after its kind."""
    kind = product.sku.split("-")[1][0]
    canvas.ground(*{"Y": (490, 620, 640), "V": (360, 440, 592)}.get(kind, (340, 460, 700)))
    canvas.rod((196, 290, 604, 368), BRASS, METAL)
    for x in (186, 550):
        nut(canvas, (x, 268, x + 64, 390), BRASS, across=True)
    if kind == "Y":
        canvas.shape([(372, 330), (462, 330), (590, 560), (506, 606)], BRASS, METAL)
        canvas.shape([(496, 620), (606, 556), (622, 586), (516, 650)], shade(BRASS, -0.12), METAL)
        return
    if kind == "P":
        canvas.slab((306, 386, 494, 690), (206, 226, 236), ROUND, radius=60)
        for place in range(26):
            canvas.ball(336 + place % 5 * 32, 476 + place // 5 * 34, 15, (244, 246, 248))
        canvas.slab((296, 350, 504, 420), COLOURS["blue"], ROUND, radius=12)
        return
    shell = {"M": (48, 50, 54), "D": BRASS, "V": BRASS}[kind]
    top, bottom = (130, 560) if kind == "V" else (250, 680)
    canvas.slab((312, top, 488, bottom), shell, ROUND if kind == "M" else METAL, radius=40)
    canvas.slab((304, 290, 496, 368), BRASS, METAL, radius=8)
    canvas.slab((374, bottom - 10, 426, bottom + 26), BRASS, METAL, radius=5)
    if kind == "V":
        canvas.slab((378, 96, 422, 140), COLOURS["black"], ROUND, radius=8)
    flame(canvas, 400, (bottom + 380) / 2, 30)


def mounting_kit(canvas: Canvas, product: Product) -> None:
    """A carton with the goods before it; cabinets, mats and tape show themselves."""
    key = product.sku.split("-")[1]
    drawn = {"SHK": _cabinet, "PLI": _studs, "LEN": _tape}.get(key)
    if drawn:
        drawn(canvas)
        return
    canvas.ground(170, 640, 660, 30)
    canvas.shape([(200, 330), (520, 330), (520, 650), (200, 650)], (204, 170, 128), PAINT)
    canvas.shape([(520, 330), (610, 280), (610, 590), (520, 650)], (176, 142, 102), PAINT)
    canvas.shape([(200, 330), (290, 280), (610, 280), (520, 330)], (222, 192, 152), PAINT)
    canvas.shape([(340, 330), (430, 280), (470, 280), (380, 330)], (232, 210, 176), FLAT)
    flame(canvas, 330, 480, 62)
    if key in ("KRO", "STO"):
        for x in (430, 560):
            canvas.slab((x, 470, x + 26, 690), COLOURS["white"], PAINT, radius=4)
            for y in (486, 640):
                canvas.slab((x - 4, y, x + 64, y + 22), COLOURS["white"], PAINT, radius=5)
        return
    for place in range(4):
        x = 430 + place * 54
        canvas.slab((x - 10, 610, x + 10, 690), COLOURS["steel"], METAL, radius=3)
        nut(canvas, (x - 22, 590, x + 22, 622), BRASS if key == "NIZ" else COLOURS["steel"])


def _cabinet(canvas: Canvas) -> None:
    canvas.shadow((150, 220, 680, 640), blur=26, strength=0.34)
    canvas.slab((130, 190, 670, 610), COLOURS["white"], PAINT, radius=8)
    canvas.slab((158, 218, 642, 582), shade(COLOURS["white"], -0.06), PAINT, radius=4)
    canvas.slab((390, 386, 410, 426), COLOURS["steel"], METAL, radius=4)
    flame(canvas, 596, 546, 18)


def _studs(canvas: Canvas) -> None:
    canvas.ground(120, 690, 640, 50, 0.26)
    canvas.shape([(250, 260), (700, 330), (560, 640), (90, 530)], (62, 66, 74), PAINT)
    for row in range(8):
        for place in range(9):
            share, across = row / 8, place / 9
            x = 268 + 430 * across - 150 * share + 18
            y = 282 + 66 * across + 268 * share + 36 * share * across
            canvas.ball(x, y, 15 + 5 * share, (86, 92, 102))


def _tape(canvas: Canvas) -> None:
    canvas.ground(240, 620, 640)
    canvas.shape([(400, 590), (660, 600), (690, 640), (400, 640)], (120, 176, 220), PAINT)
    for turn in range(9):
        radius = 190 - turn * 15
        canvas.ball(400, 450, radius, (130, 184, 226) if turn % 2 else (104, 160, 208))
    canvas.dot(400, 450, 58, (236, 232, 226))
