"""Radiators: steel panel, aluminium, bimetal, tubular, and towel rails."""

from collections.abc import Iterator
from itertools import product

from app.demo.data.catalogue.shapes import Family, Text, Variant, variant

# Watts per metre at 500 mm height and a temperature difference of 70 K; panel depth in mm.
PANELS = {10: (720, 60), 11: (1190, 61), 21: (1650, 66), 22: (2190, 100), 33: (3080, 155)}
COLOUR_RU = {"white": "белый", "graphite": "графит", "black": "чёрный", "ivory": "слоновая кость",
    "bronze": "бронза", "sand": "песочный", "olive": "оливковый", "silver": "серебристый",
    "chrome": "хром"}  # fmt: skip
CORE_LENGTHS = (600, 800, 1000, 1200, 1400, 1600)


def _panel(kind: int, height: int, length: int, bottom: bool) -> Variant:
    watt = round(PANELS[kind][0] * length / 1000 * (0.24 + 0.76 * height / 500) / 5) * 5
    letter, ru, en = ("V", " В", " V") if bottom else ("", "", "")
    return variant(
        f"{kind}-{height}-{length}{letter}",
        f"Радиатор стальной Очаг Парус{ru} {kind}×{height}×{length}",
        f"Ochag Parus{en} {kind}×{height}×{length} steel panel radiator",
        1_150 + 0.0092 * height * length * (PANELS[kind][1] / 100) ** 0.6 + (950 if bottom else 0),
        2 + height * length * PANELS[kind][1] / 1_650_000,
        panel_type=str(kind), height=height, length=length, depth=PANELS[kind][1], heat_output=watt,
        area=round(watt / 100, 1), connection="bottom" if bottom else "side",
    )  # fmt: skip


def _parus(bottom: bool) -> Iterator[Variant]:
    """The sizes every shop keeps first, then the whole grid of the series."""
    first = [(22, 500, length) for length in CORE_LENGTHS] + [(22, 300, length) for length in CORE_LENGTHS[2:]]
    first += [(11, 500, length) for length in CORE_LENGTHS[:4]] + [(33, 500, length) for length in CORE_LENGTHS[:4]]
    first += [(21, 500, 800), (21, 500, 1000), (22, 600, 800), (22, 600, 1000), (33, 300, 1000), (33, 300, 1200)]
    grid = product(PANELS, (300, 400, 500, 600, 900), range(400, 3001, 100))
    for kind, height, length in dict.fromkeys([*first, *grid]):
        yield _panel(kind, height, length, bottom)


def _sectional(series: str, latin: str, material: str, watts: dict[int, int], price: float) -> Iterator[Variant]:
    colours = ("white", "graphite", "black", "ivory", "bronze")
    counts = (6, 8, 10, 4, 12, 14, 3, 5, 7, 9, 11, 13)
    for colour, height, sections in product(colours, watts, counts):
        ru, en = ("", "") if colour == "white" else (f" {COLOUR_RU[colour]}", f" {colour}")
        kind = {"aluminium": "алюминиевый", "bimetal": "биметаллический"}[material]
        yield variant(
            f"{height}-{sections}{colour[0].upper() if colour != 'white' else ''}{'K' if colour == 'black' else ''}",
            f"Радиатор {kind} Очаг {series} {height}, {sections} секц.{ru}",
            f"Ochag {latin} {height} {material} radiator, {sections} sections{en}",
            sections * price * (0.72 + 0.56 * height / 1000) * (1.12 if en else 1),
            sections * height * (0.0026 if material == "aluminium" else 0.0037),
            sections=sections, height=height + 80, length=80 * sections, depth=85, colour=colour,
            heat_output=sections * watts[height], area=round(sections * watts[height] / 100, 1),
        )  # fmt: skip


def _volna() -> Iterator[Variant]:
    return _sectional("Волна", "Volna", "aluminium", {500: 188, 350: 139, 200: 92}, 1_020)


def _monolit() -> Iterator[Variant]:
    return _sectional("Монолит", "Monolit", "bimetal", {500: 195, 350: 143, 250: 104}, 1_480)


def _akkord() -> Iterator[Variant]:
    colours = ("white", "graphite", "black", "bronze", "sand", "olive")
    heights, counts = (565, 1800, 300, 1500, 900, 2000), dict.fromkeys((8, 10, 6, 12, *range(4, 29)))
    for columns, colour, height, sections in product((2, 3, 4, 5, 6), colours, heights, counts):
        if height >= 1500 and sections > 14:
            continue
        watt = round(sections * height * (0.078 + 0.042 * columns))
        yield variant(
            f"{columns}{height:04d}-{sections}{colour[:2].upper() if colour != 'white' else ''}",
            f"Радиатор трубчатый Очаг Аккорд {columns}{height:04d}, {sections} секц., {COLOUR_RU[colour]}",
            f"Ochag Akkord {columns}{height:04d} tubular radiator, {sections} sections, {colour}",
            sections * (640 + 0.62 * height * columns) * (1 if colour == "white" else 1.15),
            sections * height * columns * 0.00078,
            columns=str(columns), sections=sections, height=height, length=sections * 46,
            depth=26 + 37 * (columns - 1), colour=colour, heat_output=watt, area=round(watt / 100, 1),
        )  # fmt: skip


def _loza() -> Iterator[Variant]:
    for supply, colour, (height, width) in product(
        ("water", "electric"),
        ("chrome", "white", "black", "bronze"),
        ((800, 500), (600, 500), (1000, 500), (1200, 500)),
    ):
        electric = supply == "electric"
        kind_ru, kind_en = ("электрический", "electric") if electric else ("водяной", "water")
        yield variant(
            f"{'E' if electric else 'W'}{height}-{width}{colour[:2].upper()}",
            f"Полотенцесушитель {kind_ru} Очаг Лоза {height}×{width}, {COLOUR_RU[colour]}",
            f"Ochag Loza {height}×{width} {kind_en} towel rail, {colour}",
            3_900 + 0.011 * height * width + (3_400 if electric else 0) + (900 if colour != "chrome" else 0),
            2 + height / 140,
            height=height, width=width, depth=110, colour=colour, voltage="230" if electric else "none",
            **({"watt": height // 4} if electric else {"heat_output": round(height * 0.46), "thread": "1"}),
        )  # fmt: skip


STEEL = {"material": "steel", "colour": "white", "pressure": 10, "temperature_max": 110, "warranty": 120}
VALVES = ("VNT", "RVN", "KRN")

FAMILIES: tuple[Family, ...] = (
    Family(
        "PRS", "steel-panel-radiators", "panel_radiator", Text("Парус", "Parus"),
        Text(
            "Стальной панельный радиатор с боковым подключением, {heat_output} Вт",
            "Steel panel radiator with side connection, {heat_output} W",
        ),
        Text(
            "Парус типа {panel_type} быстро прогревает комнату и так же быстро слушается термоголовки: в нём "
            "мало воды. Длина {length} мм, высота {height} мм, теплоотдача {heat_output} Вт — примерно на {area} "
            "м² при обычных потолках. Сталь 1,25 мм, два слоя краски, кронштейны и кран Маевского в коробке. Для "
            "домов с собственным котлом и для многоэтажных домов с независимым подключением.",
            "Type {panel_type} Parus warms a room fast and obeys the thermostatic head just as fast, for it "
            "holds little water. {length} mm long, {height} mm high, {heat_output} W: enough for some {area} m² "
            "under usual ceilings. 1.25 mm steel, two coats of paint, brackets and air vent in the box. For "
            "systems with a boiler of their own or connected through a heat exchanger.",
        ),
        24, lambda: _parus(bottom=False), {**STEEL, "thread": "1/2"}, VALVES,
    ),
    Family(
        "PRV", "steel-panel-radiators", "panel_radiator", Text("Парус В", "Parus V"),
        Text(
            "Стальной панельный радиатор с нижним подключением, {heat_output} Вт",
            "Steel panel radiator with bottom connection, {heat_output} W",
        ),
        Text(
            "Трубы к Парусу В приходят из пола и не портят стену. Термостатический вкладыш уже стоит и настроен "
            "под {heat_output} Вт — остаётся накрутить термоголовку. Тип {panel_type}, {height}×{length} мм. "
            "Узел нижнего подключения с шагом 50 мм заказывают отдельно.",
            "Pipes reach Parus V from the floor and leave the wall clean. The thermostatic insert is fitted and "
            "preset for {heat_output} W: just screw a head on. Type {panel_type}, {height}×{length} mm. The 50 "
            "mm connection block is ordered separately.",
        ),
        10, lambda: _parus(bottom=True), {**STEEL, "thread": "3/4"}, ("RVN", "MNT"),
    ),
    Family(
        "VLN", "aluminium-radiators", "section_radiator", Text("Волна", "Volna"),
        Text(
            "Алюминиевый радиатор, {sections_ru}, {heat_output} Вт",
            "Aluminium radiator, {sections} sections, {heat_output} W",
        ),
        Text(
            "Волна отлита под давлением целой секцией, без сварного донышка, поэтому не течёт снизу. Радиатор, в "
            "котором {sections_ru}, отдаёт {heat_output} Вт и весит вдвое меньше чугунного: повесит один "
            "человек. Ставьте в системе с водой pH 7–8,5; для городской сети выбирайте биметалл Монолит.",
            "Volna is die-cast in one piece without a welded bottom plug, so there is no seam to leak. "
            "{sections} sections give {heat_output} W and weigh half of cast iron: one person can hang it. Use "
            "it with water of pH 7 to 8.5; for district heating choose the bimetal Monolit.",
        ),
        10, _volna, {"material": "aluminium", "pressure": 16, "temperature_max": 110, "connection": "side",
        "thread": "1", "warranty": 120}, VALVES,
    ),
    Family(
        "MNL", "bimetal-radiators", "section_radiator", Text("Монолит", "Monolit"),
        Text(
            "Биметаллический радиатор для городской сети, {sections_ru}",
            "Bimetal radiator for district heating, {sections} sections",
        ),
        Text(
            "В Монолите вода касается только стали: закладной коллектор выдерживает 30 бар и опрессовку каждую "
            "осень. Снаружи алюминиевое оребрение. Всего {sections_ru}, {heat_output} Вт — этого хватает на "
            "{area} м² в панельном доме. Секции соединены ниппелями с силиконовыми прокладками, добавить две "
            "потом не трудно.",
            "Inside Monolit water touches steel alone: the collector stands 30 bar and the pressure test each "
            "autumn. The fins are aluminium; {sections} sections give {heat_output} W, enough for {area} m² in a "
            "concrete block of flats. Sections join by nipples with silicone gaskets and two more are easily "
            "added.",
        ),
        10, _monolit, {"material": "bimetal", "pressure": 30, "temperature_max": 135, "connection": "side",
        "thread": "1", "warranty": 180}, VALVES,
    ),
    Family(
        "AKD", "tubular-radiators", "tube_radiator", Text("Аккорд", "Akkord"),
        Text(
            "Трубчатый радиатор, {columns_ru}, {sections_ru}",
            "Tubular radiator, {columns} columns, {sections} sections",
        ),
        Text(
            "Аккорд сварен лазером из труб 25 мм: швы гладкие, острых кромок нет, пыль протирается одним "
            "движением. Высота {height} мм, {sections_ru}, {heat_output} Вт. Такой ставят в детской, в старом "
            "доме вместо чугунной «гармошки», а высокий — рядом с панорамным окном. Изготавливаем за 12 рабочих "
            "дней, цвет по шкале RAL.",
            "Akkord is laser-welded from 25 mm tubes: smooth seams, no sharp edges, dust wiped off in one move. "
            "{height} mm high, {sections} sections, {heat_output} W. People choose it for nurseries, for old "
            "houses in place of cast iron, and tall ones beside panorama windows. Made within 12 working days, "
            "any RAL colour.",
        ),
        10, _akkord, {"material": "steel", "pressure": 12, "temperature_max": 120, "connection": "universal",
        "thread": "1/2", "warranty": 120}, VALVES,
    ),
    Family(
        "LOZ", "towel-rails", "towel_rail", Text("Лоза", "Loza"),
        Text(
            "Полотенцесушитель из нержавеющей стали {height}×{width} мм",
            "Stainless steel towel rail {height}×{width} mm",
        ),
        Text(
            "Лоза сделана из нержавеющей трубы 1,5 мм, сварка внутри зачищена и протравлена — ржавых подтёков не "
            "будет. Размер {height}×{width} мм, питание: {voltage}. Крепления телескопические, прощают ошибку до "
            "12 мм в разметке плитки.",
            "Loza is made of 1.5 mm stainless tube with welds cleaned and pickled inside, so no rusty streaks. "
            "{height}×{width} mm, supply: {voltage}. Telescopic fixings forgive up to 12 mm of error on the "
            "tiles.",
        ),
        6, _loza, {"material": "stainless", "pressure": 15, "temperature_max": 105, "warranty": 60}, ("KRN",),
    ),
)  # fmt: skip
