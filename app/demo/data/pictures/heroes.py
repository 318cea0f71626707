"""Wide pictures for the brand's front page: a warm house at dusk, a boiler room in a winter wood."""

from functools import partial
from math import sin
from random import Random
from typing import Literal

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from app.demo.data.pictures.canvas import Colour, Point, bent, encode, shade

WIDTH, HEIGHT, SCALE = 1600, 800, 2

DUSK = ((24, 34, 66), (62, 62, 104), (150, 96, 116), (238, 150, 110), (250, 196, 142))
NIGHT = ((12, 22, 44), (20, 40, 70), (36, 66, 96), (78, 106, 124), (150, 156, 152))
GLOW: Colour = (255, 190, 110)
WARM: Colour = (240, 118, 52)
COOL: Colour = (92, 150, 206)


def hero(name: Literal["house", "winter"] = "house") -> bytes:
    """A picture 1600 by 800, WebP, with quiet sky at the left where words may stand."""
    image = {"house": _house, "winter": _winter}[name]()
    return encode(image.reduce(SCALE), quality=86)


def _house() -> Image.Image:
    """A house cut open: the flow leaves the boiler red and comes back blue."""
    image = _sky(DUSK)
    _sun(image, 700, 520)
    _hills(image, ((0, 540, 58, (104, 76, 100)), (2, 590, 44, (72, 58, 86)), (5, 640, 30, (50, 46, 70))))
    _trees(image, Random(5), 34, (30, 34, 52), 652)
    _ground(image, 664, (44, 46, 58), (24, 26, 38))
    _light(image, (820, 690, 1500, 790), GLOW, 40, 0.34)
    _inside(image)
    _shell(image)
    _rooms(image)
    _heating(image)
    return image


def _winter() -> Image.Image:
    """The same warmth from outside: one lit house between snowy firs, smoke going straight up."""
    image = _sky(NIGHT)
    _stars(image, Random(3))
    _hills(image, ((1, 500, 60, (58, 86, 112)), (3, 570, 46, (86, 112, 136)), (6, 620, 30, (140, 160, 178))))
    _trees(image, Random(9), 46, (22, 44, 60), 640, snow=True)
    _ground(image, 640, (206, 216, 226), (150, 170, 192))
    _light(image, (900, 600, 1440, 790), GLOW, 46, 0.5)
    _smoke(image, 1262, 300)
    _cabin(image)
    _snow(image, Random(4))
    return image


def _sky(colours: tuple[Colour, ...]) -> Image.Image:
    strip = Image.new("RGB", (1, len(colours)))
    strip.putdata(colours)
    return strip.resize((WIDTH * SCALE, HEIGHT * SCALE), Image.Resampling.BICUBIC)


def _at(*points: Point) -> list[Point]:
    return [(x * SCALE, y * SCALE) for x, y in points]


def _light(
    image: Image.Image, box: tuple[float, float, float, float], colour: Colour, blur: float, strength: float
) -> None:
    """Add a soft light; it brightens what is there."""
    small = Image.new("L", (WIDTH // 4, HEIGHT // 4))
    ImageDraw.Draw(small).ellipse([edge / 4 for edge in box], fill=round(255 * strength))
    mask = small.filter(ImageFilter.GaussianBlur(blur / 4)).resize(image.size, Image.Resampling.BILINEAR)
    area = mask.getbbox()
    if area:
        lit = ImageChops.screen(image.crop(area), Image.new("RGB", (area[2] - area[0], area[3] - area[1]), colour))
        image.paste(lit, area, mask.crop(area))


def _sun(image: Image.Image, x: float, y: float) -> None:
    _light(image, (x - 420, y - 260, x + 420, y + 260), (255, 200, 150), 110, 0.55)
    _light(image, (x - 130, y - 130, x + 130, y + 130), (255, 214, 160), 50, 0.6)
    _light(image, (x - 46, y - 46, x + 46, y + 46), (255, 240, 214), 6, 0.95)


def _stars(image: Image.Image, random: Random) -> None:
    pen = ImageDraw.Draw(image)
    for _ in range(150):
        x, y, size = random.uniform(0, WIDTH), random.uniform(0, 420), random.choice((0.7, 0.9, 1.3))
        pen.ellipse(_at((x - size, y - size), (x + size, y + size)), fill=(214, 226, 240))


def _hills(image: Image.Image, rows: tuple[tuple[int, float, float, Colour], ...]) -> None:
    pen = ImageDraw.Draw(image)
    for phase, level, swing, colour in rows:
        crest = [
            (x, level - swing * (sin(x / 210 + phase) + 0.5 * sin(x / 93 + 2 * phase)))
            for x in range(-10, WIDTH + 20, 8)
        ]
        pen.polygon(_at(*crest, (WIDTH + 20, HEIGHT), (-10, HEIGHT)), fill=colour)


def _trees(image: Image.Image, random: Random, count: int, colour: Colour, level: float, *, snow: bool = False) -> None:
    pen = ImageDraw.Draw(image)
    for place in range(count):
        x = (place + random.uniform(0.1, 0.9)) * WIDTH / count
        tall = random.uniform(60, 150) * (0.55 if 860 < x < 1460 else 1)
        tone = shade(colour, random.uniform(0, 0.1))
        for tier in range(4):
            top, wide = level + 14 - tall + tier * tall * 0.2, tall * (0.13 + tier * 0.065)
            pen.polygon(_at((x, top), (x + wide, top + tall * 0.36), (x - wide, top + tall * 0.36)), fill=tone)
            if snow:
                pen.polygon(
                    _at((x, top), (x - wide * 0.2, top + tall * 0.2), (x - wide, top + tall * 0.36)),
                    fill=(196, 212, 226),
                )


def _ground(image: Image.Image, level: float, near: Colour, far: Colour) -> None:
    strip = Image.new("RGB", (1, 2))
    strip.putdata((near, far))
    size = (WIDTH * SCALE, round((HEIGHT - level + 40) * SCALE))
    mask = Image.new("L", size)
    crest = [(x, 26 + 14 * sin(x / 260 + 1)) for x in range(-10, WIDTH + 20, 10)]
    ImageDraw.Draw(mask).polygon(_at(*crest, (WIDTH + 20, HEIGHT), (-10, HEIGHT)), fill=255)
    image.paste(strip.resize(size, Image.Resampling.BILINEAR), (0, round((level - 40) * SCALE)), mask)


LEFT, RIGHT, EAVES, FLOOR, CELLAR = 900, 1420, 330, 520, 704


def _inside(image: Image.Image) -> None:
    pen = ImageDraw.Draw(image)
    pen.polygon(_at((1160, 180), (RIGHT, 350), (RIGHT, CELLAR), (LEFT, CELLAR), (LEFT, 350)), fill=(250, 208, 150))
    for x, y in ((1030, 430), (1290, 430), (1050, 610), (1300, 620), (1160, 290)):
        _light(image, (x - 150, y - 100, x + 150, y + 100), (255, 240, 200), 40, 0.5)
    for x in (1170, 1256):
        top, bottom = (EAVES + 20, FLOOR) if x == 1170 else (FLOOR, CELLAR)
        pen.rectangle(_at((x, top), (x + 10, bottom)), fill=(228, 184, 132))
    for y in (EAVES + 8, FLOOR):
        pen.rectangle(_at((LEFT, y), (RIGHT, y + 14)), fill=(150, 104, 78))
        pen.rectangle(_at((LEFT, y), (RIGHT, y + 4)), fill=(186, 136, 100))


def _shell(image: Image.Image) -> None:
    """Sky again around the lit rooms: roof, walls, chimney, foundation."""
    pen = ImageDraw.Draw(image)
    pen.polygon(_at((1312, 150), (1358, 150), (1358, 300), (1312, 270)), fill=(96, 74, 72))
    pen.rectangle(_at((1304, 140), (1366, 154)), fill=(120, 94, 90))
    pen.polygon(_at((1160, 148), (1490, 352), (1456, 376), (1160, 194), (864, 376), (830, 352)), fill=(58, 44, 58))
    pen.line(_at((830, 352), (1160, 148), (1490, 352)), fill=(128, 92, 96), width=8, joint="curve")
    pen.rectangle(_at((LEFT - 14, EAVES + 18), (LEFT, CELLAR)), fill=(228, 218, 208))
    pen.rectangle(_at((RIGHT, EAVES + 18), (RIGHT + 14, CELLAR)), fill=(206, 194, 186))
    pen.rectangle(_at((LEFT - 24, CELLAR), (RIGHT + 24, CELLAR + 30)), fill=(84, 78, 84))
    pen.rectangle(_at((LEFT - 24, CELLAR), (RIGHT + 24, CELLAR + 5)), fill=(172, 128, 96))


def _rooms(image: Image.Image) -> None:
    pen = ImageDraw.Draw(image)
    _window(image, 962, 372, 86, 70)
    _window(image, 1306, 372, 76, 70)
    _window(image, 946, 566, 110, 66)
    pen.ellipse(_at((1010, CELLAR - 10), (1230, CELLAR + 4)), fill=(196, 92, 66))
    _sofa(pen, 1000, CELLAR)
    _bed(pen, 1190, FLOOR)
    _lamp(image, 1128, FLOOR)
    _lamp(image, 1112, CELLAR)
    _cat(pen, 1158, CELLAR)
    _plant(pen, 1216, CELLAR)


def _window(image: Image.Image, x: float, y: float, width: float, height: float) -> None:
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle(_at((x - 6, y - 6), (x + width + 6, y + height + 6)), 6, fill=(250, 244, 234))
    pen.rectangle(_at((x, y), (x + width, y + height)), fill=(72, 76, 118))
    pen.polygon(
        _at((x, y + height), (x, y + height * 0.5), (x + width, y + height * 0.7), (x + width, y + height)),
        fill=(206, 134, 116),
    )
    pen.rectangle(_at((x + width / 2 - 2, y), (x + width / 2 + 2, y + height)), fill=(250, 244, 234))


def _sofa(pen: ImageDraw.ImageDraw, x: float, floor: float) -> None:
    cloth = (96, 112, 124)
    pen.rounded_rectangle(_at((x - 60, floor - 74), (x + 76, floor - 14)), 28, fill=shade(cloth, -0.12))
    pen.rounded_rectangle(_at((x - 72, floor - 50), (x - 48, floor - 8)), 20, fill=cloth)
    pen.rounded_rectangle(_at((x + 64, floor - 50), (x + 88, floor - 8)), 20, fill=cloth)
    pen.rounded_rectangle(_at((x - 54, floor - 40), (x + 70, floor - 10)), 16, fill=shade(cloth, 0.16))
    pen.rounded_rectangle(_at((x - 40, floor - 70), (x - 6, floor - 38)), 12, fill=(226, 140, 88))


def _bed(pen: ImageDraw.ImageDraw, x: float, floor: float) -> None:
    pen.rounded_rectangle(_at((x, floor - 72), (x + 10, floor)), 8, fill=(130, 88, 66))
    pen.rounded_rectangle(_at((x, floor - 36), (x + 108, floor - 10)), 12, fill=(160, 112, 82))
    pen.rounded_rectangle(_at((x + 8, floor - 50), (x + 108, floor - 22)), 18, fill=(244, 240, 234))
    pen.rounded_rectangle(_at((x + 50, floor - 54), (x + 110, floor - 18)), 18, fill=(120, 142, 156))
    pen.rounded_rectangle(_at((x + 12, floor - 62), (x + 48, floor - 44)), 16, fill=(255, 252, 246))


def _lamp(image: Image.Image, x: float, floor: float) -> None:
    _light(image, (x - 70, floor - 170, x + 70, floor - 30), (255, 230, 170), 30, 0.6)
    pen = ImageDraw.Draw(image)
    pen.rectangle(_at((x - 2, floor - 90), (x + 2, floor - 2)), fill=(110, 80, 64))
    pen.polygon(
        _at((x - 14, floor - 118), (x + 14, floor - 118), (x + 24, floor - 84), (x - 24, floor - 84)),
        fill=(255, 236, 190),
    )


def _cat(pen: ImageDraw.ImageDraw, x: float, floor: float) -> None:
    """Asleep where the floor is warmest."""
    fur = (74, 64, 70)
    pen.ellipse(_at((x - 26, floor - 22), (x + 22, floor + 1)), fill=fur)
    pen.ellipse(_at((x + 8, floor - 26), (x + 32, floor - 4)), fill=fur)
    pen.polygon(_at((x + 11, floor - 20), (x + 12, floor - 32), (x + 19, floor - 24)), fill=fur)
    pen.polygon(_at((x + 22, floor - 24), (x + 29, floor - 32), (x + 30, floor - 19)), fill=fur)
    pen.arc(_at((x - 44, floor - 22), (x - 10, floor + 2)), 40, 200, fill=fur, width=9)


def _plant(pen: ImageDraw.ImageDraw, x: float, floor: float) -> None:
    for lean in (-24, -14, 0, 13, 25):
        leaf = [
            (x, floor - 30),
            (x + lean * 0.9 - 6, floor - 70),
            (x + lean * 1.5, floor - 104 + abs(lean)),
            (x + lean * 0.9 + 6, floor - 66),
        ]
        pen.polygon(_at(*leaf), fill=shade((70, 116, 88), lean / 90))
    pen.polygon(_at((x - 17, floor - 34), (x + 17, floor - 34), (x + 12, floor), (x - 12, floor)), fill=(206, 128, 88))


def _heating(image: Image.Image) -> None:
    """Boiler, risers, radiators, underfloor loops: flow in warm colours, return in cool ones."""
    flow: tuple[tuple[Point, ...], ...] = (
        ((1330, 592), (1330, 542), (956, 542), (956, 506), (968, 506)),
        ((1330, 560), (1330, 542), (1306, 542), (1306, 506), (1316, 506)),
        ((1320, 672), (1320, 718), (1240, 718)),
    )
    back: tuple[tuple[Point, ...], ...] = (
        ((1040, 506), (1052, 506), (1052, 556), (1354, 556), (1354, 592)),
        ((1372, 506), (1386, 506), (1386, 556), (1354, 556), (1354, 592)),
        ((1364, 672), (1364, 726), (1240, 726)),
    )
    _pipes(image, back, COOL)
    _pipes(image, flow, WARM)
    pen = ImageDraw.Draw(image)
    _radiator(pen, 968, 476, 5)
    _radiator(pen, 1316, 476, 4)
    for turn in range(13):
        x, tone = 918 + turn * 26, WARM if turn % 2 else COOL
        pen.ellipse(_at((x - 7, 711), (x + 7, 725)), fill=shade(tone, -0.3))
        pen.ellipse(_at((x - 5, 713), (x + 5, 723)), fill=tone)
    _boiler(image, pen)
    for x, y, high in ((1004, 472, 9), (1344, 472, 9), (1096, 696, 13)):
        _warmth(image, x, y, high)


def _boiler(image: Image.Image, pen: ImageDraw.ImageDraw) -> None:
    _light(image, (1280, 560, 1410, 710), (255, 200, 130), 30, 0.3)
    pen.rounded_rectangle(_at((1308, 588), (1378, 676)), 14, fill=(248, 248, 246), outline=(214, 208, 202), width=2)
    pen.rounded_rectangle(_at((1322, 646), (1364, 664)), 6, fill=(30, 34, 42))
    pen.rectangle(_at((1332, 652), (1354, 658)), fill=WARM)
    pen.polygon(_at((1343, 598), (1354, 618), (1350, 630), (1343, 634), (1336, 630), (1332, 618)), fill=WARM)
    pen.polygon(_at((1343, 612), (1348, 624), (1343, 631), (1338, 624)), fill=(255, 220, 170))


def _pipes(image: Image.Image, routes: tuple[tuple[Point, ...], ...], colour: Colour) -> None:
    draw = partial(ImageDraw.Draw(image).line, joint="curve")
    for route in routes:
        line = bent(route, 12)
        draw(_at(*line), fill=shade(colour, -0.25), width=12)
        draw(_at(*line), fill=colour, width=8)
        draw(_at(*((x - 1, y - 1) for x, y in line)), fill=shade(colour, 0.5), width=2)


def _radiator(pen: ImageDraw.ImageDraw, x: float, y: float, sections: int) -> None:
    for place in range(sections):
        pen.rounded_rectangle(
            _at((x + place * 14, y), (x + place * 14 + 11, y + 42)),
            8,
            fill=(250, 250, 248),
            outline=(206, 200, 194),
            width=2,
        )


def _warmth(image: Image.Image, x: float, y: float, high: int) -> None:
    """Three wisps of warm air, so many steps high."""
    layer = Image.new("RGBA", (140 * SCALE, 80 * SCALE))
    pen = ImageDraw.Draw(layer)
    for wisp in range(3):
        line = [((46 + wisp * 24 + 4 * sin(step / 1.8)) * SCALE, (72 - step * 3.4) * SCALE) for step in range(high)]
        for place, (start, end) in enumerate(zip(line, line[1:], strict=False)):
            pen.line([start, end], fill=(*WARM, 200 - place * 180 // high), width=6)
    soft = layer.filter(ImageFilter.GaussianBlur(2))
    image.paste(soft, (round((x - 70) * SCALE), round((y - 74) * SCALE)), soft)


def _smoke(image: Image.Image, x: float, y: float) -> None:
    for puff in range(12):
        size = 14 + puff * 5
        middle = x + 18 * sin(puff / 2.2)
        _light(
            image,
            (middle - size, y - puff * 26 - size, middle + size, y - puff * 26 + size),
            (190, 200, 214),
            14,
            0.30 - puff * 0.02,
        )


def _cabin(image: Image.Image) -> None:
    pen = ImageDraw.Draw(image)
    pen.polygon(_at((1240, 300), (1284, 300), (1284, 430), (1240, 430)), fill=(104, 76, 70))
    pen.rectangle(_at((1234, 292), (1290, 306)), fill=(230, 238, 246))
    for row in range(10):
        tone = shade((126, 84, 60), -0.04 * (row % 2) - row * 0.012)
        pen.rounded_rectangle(_at((960, 480 + row * 21), (1390, 502 + row * 21)), 18, fill=tone)
        pen.line(_at((968, 500 + row * 21), (1382, 500 + row * 21)), fill=shade(tone, -0.35), width=4)
    pen.polygon(_at((1175, 322), (1444, 492), (906, 492)), fill=(96, 62, 50))
    pen.polygon(_at((1175, 296), (1478, 488), (1462, 510), (1175, 336), (888, 510), (872, 488)), fill=(236, 242, 248))
    pen.polygon(_at((1175, 336), (1462, 510), (1450, 516), (1175, 350), (900, 516), (888, 510)), fill=(168, 184, 204))
    for x, y, width, height in ((1004, 540, 96, 92), (1250, 540, 96, 92), (1140, 402, 70, 58)):
        _light(image, (x - 60, y - 50, x + width + 60, y + height + 60), GLOW, 34, 0.42)
        _pane(image, x, y, width, height)
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle(_at((1142, 546), (1208, 692)), 10, fill=(70, 44, 38))
    pen.rounded_rectangle(_at((1156, 564), (1194, 616)), 6, fill=(255, 206, 130))
    pen.ellipse(_at((1192, 628), (1202, 638)), fill=(236, 200, 140))
    pen.polygon(_at((1130, 690), (1220, 690), (1300, 800), (1060, 800)), fill=(226, 218, 218))


def _pane(image: Image.Image, x: float, y: float, width: float, height: float) -> None:
    pen = ImageDraw.Draw(image)
    pen.rectangle(_at((x - 8, y - 8), (x + width + 8, y + height + 8)), fill=(236, 226, 210))
    pen.rectangle(_at((x, y), (x + width, y + height)), fill=(255, 212, 136))
    pen.rectangle(_at((x, y + height * 0.55), (x + width, y + height)), fill=(250, 184, 98))
    pen.rectangle(_at((x + width / 2 - 3, y), (x + width / 2 + 3, y + height)), fill=(236, 226, 210))
    pen.rectangle(_at((x, y + height * 0.45 - 3), (x + width, y + height * 0.45 + 3)), fill=(236, 226, 210))
    pen.rounded_rectangle(_at((x - 12, y + height + 6), (x + width + 12, y + height + 18)), 10, fill=(238, 244, 250))


def _snow(image: Image.Image, random: Random) -> None:
    layer = Image.new("L", (WIDTH * SCALE, HEIGHT * SCALE))
    pen = ImageDraw.Draw(layer)
    for _ in range(320):
        x, y, size = random.uniform(0, WIDTH), random.uniform(0, HEIGHT), random.choice((1.2, 1.6, 2.2, 3.2))
        pen.ellipse(_at((x - size, y - size), (x + size, y + size)), fill=random.randint(90, 210))
    image.paste((250, 252, 255), (0, 0), layer.filter(ImageFilter.GaussianBlur(1.2)))
