"""Automation: thermostats, controllers, sensors, actuators, power supply."""

from collections.abc import Iterator
from itertools import product

from app.demo.data.catalogue.shapes import Family, Text, Variant, variant

# key, Russian, English, price, interface, supply, phone
THERMOSTATS = (
    ("1", "механический", "dial", 1_690, "onoff", "none", False),
    ("2", "с экраном", "digital", 2_990, "onoff", "battery", False),
    ("3", "программируемый", "programmable", 4_690, "onoff", "230", False),
    ("4", "Wi-Fi", "Wi-Fi", 6_990, "wifi", "230", True),
    ("5", "OpenTherm", "OpenTherm", 8_490, "opentherm", "24", True),
    ("6", "Zigbee", "Zigbee", 5_790, "zigbee", "battery", True),
)


def _lad() -> Iterator[Variant]:
    for colour, ru_colour, (key, ru, en, price, protocol, voltage, wifi) in (
        (colour, ru_colour, row)
        for colour, ru_colour in (
            ("white", ""),
            ("black", " чёрный"),
            ("graphite", " графит"),
            ("ivory", " слоновая кость"),
        )
        for row in THERMOSTATS
    ):
        yield variant(
            f"{key}{colour[0].upper() if ru_colour else ''}",
            f"Термостат комнатный {ru} Очаг Лад-{key}{ru_colour}",
            f"Ochag Lad-{key} {en} room thermostat{f' {colour}' if ru_colour else ''}",
            price + (400 if ru_colour else 0),
            0.18,
            protocol=protocol, voltage=voltage, wifi=wifi, colour=colour, height=86, width=86, depth=24,
        )  # fmt: skip


def _dozor() -> Iterator[Variant]:
    for circuits, price in ((1, 14_900), (2, 21_500), (4, 33_800), (8, 52_400), (6, 43_900)):
        yield variant(
            f"{circuits}",
            f"Контроллер погодозависимый Очаг Дозор {circuits}",
            f"Ochag Dozor {circuits} weather controller",
            price,
            0.6 + circuits / 10,
            outlets=circuits, height=110, width=140 + 20 * circuits, depth=62,
        )  # fmt: skip


def _rovno() -> Iterator[Variant]:
    kinds = (
        ("L", "жидкостная", "liquid", 1_390, "none"),
        ("G", "газовая", "gas-filled", 1_890, "none"),
        ("E", "электронная", "electronic", 3_690, "battery"),
        ("Z", "электронная Zigbee", "Zigbee", 4_490, "battery"),
    )
    for colour, (key, ru, en, price, voltage) in product(("white", "chrome", "black"), kinds):
        word = {"white": "", "chrome": " хром", "black": " чёрная"}[colour]
        yield variant(
            f"{key}{colour[0].upper() if word else ''}",
            f"Термоголовка {ru} Очаг Ровно {key}{word}",
            f"Ochag Rovno {key} {en} thermostatic head{f' {colour}' if word else ''}",
            price + (350 if word else 0),
            0.19,
            voltage=voltage, colour=colour, protocol="zigbee" if key == "Z" else "none", height=82, diameter=50,
        )  # fmt: skip


def _chutyo() -> Iterator[Variant]:
    for key, ru, en, price in (
        ("U", "Датчик уличной температуры", "outdoor temperature sensor", 1_250),
        ("P", "Датчик пола", "floor sensor", 640),
        ("T", "Датчик трубы накладной", "pipe sensor", 790), ("B", "Датчик бойлера погружной", "cylinder sensor", 890),
        ("V", "Датчик протечки", "leak sensor", 1_490),
    ):  # fmt: skip
        yield variant(key, f"{ru} Очаг Чутьё {key}", f"Ochag Chutyo {key} {en}", price, 0.12, length=3000)


def _privod() -> Iterator[Variant]:
    kinds = (("230", "NC"), ("24", "NC"), ("230", "NO"), ("24", "NO"))
    for voltage, state in kinds:
        ru, en = ("нормально закрытый", "normally closed") if state == "NC" else ("нормально открытый", "normally open")
        yield variant(
            f"{voltage}{state}",
            f"Сервопривод Очаг Привод {voltage} В, {ru}",
            f"Ochag Privod {voltage} V actuator, {en}",
            1_490 if voltage == "230" else 1_590,
            0.15,
            voltage=voltage, watt=2, height=52, diameter=44,
        )  # fmt: skip


def _opora() -> Iterator[Variant]:
    for kind, watt in (("S", 500), ("S", 1000), ("U", 300), ("U", 600), ("S", 2000), ("U", 1000), ("S", 5000)):
        ru, en = ("Стабилизатор", "voltage stabiliser") if kind == "S" else ("ИБП для котла", "boiler UPS")
        yield variant(
            f"{kind}{watt}",
            f"{ru} Очаг Опора {kind}{watt}",
            f"Ochag Opora {kind}{watt} {en}",
            (4_700 + 4.1 * watt) if kind == "S" else (13_900 + 21 * watt),
            2.6 + watt * (0.0032 if kind == "S" else 0.009),
            watt=watt, height=310, width=230, depth=110,
        )  # fmt: skip


FAMILIES: tuple[Family, ...] = (
    Family(
        "LAD", "thermostats", "thermostat", Text("Лад", "Lad"),
        Text("Комнатный термостат, связь: {protocol}", "Room thermostat, interface: {protocol}"),
        Text(
            "Лад смотрит на воздух в комнате, а не на воду в трубе, и экономит до 20 % топлива. Шаг 0,1 °C, "
            "режимы «дома», «ушли», «отпуск». Связь с котлом: {protocol}; питание: {voltage}. Вешайте на "
            "внутреннюю стену на высоте 1,5 м, вдали от окна.",
            "Lad watches the air of the room, not the water in the pipe, and saves up to 20 % of fuel. 0.1 °C "
            "steps, settings for home, away and holiday. Interface: {protocol}; supply: {voltage}. Hang it on an "
            "inner wall at 1.5 m, away from windows.",
        ),
        5, _lad, {"ip": "IP30", "warranty": 36}, ("CHT", "PRD"),
    ),
    Family(
        "DOZ", "controllers", "controller", Text("Дозор", "Dozor"),
        Text("Погодозависимый контроллер на контуры: {outlets}", "Weather controller, circuits: {outlets}"),
        Text(
            "Дозор управляет котлом, насосами и смесителями по температуре на улице: похолодало — подача выросла "
            "раньше, чем остыл дом. Контуров: {outlets}, плюс горячая вода. Журнал за год, сигналы о сбоях "
            "приходят в телефон, каскад до четырёх котлов.",
            "Dozor runs boiler, pumps and mixers by the outdoor temperature: as frost sets in, the flow rises "
            "before the house cools. Circuits: {outlets}, and hot water. It logs a year, sends faults to your "
            "phone and cascades up to four boilers.",
        ),
        4, _dozor,
        {
            "voltage": "230", "protocol": "opentherm", "wifi": True, "weather_compensation": True, "colour":
            "white", "ip": "IP40", "warranty": 36,
        },
        ("CHT", "PRD"),
    ),
    Family(
        "RVN", "thermostats", "thermostatic_head", Text("Ровно", "Rovno"),
        Text("Термоголовка М30×1,5, 8–28 °C", "Thermostatic head M30×1.5, 8 to 28 °C"),
        Text(
            "Ровно закрывает радиатор, когда в комнате стало тепло, и открывает, когда солнце ушло. Шкала 8–28 "
            "°C, метки нужной температуры фиксируются кольцом, ниже 8 °C головка защищает от замерзания. "
            "Питание: {voltage}. Подходит к клапанам М30×1,5.",
            "Rovno closes the radiator once the room is warm and opens it when the sun has gone. Scale of 8 to "
            "28 °C with rings to fix your setting; below 8 °C it guards against frost. Supply: {voltage}. Fits "
            "M30×1.5 valves.",
        ),
        4, _rovno, {"thread": "1/2", "warranty": 36}, ("VNT",),
    ),
    Family(
        "CHT", "controllers", "sensor", Text("Чутьё", "Chutyo"),
        Text("Датчик для автоматики «Очаг», кабель 3 м", "Sensor for Ochag controls, 3 m cable"),
        Text(
            "Чутьё измеряет с точностью 0,3 °C и подходит к контроллеру Дозор, термостатам Лад и котлам «Очаг» "
            "без настройки. Чувствительный элемент NTC 10 кОм залит в гильзу из нержавеющей стали, кабель 3 м "
            "можно нарастить до 50 м.",
            "Chutyo is accurate to 0.3 °C and works with Dozor, Lad and Ochag boilers without setting up. The 10 "
            "kΩ NTC element is potted in a stainless pocket; the 3 m cable may be extended to 50 m.",
        ),
        4, _chutyo, {"ip": "IP65", "warranty": 36}, ("DOZ",),
    ),
    Family(
        "PRD", "controllers", "actuator", Text("Привод", "Privod"),
        Text("Термоэлектрический сервопривод М30×1,5, {voltage}", "Thermal actuator M30×1.5, {voltage}"),
        Text(
            "Привод открывает петлю тёплого пола по команде термостата за три минуты, беззвучно. Рост штока "
            "видно в окошке: сразу понятно, какой контур греет. Питание {voltage}, потребляет 2 Вт. Ставится на "
            "коллектор Русло одним поворотом.",
            "Privod opens an underfloor loop at the thermostat's word within three minutes, without a sound. The "
            "stem shows in a window, so you see which circuit is heating. Supply {voltage}, 2 W. It locks on to "
            "a Ruslo manifold with one turn.",
        ),
        3, _privod, {"colour": "white", "ip": "IP54", "warranty": 36}, ("RSL",),
    ),
    Family(
        "STB", "power-supply", "power_unit", Text("Опора", "Opora"),
        Text("Питание для котла и насосов, {watt} Вт", "Power supply for boiler and pumps, {watt} W"),
        Text(
            "Плата котла стоит дороже Опоры и горит от первого же скачка. На выходе чистый синус 230 В ±5 % при "
            "140–260 В на входе, мощность {watt} Вт. Модели с буквой U держат котёл и насос несколько часов от "
            "аккумулятора и возвращаются в работу сами.",
            "A boiler's board costs more than Opora and burns at the first surge. Clean sine wave of 230 V ±5 % "
            "from 140 to 260 V, {watt} W. Models marked U run boiler and pump for hours from a battery and "
            "recover by themselves.",
        ),
        4, _opora, {"voltage": "230", "colour": "graphite", "ip": "IP20", "warranty": 24}, (),
    ),
)  # fmt: skip
