"""Pipes and fittings: polypropylene, multilayer, press and welded fittings, valves."""

from collections.abc import Iterator
from itertools import product

from app.demo.data.catalogue.shapes import Family, Text, Variant, variant

INCH = "\u2033"


def _comma(number: float) -> str:
    return f"{number:g}".replace(".", ",")


def _magistral() -> Iterator[Variant]:
    walls = {20: 2.8, 25: 3.5, 32: 4.4, 40: 5.5, 50: 6.9, 63: 8.6, 75: 10.3, 90: 12.3, 110: 15.1}
    for length, diameter in product((4, 2), walls):
        yield variant(
            f"{diameter}-{length}",
            f"Труба PP-R армированная Очаг Магистраль {diameter}×{_comma(walls[diameter])}, {length} м",
            f"Ochag Magistral {diameter}×{walls[diameter]:g} reinforced PP-R pipe, {length} m",
            length * 0.235 * diameter**1.72,
            length * diameter**2 * 0.00043,
            diameter=diameter, wall=walls[diameter], length=length * 1000,
        )  # fmt: skip


def _splav() -> Iterator[Variant]:
    walls = {16: 2.0, 20: 2.0, 26: 3.0, 32: 3.0}
    for diameter, coil in product(walls, (100, 50, 200, 25)):
        yield variant(
            f"{diameter}-{coil}",
            f"Труба металлопластиковая Очаг Сплав {diameter}×{_comma(walls[diameter])}, бухта {coil} м",
            f"Ochag Splav {diameter}×{walls[diameter]:g} multilayer pipe, {coil} m coil",
            coil * (34 + 4.9 * (diameter - 9)),
            coil * diameter * 0.0068,
            diameter=diameter, wall=walls[diameter], coil_length=coil,
        )  # fmt: skip


SHAPES = (
    ("elbow", "L", "Угольник", "elbow", 1.0), ("tee", "T", "Тройник", "tee", 1.45),
    ("coupling", "C", "Муфта", "coupling", 0.8), ("adapter", "A", "Переходник с резьбой", "threaded adapter", 1.25),
)  # fmt: skip


def _fittings(
    series: str, latin: str, kind: tuple[str, str], price: float, sizes: tuple[int, ...]
) -> Iterator[Variant]:
    for diameter, (shape, letter, ru, en, factor) in product(sizes, SHAPES):
        yield variant(
            f"{letter}{diameter}",
            f"{ru} {kind[0]} Очаг {series} {diameter}",
            f"Ochag {latin} {diameter} {kind[1]} {en}",
            price * factor * (diameter / 16) ** 1.35,
            0.035 * factor * (diameter / 16) ** 1.5,
            diameter=diameter, shape=shape, **({"angle": 90} if shape == "elbow" else {}),
        )  # fmt: skip


def _press() -> Iterator[Variant]:
    return _fittings("Пресс", "Press", ("пресс", "press"), 240, (16, 20, 26, 32, 40, 50, 63))


def _shov() -> Iterator[Variant]:
    return _fittings("Шов", "Shov", ("PP-R", "PP-R"), 19, (20, 25, 32, 40, 50, 63, 75, 90, 110))


def _zatvor() -> Iterator[Variant]:
    handles = (("B", "бабочка", "butterfly"), ("L", "рычаг", "lever"), ("U", "с американкой", "with union"))
    sizes = (("1/2", 15), ("3/4", 20), ("1", 25), ("1 1/4", 32), ("1 1/2", 40), ("2", 50))
    for (key, ru, en), (thread, bore) in product(handles, sizes):
        yield variant(
            f"{bore}{key}",
            f"Кран шаровой Очаг Затвор {thread}{INCH}, {ru}",
            f"Ochag Zatvor {thread}{INCH} ball valve, {en}",
            (210 if key != "U" else 330) * (bore / 15) ** 1.75,
            0.14 * (bore / 15) ** 1.8,
            thread=thread, diameter=bore, shape="straight", kvs=round(16.3 * (bore / 15) ** 2, 1),
        )  # fmt: skip


def _ventil() -> Iterator[Variant]:
    for shape, (thread, bore) in product(("straight", "angle"), (("1/2", 15), ("3/4", 20), ("3/8", 10))):
        ru, en = ("прямой", "straight") if shape == "straight" else ("угловой", "angled")
        for kit in (False, True):
            yield variant(
                f"{bore}{shape[0].upper()}{'K' if kit else ''}",
                f"{'Комплект с термоголовкой' if kit else 'Клапан термостатический'} Очаг Вентиль {thread}{INCH}, {ru}",
                f"Ochag Ventil {thread}{INCH} {en} thermostatic {'set with head' if kit else 'valve'}",
                (1_050 + 32 * bore) + (1_640 if kit else 0),
                0.24 + (0.42 if kit else 0),
                thread=thread, shape=shape, kvs=round(0.36 + bore * 0.02, 2),
            )  # fmt: skip


FAMILIES: tuple[Family, ...] = (
    Family(
        "MGS", "pipes", "pipe_stick", Text("Магистраль", "Magistral"),
        Text(
            "Полипропиленовая труба со стекловолокном, {diameter} мм",
            "Glass-fibre polypropylene pipe, {diameter} mm",
        ),
        Text(
            "Слой стекловолокна втрое снижает удлинение: на десяти метрах Магистраль вытянется от нагрева на 2 "
            "см, а не на 6. Диаметр {diameter} мм, стенка {wall} мм. Варится без зачистки при 260 °C. Годится "
            "для отопления, горячей и холодной воды.",
            "The glass-fibre layer cuts expansion to a third: ten metres of Magistral grow by 2 cm when hot, not "
            "6. {diameter} mm, wall {wall} mm. Welds at 260 °C with no shaving. For heating, hot and cold water.",
        ),
        6, _magistral,
        {
            "material": "ppr", "pressure": 10, "temperature_max": 90, "colour": "white", "shape": "pipe",
            "warranty": 120,
        },
        ("SHV",),
    ),
    Family(
        "SPL", "pipes", "pipe_coil", Text("Сплав", "Splav"),
        Text(
            "Металлопластиковая труба с алюминиевым слоем, {coil_length} м",
            "Multilayer pipe with an aluminium layer, {coil_length} m",
        ),
        Text(
            "Сплав держит форму, в которой его согнули, и не пропускает кислород: внутри сплошной алюминий, "
            "сваренный встык лазером. Диаметр {diameter} мм, в бухте {coil_length} м. Собирается на "
            "пресс-фитингах Пресс, соединения можно замоноличивать.",
            "Splav stays the way you bend it and lets no oxygen through: inside is solid aluminium, butt-welded "
            "by laser. {diameter} mm, {coil_length} m to the coil. Joined with Press fittings, which may be "
            "buried in screed.",
        ),
        4, _splav,
        {
            "material": "multilayer", "oxygen_barrier": True, "pressure": 10, "temperature_max": 95, "colour":
            "white", "shape": "pipe", "warranty": 120,
        },
        ("PRF",),
    ),
    Family(
        "PRF", "fittings", "fitting", Text("Пресс", "Press"),
        Text("Пресс-фитинг для трубы {diameter} мм", "Press fitting for {diameter} mm pipe"),
        Text(
            "Латунный корпус, гильза из нержавеющей стали с окошком: видно, дошла ли труба до упора. Необжатое "
            "соединение капает при опрессовке и выдаёт себя. Для трубы {diameter} мм, профиль обжима TH, не "
            "обслуживается и замуровывается в стену.",
            "Brass body and stainless sleeve with a window that shows whether the pipe is home. A joint left "
            "unpressed drips at the test and gives itself away. For {diameter} mm pipe, TH jaw profile; needs no "
            "service and may be built in.",
        ),
        14, _press, {"material": "brass", "pressure": 10, "temperature_max": 95, "warranty": 120}, ("SPL",),
    ),
    Family(
        "SHV", "fittings", "fitting_ppr", Text("Шов", "Shov"),
        Text("Полипропиленовый фитинг под сварку, {diameter} мм", "Polypropylene fitting for welding, {diameter} mm"),
        Text(
            "Шов варится с трубой Магистраль в одно целое за {diameter} мм муфтовой насадкой: нагрели, "
            "соединили, подождали две минуты. Метки на корпусе помогают не перекосить угол. Резьбовые исполнения "
            "— с латунной вставкой.",
            "Shov fuses with Magistral pipe into one piece with a {diameter} mm socket tool: heat, join, wait "
            "two minutes. Marks on the body keep the angle true. Threaded versions have a brass insert.",
        ),
        12, _shov,
        {"material": "ppr", "pressure": 25, "temperature_max": 90, "colour": "white", "warranty": 120},
        ("MGS",),
    ),
    Family(
        "KRN", "valves", "ball_valve", Text("Затвор", "Zatvor"),
        Text("Латунный шаровой кран, полный проход", "Full-bore brass ball valve"),
        Text(
            "Кованый корпус Затвора из латуни ЛС59, шар хромирован, уплотнение PTFE подтягивается сальником без "
            "разборки. Полный проход, Kvs {kvs} м³/ч, давление до 40 бар. Резьба {thread}. Сезонные краны раз в "
            "полгода стоит провернуть — тогда они не закиснут.",
            "Zatvor has a forged brass body, a chromed ball and PTFE seals that are tightened at the gland "
            "without dismantling. Full bore, Kvs {kvs} m³/h, up to 40 bar, thread {thread}. Turn seasonal valves "
            "twice a year and they will not seize.",
        ),
        8, _zatvor, {"material": "brass", "pressure": 40, "temperature_max": 150, "warranty": 84}, (),
    ),
    Family(
        "VNT", "valves", "radiator_valve", Text("Вентиль", "Ventil"),
        Text("Термостатический клапан для радиатора, {thread}", "Thermostatic radiator valve, {thread}"),
        Text(
            "Вентиль держит температуру в комнате и возвращает деньги за один сезон. Предварительная настройка в "
            "восемь положений балансирует стояк без отдельного крана. Резьба {thread}, головка М30×1,5, Kvs "
            "{kvs} м³/ч. Защитный колпачок перекрывает радиатор на время ремонта.",
            "Ventil holds the room temperature and pays for itself in a season. Eight presettings balance the "
            "riser with no other valve. Thread {thread}, M30×1.5 head, Kvs {kvs} m³/h. The cap shuts the "
            "radiator off while you paint.",
        ),
        6, _ventil, {"material": "brass", "pressure": 10, "temperature_max": 120, "warranty": 60}, ("RVN",),
    ),
)  # fmt: skip
