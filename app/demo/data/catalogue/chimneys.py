"""Chimneys: coaxial flues for room-sealed boilers, insulated stainless stacks."""

from collections.abc import Iterator
from itertools import product

from app.demo.data.catalogue.shapes import Family, Text, Variant, variant

COAXIAL = (
    ("S", "set", "Комплект горизонтальный", "horizontal flue set", 2_990, 0),
    ("P500", "pipe", "Удлинитель 500 мм", "500 mm extension", 1_190, 500),
    ("P1000", "pipe", "Удлинитель 1000 мм", "1000 mm extension", 1_890, 1000),
    ("L90", "elbow", "Отвод 90°", "90° elbow", 1_390, 0),
    ("L45", "elbow", "Отвод 45°", "45° elbow", 1_290, 0),
    ("V", "terminal", "Оголовок вертикальный", "vertical terminal", 3_890, 0),
)  # fmt: skip


def _dymnik_k() -> Iterator[Variant]:
    for (inner, outer), (key, shape, ru, en, price, length) in product(((60, 100), (80, 125), (110, 160)), COAXIAL):
        yield variant(
            f"{inner}-{key}",
            f"{ru} Очаг Дымник К {inner}/{outer}",
            f"Ochag Dymnik K {inner}/{outer} {en}",
            price * (inner / 60) ** 1.1,
            0.9 + (length or 700) * outer / 62_000,
            diameter=outer, shape=shape, **({"length": length} if length else {}),
            **({"angle": int(key[1:])} if shape == "elbow" else {}),
        )  # fmt: skip


def _dymnik_s() -> Iterator[Variant]:
    for length, (inner, outer) in product(
        (1000, 500, 250), ((150, 210), (115, 200), (130, 200), (200, 280), (180, 260), (250, 330), (300, 380))
    ):
        yield variant(
            f"{inner}-{length}",
            f"Сэндвич-труба Очаг Дымник С {inner}/{outer}, {length} мм",
            f"Ochag Dymnik S {inner}/{outer} insulated pipe, {length} mm",
            (420 + 4.3 * outer) * (0.35 + 0.65 * length / 1000) * 2,
            outer * length * 0.000034,
            diameter=outer, length=length, insulation=(outer - inner) // 2, shape="pipe",
        )  # fmt: skip


def _dymnik_f() -> Iterator[Variant]:
    shapes = (
        ("L90", "elbow", "Отвод 90°", "90° elbow", 1.1, 90),
        ("T", "tee", "Тройник 90°", "90° tee", 1.5, 90),
        ("H", "terminal", "Оголовок", "terminal", 0.8, 0),
        ("L45", "elbow", "Отвод 45°", "45° elbow", 0.95, 45),
        ("R", "adapter", "Переход моно — термо", "single-to-twin adapter", 0.7, 0),
    )
    for (inner, outer), (key, shape, ru, en, factor, angle) in product(
        ((150, 210), (115, 200), (200, 280), (130, 200), (180, 260), (250, 330)), shapes
    ):
        yield variant(
            f"{inner}-{key}",
            f"{ru} Очаг Дымник С {inner}/{outer}",
            f"Ochag Dymnik S {inner}/{outer} {en}",
            (700 + 9 * outer) * factor,
            outer * 0.0098 * factor,
            diameter=outer, insulation=(outer - inner) // 2, shape=shape, **({"angle": angle} if angle else {}),
        )  # fmt: skip


FAMILIES: tuple[Family, ...] = (
    Family(
        "DKK", "coaxial-chimneys", "coaxial_flue", Text("Дымник К", "Dymnik K"),
        Text(
            "Коаксиальный дымоход для котлов с закрытой камерой, {diameter} мм",
            "Coaxial flue for room-sealed boilers, {diameter} mm",
        ),
        Text(
            "По внутренней трубе Дымника К уходят газы, по внешней приходит воздух, уже подогретый. Наружный "
            "диаметр {diameter} мм, соединения на хомутах с уплотнением. Наконечник с защитой от ветра и "
            "обледенения, накладки для фасада и стены в коробке.",
            "Gases leave Dymnik K by the inner pipe and air, already warmed, enters by the outer. {diameter} mm "
            "outside, clamped and gasketed joints. The terminal stands wind and ice; wall plates for both sides "
            "are in the box.",
        ),
        8, _dymnik_k, {"material": "aluminium", "colour": "white", "temperature_max": 200, "warranty": 36}, (),
    ),
    Family(
        "DSP", "sandwich-chimneys", "sandwich_pipe", Text("Дымник С", "Dymnik S"),
        Text("Утеплённая труба из нержавеющей стали, {diameter} мм", "Insulated stainless pipe, {diameter} mm"),
        Text(
            "Внутри Дымника С кислотостойкая сталь AISI 316L 0,8 мм, снаружи зеркальная AISI 304, между ними "
            "{insulation} мм базальтовой ваты. Труба быстро прогревается и не собирает конденсат. Длина {length} "
            "мм, раструб с юбкой собирают «по конденсату», хомут в комплекте.",
            "Dymnik S has 0.8 mm acid-proof AISI 316L inside, mirror AISI 304 outside and {insulation} mm of "
            "basalt wool between. It warms quickly and gathers no condensate. {length} mm long, spigot joints "
            "assembled downwards, clamp included.",
        ),
        8, _dymnik_s, {"material": "stainless", "colour": "chrome", "temperature_max": 600, "warranty": 120}, ("DSF",),
    ),
    Family(
        "DSF", "sandwich-chimneys", "sandwich_fitting", Text("Дымник С", "Dymnik S"),
        Text("Фасонная часть утеплённого дымохода, {diameter} мм", "Insulated chimney fitting, {diameter} mm"),
        Text(
            "Повороты и ответвления Дымника С сварены аргоном, без фальцев, в которых застревает сажа. Наружный "
            "диаметр {diameter} мм, вата {insulation} мм плотностью 120 кг/м³. Стыкуется с трубами серии без "
            "герметика.",
            "Bends and branches of Dymnik S are argon-welded, with no folded seams to catch soot. {diameter} mm "
            "outside, {insulation} mm of 120 kg/m³ wool. Fits pipes of the series with no sealant.",
        ),
        5, _dymnik_f, {"material": "stainless", "colour": "chrome", "temperature_max": 600, "warranty": 120}, ("DSP",),
    ),
)  # fmt: skip
