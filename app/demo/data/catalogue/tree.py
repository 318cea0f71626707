"""The category tree: how a customer walks from the front page to a product."""

from typing import TypeAlias

from app.demo.data.catalogue.shapes import Category, Text

# Depth by indentation of the tuple: slug, Russian, English, children.
Branch: TypeAlias = tuple[str, str, str, tuple["Branch", ...]]

TREE: tuple[Branch, ...] = (
    ("boilers", "Котлы", "Boilers", (
        ("gas-boilers", "Газовые котлы", "Gas boilers", (
            ("wall-hung-gas-boilers", "Настенные газовые котлы", "Wall-hung gas boilers", ()),
            ("condensing-boilers", "Конденсационные котлы", "Condensing boilers", ()),
            ("floor-standing-gas-boilers", "Напольные газовые котлы", "Floor-standing gas boilers", ()),
        )),
        ("electric-boilers", "Электрические котлы", "Electric boilers", ()),
        ("solid-fuel-boilers", "Твердотопливные котлы", "Solid fuel boilers", ()),
    )),
    ("heat-pumps", "Тепловые насосы", "Heat pumps", (
        ("air-to-water-heat-pumps", "Воздух — вода", "Air to water", ()),
        ("ground-source-heat-pumps", "Грунтовые", "Ground source", ()),
    )),
    ("radiators", "Радиаторы", "Radiators", (
        ("steel-panel-radiators", "Стальные панельные", "Steel panel radiators", ()),
        ("aluminium-radiators", "Алюминиевые", "Aluminium radiators", ()),
        ("bimetal-radiators", "Биметаллические", "Bimetal radiators", ()),
        ("tubular-radiators", "Трубчатые", "Tubular radiators", ()),
        ("towel-rails", "Полотенцесушители", "Towel rails", ()),
    )),
    ("underfloor-heating", "Тёплый пол", "Underfloor heating", (
        ("heating-mats", "Нагревательные маты и кабель", "Heating mats and cable", ()),
        ("manifolds", "Коллекторы", "Manifolds", ()),
        ("underfloor-pipe", "Труба для тёплого пола", "Underfloor pipe", ()),
    )),
    ("pumps", "Насосы", "Pumps", (
        ("circulation-pumps", "Циркуляционные насосы", "Circulation pumps", ()),
        ("pump-groups", "Насосные группы", "Pump groups", ()),
    )),
    ("pipes-and-fittings", "Трубы и фитинги", "Pipes and fittings", (
        ("pipes", "Трубы", "Pipes", ()),
        ("fittings", "Фитинги", "Fittings", ()),
        ("valves", "Запорная и регулирующая арматура", "Valves", ()),
    )),
    ("water-heaters-and-tanks", "Водонагреватели и ёмкости", "Water heaters and tanks", (
        ("water-heaters", "Водонагреватели", "Water heaters", ()),
        ("buffer-tanks", "Буферные ёмкости", "Buffer tanks", ()),
        ("expansion-vessels", "Расширительные баки", "Expansion vessels", ()),
    )),
    ("automation", "Автоматика", "Automation", (
        ("thermostats", "Термостаты", "Thermostats", ()),
        ("controllers", "Контроллеры и датчики", "Controllers and sensors", ()),
        ("power-supply", "Стабилизаторы и ИБП", "Stabilisers and UPS", ()),
    )),
    ("chimneys", "Дымоходы", "Chimneys", (
        ("coaxial-chimneys", "Коаксиальные дымоходы", "Coaxial flues", ()),
        ("sandwich-chimneys", "Утеплённые дымоходы", "Insulated chimneys", ()),
    )),
    ("accessories", "Комплектующие", "Accessories", (
        ("safety-equipment", "Группы безопасности и фильтры", "Safety groups and filters", ()),
        ("heat-carriers", "Теплоносители и реагенты", "Heat carriers and chemicals", ()),
        ("mounting", "Крепёж и монтаж", "Mounting", ()),
    )),
)  # fmt: skip


def categories() -> tuple[Category, ...]:
    """The tree as rows, parents before children."""
    rows: list[Category] = []
    _walk(TREE, None, rows)
    return tuple(rows)


def _walk(branches: tuple[Branch, ...], parent: str | None, rows: list[Category]) -> None:
    for position, (slug, ru, en, children) in enumerate(branches, start=1):
        rows.append(Category(slug, parent, Text(ru, en), position))
        _walk(children, slug, rows)
