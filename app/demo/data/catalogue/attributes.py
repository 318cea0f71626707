"""What may be said of a product of «Очаг»: attribute definitions and their choices."""

from typing import Literal, TypeAlias

from app.demo.data.catalogue.shapes import Attribute, Option, Text

Row: TypeAlias = tuple[str, str, str, str, str, bool]

# code, Russian, English, unit Russian, unit English, is a facet.
NUMBERS: tuple[Row, ...] = (
    ("power", "Мощность", "Power", "кВт", "kW", True),
    ("area", "Площадь обогрева", "Heated area", "м²", "m²", True),
    ("efficiency", "КПД", "Efficiency", "%", "%", False),
    ("dhw_flow", "Горячая вода (ΔT 30 °C)", "Hot water (ΔT 30 °C)", "л/мин", "l/min", False),
    ("scop", "Сезонный коэффициент SCOP", "Seasonal efficiency SCOP", "", "", False),
    ("outdoor_min", "Наименьшая наружная температура", "Lowest outdoor temperature", "°C", "°C", False),
    ("flow_temperature", "Температура подачи, до", "Flow temperature, up to", "°C", "°C", False),
    ("heat_output", "Теплоотдача (ΔT 70 °C)", "Heat output (ΔT 70 °C)", "Вт", "W", True),
    ("sections", "Число секций", "Sections", "", "", True),
    ("volume", "Объём", "Volume", "л", "l", True),
    ("coil_area", "Площадь теплообменника", "Coil area", "м²", "m²", False),
    ("outlets", "Число контуров коллектора", "Manifold circuits", "", "", True),
    ("mat_area", "Площадь укладки", "Laying area", "м²", "m²", True),
    ("watt", "Электрическая мощность", "Electric power", "Вт", "W", False),
    ("watt_per_m2", "Удельная мощность", "Power density", "Вт/м²", "W/m²", True),
    ("head", "Напор, до", "Head, up to", "м", "m", True),
    ("flow", "Подача, до", "Flow, up to", "м³/ч", "m³/h", False),
    ("kvs", "Пропускная способность Kvs", "Flow coefficient Kvs", "м³/ч", "m³/h", False),
    ("diameter", "Диаметр", "Diameter", "мм", "mm", True),
    ("wall", "Толщина стенки", "Wall thickness", "мм", "mm", False),
    ("coil_length", "Длина бухты", "Coil length", "м", "m", True),
    ("height", "Высота", "Height", "мм", "mm", True),
    ("length", "Длина", "Length", "мм", "mm", True),
    ("width", "Ширина", "Width", "мм", "mm", False),
    ("depth", "Глубина", "Depth", "мм", "mm", False),
    ("pressure", "Рабочее давление, до", "Working pressure, up to", "бар", "bar", True),
    ("temperature_max", "Температура среды, до", "Medium temperature, up to", "°C", "°C", False),
    ("insulation", "Толщина утеплителя", "Insulation thickness", "мм", "mm", False),
    ("hopper", "Объём бункера", "Hopper volume", "л", "l", False),
    ("burning_time", "Горение на одной закладке, до", "Burning on one load, up to", "ч", "h", False),
    ("freezing", "Не замерзает до", "Protects from frost down to", "°C", "°C", True),
    ("angle", "Угол", "Angle", "°", "°", False),
    ("noise", "Уровень шума", "Noise level", "дБ(А)", "dB(A)", True),
    ("warranty", "Гарантия", "Warranty", "мес.", "months", False),
)

# code, Russian, English, options as "code=Russian=English".
CHOICES: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("circuits", "Контуры", "Circuits", ("1=одноконтурный=heating only", "2=двухконтурный=heating and hot water")),
    ("chamber", "Камера сгорания", "Combustion chamber", ("closed=закрытая=closed", "open=открытая=open")),
    ("fuel", "Топливо", "Fuel", (
        "gas=природный газ=natural gas", "electricity=электричество=electricity", "wood=дрова=wood",
        "coal=уголь=coal", "pellets=пеллеты=pellets")),
    ("voltage", "Питание", "Supply", ("none=не требуется=none", "24=24 В=24 V", "230=230 В=230 V",
    "400=400 В=400 V", "battery=батарейки=batteries")),
    ("refrigerant", "Хладагент", "Refrigerant", ("R290=R290=R290", "R32=R32=R32", "R410A=R410A=R410A")),
    ("panel_type", "Тип радиатора", "Radiator type", tuple(f"{t}={t}={t}" for t in (10, 11, 21, 22, 33))),
    ("connection", "Подключение", "Connection",
    ("side=боковое=side", "bottom=нижнее=bottom", "universal=универсальное=universal")),
    ("columns", "Число колонок", "Columns", tuple(f"{n}={n}={n}" for n in (2, 3, 4, 5, 6))),
    ("thread", "Резьба", "Thread", ("3/8=G 3/8\u2033=G 3/8\u2033", "1/2=G 1/2\u2033=G 1/2\u2033",
    "3/4=G 3/4\u2033=G 3/4\u2033", "1=G 1\u2033=G 1\u2033", "1 1/4=G 1 1/4\u2033=G 1 1/4\u2033",
    "1 1/2=G 1 1/2\u2033=G 1 1/2\u2033", "2=G 2\u2033=G 2\u2033")),
    ("material", "Материал", "Material", (
        "steel=сталь=steel", "stainless=нержавеющая сталь=stainless steel", "cast_iron=чугун=cast iron",
        "aluminium=алюминий=aluminium", "bimetal=биметалл=bimetal", "brass=латунь=brass",
        "copper=медь=copper", "plastic=пластик=plastic", "enamel=эмалированная сталь=enamelled steel",
        "pex=сшитый полиэтилен PE-Xa=cross-linked polyethylene PE-Xa", "pert=полиэтилен PE-RT=polyethylene PE-RT",
        "ppr=полипропилен PP-R=polypropylene PP-R", "multilayer=металлопластик=multilayer")),
    ("colour", "Цвет", "Colour", (
        "white=белый=white", "graphite=графит=graphite", "black=чёрный=black", "ivory=слоновая кость=ivory",
        "silver=серебристый=silver", "bronze=бронза=bronze", "sand=песочный=sand",
        "olive=оливковый=olive", "chrome=хром=chrome")),
    ("protocol", "Связь", "Interface", (
        "none=нет=none", "onoff=сухой контакт=dry contact", "opentherm=OpenTherm=OpenTherm",
        "wifi=Wi-Fi=Wi-Fi", "zigbee=Zigbee=Zigbee")),
    ("shape", "Исполнение", "Shape", (
        "straight=прямой=straight", "angle=угловой=angled", "elbow=угольник=elbow", "tee=тройник=tee",
        "coupling=муфта=coupling", "adapter=переходник=adapter", "pipe=труба=pipe", "set=комплект=set",
        "terminal=оголовок=terminal")),
)  # fmt: skip

BOOLS: tuple[tuple[str, str, str], ...] = (
    ("wifi", "Управление с телефона", "Phone control"),
    ("oxygen_barrier", "Кислородный барьер", "Oxygen barrier"),
    ("weather_compensation", "Погодозависимое управление", "Weather compensation"),
)

TEXTS: tuple[tuple[str, str, str], ...] = (("ip", "Степень защиты", "Ingress protection"),)

NO_UNIT = Text("", "")


def attributes() -> tuple[Attribute, ...]:
    """All definitions in the order a product page shows them."""
    rows = [*_numbers(), *_choices(), *_flags("bool", BOOLS, True), *_flags("text", TEXTS, False)]
    return tuple(rows)


def _numbers() -> list[Attribute]:
    return [
        Attribute(code, Text(ru, en), "number", Text(unit_ru, unit_en), is_facet, 10 * place)
        for place, (code, ru, en, unit_ru, unit_en, is_facet) in enumerate(NUMBERS, start=1)
    ]


def _choices() -> list[Attribute]:
    return [
        Attribute(code, Text(ru, en), "choice", NO_UNIT, True, 1000 + 10 * place, _options(options))
        for place, (code, ru, en, options) in enumerate(CHOICES, start=1)
    ]


def _options(options: tuple[str, ...]) -> tuple[Option, ...]:
    split = (option.split("=") for option in options)
    return tuple(Option(code, Text(ru, en)) for code, ru, en in split)


def _flags(kind: Literal["bool", "text"], rows: tuple[tuple[str, str, str], ...], is_facet: bool) -> list[Attribute]:
    start = 2000 if kind == "bool" else 3000
    return [
        Attribute(code, Text(ru, en), kind, NO_UNIT, is_facet, start + 10 * place)
        for place, (code, ru, en) in enumerate(rows, start=1)
    ]
