"""Boilers: gas (wall-hung, condensing, floor-standing), electric, solid fuel."""

from collections.abc import Iterator

from app.demo.data.catalogue.shapes import Family, Text, Variant, variant

COLOURS = (
    ("white", "", "", ""),
    ("graphite", "G", " графит", " graphite"),
    ("ivory", "I", " слоновая кость", " ivory"),
)


def _plamya() -> Iterator[Variant]:
    for colour, key, ru, en in COLOURS:
        for circuits, letter in ((2, "D"), (1, "S")):
            for kw in (24, 18, 12, 14, 28, 32, 36):
                yield variant(
                    f"{kw}{letter}{key}",
                    f"Котёл газовый настенный Очаг Пламя {kw}{letter}{ru}",
                    f"Ochag Plamya {kw}{letter} wall-hung gas boiler{en}",
                    31_500 + 890 * kw + (3_900 if circuits == 2 else 0) + (2_500 if key else 0),
                    26 + kw / 4,
                    power=kw, area=kw * 10, circuits=str(circuits), colour=colour,
                    **({"dhw_flow": round(kw * 0.48, 1)} if circuits == 2 else {}),
                    noise=36 + kw // 8, height=700, width=400 if kw < 28 else 440, depth=299,
                )  # fmt: skip


def _iskra() -> Iterator[Variant]:
    for colour, key, ru, en in COLOURS:
        for kw in (18, 24, 12, 10, 28):
            yield variant(
                f"{kw}{key}",
                f"Котёл газовый настенный Очаг Искра {kw}{ru}",
                f"Ochag Iskra {kw} wall-hung gas boiler{en}",
                27_800 + 720 * kw + (2_000 if key else 0),
                24 + kw / 5,
                power=kw, area=kw * 10, circuits="2", dhw_flow=round(kw * 0.46, 1), colour=colour,
                noise=34 + kw // 8, height=680, width=400, depth=278,
            )  # fmt: skip


def _gorn() -> Iterator[Variant]:
    for colour, key, ru, en in COLOURS:
        for kw in (24, 16, 30, 35, 45, 65, 20, 28, 50, 80, 100):
            yield variant(
                f"{kw}{key}",
                f"Котёл газовый конденсационный Очаг Горн {kw}{ru}",
                f"Ochag Gorn {kw} condensing gas boiler{en}",
                62_000 + 2_150 * kw + (3_500 if key else 0),
                30 + kw / 2.2,
                power=kw, area=kw * 11, circuits="2" if kw <= 35 else "1", colour=colour,
                **({"dhw_flow": round(kw * 0.51, 1)} if kw <= 35 else {}),
                noise=38 + kw // 10, height=760, width=440 if kw <= 35 else 520, depth=344 if kw <= 35 else 480,
            )  # fmt: skip


def _kryazh() -> Iterator[Variant]:
    for step in range(8):
        kw = (29, 20, 36, 44, 53, 62, 71, 80)[step]
        yield variant(
            f"{kw}",
            f"Котёл газовый напольный чугунный Очаг Кряж {kw}",
            f"Ochag Kryazh {kw} cast-iron floor-standing gas boiler",
            68_000 + 1_720 * kw,
            70 + 2.7 * kw,
            power=kw, area=kw * 10, height=850, width=330 + 5 * kw, depth=640, noise=44,
        )  # fmt: skip


def _uklad() -> Iterator[Variant]:
    for circuits, letter in ((1, ""), (2, "B")):
        for kw in (12, 16, 20, 10, 25, 31, 40, 8):
            yield variant(
                f"{kw}{letter}",
                f"Котёл газовый напольный Очаг Уклад {kw}{letter}",
                f"Ochag Uklad {kw}{letter} floor-standing gas boiler",
                19_400 + 940 * kw + (4_800 if circuits == 2 else 0),
                38 + 1.9 * kw,
                power=kw, area=kw * 10, circuits=str(circuits), height=780, width=340 + 4 * kw, depth=500,
                **({"dhw_flow": round(kw * 0.33, 1)} if circuits == 2 else {}),
            )  # fmt: skip


def _molniya() -> Iterator[Variant]:
    for kw in (9, 6, 4.5, 12, 15, 18, 24, 3, 7.5, 21, 27, 30):
        name = f"{kw:g}".replace(".", ",")
        yield variant(
            f"{round(kw * 10):03d}",
            f"Котёл электрический Очаг Молния {name}",
            f"Ochag Molniya {kw:g} electric boiler",
            17_900 + 830 * kw,
            13 + kw / 3,
            power=kw, area=round(kw * 10), voltage="230" if kw <= 7.5 else "400",
            height=640, width=380, depth=230,
        )  # fmt: skip


def _molniya_pro() -> Iterator[Variant]:
    for kw in (12, 9, 18, 6, 15, 24, 28):
        yield variant(
            f"{kw}",
            f"Котёл электрический Очаг Молния Про {kw}",
            f"Ochag Molniya Pro {kw} electric boiler",
            36_500 + 1_120 * kw,
            24 + kw / 3,
            power=kw, area=kw * 10, voltage="230" if kw <= 6 else "400", height=720, width=410, depth=285,
        )  # fmt: skip


def _poleno() -> Iterator[Variant]:
    for kw in (16, 12, 20, 30, 10, 25, 40, 50):
        yield variant(
            f"{kw}",
            f"Котёл твердотопливный Очаг Полено {kw}",
            f"Ochag Poleno {kw} wood-burning boiler",
            33_000 + 1_480 * kw,
            88 + 4.6 * kw,
            power=kw, area=kw * 10, burning_time=6 if kw < 20 else 8,
            height=920 + 4 * kw, width=420 + 4 * kw, depth=620 + 6 * kw,
        )  # fmt: skip


def _antratsit() -> Iterator[Variant]:
    for kw in (15, 20, 30, 40, 10, 50, 65):
        yield variant(
            f"{kw}",
            f"Котёл длительного горения Очаг Антрацит {kw}",
            f"Ochag Antratsit {kw} long-burning coal boiler",
            64_000 + 2_260 * kw,
            140 + 5.1 * kw,
            power=kw, area=kw * 10, burning_time=24 if kw < 30 else 36,
            height=1_350 + 5 * kw, width=520 + 4 * kw, depth=680,
        )  # fmt: skip


def _granula() -> Iterator[Variant]:
    for hopper in (250, 400):
        for kw in (20, 15, 30, 40, 50, 75):
            yield variant(
                f"{kw}-{hopper}",
                f"Котёл пеллетный Очаг Гранула {kw}, бункер {hopper} л",
                f"Ochag Granula {kw} pellet boiler, {hopper} l hopper",
                172_000 + 3_150 * kw + 60 * hopper,
                210 + 4.5 * kw,
                power=kw, area=kw * 10, hopper=hopper, height=1_420, width=1_180, depth=760 + 4 * kw, noise=46,
            )  # fmt: skip


GAS = {"fuel": "gas", "voltage": "230", "pressure": 3}
FLUE = ("DKK", "LAD", "STB")

FAMILIES: tuple[Family, ...] = (
    Family(
        "PLM", "wall-hung-gas-boilers", "wall_boiler", Text("Пламя", "Plamya"),
        Text(
            "Настенный котёл с закрытой камерой и дисплеем, {power} кВт",
            "Wall-hung room-sealed boiler with a display, {power} kW",
        ),
        Text(
            "Пламя — котёл для дома до {area} м², которому не нужна вытяжная труба: воздух для горения он берёт "
            "с улицы через коаксиальный дымоход. Горелка плавно меняет мощность, поэтому котёл не щёлкает каждые "
            "пять минут и расходует меньше газа. Это {circuits} котёл. Раздельные теплообменники, насос на три "
            "скорости и бак на 8 литров уже внутри.",
            "Plamya heats a house of up to {area} m² and needs no chimney stack: it draws combustion air from "
            "outside through a coaxial flue. The burner modulates, so the boiler does not cycle every few "
            "minutes and burns less gas. It serves {circuits}. Separate heat exchangers, a three-speed pump and "
            "an 8-litre expansion vessel are built in.",
        ),
        6, _plamya, {**GAS, "chamber": "closed", "efficiency": 92.8, "material": "copper", "protocol": "opentherm",
        "warranty": 36}, FLUE,
    ),
    Family(
        "ISK", "wall-hung-gas-boilers", "wall_boiler", Text("Искра", "Iskra"),
        Text(
            "Настенный котёл с открытой камерой для дома с дымоходом, {power} кВт",
            "Wall-hung open-flue boiler for houses with a chimney, {power} kW",
        ),
        Text(
            "Искра работает на естественной тяге: подойдёт, если в доме уже есть исправный дымоход. Отопит до "
            "{area} м² и даст до {dhw_flow} л горячей воды в минуту. Без вентилятора котёл тише и проще в "
            "обслуживании, а розжиг от сети не требует запальника.",
            "Iskra works on natural draught, the right choice where the house has a sound chimney. It heats up "
            "to {area} m² and gives up to {dhw_flow} litres of hot water a minute. Having no fan it is quieter "
            "and simpler to service, and electric ignition needs no pilot flame.",
        ),
        3, _iskra,
        {**GAS, "chamber": "open", "efficiency": 90.5, "material": "copper", "protocol": "onoff", "warranty": 24},
        ("DSP", "LAD", "STB"),
    ),
    Family(
        "GRN", "condensing-boilers", "wall_boiler", Text("Горн", "Gorn"),
        Text(
            "Конденсационный котёл с теплообменником из нержавеющей стали, {power} кВт",
            "Condensing boiler with a stainless heat exchanger, {power} kW",
        ),
        Text(
            "Горн забирает тепло и у дымовых газов, поэтому на тёплом полу и больших радиаторах тратит до 15 % "
            "меньше газа, чем обычный котёл. Мощность снижается до одной десятой, датчик улицы входит в "
            "комплект, погодный график настраивается с экрана. Рассчитан на {area} м². Для слива конденсата "
            "нужен выход в канализацию.",
            "Gorn recovers heat from the flue gases as well, so with underfloor heating or generous radiators it "
            "uses up to 15 % less gas than a conventional boiler. Output goes down to one tenth, the outdoor "
            "sensor is included and the heating curve is set on screen. Sized for {area} m². The condensate "
            "needs a drain.",
        ),
        6, _gorn,
        {
            **GAS, "chamber": "closed", "efficiency": 107.4, "material": "stainless", "protocol": "opentherm",
            "weather_compensation": True, "wifi": True, "warranty": 60,
        },
        ("DKK", "DOZ", "LAD"),
    ),
    Family(
        "KRZ", "floor-standing-gas-boilers", "floor_boiler", Text("Кряж", "Kryazh"),
        Text(
            "Напольный котёл с чугунным теплообменником, {power} кВт",
            "Floor-standing boiler with a cast-iron exchanger, {power} kW",
        ),
        Text(
            "Чугунные секции Кряжа не боятся конденсата и служат не меньше 25 лет, а собираются на месте, так "
            "что котёл проходит в любую дверь. Отапливает до {area} м²; горячую воду готовит с бойлером Родник. "
            "Двухступенчатая атмосферная горелка переходит на сжиженный газ заменой форсунок.",
            "Kryazh's cast-iron sections stand condensate, last 25 years and more, and are assembled on site, so "
            "the boiler passes any door. It heats up to {area} m² and makes hot water with a Rodnik cylinder. "
            "The two-stage atmospheric burner is converted to LPG by changing nozzles.",
        ),
        5, _kryazh,
        {
            **GAS, "chamber": "open", "efficiency": 91.5, "material": "cast_iron", "circuits": "1", "pressure":
            4, "warranty": 84,
        },
        ("DSP", "RDN", "DOZ"),
    ),
    Family(
        "UKL", "floor-standing-gas-boilers", "floor_boiler", Text("Уклад", "Uklad"),
        Text(
            "Энергонезависимый напольный котёл, {power} кВт",
            "Floor-standing boiler that needs no electricity, {power} kW",
        ),
        Text(
            "Уклад работает без электричества: автоматика питается от термопары, а вода ходит самотёком. Спасает "
            "там, где свет отключают. Отопит до {area} м². Теплообменник из стали 3 мм, съёмный турбулизатор "
            "легко чистить, дверца открывается без инструмента.",
            "Uklad works without electricity: a thermocouple feeds its controls and water circulates by gravity, "
            "which saves the day where the grid fails. It heats up to {area} m². The exchanger is 3 mm steel, "
            "the turbulators lift out for cleaning and the door opens without tools.",
        ),
        5, _uklad,
        {
            "fuel": "gas", "voltage": "none", "chamber": "open", "efficiency": 90, "material": "steel",
            "pressure": 1.5, "warranty": 36,
        },
        ("DSP", "OBM"),
    ),
    Family(
        "MLN", "electric-boilers", "electric_boiler", Text("Молния", "Molniya"),
        Text("Электрический котёл со ступенями мощности, {power} кВт", "Electric boiler with power stages, {power} kW"),
        Text(
            "Молния греет дом до {area} м² без дымохода, газа и согласований. Три ступени мощности включаются по "
            "очереди и не сажают напряжение, нагревательные элементы из нержавеющей стали меняются за полчаса. "
            "Питание {voltage}. Встаёт вторым котлом рядом с твердотопливным и держит тепло ночью.",
            "Molniya heats a house of up to {area} m² with no flue, gas or permits. Three stages switch in one "
            "after another and spare the mains; the stainless elements can be changed in half an hour. Supply "
            "{voltage}. Beside a solid fuel boiler it holds the temperature overnight.",
        ),
        7, _molniya,
        {
            "fuel": "electricity", "efficiency": 99, "material": "stainless", "pressure": 3, "circuits": "1",
            "protocol": "onoff", "colour": "white", "warranty": 24,
        },
        ("LAD", "OBM", "STB"),
    ),
    Family(
        "MLP", "electric-boilers", "electric_boiler", Text("Молния Про", "Molniya Pro"),
        Text(
            "Электрический котёл с насосом, баком и управлением с телефона, {power} кВт",
            "Electric boiler with pump, vessel and phone control, {power} kW",
        ),
        Text(
            "Молния Про — котельная в одном корпусе: насос, бак на 8 литров, группа безопасности и "
            "погодозависимый контроллер внутри. Симисторы меняют мощность плавно и бесшумно. Ночной тариф "
            "учитывается в расписании: котёл греет дом до {area} м², когда киловатт дешевле.",
            "Molniya Pro is a boiler house in one casing: pump, 8-litre vessel, safety group and weather "
            "controller are inside. Triacs change the output smoothly and without a sound. The schedule knows "
            "the night tariff and heats a house of up to {area} m² when a kilowatt is cheap.",
        ),
        3, _molniya_pro,
        {
            "fuel": "electricity", "efficiency": 99, "material": "stainless", "pressure": 3, "circuits": "1",
            "protocol": "opentherm", "wifi": True, "weather_compensation": True, "colour": "graphite",
            "warranty": 36,
        },
        ("LAD", "STB"),
    ),
    Family(
        "PLN", "solid-fuel-boilers", "solid_boiler", Text("Полено", "Poleno"),
        Text("Дровяной котёл с водяной рубашкой, {power} кВт", "Wood-burning boiler with a water jacket, {power} kW"),
        Text(
            "В топку Полена входят дрова до 50 см, одной закладки хватает до {burning_time} часов. Сталь 5 мм, "
            "водоохлаждаемые колосники, регулятор тяги без электричества. Площадь до {area} м². Чтобы топить раз "
            "в сутки, добавьте буферную ёмкость Запас.",
            "Poleno takes logs of up to 50 cm and burns for up to {burning_time} hours on one load. 5 mm steel, "
            "water-cooled grates, a draught regulator that needs no power. Heats up to {area} m². With a Zapas "
            "buffer tank one firing a day is enough.",
        ),
        4, _poleno,
        {
            "fuel": "wood", "voltage": "none", "efficiency": 81, "material": "steel", "pressure": 2, "circuits":
            "1", "warranty": 24,
        },
        ("ZPS", "DSP", "SGR"),
    ),
    Family(
        "ANT", "solid-fuel-boilers", "solid_boiler", Text("Антрацит", "Antratsit"),
        Text("Котёл длительного горения на угле, {power} кВт", "Long-burning coal boiler, {power} kW"),
        Text(
            "Антрацит горит сверху вниз и держит тепло до {burning_time} часов на одной загрузке угля. Турбина и "
            "контроллер дозируют воздух, температура воды стоит на месте с точностью до двух градусов. "
            "Отапливает до {area} м², на брикетах и сухих дровах работает с меньшей автономностью.",
            "Antratsit burns from the top down and keeps going for up to {burning_time} hours on one load of "
            "coal. A fan and a controller dose the air and hold the water within two degrees. Heats up to {area} "
            "m²; runs on briquettes and dry wood too, for fewer hours.",
        ),
        4, _antratsit,
        {
            "fuel": "coal", "voltage": "230", "efficiency": 86, "material": "steel", "pressure": 2, "circuits":
            "1", "warranty": 36,
        },
        ("ZPS", "DSP", "SGR"),
    ),
    Family(
        "GRA", "solid-fuel-boilers", "pellet_boiler", Text("Гранула", "Granula"),
        Text("Автоматический пеллетный котёл, {power} кВт", "Automatic pellet boiler, {power} kW"),
        Text(
            "Гранула сама разжигается, подаёт пеллеты и чистит горелку: бункера на {hopper} литров хватает на "
            "три — семь дней. Лямбда-зонд подстраивает горение под качество топлива. Площадь до {area} м², о "
            "запасе топлива котёл напомнит в телефоне.",
            "Granula lights itself, feeds pellets and cleans its burner: the {hopper}-litre hopper lasts three "
            "to seven days. A lambda probe adapts combustion to the fuel. Heats up to {area} m² and tells your "
            "phone when pellets run low.",
        ),
        4, _granula,
        {
            "fuel": "pellets", "voltage": "230", "efficiency": 92, "material": "steel", "pressure": 3,
            "circuits": "1", "wifi": True, "warranty": 36,
        },
        ("ZPS", "DSP", "STB"),
    ),
)  # fmt: skip
