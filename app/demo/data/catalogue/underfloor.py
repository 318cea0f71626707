"""Underfloor heating: mats and cable, manifolds, mixing units, pipe."""

from collections.abc import Iterator
from itertools import product

from app.demo.data.catalogue.shapes import Family, Text, Variant, variant


def _comma(number: float) -> str:
    return f"{number:g}".replace(".", ",")


def _kovyor() -> Iterator[Variant]:
    for density, area in product((150, 200), (1, 2, 3, 4, 5, 6, 8, 10, 0.5, 1.5, 2.5, 3.5, 7, 9, 12, 15)):
        yield variant(
            f"{density}-{round(area * 10):03d}",
            f"Нагревательный мат Очаг Ковёр {density}, {_comma(area)} м²",
            f"Ochag Kovyor {density} heating mat, {area:g} m²",
            1_250 + 1_480 * area * (1 if density == 150 else 1.12),
            0.6 + 0.42 * area,
            mat_area=area, watt_per_m2=density, watt=round(area * density), length=round(area * 2000), width=500,
        )  # fmt: skip


def _nit() -> Iterator[Variant]:
    for watt_per_metre, length in product((18, 20), (20, 40, 60, 80, 100, 120, 10, 30, 50, 140)):
        yield variant(
            f"{watt_per_metre}-{length}",
            f"Нагревательный кабель Очаг Нить {watt_per_metre}, {length} м",
            f"Ochag Nit {watt_per_metre} heating cable, {length} m",
            1_100 + 92 * length + 20 * watt_per_metre,
            0.5 + 0.048 * length,
            coil_length=length, watt=watt_per_metre * length, mat_area=round(watt_per_metre * length / 150, 1),
        )  # fmt: skip


def _ruslo() -> Iterator[Variant]:
    for material, outlets in product(("stainless", "brass", "plastic"), (4, 6, 8, 2, 3, 5, 7, 10, 12, 9, 11)):
        ru, en = {
            "stainless": ("нержавеющий", "stainless"), "brass": ("латунный", "brass"),
            "plastic": ("полимерный", "polymer"),
        }[material]  # fmt: skip
        price = {"stainless": 1_390, "brass": 1_720, "plastic": 1_180}[material]
        yield variant(
            f"{material[0].upper()}{outlets:02d}",
            f"Коллектор {ru} Очаг Русло, {outlets} вых.",
            f"Ochag Ruslo {en} manifold, {outlets} circuits",
            3_600 + price * outlets,
            1.8 + 0.48 * outlets,
            outlets=outlets, material=material, length=190 + 50 * outlets,
        )  # fmt: skip


def _ruslo_t() -> Iterator[Variant]:
    for size, area in (("25-60", 120), ("25-40", 70), ("32-60", 180), ("25-80", 160)):
        yield variant(
            size,
            f"Насосно-смесительный узел Очаг Русло Т {size}",
            f"Ochag Ruslo T {size} mixing unit",
            13_400 + 52 * area,
            4.6,
            area=area, head=int(size[-2:]) / 10, flow=2.8 if size.startswith("25") else 4.1,
        )  # fmt: skip


def _istok() -> Iterator[Variant]:
    for (diameter, wall), coil in product(
        ((16, 2.0), (20, 2.0), (17, 2.0), (25, 2.3), (14, 2.0)), (200, 100, 500, 50, 240, 600)
    ):
        yield variant(
            f"{diameter}-{coil}",
            f"Труба PE-Xa Очаг Исток {diameter}×{_comma(wall)}, бухта {coil} м",
            f"Ochag Istok {diameter}×{wall:g} PE-Xa pipe, {coil} m coil",
            coil * (58 + 2.9 * (diameter - 14)),
            coil * diameter * 0.0052,
            diameter=diameter, wall=wall, coil_length=coil,
        )  # fmt: skip


def _ruchey() -> Iterator[Variant]:
    for (diameter, wall), coil in product(((16, 2.0), (20, 2.0), (18, 2.0)), (200, 100, 400, 50, 600)):
        yield variant(
            f"{diameter}-{coil}",
            f"Труба PE-RT Очаг Ручей {diameter}×{_comma(wall)}, бухта {coil} м",
            f"Ochag Ruchey {diameter}×{wall:g} PE-RT pipe, {coil} m coil",
            coil * (41 + 2.4 * (diameter - 14)),
            coil * diameter * 0.0049,
            diameter=diameter, wall=wall, coil_length=coil,
        )  # fmt: skip


FAMILIES: tuple[Family, ...] = (
    Family(
        "KVR", "heating-mats", "heating_mat", Text("Ковёр", "Kovyor"),
        Text("Мат под плитку на {mat_area} м², {watt} Вт", "Mat under tiles for {mat_area} m², {watt} W"),
        Text(
            "Ковёр раскатывают по старому полу и кладут плитку прямо на него: слой клея 8 мм, без стяжки. "
            "Площадь {mat_area} м², мощность {watt} Вт. Двухжильный экранированный кабель толщиной 3,2 мм "
            "подключается с одного конца. Сетку режут и разворачивают вокруг мебели, сам кабель резать нельзя.",
            "Roll Kovyor out over the old floor and tile straight on top: 8 mm of adhesive, no screed. "
            "{mat_area} m², {watt} W. The screened twin-core cable is 3.2 mm thin and connects at one end. Cut "
            "and turn the mesh around furniture, never the cable.",
        ),
        8, _kovyor, {"voltage": "230", "ip": "IP67", "warranty": 300}, ("LAD", "CHT"),
    ),
    Family(
        "NIT", "heating-mats", "cable_coil", Text("Нить", "Nit"),
        Text("Кабель в стяжку, {coil_length} м, {watt} Вт", "Cable for screed, {coil_length} m, {watt} W"),
        Text(
            "Нить укладывают в стяжку 30–50 мм с любым шагом, поэтому она годится для комнат сложной формы и для "
            "ступеней крыльца. Длина {coil_length} м, {watt} Вт — это около {mat_area} м² тёплого пола. Стяжка "
            "копит тепло: грейте ночью по дешёвому тарифу.",
            "Nit is laid in 30 to 50 mm of screed at any spacing, so it suits rooms of odd shape and porch steps "
            "alike. {coil_length} m and {watt} W make about {mat_area} m² of warm floor. Screed stores heat: "
            "charge it at the night tariff.",
        ),
        6, _nit, {"voltage": "230", "ip": "IP67", "warranty": 300}, ("LAD", "CHT"),
    ),
    Family(
        "RSL", "manifolds", "manifold", Text("Русло", "Ruslo"),
        Text("Коллекторная группа с расходомерами, {outlets_ru}", "Manifold with flow meters, {outlets} circuits"),
        Text(
            "В Русле расход каждой петли виден в колбе, и всю группу ({outlets_ru}) настраивают за четверть "
            "часа. Вентили принимают сервоприводы Привод М30×1,5, воздухоотводчики и сливные краны на месте. "
            "Выходы — евроконус 3/4″, шаг 50 мм, кронштейны с резиной гасят шум.",
            "Ruslo shows the flow of each loop in a sight glass: {outlets} circuits are balanced in a quarter of "
            "an hour. Valves take Privod M30×1.5 actuators; air vents and drain cocks are in place. Outlets are "
            "3/4″ Eurocone at 50 mm centres, rubber-lined brackets damp the noise.",
        ),
        8, _ruslo, {"pressure": 6, "temperature_max": 90, "thread": "1", "warranty": 84}, ("PRD", "IST", "RST"),
    ),
    Family(
        "RST", "manifolds", "mixing_unit", Text("Русло Т", "Ruslo T"),
        Text(
            "Узел, который снижает температуру подачи для тёплого пола",
            "A unit that lowers the flow temperature for underfloor heating",
        ),
        Text(
            "Котёл даёт 70 °C, полу нужно 35: Русло Т подмешивает обратку и держит заданное с точностью до 2 °C. "
            "Хватает на {area} м². Насос и термостатический клапан входят в узел, он прикручивается к коллектору "
            "Русло слева или справа.",
            "The boiler gives 70 °C, the floor wants 35: Ruslo T blends in return water and holds the setting "
            "within 2 °C. Enough for {area} m². Pump and thermostatic valve are included, and it screws on to "
            "either end of a Ruslo manifold.",
        ),
        2, _ruslo_t,
        {"voltage": "230", "pressure": 10, "thread": "1", "material": "brass", "warranty": 36},
        ("RSL", "LAD"),
    ),
    Family(
        "IST", "underfloor-pipe", "pipe_coil", Text("Исток", "Istok"),
        Text(
            "Труба из сшитого полиэтилена с кислородным барьером, {coil_length} м",
            "Cross-linked polyethylene pipe with oxygen barrier, {coil_length} m",
        ),
        Text(
            "Исток помнит форму: заломленное место прогревают феном, и труба выпрямляется. Барьер EVOH не "
            "пускает кислород, поэтому стальные радиаторы и котёл не ржавеют. Диаметр {diameter} мм, бухта "
            "{coil_length} м; на метр пола при шаге 15 см уходит 6,7 м трубы.",
            "Istok remembers its shape: warm a kink with a heat gun and the pipe straightens. The EVOH barrier "
            "keeps oxygen out, so steel radiators and boilers do not rust. {diameter} mm, {coil_length} m coil; "
            "at 15 cm spacing a square metre takes 6.7 m of pipe.",
        ),
        5, _istok,
        {
            "material": "pex", "oxygen_barrier": True, "pressure": 10, "temperature_max": 95, "colour":
            "silver", "warranty": 120,
        },
        ("RSL", "PRF"),
    ),
    Family(
        "RCH", "underfloor-pipe", "pipe_coil", Text("Ручей", "Ruchey"),
        Text(
            "Гибкая труба PE-RT для тёплого пола, {coil_length} м",
            "Flexible PE-RT pipe for underfloor heating, {coil_length} m",
        ),
        Text(
            "Ручей мягче Истока: петлю в узком коридоре один человек уложит без помощника даже зимой. Пять "
            "слоёв, барьер внутри стенки, так что бетон его не царапает. Диаметр {diameter} мм, в бухте "
            "{coil_length} м. Рассчитан на системы до 80 °C.",
            "Ruchey is softer than Istok: one person lays a loop in a narrow hall, even in winter. Five layers, "
            "with the barrier inside the wall where concrete cannot scratch it. {diameter} mm, {coil_length} m "
            "to the coil. For systems of up to 80 °C.",
        ),
        4, _ruchey,
        {
            "material": "pert", "oxygen_barrier": True, "pressure": 8, "temperature_max": 80, "colour": "white",
            "warranty": 120,
        },
        ("RSL",),
    ),
)  # fmt: skip
