"""Water heaters, buffer tanks, expansion vessels."""

from collections.abc import Iterator
from itertools import product

from app.demo.data.catalogue.shapes import Family, Text, Variant, variant


def _rodnik() -> Iterator[Variant]:
    for coils, volume in product((1, 2), (150, 200, 100, 300, 500, 120, 400, 750, 1000)):
        suffix = "" if coils == 1 else " 2К"
        yield variant(
            f"{volume}{'D' if coils == 2 else ''}",
            f"Бойлер косвенного нагрева Очаг Родник {volume}{suffix}",
            f"Ochag Rodnik {volume}{'' if coils == 1 else ' 2C'} indirect cylinder",
            24_500 + 128 * volume + (14_000 if coils == 2 else 0),
            32 + volume * 0.29 + 12 * coils,
            volume=volume, coil_area=round((0.55 + volume * 0.0048) * coils, 2), power=round(14 + volume * 0.09),
            height=round(640 + volume**0.62 * 22), width=round(420 + volume**0.5 * 13),
        )  # fmt: skip


def _klyuch() -> Iterator[Variant]:
    for slim, volume in product((False, True), (80, 50, 100, 30, 120, 150)):
        yield variant(
            f"{volume}{'S' if slim else ''}",
            f"Водонагреватель накопительный Очаг Ключ {volume}{' Слим' if slim else ''}",
            f"Ochag Klyuch {volume}{' Slim' if slim else ''} storage water heater",
            7_900 + 94 * volume + (1_900 if slim else 0),
            9 + volume * 0.14,
            volume=volume, power=1.5 if volume <= 50 else 2, height=round(300 + volume * (9.4 if slim else 5.9)),
            width=360 if slim else 445,
        )  # fmt: skip


def _zapas() -> Iterator[Variant]:
    for coil, volume in product((False, True), (500, 300, 1000, 200, 750, 1500, 2000, 100, 3000)):
        yield variant(
            f"{volume}{'C' if coil else ''}",
            f"Буферная ёмкость Очаг Запас {volume}{' З' if coil else ''}",
            f"Ochag Zapas {volume}{' C' if coil else ''} buffer tank",
            21_000 + 62 * volume + (15_500 if coil else 0),
            30 + volume * 0.115 + (24 if coil else 0),
            volume=volume, height=round(700 + volume**0.5 * 37), width=round(330 + volume**0.5 * 24),
            **({"coil_area": round(0.8 + volume / 620, 1)} if coil else {}),
        )  # fmt: skip


def _obyom() -> Iterator[Variant]:
    for water, volume in product((False, True), (24, 18, 35, 50, 80, 12, 100, 8, 150, 200, 300, 500)):
        ru, en = ("для водоснабжения", "potable") if water else ("для отопления", "heating")
        yield variant(
            f"{volume}{'W' if water else 'H'}",
            f"Бак расширительный {ru} Очаг Объём {volume}",
            f"Ochag Obyom {volume} {en} expansion vessel",
            980 + 62 * volume**0.98,
            1.4 + volume * 0.14,
            volume=volume, colour="graphite" if not water else "white", pressure=6 if not water else 10,
            height=round(230 + volume**0.55 * 34), width=round(180 + volume**0.5 * 27),
            thread="3/4" if volume <= 50 else "1",
        )  # fmt: skip


FAMILIES: tuple[Family, ...] = (
    Family(
        "RDN", "water-heaters", "cylinder", Text("Родник", "Rodnik"),
        Text("Бойлер для горячей воды от котла, {volume} л", "Hot water cylinder fed by a boiler, {volume} l"),
        Text(
            "Родник греет воду от котла и держит её горячей двое суток: 50 мм жёсткого пенополиуретана теряют "
            "меньше 1,5 кВт·ч в день. Объём {volume} л, змеевик {coil_area} м². Стеклоэмаль обожжена при 850 °C, "
            "магниевый анод меняют раз в два года. Фланец для чистки и место под ТЭН есть.",
            "Rodnik takes its heat from the boiler and keeps water hot for two days: 50 mm of rigid foam lose "
            "less than 1.5 kWh a day. {volume} l, coil of {coil_area} m². Glass enamel fired at 850 °C, "
            "magnesium anode to change every other year, a cleaning flange and a port for an immersion heater.",
        ),
        6, _rodnik,
        {
            "material": "enamel", "pressure": 8, "temperature_max": 90, "thread": "1", "colour": "white",
            "warranty": 60,
        },
        ("KRG", "OBM", "CHT"),
    ),
    Family(
        "KLC", "water-heaters", "water_heater", Text("Ключ", "Klyuch"),
        Text("Электрический накопительный водонагреватель, {volume} л", "Electric storage water heater, {volume} l"),
        Text(
            "Ключ на {volume} литров греет воду двумя сухими ТЭНами: они не касаются воды, не зарастают накипью "
            "и меняются без слива. Мощность {power} кВт, режим «эко» греет до 55 °C и вдвое бережёт бак. Есть "
            "УЗО на вилке и защита от сухого включения.",
            "The {volume}-litre Klyuch heats with two dry elements that never touch water, gather no scale and "
            "are changed without draining. {power} kW; the eco setting stops at 55 °C and doubles the life of "
            "the tank. The plug has an RCD, and dry start is blocked.",
        ),
        6, _klyuch,
        {
            "material": "enamel", "pressure": 7, "temperature_max": 75, "thread": "1/2", "voltage": "230",
            "fuel": "electricity", "colour": "white", "ip": "IP24", "warranty": 84,
        },
        ("KRN",),
    ),
    Family(
        "ZPS", "buffer-tanks", "buffer", Text("Запас", "Zapas"),
        Text("Теплоаккумулятор на {volume} л", "Heat store of {volume} l"),
        Text(
            "Запас снимает лишнее тепло с дровяного котла днём и отдаёт ночью; с тепловым насосом он убирает "
            "частые пуски. {volume} литров, восемь патрубков на разных высотах, гильзы для четырёх датчиков. "
            "Утеплитель 100 мм снимается по частям, чтобы бак прошёл в дверь 80 см.",
            "Zapas stores surplus heat of a wood boiler by day and returns it by night; beside a heat pump it "
            "prevents frequent starts. {volume} litres, eight ports at different heights, pockets for four "
            "sensors. The 100 mm insulation comes off in parts, so the tank passes an 80 cm door.",
        ),
        6, _zapas,
        {
            "material": "steel", "pressure": 3, "temperature_max": 95, "thread": "1 1/2", "insulation": 100,
            "colour": "graphite", "warranty": 60,
        },
        ("CHT", "UZL"),
    ),
    Family(
        "OBM", "expansion-vessels", "vessel", Text("Объём", "Obyom"),
        Text("Мембранный бак на {volume} л", "Diaphragm vessel of {volume} l"),
        Text(
            "Вода при нагреве расширяется на 4 %; Объём на {volume} л примет излишек и не даст сработать "
            "клапану. Мембрана EPDM сменная начиная с 35 литров, заводское давление воздуха 1,5 бар — подкачайте "
            "под высоту системы. Резьба {thread}.",
            "Heated water grows by 4 %; the {volume}-litre Obyom takes the surplus and spares the safety valve. "
            "The EPDM diaphragm can be replaced from 35 litres up; factory air pressure is 1.5 bar, set it to "
            "the height of your system. Thread {thread}.",
        ),
        7, _obyom, {"material": "steel", "temperature_max": 99, "warranty": 60}, ("SGR",),
    ),
)  # fmt: skip
