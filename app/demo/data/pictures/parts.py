"""Parts many goods share: displays, dials, flames, nuts, valves, feet."""

from math import cos, pi, sin

from app.demo.data.pictures.canvas import (
    ACCENT,
    COLOURS,
    FLAT,
    GLASS,
    METAL,
    Canvas,
    Colour,
    at,
    curve,
    shade,
)

# Which of the seven bars of a digit are lit: top, upper right, lower right, bottom, lower left, upper left, middle.
DIGITS = {
    "0": "abcdef", "1": "bc", "2": "abged", "3": "abgcd", "4": "fgbc", "5": "afgcd", "6": "afgedc", "7": "abc",
    "8": "abcdefg", "9": "abcdfg", "-": "g",
}  # fmt: skip


def digits(canvas: Canvas, text: str, x: float, y: float, height: float, colour: Colour) -> None:
    """Figures of a display, left to right from the upper left corner, perhaps with a point."""
    width = height * 0.5
    for letter in text:
        if letter == ".":
            canvas.dot(x - width * 0.18, y + height, height * 0.075, colour)
            x += width * 0.16
            continue
        # A one lights only the right-hand bars: move it up to its neighbour.
        x -= width * 0.55 if letter == "1" else 0
        for bar in DIGITS[letter]:
            canvas.line(_bar(bar, x, y, width, height), colour, height * 0.11)
        x += width * 1.5


def _bar(bar: str, x: float, y: float, width: float, height: float) -> tuple[tuple[float, float], tuple[float, float]]:
    middle, bottom, right = y + height / 2, y + height, x + width
    return {
        "a": ((x, y), (right, y)), "b": ((right, y), (right, middle)), "c": ((right, middle), (right, bottom)),
        "d": ((x, bottom), (right, bottom)), "e": ((x, middle), (x, bottom)), "f": ((x, y), (x, middle)),
        "g": ((x, middle), (right, middle)),
    }[bar]  # fmt: skip


def display(
    canvas: Canvas, box: tuple[float, float, float, float], text: str, colour: Colour = (255, 214, 150)
) -> None:
    """A dark pane with lit figures in its middle."""
    left, top, right, bottom = box
    canvas.slab(box, COLOURS["glass"], GLASS, radius=8)
    height = (bottom - top) * 0.46
    wide = (len(text.replace(".", "")) * 0.75 - 0.25 + text.count(".") * 0.08 - text.count("1") * 0.27) * height
    digits(canvas, text, (left + right - wide) / 2, top + (bottom - top - height) / 2, height, colour)


def flame(canvas: Canvas, x: float, y: float, size: float, colour: Colour = ACCENT) -> None:
    """The mark of the brand: a flame over a hearth."""
    outer = [
        (0, -1),
        (0.42, -0.42),
        (0.56, 0.1),
        (0.38, 0.55),
        (0, 0.7),
        (-0.38, 0.55),
        (-0.56, 0.1),
        (-0.3, -0.3),
        (-0.12, -0.5),
    ]
    inner = [(0.02, -0.2), (0.24, 0.12), (0.2, 0.42), (0, 0.54), (-0.2, 0.42), (-0.22, 0.14)]
    canvas.pen.polygon(at(*((x + dx * size, y + dy * size) for dx, dy in curve(outer))), fill=colour)
    canvas.pen.polygon(at(*((x + dx * size, y + dy * size) for dx, dy in curve(inner))), fill=shade(colour, 0.6))


def dial(canvas: Canvas, x: float, y: float, radius: float, hand: float = -0.7, face: Colour = (248, 248, 246)) -> None:
    """A gauge with a scale and a hand; `hand` is its angle in radians from upright."""
    canvas.ball(x, y, radius, COLOURS["steel"])
    canvas.dot(x, y, radius * 0.84, face)
    for step in range(9):
        angle = -2.2 + step * 0.55
        inner = radius * (0.58 if step % 2 == 0 else 0.66)
        mark = COLOURS["red"] if step > 6 else (70, 74, 80)
        canvas.line([polar(x, y, inner, angle), polar(x, y, radius * 0.76, angle)], mark, max(1, radius * 0.04))
    canvas.line(
        [polar(x, y, -radius * 0.2, hand), polar(x, y, radius * 0.62, hand)], COLOURS["red"], max(1.2, radius * 0.06)
    )
    canvas.dot(x, y, radius * 0.09, (50, 52, 58))


def knob(canvas: Canvas, x: float, y: float, radius: float, colour: Colour, turn: float = 0.5) -> None:
    """A turning knob with its mark."""
    canvas.shadow((x - radius, y - radius + 3, x + radius + 2, y + radius + 6), blur=6, radius=radius, strength=0.35)
    canvas.ball(x, y, radius, shade(colour, -0.12))
    canvas.ball(x, y, radius * 0.8, colour)
    canvas.line([polar(x, y, radius * 0.35, turn), polar(x, y, radius * 0.7, turn)], ACCENT, radius * 0.12)


def stub(canvas: Canvas, x: float, top: float, bottom: float, width: float, colour: Colour = COLOURS["brass"]) -> None:
    """A pipe end pointing down, with its nut."""
    canvas.slab((x - width / 2, top, x + width / 2, bottom), colour, METAL, radius=1)
    canvas.slab((x - width * 0.8, top, x + width * 0.8, top + width * 0.7), shade(colour, -0.08), METAL, radius=2)


def nut(
    canvas: Canvas, box: tuple[float, float, float, float], colour: Colour = COLOURS["brass"], *, across: bool = False
) -> None:
    """A hexagonal nut: three flats side by side, `across` for a pipe that lies."""
    left, top, right, bottom = box
    cuts = (0, 0.27, 0.73, 1)
    for (start, end), light in zip(zip(cuts, cuts[1:], strict=False), (-0.22, 0.16, -0.3), strict=True):
        if across:
            part = (left, top + (bottom - top) * start, right, top + (bottom - top) * end)
        else:
            part = (left + (right - left) * start, top, left + (right - left) * end, bottom)
        canvas.slab(part, shade(colour, light), FLAT, radius=1)
    edge = ((left, top), (right, top)) if not across else ((left, top), (left, bottom))
    canvas.line(edge, shade(colour, 0.5), 1)


def slots(canvas: Canvas, box: tuple[float, float, float, float], count: int, colour: Colour, width: float = 3) -> None:
    """Air slots lying one under another."""
    left, top, right, bottom = box
    for number in range(count):
        y = top + (bottom - top) * number / max(1, count - 1)
        canvas.line([(left, y), (right, y)], shade(colour, -0.4), width)
        canvas.line([(left, y + width * 0.8), (right, y + width * 0.8)], shade(colour, 0.3), 1)


def fan(canvas: Canvas, x: float, y: float, radius: float) -> None:
    """A fan behind its round grille."""
    canvas.ball(x, y, radius, (58, 62, 68))
    canvas.dot(x, y, radius * 0.95, (34, 37, 42))
    for number in range(5):
        turn = number * 2 * pi / 5
        blade = [
            polar(x, y, radius * reach, turn + bend)
            for reach, bend in ((0.12, 0), (0.5, 0.3), (0.88, 0.72), (0.9, 1.12), (0.5, 0.85), (0.14, 0.8))
        ]
        canvas.shape(blade, (86, 91, 98), ((0, 0.16), (1, -0.28)))
    for number in range(1, 9):
        ring = radius * number / 8.4
        canvas.pen.ellipse(
            [*at((x - ring, y - ring))[0], *at((x + ring, y + ring))[0]], outline=(150, 154, 158), width=2
        )
    for number in range(12):
        angle = number * pi / 6
        canvas.line([polar(x, y, radius * 0.2, angle), polar(x, y, radius * 0.97, angle)], (150, 154, 158), 1)
    canvas.ball(x, y, radius * 0.19, (108, 112, 118))
    flame(canvas, x, y, radius * 0.1)


def thermostatic(canvas: Canvas, x: float, y: float, width: float, colour: Colour = COLOURS["white"]) -> None:
    """A thermostatic head standing on its ring, its foot at x, y."""
    height = width * 1.25
    canvas.slab((x - width * 0.36, y - width * 0.24, x + width * 0.36, y), COLOURS["chrome"], METAL, radius=2)
    canvas.slab(
        (x - width / 2, y - height, x + width / 2, y - width * 0.2),
        colour,
        ((0, -0.25), (0.3, 0.2), (0.7, 0), (1, -0.35)),
        radius=width * 0.16,
    )
    for number in range(1, 8):
        place = x - width / 2 + width * number / 8
        canvas.line([(place, y - height * 0.5), (place, y - width * 0.3)], shade(colour, -0.22), max(1, width * 0.022))
    canvas.line(
        [(x - width * 0.1, y - height * 0.72), (x + width * 0.12, y - height * 0.72)], ACCENT, max(1.5, width * 0.04)
    )


def polar(x: float, y: float, radius: float, angle: float) -> tuple[float, float]:
    """The point so far from x, y, at an angle in radians from upright, clockwise."""
    return x + radius * sin(angle), y - radius * cos(angle)
