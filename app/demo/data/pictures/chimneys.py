"""Drawings of chimneys: pipe in pipe, and mirror pipe with its wool."""

from app.demo.data.catalogue import Product
from app.demo.data.pictures.canvas import COLOURS, FLAT, METAL, PAINT, ROUND, Canvas, shade
from app.demo.data.pictures.facts import number, word

CHROME = COLOURS["chrome"]


def coaxial_flue(canvas: Canvas, product: Product) -> None:
    """White pipe in pipe: a set through the wall, an extension, an elbow or a terminal."""
    shape, white = word(product, "shape"), (232, 232, 230)
    size = 92 + number(product, "diameter", 100) * 0.2
    if shape == "elbow":
        canvas.ground(250, 560, 628)
        bend = (
            [(330, 620), (330, 360), (350, 306), (404, 286), (600, 286)]
            if number(product, "angle", 90) > 60
            else [(310, 620), (310, 440), (560, 190)]
        )
        canvas.tube(bend, size, white)
        canvas.slab((bend[0][0] - size * 0.56, 566, bend[0][0] + size * 0.56, 590), shade(white, -0.1), METAL, radius=2)
        return
    if shape == "set":
        canvas.ground(180, 300, 690)
        canvas.tube([(250, 680), (250, 400), (268, 352), (316, 336), (560, 336)], size, white)
        canvas.slab((520, 236, 546, 436), (60, 60, 62), ROUND, radius=6)
        canvas.rod((560, 336 - size * 0.36, 668, 336 + size * 0.36), COLOURS["steel"], METAL)
        for place in range(5):
            canvas.line([(584 + place * 16, 336 - size * 0.34), (584 + place * 16, 336 + size * 0.34)], (60, 62, 66), 5)
        return
    top = {500.0: 300.0, 1000.0: 120.0}.get(number(product, "length", 0), 210.0)
    canvas.ground(400 - size / 2, 400 + size / 2, 676)
    canvas.slab((400 - size * 0.3, top - 44, 400 + size * 0.3, top + 20), COLOURS["steel"], METAL, radius=2)
    canvas.drum((400 - size / 2, top, 400 + size / 2, 690), white, METAL if shape == "terminal" else ROUND)
    canvas.oval((400 - size * 0.3, top + 2, 400 + size * 0.3, top + size * 0.2), (60, 60, 62), FLAT)
    canvas.slab((400 - size * 0.54, 630, 400 + size * 0.54, 652), shade(white, -0.1), METAL, radius=2)
    if shape == "terminal":
        canvas.shape([(400 - size * 0.8, top + 10), (400, top - 70), (400 + size * 0.8, top + 10)], (58, 58, 60), METAL)


def sandwich_pipe(canvas: Canvas, product: Product) -> None:
    """A mirror pipe with its wool to be seen at the upper end."""
    size, length = 130 + number(product, "diameter", 210) * 0.24, number(product, "length", 1000)
    top = {1000.0: 116.0, 500.0: 300.0}.get(length, 420.0)
    left, right = 400 - size / 2, 400 + size / 2
    canvas.ground(left, right, 690)
    canvas.drum((left, top, right, 706), CHROME, METAL)
    _open_end(canvas, left, right, top)
    for y in (top + 66, 640):
        if y < 650:
            canvas.slab((left - 4, y, right + 4, y + 18), shade(CHROME, -0.1), METAL, radius=3)
    canvas.slab((right - 6, 640, right + 18, 658), COLOURS["steel"], METAL, radius=3)


def _open_end(canvas: Canvas, left: float, right: float, top: float) -> None:
    size = right - left
    lid = size * 0.24
    canvas.oval((left, top, right, top + lid), shade(CHROME, 0.1), METAL)
    canvas.oval((left + 5, top + 2, right - 5, top + lid - 2), (206, 184, 132), PAINT)
    canvas.oval((left + size * 0.16, top + lid * 0.16, right - size * 0.16, top + lid * 0.84), CHROME, METAL)
    canvas.oval(
        (left + size * 0.19, top + lid * 0.2, right - size * 0.19, top + lid * 0.82),
        (46, 46, 48),
        ((0, -0.3), (1, 0.2)),
    )


def sandwich_fitting(canvas: Canvas, product: Product) -> None:
    """An elbow, a tee or a cap of the insulated chimney."""
    size, shape = 124 + number(product, "diameter", 210) * 0.16, word(product, "shape")
    canvas.ground(400 - size / 2, 400 + size / 2, 690)
    if shape == "elbow":
        steep = number(product, "angle", 90) < 60
        canvas.tube(
            [(370, 700), (370, 500), (480, 330)]
            if steep
            else [(330, 700), (330, 420), (356, 360), (420, 334), (600, 334)],
            size,
            CHROME,
        )
        foot = 370 if steep else 330
        canvas.slab((foot - size * 0.53, 640, foot + size * 0.53, 660), shade(CHROME, -0.15), METAL, radius=3)
        return
    top = 190 if shape == "tee" else 340
    canvas.drum((400 - size / 2, top, 400 + size / 2, 706), CHROME, METAL)
    _open_end(canvas, 400 - size / 2, 400 + size / 2, top)
    if shape == "tee":
        canvas.rod((400, 420 - size * 0.46, 640, 420 + size * 0.46), CHROME, METAL)
        canvas.oval((612, 420 - size * 0.46, 664, 420 + size * 0.46), (206, 184, 132), PAINT)
        canvas.oval((624, 420 - size * 0.3, 654, 420 + size * 0.3), (46, 46, 48), FLAT)
    if shape == "terminal":
        for place in (-0.34, 0.34):
            canvas.slab(
                (400 + size * place - 5, top - 70, 400 + size * place + 5, top + 20), COLOURS["steel"], METAL, radius=2
            )
        canvas.shape([(400 - size * 0.78, top - 62), (400, top - 150), (400 + size * 0.78, top - 62)], CHROME, METAL)
    canvas.slab((400 - size * 0.53, 640, 400 + size * 0.53, 660), shade(CHROME, -0.15), METAL, radius=3)
