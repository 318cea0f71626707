"""Accessories: safety groups, filters, heat carriers, mounting."""

from collections.abc import Iterator
from itertools import product

from app.demo.data.catalogue.shapes import Family, Text, Variant, variant


def _strazh() -> Iterator[Variant]:
    for power, bar in product((50, 100, 200), (3, 1.5, 2.5, 6)):
        word = f"{bar:g}"
        yield variant(
            f"{power}-{round(bar * 10):02d}",
            f"Группа безопасности Очаг Страж {power} кВт, {word.replace('.', ',')} бар",
            f"Ochag Strazh safety group {power} kW, {word} bar",
            2_350 + 16 * power,
            0.9 + power / 400,
            power=power, pressure=bar, thread="1" if power <= 100 else "1 1/4", height=180,
        )  # fmt: skip


def _sito() -> Iterator[Variant]:
    kinds = (
        ("M", "Фильтр магнитный", "magnetic filter", 3_900), ("D", "Сепаратор шлама", "dirt separator", 4_700),
        ("V", "Сепаратор воздуха", "air separator", 4_300), ("Y", "Фильтр сетчатый косой", "Y strainer", 520),
        ("P", "Полифосфатный фильтр", "polyphosphate filter", 1_450),
    )  # fmt: skip
    for (thread, factor), (key, ru, en, price) in product(
        (("3/4", 1.0), ("1", 1.2), ("1 1/4", 1.55), ("1/2", 0.9)), kinds
    ):
        yield variant(
            f"{key}{thread.replace(' ', '-').replace('/', '')}",
            f"{ru} Очаг Сито {thread}\u2033",
            f"Ochag Sito {thread}\u2033 {en}",
            price * factor,
            0.7 * factor,
            thread=thread, kvs=round(7.5 * factor**2, 1), height=170,
        )  # fmt: skip


def _zimnik() -> Iterator[Variant]:
    for (key, ru, en, low, price), volume in product(
        (
            ("P", "пропиленгликоль", "propylene glycol", -30, 172),
            ("E", "этиленгликоль", "ethylene glycol", -65, 128),
            ("G", "глицерин", "glycerine", -30, 104),
        ),
        (20, 10, 50, 200),
    ):
        yield variant(
            f"{key}{volume}",
            f"Теплоноситель {ru} Очаг Зимник {volume} л",
            f"Ochag Zimnik {en} heat carrier, {volume} l",
            price * volume,
            1.06 * volume + volume * 0.05,
            volume=volume, freezing=low,
        )  # fmt: skip


def _chistka() -> Iterator[Variant]:
    for key, ru, en, price in (
        ("R", "Реагент для промывки", "flushing agent", 890), ("I", "Ингибитор коррозии", "corrosion inhibitor", 1_190),
        ("G", "Герметик течей", "leak sealer", 1_490),
    ):  # fmt: skip
        for volume in (1, 5, 10):
            yield variant(
                f"{key}{volume}", f"{ru} Очаг Чистый контур {volume} л", f"Ochag Chisty Kontur {en}, {volume} l",
                price * volume**0.88, 1.1 * volume, volume=volume,
            )  # fmt: skip


def _opora_kit() -> Iterator[Variant]:
    rows = (
        ("RAD", "Комплект подключения радиатора", "radiator connection kit", 590, 0.6),
        ("NIZ", "Узел нижнего подключения", "bottom connection block", 1_690, 0.5),
        ("KRO", "Кронштейны анкерные, пара", "anchor brackets, pair", 260, 0.4),
        ("STO", "Стойка напольная для радиатора", "radiator floor stand", 1_290, 1.6),
        ("SHK", "Шкаф коллекторный встраиваемый", "built-in manifold cabinet", 4_290, 9.0),
        ("LEN", "Лента демпферная 25 м", "edge strip, 25 m", 690, 0.8),
        ("PLI", "Мат с бобышками 1 м²", "studded mat, 1 m²", 520, 0.7),
        ("SKO", "Скобы якорные, 100 шт.", "pipe staples, 100 pcs", 340, 0.3),
    )  # fmt: skip
    for key, ru, en, price, weight in rows:
        what, comma, how_much = ru.partition(",")
        yield variant(key, f"{what} Очаг Крепь{comma}{how_much}", f"Ochag Krep {en}", price, weight)


FAMILIES: tuple[Family, ...] = (
    Family(
        "SGR", "safety-equipment", "safety_group", Text("Страж", "Strazh"),
        Text("Клапан, манометр и воздухоотводчик на одной планке", "Relief valve, gauge and air vent on one bar"),
        Text(
            "Страж ставят первым после котла: клапан сбросит давление выше {pressure} бар, воздухоотводчик "
            "выпустит воздух, манометр покажет всё сразу. Для котлов до {power} кВт. Корпус из латуни, "
            "теплоизоляция в комплекте, между группой и котлом кранов быть не должно.",
            "Strazh is the first thing after the boiler: the valve opens above {pressure} bar, the vent lets air "
            "out, the gauge shows the pressure. For boilers of up to {power} kW. Brass body, insulation "
            "included; no valve may stand between it and the boiler.",
        ),
        5, _strazh, {"material": "brass", "temperature_max": 120, "warranty": 36}, (),
    ),
    Family(
        "SIT", "safety-equipment", "dirt_filter", Text("Сито", "Sito"),
        Text("Чистая вода для котла и насоса, {thread}", "Clean water for boiler and pump, {thread}"),
        Text(
            "Окалина и шлам губят насосы и теплообменники чаще, чем морозы. Сито ставят на обратке перед котлом "
            "и чистят раз в сезон за пять минут, не сливая систему. Резьба {thread}, Kvs {kvs} м³/ч, корпус из "
            "латуни.",
            "Scale and sludge kill more pumps and exchangers than frost. Sito sits in the return before the "
            "boiler and is cleaned once a season in five minutes, without draining. Thread {thread}, Kvs {kvs} "
            "m³/h, brass body.",
        ),
        6, _sito, {"material": "brass", "pressure": 10, "temperature_max": 110, "warranty": 60}, ("KRN",),
    ),
    Family(
        "ZMN", "heat-carriers", "canister", Text("Зимник", "Zimnik"),
        Text("Незамерзающий теплоноситель, {volume} л", "Frost-proof heat carrier, {volume} l"),
        Text(
            "Зимник бережёт дачу, в которой топят наездами: не замёрзнет до {freezing} °C. Присадки защищают "
            "сталь, медь и алюминий пять сезонов. Канистра {volume} литров, разбавляется умягчённой водой. С "
            "оцинкованными трубами не применять.",
            "Zimnik protects a country house heated only at week-ends: no frost damage down to {freezing} °C. "
            "Additives guard steel, copper and aluminium for five seasons. {volume}-litre can, diluted with "
            "softened water. Not for galvanised pipes.",
        ),
        4, _zimnik, {"warranty": 60}, ("SIT",),
    ),
    Family(
        "CHK", "heat-carriers", "canister", Text("Чистый контур", "Chisty Kontur"),
        Text("Химия для промывки и защиты системы, {volume} л", "Chemicals to flush and protect a system, {volume} l"),
        Text(
            "Перед заменой котла систему промывают: слой накипи в миллиметр отбирает 8 % тепла. Чистый контур "
            "растворяет отложения за 6 часов работы насоса и не разъедает прокладки. Литра хватает на 100 литров "
            "воды в системе, канистра — {volume} л.",
            "Flush the system before a new boiler goes in: a millimetre of scale costs 8 % of the heat. Chisty "
            "Kontur dissolves deposits in six hours of pumping and spares the gaskets. One litre treats 100 "
            "litres of system water; the can holds {volume} l.",
        ),
        2, _chistka, {"warranty": 36}, ("SIT",),
    ),
    Family(
        "MNT", "mounting", "mounting_kit", Text("Крепь", "Krep"),
        Text("Для монтажа радиаторов и тёплого пола", "For fitting radiators and underfloor heating"),
        Text(
            "Крепь собрана так, чтобы монтажник не ездил в магазин второй раз: крепёж, прокладки и инструкция с "
            "разметкой лежат в одной коробке. Металл оцинкован, видимые части окрашены в белый RAL 9016, как "
            "радиаторы «Очаг».",
            "Krep is packed so that a fitter need not drive to the shop twice: fixings, gaskets and a marking "
            "template share one box. Metal is galvanised, visible parts are RAL 9016 white like Ochag radiators.",
        ),
        5, _opora_kit, {"colour": "white", "material": "steel", "warranty": 24}, (), "set",
    ),
)  # fmt: skip
