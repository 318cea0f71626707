"""Drawings of boilers and heat pumps."""

from app.demo.data.catalogue import Product
from app.demo.data.pictures.canvas import ACCENT, COLOURS, FLAT, METAL, PAINT, Canvas, shade
from app.demo.data.pictures.facts import colour_of, number, word
from app.demo.data.pictures.parts import dial, display, fan, flame, knob, polar, slots, stub


def wall_boiler(canvas: Canvas, product: Product) -> None:
    """A cabinet on the wall: flue above, display below, pipes underneath."""
    width, colour = number(product, "width", 400) * 0.74, colour_of(product)
    left, right, top, bottom = 400 - width / 2, 400 + width / 2, 150, 640
    canvas.shadow((left + 18, top + 26, right + 30, bottom + 30), blur=26, strength=0.34)
    if word(product, "chamber") == "closed":
        canvas.slab((362, 72, 438, 152), (226, 226, 224), METAL, radius=2)
        canvas.slab((352, 132, 448, 152), (206, 206, 204), METAL, radius=3)
    for place, metal in ((-0.36, "brass"), (-0.2, "steel"), (0.02, "brass"), (0.2, "steel"), (0.36, "brass")):
        stub(canvas, 400 + width * place, bottom - 2, bottom + 54, 20, COLOURS[metal])
    canvas.slab((left, top, right, bottom), colour, PAINT, radius=16)
    canvas.line([(left + 10, top + 3), (right - 10, top + 3)], shade(colour, 0.6), 2)
    canvas.line([(left + 2, bottom - 128), (right - 2, bottom - 128)], shade(colour, -0.25), 1.5)
    flame(canvas, 400, top + 84, 26)
    _wall_panel(canvas, product, left, right, bottom)


def _wall_panel(canvas: Canvas, product: Product, left: float, right: float, bottom: float) -> None:
    reading = {"PLM": "60", "ISK": "55"}.get(product.family, "45.0")
    if product.family == "GRN":
        canvas.slab(
            (left + 14, bottom - 114, right - 14, bottom - 18),
            COLOURS["glass"],
            ((0, 0.16), (0.5, 0.02), (1, 0.06)),
            radius=12,
        )
        display(canvas, (342, bottom - 106, 458, bottom - 26), reading)
        for side in (-1, 1):
            canvas.dot(400 + side * 92, bottom - 66, 5, ACCENT if side < 0 else (120, 200, 160))
        return
    display(canvas, (345, bottom - 98, 455, bottom - 34), reading)
    knob(canvas, left + 52, bottom - 66, 25, (214, 214, 212), -0.6)
    knob(canvas, right - 52, bottom - 66, 25, (214, 214, 212), 0.7)


def electric_boiler(canvas: Canvas, product: Product) -> None:
    """A slim cabinet with a ladder of power stages."""
    pro = product.family == "MLP"
    colour, width = colour_of(product), 270 if pro else 236
    left, right, top, bottom = 400 - width / 2, 400 + width / 2, 120, 630
    canvas.shadow((left + 18, top + 26, right + 28, bottom + 28), blur=26, strength=0.34)
    for place in (-0.28, 0.28):
        stub(canvas, 400 + width * place, bottom - 2, bottom + 58, 22, COLOURS["brass"])
    canvas.tube([(400, bottom), (400, bottom + 40), (406, bottom + 72), (428, bottom + 96)], 9, COLOURS["rubber"])
    canvas.slab((left, top, right, bottom), colour, PAINT, radius=30)
    canvas.slab(
        (400 - width * 0.34, top + 54, 400 + width * 0.34, top + 300),
        COLOURS["glass"],
        ((0, 0.2), (0.5, 0.04), (1, 0.08)),
        radius=22,
    )
    display(canvas, (400 - 62, top + 76, 400 + 62, top + 146), "21.5" if pro else "50")
    lit = max(1, min(6, round(number(product, "power", 9) / 4.5)))
    for step in range(6):
        glow = ACCENT if step < lit else (74, 78, 86)
        canvas.slab(
            (400 - 46, top + 258 - step * 17, 400 + 46 - (5 - step) * 9, top + 267 - step * 17), glow, FLAT, radius=4
        )
    bolt = [(408, 478), (382, 528), (399, 528), (390, 568), (420, 512), (402, 512)]
    canvas.shape([(x, y - 10) for x, y in bolt], ACCENT, FLAT)


def floor_boiler(canvas: Canvas, product: Product) -> None:
    """A cabinet on the floor with a gauge, a knob and a window on the flame."""
    iron = product.family == "KRZ"
    width, height = min(430.0, number(product, "width", 420) * 0.66), 440 if iron else 420
    left, right, bottom = 400 - width / 2, 400 + width / 2, 690
    top = bottom - height
    canvas.ground(left, right, bottom)
    canvas.slab((352, top - 130, 448, top + 6), COLOURS["steel"], METAL, radius=2)
    canvas.slab((342, top - 34, 458, top - 6), shade(COLOURS["steel"], -0.1), METAL, radius=3)
    body = COLOURS["graphite"] if iron else COLOURS["white"]
    canvas.slab((left, top, right, bottom - 12), body, PAINT, radius=10)
    canvas.slab((left + 10, bottom - 16, right - 10, bottom), COLOURS["black"], FLAT, radius=2)
    canvas.slab((left, top, right, top + 96), shade(COLOURS["black"], 0.06), PAINT, radius=10)
    dial(canvas, left + width * 0.26, top + 48, 32)
    knob(canvas, left + width * 0.56, top + 48, 26, (196, 196, 194))
    canvas.dot(left + width * 0.8, top + 48, 7, ACCENT)
    canvas.slab((left + 26, top + 128, right - 26, bottom - 52), shade(body, 0.05), PAINT, radius=8)
    flame(canvas, 400, top + 176, 22)
    canvas.slab((340, bottom - 128, 460, bottom - 84), (26, 20, 18), FLAT, radius=20)
    for step in range(5):
        flame(canvas, 360 + step * 20, bottom - 98, 14, (240, 140 + step * 8, 60))


def solid_boiler(canvas: Canvas, product: Product) -> None:
    """A heavy body with two doors and fire behind the lower one."""
    tall = product.family == "ANT"
    height, width = (520 if tall else 440), min(380.0, number(product, "width", 480) * 0.56)
    left, right, bottom = 400 - width / 2, 400 + width / 2, 700
    top = bottom - height
    canvas.ground(left, right, bottom)
    canvas.slab((430, top - 110, 510, top + 8), (70, 72, 76), METAL, radius=2)
    body = (64, 67, 72) if tall else (86, 84, 82)
    canvas.slab((left, top, right, bottom - 14), body, PAINT, radius=8)
    for x in (left + 16, right - 46):
        canvas.slab((x, bottom - 18, x + 30, bottom), COLOURS["black"], FLAT, radius=2)
    canvas.slab((left, top, right, top + 46), (176, 52, 40) if not tall else (190, 110, 46), PAINT, radius=8)
    dial(canvas, 400, top + 92, 30)
    _door(canvas, left + 34, top + 146, right - 34, top + height * 0.62)
    _door(canvas, left + 34, top + height * 0.67, right - 34, bottom - 50)
    slit = (left + 62, bottom - 88, right - 62, bottom - 74)
    canvas.slab(slit, (255, 170, 70), ((0, -0.3), (0.5, 0.3), (1, -0.3)), radius=7)
    if tall or product.family == "PLN":
        flame(canvas, 400, top + height * 0.42, 24, (220, 200, 190))


def _door(canvas: Canvas, left: float, top: float, right: float, bottom: float) -> None:
    canvas.shadow((left, top + 4, right + 4, bottom + 6), blur=8, strength=0.4)
    canvas.slab((left, top, right, bottom), (48, 49, 53), PAINT, radius=8)
    canvas.slab((left + 14, top + 12, right - 14, bottom - 12), (58, 59, 64), PAINT, radius=6)
    canvas.slab((left - 10, top + 16, left + 8, top + 36), COLOURS["steel"], METAL, radius=3)
    canvas.slab(
        (right - 34, (top + bottom) / 2 - 30, right - 20, (top + bottom) / 2 + 30), COLOURS["steel"], METAL, radius=6
    )


def pellet_boiler(canvas: Canvas, product: Product) -> None:
    """A boiler and its hopper with a window on the pellets."""
    bottom, wide = 690, 28 if number(product, "hopper", 250) > 300 else 0
    canvas.ground(150, 660 + wide, bottom)
    canvas.slab((250, 96, 322, 250), COLOURS["steel"], METAL, radius=2)
    hopper = [(452, 236 - wide), (664 + wide, 236 - wide), (664 + wide, 470), (610, 600), (500, 600), (452, 470)]
    canvas.shape(hopper, COLOURS["graphite"], PAINT)
    canvas.slab((448, 222 - wide, 670 + wide, 248 - wide), COLOURS["black"], PAINT, radius=5)
    canvas.slab((500, 598, 612, bottom), shade(COLOURS["graphite"], -0.2), PAINT, radius=2)
    canvas.slab((500, 300, 600, 430), (198, 158, 104), FLAT, radius=8)
    for row in range(8):
        for place in range(7):
            x, y = 508 + place * 13 + (row % 2) * 5, 310 + row * 15
            canvas.line(
                [(x, y), (x + 8, y + (-3 if (row + place) % 3 else 4))],
                shade((176, 128, 74), (place - row) % 4 * 0.08),
                4,
            )
    canvas.slab((148, 236, 440, bottom - 10), COLOURS["white"], PAINT, radius=12)
    canvas.slab((148, 236, 440, 330), COLOURS["black"], PAINT, radius=12)
    display(canvas, (190, 258, 300, 310), "68")
    flame(canvas, 386, 286, 22)
    canvas.slab((180, 366, 408, 610), shade(COLOURS["white"], -0.04), PAINT, radius=8)
    canvas.slab((236, 500, 352, 560), (30, 22, 18), FLAT, radius=26)
    for step in range(4):
        flame(canvas, 260 + step * 23, 540, 18, (240, 130 + step * 14, 50))
    canvas.slab((390, 452, 402, 524), COLOURS["steel"], METAL, radius=6)


def heat_pump(canvas: Canvas, product: Product) -> None:
    """An outdoor unit with one fan or two."""
    colour, two = colour_of(product), number(product, "height", 860) > 1000
    left, right, bottom = 130, 670, 680
    top = 170 if two else 270
    canvas.ground(left, right, bottom)
    for x in (left + 50, right - 110):
        canvas.slab((x, bottom - 26, x + 60, bottom), COLOURS["black"], PAINT, radius=3)
    canvas.slab((left, top, right, bottom - 20), colour, PAINT, radius=16)
    canvas.slab((left, top, right, top + 18), shade(colour, 0.2), PAINT, radius=9)
    canvas.line([(538, top + 20), (538, bottom - 24)], shade(colour, -0.25), 2)
    for y in (top + 128, bottom - 142) if two else ((top + bottom - 14) / 2,):
        fan(canvas, left + 206, y, 112 if two else 160)
    slots(canvas, (566, bottom - 190, right - 28, bottom - 60), 9, colour)
    flame(canvas, 604, top + 78, 26)
    canvas.line([(584, top + 122), (624, top + 122)], ACCENT, 4)


def ground_pump(canvas: Canvas, product: Product) -> None:
    """An indoor cabinet, tall when it carries a tank."""
    tall = "volume" in product.attributes
    bottom, left, right = 706, 262, 538
    top = 92 if tall else 236
    for place in range(4):
        canvas.slab((300 + place * 60, top - 46, 320 + place * 60, top + 6), COLOURS["copper"], METAL, radius=2)
    canvas.ground(left, right, bottom)
    canvas.slab((left, top, right, bottom - 10), COLOURS["white"], PAINT, radius=14)
    canvas.slab((left + 14, bottom - 14, right - 14, bottom), COLOURS["black"], FLAT, radius=2)
    canvas.slab((left, top, right, top + 150), COLOURS["glass"], ((0, 0.2), (0.45, 0.05), (1, 0.0)), radius=14)
    display(canvas, (336, top + 40, 464, top + 108), "35.0")
    canvas.line([(left + 22, top + 152), (right - 22, top + 152)], ACCENT, 4)
    if tall:
        canvas.line([(left + 2, top + 372), (right - 2, top + 372)], shade(COLOURS["white"], -0.22), 2)
    flame(canvas, 400, top + 208, 22)
    for turn in range(3):
        ring = [polar(400, bottom - 116, 22 + turn * 18, angle / 10) for angle in range(-9, 10)]
        canvas.line(ring, shade(ACCENT, 0.25 + turn * 0.2), 4)
