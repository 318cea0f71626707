"""Heat pumps: air to water and ground source."""

from collections.abc import Iterator

from app.demo.data.catalogue.shapes import Family, Text, Variant, variant


def _briz() -> Iterator[Variant]:
    for colour, key, ru, en in (("white", "", "", ""), ("graphite", "G", " графит", " graphite")):
        for kw in (8, 12, 6, 10, 16, 14, 20):
            yield variant(
                f"{kw}{key}",
                f"Тепловой насос Очаг Бриз {kw}{ru}",
                f"Ochag Briz {kw} heat pump{en}",
                318_000 + 24_500 * kw + (12_000 if key else 0),
                92 + 5 * kw,
                power=kw, area=kw * 13, scop=round(4.9 - kw * 0.03, 2), noise=48 + kw // 4, colour=colour,
                voltage="230" if kw <= 12 else "400",
                height=860 if kw <= 10 else 1_240, width=1_190, depth=420,
            )  # fmt: skip


def _briz_split() -> Iterator[Variant]:
    for kw in (9, 12, 16, 7, 14):
        yield variant(
            f"{kw}",
            f"Тепловой насос Очаг Бриз Сплит {kw}",
            f"Ochag Briz Split {kw} heat pump",
            276_000 + 21_800 * kw,
            98 + 5 * kw,
            power=kw, area=kw * 12, scop=round(4.6 - kw * 0.02, 2), noise=50 + kw // 5,
            voltage="230" if kw <= 12 else "400", height=960, width=980, depth=390,
        )  # fmt: skip


def _nedra() -> Iterator[Variant]:
    for tank in (0, 180):
        for kw in (10, 7, 13, 17, 24, 6, 30):
            suffix = "Т" if tank else ""
            yield variant(
                f"{kw}{'T' if tank else ''}",
                f"Тепловой насос Очаг Недра {kw}{suffix}",
                f"Ochag Nedra {kw}{'T' if tank else ''} ground source heat pump",
                486_000 + 26_400 * kw + 620 * tank,
                145 + 4 * kw + tank / 3,
                power=kw, area=kw * 14, scop=round(5.4 - kw * 0.02, 2), noise=42 + kw // 10,
                voltage="230" if kw <= 7 else "400", height=1_800 if tank else 1_050, width=600, depth=680,
                **({"volume": tank} if tank else {}),
            )  # fmt: skip


FAMILIES: tuple[Family, ...] = (
    Family(
        "BRZ", "air-to-water-heat-pumps", "heat_pump", Text("Бриз", "Briz"),
        Text("Моноблок «воздух — вода» на пропане, {power} кВт", "Propane air-to-water monobloc, {power} kW"),
        Text(
            "Весь холодильный контур Бриза стоит на улице, в дом идут только две трубы с водой: монтажник "
            "справится без лицензии холодильщика. На пропане R290 подача доходит до 70 °C, так что старые "
            "радиаторы менять не нужно. Держит мощность до −25 °C, тратя киловатт электричества на {scop} "
            "киловатта тепла в среднем за сезон. Дом до {area} м².",
            "Briz keeps its whole refrigerant circuit outdoors; only two water pipes enter the house, so no "
            "refrigeration licence is needed to fit it. Propane (R290) allows a flow of 70 °C, which spares old "
            "radiators. It works down to −25 °C and turns one kilowatt of electricity into {scop} of heat on "
            "average over the season. For houses of up to {area} m².",
        ),
        5, _briz,
        {
            "refrigerant": "R290", "outdoor_min": -25, "flow_temperature": 70, "wifi": True,
            "weather_compensation": True, "ip": "IPX4", "warranty": 60,
        },
        ("ZPS", "DOZ", "STB"),
    ),
    Family(
        "BRS", "air-to-water-heat-pumps", "heat_pump", Text("Бриз Сплит", "Briz Split"),
        Text("Двухблочный тепловой насос «воздух — вода», {power} кВт", "Two-piece air-to-water heat pump, {power} kW"),
        Text(
            "У Бриза Сплит вода не выходит на улицу и потому не замёрзнет, даже если надолго отключат свет. "
            "Наружный блок с двухроторным инвертором, внутренний — с насосом и электрическим догревателем на 6 "
            "кВт. Летом охлаждает через фанкойлы. Площадь до {area} м², шум {noise} дБ(А).",
            "Briz Split keeps water indoors, so nothing freezes even in a long power cut. The outdoor unit has a "
            "twin-rotary inverter, the indoor unit a pump and a 6 kW back-up heater. In summer it cools through "
            "fan coils. Up to {area} m², {noise} dB(A).",
        ),
        3, _briz_split,
        {
            "refrigerant": "R32", "outdoor_min": -25, "flow_temperature": 60, "wifi": True,
            "weather_compensation": True, "colour": "white", "ip": "IPX4", "warranty": 60,
        },
        ("ZPS", "DOZ"),
    ),
    Family(
        "NDR", "ground-source-heat-pumps", "ground_pump", Text("Недра", "Nedra"),
        Text(
            "Грунтовый тепловой насос «рассол — вода», {power} кВт",
            "Brine-to-water ground source heat pump, {power} kW",
        ),
        Text(
            "Недра берёт тепло из скважины или уложенного в землю контура, где круглый год +4…+8 °C, и поэтому "
            "не слабеет в мороз. Сезонный коэффициент {scop}, шум {noise} дБ(А): насос можно поставить в "
            "прихожей. Летом та же скважина охлаждает дом почти бесплатно. Рассчитан на {area} м².",
            "Nedra draws heat from a borehole or a buried loop that stays at 4 to 8 °C all year, so frost does "
            "not weaken it. Seasonal efficiency {scop}, noise {noise} dB(A): quiet enough for a hallway. In "
            "summer the same borehole cools the house almost for free. Sized for {area} m².",
        ),
        5, _nedra,
        {
            "refrigerant": "R410A", "outdoor_min": -40, "flow_temperature": 65, "wifi": True,
            "weather_compensation": True, "colour": "white", "warranty": 60,
        },
        ("ZPS", "DOZ"),
    ),
)  # fmt: skip
