"""Drawings of radiators and towel rails."""

from app.demo.data.catalogue import Product
from app.demo.data.pictures.canvas import COLOURS, METAL, ROUND, Canvas, Colour, shade
from app.demo.data.pictures.facts import colour_of, number, word
from app.demo.data.pictures.parts import thermostatic

RIB = ((0, -0.10), (0.3, 0.12), (0.55, 0.04), (0.85, -0.12), (1, -0.16))
SECTION = ((0, -0.34), (0.12, -0.10), (0.28, 0.22), (0.5, 0.10), (0.75, -0.06), (0.92, -0.2), (1, -0.4))


def panel_radiator(canvas: Canvas, product: Product) -> None:
    """A pressed panel with its grille on top; thicker types show a deeper grille."""
    length, height = number(product, "length", 1000), number(product, "height", 500)
    scale = min(600 / length, 0.9, 430 / height)
    width, tall, depth = length * scale, height * scale, 8 + number(product, "depth", 100) * 0.16
    left, right, top = 400 - width / 2, 400 + width / 2, 420 - tall / 2
    bottom, colour = top + tall, COLOURS["white"]
    canvas.shadow((left + 12, top + 26, right + 26, bottom + 34), blur=22, strength=0.36)
    canvas.shape(
        [(left, top), (left + depth, top - depth), (right - depth * 0.2, top - depth), (right, top)],
        shade(colour, -0.14),
    )
    slats = max(8, int(width / 14))
    for place in range(1, slats):
        x = left + width * place / slats
        canvas.line(
            [(x, top - 2), (x + depth * (1 - 1.2 * place / slats) * 0.9, top - depth + 2)], shade(colour, -0.42), 3
        )
    canvas.slab((left, top, right, bottom), colour, ((0, 0.1), (0.5, 0), (1, -0.1)), radius=5)
    ribs = max(3, round(length / 62))
    step = (width - 24) / ribs
    for place in range(ribs):
        x = left + 12 + place * step
        canvas.slab((x + step * 0.14, top + 22, x + step * 0.86, bottom - 22), colour, RIB, radius=step * 0.36)
    canvas.line([(left + 4, top + 2), (right - 4, top + 2)], shade(colour, 0.8), 2)
    _feeds(canvas, left, right, top, bottom, below=word(product, "connection") == "bottom")


def _feeds(canvas: Canvas, left: float, right: float, top: float, bottom: float, *, below: bool) -> None:
    if below:
        for x in (right - 64, right - 36):
            canvas.slab((x - 7, bottom, x + 7, bottom + 70), COLOURS["chrome"], METAL, radius=2)
        canvas.slab((right - 76, bottom + 4, right - 24, bottom + 26), COLOURS["chrome"], METAL, radius=4)
        return
    for y in (top + 26, bottom - 26):
        canvas.rod((right - 2, y - 8, right + 34, y + 8), COLOURS["chrome"], METAL)
        canvas.slab((right + 4, y - 13, right + 20, y + 13), COLOURS["chrome"], METAL, radius=3)
    canvas.slab((right + 26, top + 16, right + 42, bottom + 60), COLOURS["chrome"], METAL, radius=5)
    thermostatic(canvas, right + 34, top + 20, 34)


def section_radiator(canvas: Canvas, product: Product) -> None:
    """Cast sections side by side, as many as the product has."""
    count, height = int(number(product, "sections", 8)), number(product, "height", 580)
    step = min(58.0, 600 / count)
    tall = min(420.0, height * 0.66)
    left, top = 400 - count * step / 2, 410 - tall / 2
    right, bottom, colour = left + count * step, top + tall, colour_of(product)
    canvas.shadow((left + 12, top + 26, right + 26, bottom + 34), blur=22, strength=0.38)
    for y in (top + tall * 0.09, bottom - tall * 0.09):
        canvas.rod((left - 16, y - 12, right + 16, y + 12), COLOURS["chrome"], METAL)
    for place in range(count):
        _section(canvas, left + place * step, top, step, tall, colour, bimetal=product.family == "MNL")
    canvas.slab((right + 10, bottom - tall * 0.09 - 17, right + 24, bottom - tall * 0.09 + 17), colour, METAL, radius=3)
    canvas.slab((left - 24, top + tall * 0.09 - 17, left - 10, top + tall * 0.09 + 17), colour, METAL, radius=3)


def _section(canvas: Canvas, x: float, top: float, step: float, tall: float, colour: Colour, *, bimetal: bool) -> None:
    gap = step * 0.05
    crown = step * (0.42 if not bimetal else 0.16)
    canvas.slab(
        (x + gap, top + step * 0.16, x + step - gap, top + tall - step * 0.16),
        shade(colour, -0.3),
        SECTION,
        radius=step * 0.2,
    )
    canvas.slab((x + gap, top, x + step - gap, top + tall), colour, SECTION, radius=crown)
    for start, end in ((0.11, 0.2), (0.8, 0.89)):
        canvas.slab(
            (x + step * 0.34, top + tall * start, x + step * 0.66, top + tall * end),
            shade(colour, -0.5),
            ROUND,
            radius=step * 0.12,
        )
    canvas.slab(
        (x + step * 0.3, top + tall * 0.24, x + step * 0.7, top + tall * 0.76),
        shade(colour, 0.06),
        RIB,
        radius=step * 0.12,
    )
    canvas.line(
        [(x + step * 0.2, top + crown), (x + step * 0.2, top + tall - crown)], shade(colour, 0.35), max(1, step * 0.035)
    )


def tube_radiator(canvas: Canvas, product: Product) -> None:
    """Round columns between two rows of heads; further columns stand behind."""
    count, columns = int(number(product, "sections", 8)), int(word(product, "columns", "2"))
    height = number(product, "height", 565)
    tall = min(590.0, 190 + height * 0.23) if height > 600 else height * 0.6
    step = min(46.0, 590 / count) if height <= 600 else min(34.0, 560 / count)
    left, top = 400 - count * step / 2, 400 - tall / 2
    right, bottom, colour = left + count * step, top + tall, colour_of(product)
    canvas.shadow((left + 12, top + 28, right + 28, bottom + 34), blur=22, strength=0.36)
    for layer in range(columns - 1, -1, -1):
        shift, dim = layer * step * 0.17, -0.13 * layer
        for place in range(count):
            x = left + place * step + shift
            canvas.slab(
                (x + step * 0.24, top + step * 0.3 - shift, x + step * 0.76, bottom - step * 0.3 - shift),
                shade(colour, dim),
                ROUND,
                radius=step * 0.25,
            )
            for y in (top - shift, bottom - step * 0.9 - shift):
                canvas.slab(
                    (x + step * 0.06, y, x + step * 0.94, y + step * 0.9), shade(colour, dim), ROUND, radius=step * 0.4
                )
    for y in (top + step * 0.45, bottom - step * 0.45):
        canvas.rod((right - 2, y - 8, right + 24, y + 8), COLOURS["chrome"], METAL)
    thermostatic(canvas, right + 24, top + step * 0.45 + 8, 30)


def towel_rail(canvas: Canvas, product: Product) -> None:
    """Two posts with rungs in groups, and a towel over one of them."""
    height, width, colour = number(product, "height", 800), number(product, "width", 500), colour_of(product, "chrome")
    tall, wide = 190 + height * 0.34, width * 0.58
    left, right, top = 400 - wide / 2, 400 + wide / 2, 395 - tall / 2
    bottom = top + tall
    finish = METAL if word(product, "colour") == "chrome" else ROUND
    canvas.shadow(
        (left + 16, top + 20, left + 34, bottom + 20),
        (right + 4, top + 20, right + 24, bottom + 20),
        blur=14,
        strength=0.32,
    )
    groups = 3 if height <= 800 else 4
    pitch = tall / groups
    for group in range(groups):
        for rung in range(4):
            y = top + 22 + group * pitch + rung * pitch * 0.19
            canvas.shadow((left + 10, y + 12, right + 14, y + 22), blur=8, strength=0.2)
            canvas.rod((left, y - 7, right, y + 7), colour, finish)
    for x in (left, right):
        canvas.slab((x - 12, top, x + 12, bottom), colour, finish, radius=12)
    _towel(canvas, left + 34, right - 54, top + 14 + pitch, pitch * 1.25)
    if word(product, "voltage") == "230":
        canvas.slab((right - 17, bottom - 6, right + 17, bottom + 46), COLOURS["black"], ROUND, radius=10)
        canvas.tube(
            [(right, bottom + 44), (right, bottom + 66), (right + 18, bottom + 84), (right + 52, bottom + 90)],
            7,
            COLOURS["rubber"],
        )
    else:
        for x in (left, right):
            canvas.slab((x - 15, bottom - 4, x + 15, bottom + 22), COLOURS["chrome"], METAL, radius=3)


def _towel(canvas: Canvas, left: float, right: float, top: float, length: float) -> None:
    cloth = (206, 122, 88)
    folds = ((0, -0.1), (0.14, 0.14), (0.3, -0.06), (0.46, 0.12), (0.64, -0.05), (0.82, 0.1), (1, -0.16))
    canvas.shadow((left + 8, top + 14, right + 14, top + length + 16), blur=12, strength=0.3)
    canvas.slab((left, top, right, top + length), cloth, folds, radius=10)
    for place in (0.8, 0.84):
        canvas.line([(left + 2, top + length * place), (right - 2, top + length * place)], shade(cloth, 0.55), 3)
