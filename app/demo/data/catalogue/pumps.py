"""Pumps: circulation, recirculation, and ready pump groups."""

from collections.abc import Iterator
from itertools import product

from app.demo.data.catalogue.shapes import Family, Text, Variant, variant

THREADS = {25: "1 1/2", 32: "2", 20: "1", 15: "1/2", 40: "2"}


def _circulation(series: str, latin: str, price: float, saving: float) -> Iterator[Variant]:
    for (size, head), length in product(
        ((25, 6), (25, 4), (25, 8), (32, 6), (32, 8), (32, 4), (25, 10), (32, 10), (32, 12)), (180, 130)
    ):
        yield variant(
            f"{size}-{head * 10}-{length}",
            f"Насос циркуляционный Очаг {series} {size}-{head * 10} {length}",
            f"Ochag {latin} {size}-{head * 10} {length} circulation pump",
            price + 260 * head + 48 * size,
            1.9 + 0.14 * head,
            head=head, flow=round(size * 0.075 + head * 0.24, 1), length=length, thread=THREADS[size],
            watt=round(head * 15.5 * saving), noise=38 + head // 2,
        )  # fmt: skip


def _tok() -> Iterator[Variant]:
    return _circulation("Ток", "Tok", 2_150, 1.0)


def _tok_e() -> Iterator[Variant]:
    return _circulation("Ток Э", "Tok E", 6_900, 0.42)


def _krug() -> Iterator[Variant]:
    for head, timer in product((1.2, 1.5, 2.0), (True, False)):
        name = f"15-{round(head * 10)}{'Т' if timer else ''}"
        yield variant(
            f"15-{round(head * 10)}{'T' if timer else ''}",
            f"Насос рециркуляционный Очаг Круг {name}",
            f"Ochag Krug 15-{round(head * 10)}{'T' if timer else ''} recirculation pump",
            6_300 + 1_400 * head + (1_900 if timer else 0),
            1.3,
            head=head, flow=round(0.35 + head * 0.2, 2), length=84, thread="1/2", watt=round(4 + head * 3),
        )  # fmt: skip


def _uzel() -> Iterator[Variant]:
    kinds = (
        ("D", "прямая", "direct", 0),
        ("M", "смесительная", "mixing", 6_800),
        ("R", "для тёплого пола", "underfloor", 4_900),
    )
    for size, (key, ru, en, extra) in product((25, 32), kinds):
        yield variant(
            f"{size}{key}",
            f"Насосная группа {ru} Очаг Узел {size}",
            f"Ochag Uzel {size} {en} pump group",
            17_400 + 260 * size + extra,
            6.2 + size / 10,
            head=6, flow=2.4 if size == 25 else 3.6, power=45 if size == 25 else 70,
            thread="1" if size == 25 else "1 1/4", height=420, width=250, depth=235,
        )  # fmt: skip


FAMILIES: tuple[Family, ...] = (
    Family(
        "TOK", "circulation-pumps", "pump", Text("Ток", "Tok"),
        Text("Трёхскоростной насос, напор до {head} м", "Three-speed pump, head of up to {head} m"),
        Text(
            "Ток — простой насос с мокрым ротором: три скорости переключателем, чугунный корпус с катафорезом, "
            "керамический вал. Напор {head} м, подача {flow} м³/ч, монтажная длина {length} мм. В комплекте "
            "гайки и прокладки; ставьте вал горизонтально.",
            "Tok is a plain wet-rotor pump: three speeds at a switch, cast-iron body with cataphoretic coating, "
            "ceramic shaft. Head {head} m, flow {flow} m³/h, {length} mm between flanges. Unions and gaskets "
            "included; mount it with the shaft level.",
        ),
        6, _tok,
        {
            "voltage": "230", "pressure": 10, "temperature_max": 110, "material": "cast_iron", "colour":
            "graphite", "ip": "IP44", "warranty": 24,
        },
        ("KRN", "SGR"),
    ),
    Family(
        "TOE", "circulation-pumps", "pump", Text("Ток Э", "Tok E"),
        Text("Насос с частотным управлением, {watt} Вт", "Speed-controlled pump, {watt} W"),
        Text(
            "Ток Э сам следит за давлением: закрылись термоголовки — насос сбавил обороты. За сезон он съест "
            "вдвое меньше обычного: {watt} Вт на полном ходу. Экран показывает подачу и напор, до {head} м. Три "
            "режима: постоянный напор, пропорциональный, ночной.",
            "Tok E watches the pressure itself: when thermostatic heads close, it slows down. Over a season it "
            "uses less than half of an ordinary pump, {watt} W at full speed. The screen shows flow and head, up "
            "to {head} m. Three modes: constant, proportional, night.",
        ),
        5, _tok_e,
        {
            "voltage": "230", "pressure": 10, "temperature_max": 110, "material": "cast_iron", "colour":
            "black", "ip": "IP44", "warranty": 60,
        },
        ("KRN", "UZL"),
    ),
    Family(
        "KRG", "circulation-pumps", "pump", Text("Круг", "Krug"),
        Text("Насос для петли горячей воды, {watt} Вт", "Pump for the hot water loop, {watt} W"),
        Text(
            "С Кругом горячая вода идёт из крана сразу, а не через минуту. Корпус латунный, годится для питьевой "
            "воды; двигатель на {watt} Вт не слышен. Модели с буквой Т включаются по расписанию и не гоняют воду "
            "ночью.",
            "With Krug the tap runs hot at once, not a minute later. The brass body is safe for drinking water "
            "and the {watt} W motor cannot be heard. Models marked T follow a schedule and rest at night.",
        ),
        3, _krug,
        {
            "voltage": "230", "pressure": 10, "temperature_max": 65, "material": "brass", "colour": "olive",
            "ip": "IP44", "warranty": 36,
        },
        ("RDN", "KRN"),
    ),
    Family(
        "UZL", "pump-groups", "pump_group", Text("Узел", "Uzel"),
        Text("Собранная насосная группа в теплоизоляции", "Ready pump group in its insulation"),
        Text(
            "Узел заменяет двенадцать отдельных деталей котельной: краны с термометрами, насос, обратный клапан "
            "и изоляция собраны и опрессованы на заводе. Рассчитан на {power} кВт при ΔT 20 °C, подача {flow} "
            "м³/ч. Группы ставят на распределительный коллектор с шагом 250 мм.",
            "Uzel replaces a dozen boiler-room parts: valves with thermometers, pump, check valve and insulation "
            "come assembled and pressure-tested. Sized for {power} kW at ΔT 20 °C, {flow} m³/h. Groups sit on a "
            "header at 250 mm centres.",
        ),
        4, _uzel,
        {"voltage": "230", "pressure": 10, "temperature_max": 110, "material": "brass", "warranty": 60},
        ("DOZ", "PRD"),
    ),
)  # fmt: skip
