"""What the demo shows besides its half year, in words: a table from a fair, letters, papers, points, a webhook."""

from __future__ import annotations

from typing import Any, NamedTuple

TABLE_NAME = "vystavka-aquatherm.csv"
TABLE = """Номер;Клиент;Телефон;Почта;Город;Что нужно;Товары;Комментарий
AQ-001;Ирина Лаврова;+7 903 000-11-21;lavrova@example.ru;Москва;расчёт;PLM-24D x 1;Дом 180 м², нужен котёл и обвязка
AQ-002;Рустам Галиев;+7 917 000-34-07;;Казань;звонок;;Спрашивал о тепловом насосе для бани, удобно после 18:00
AQ-003;Олег Пархоменко;8 921 000-77-15;oleg.p@example.com;Санкт-Петербург;монтаж;MLN-090 x 1;Котёл купил, нужен монтаж
AQ-004;ООО «Вершина»;+7 912 000-60-02;zakaz@vershina.example.ru;Екатеринбург;расчёт;GRN-45 x 2;Каскад, счёт на юрлицо
AQ-005;Тамара Егорова;+7 950 000-18-44;;Нижний Новгород;вопрос;;Можно ли заменить «Кряж», не трогая дымоход?
AQ-006;Пётр (визитка потерялась);;;Самара;звонок;;Обещали перезвонить, номера нет
"""
"""Leads from a fair; the last one cannot be taken."""

LETTERS = (
    """From: Светлана Мартынова <martynova@example.ru>
To: leads@ochag.localhost
Subject: Заявка с сайта kotly-obzor.example.ru
Message-ID: <a1@kotly-obzor.example.ru>
Content-Type: text/plain; charset=utf-8

Имя: Светлана Мартынова
Телефон: +7 916 000-45-12
Город: Тула
Товар: PLM-18D x 1
Комментарий: Меняем котёл в доме 120 м², нужна цена с доставкой.
""",
    """From: Виктор Ильин <ilyin@example.com>
To: leads@ochag.localhost
Subject: Перезвоните, пожалуйста
Message-ID: <b2@example.com>
Content-Type: text/plain; charset=utf-8

Здравствуйте! Живу в городе Челябинск, отключили центральное отопление, думаю об электрическом котле.
Перезвоните мне на 8 912 000-33-80, лучше вечером.
""",
    """From: Галина Носкова <noskova@example.ru>
To: leads@ochag.localhost
Subject: Расчёт тёплого пола
Message-ID: <c3@example.ru>
Content-Type: text/plain; charset=utf-8

Посчитайте, пожалуйста, тёплый пол на 46 м²: кухня и две комнаты. Дом в г. Самара, тел. +7 927 000-90-61.
""",
    """From: postmaster@example.com
To: leads@ochag.localhost
Subject: Автоответ: я в отпуске
Message-ID: <d4@example.com>
Auto-Submitted: auto-replied
Content-Type: text/plain; charset=utf-8

Спасибо за письмо! Я в отпуске и отвечу, когда вернусь.
""",
)
"""Three become leads, the automatic answer does not."""


class DemoPaper(NamedTuple):
    """A certificate: days from today, and whether it was revoked."""

    scheme: str
    since: int
    until: int
    is_revoked: bool = False


PAPERS = (
    (DemoPaper("Монтаж газовых котлов", -400, 330), DemoPaper("Тепловые насосы", -200, 530)),
    (DemoPaper("Монтаж газовых котлов", -690, 40),),
    (DemoPaper("Монтаж газовых котлов", -740, -12), DemoPaper("Пусконаладка «Горн»", -90, 640)),
    (DemoPaper("Тепловые насосы", -300, 60), DemoPaper("Пусконаладка «Горн»", -300, 65, is_revoked=True)),
    (),
)
"""What a dealer's people hold; the dealers take turns."""

POINTS = (
    ("Склад на Объездной", "ш. Объездное, 14, ворота 3", "пн–пт 8:00–17:00"),
    ("Салон в ТЦ «Меридиан»", "пр. Победы, 61, 2-й этаж", "ежедневно 10:00–21:00"),
    ("Пункт выдачи у вокзала", "ул. Вокзальная, 7", "пн–сб 9:00–19:00"),
)
"""Name, street, hours of further points of pick-up."""

DIVIDING_NAME = "Ближайший со складом, заказ можно разделить"
DIVIDING_NOTE = "Слишком много заказов ждало одной позиции: теперь до двух дилеров, часть не дешевле 3 000 ₽."
QUICK_NAME = "Звонки — трём дилерам сразу"
QUICK_NOTE = "Проба к весне: на звонок отвечает первый из трёх, каждая десятая заявка — новому дилеру."
CALLS: dict[str, Any] = {
    "name": "Звонки и вопросы", "priority": 20, "conditions": {"kinds": ["callback", "question"]}, "fallback": "orders",
    "way": "broadcast", "broadcast_to": 3,
    "criteria": [
        {"code": "territory", "params": {"outside": "last"}}, {"code": "distance", "params": {"precision": 0.05}},
        {"code": "response", "params": {}}, {"code": "rating", "params": {}},
    ],
}
"""A rule of the draft."""

BUYER = ("Марат Сафин", "marat.safin@example.ru", "+79170002211", "пос. Элитный, ул. Фламинго, 18", "Въезд от рощи")
"""Whose order goes to two dealers."""

BOUGHT = (
    (True, True, 58_500_00, 4, "Купил у них же, приехали и поставили за день."),
    (True, True, None, 5, "Всё купила, спасибо за подсказку."),
    (False, True, 24_900_00, 2, "Не дозвонились, купил сам в другом магазине сети."),
)
"""Called, bought, kopecks, stars, words of customers whose dealers say that there was no sale."""
OBJECTION = "Покупатель приезжал только посмотреть, продажи у нас не было. Возможно, купил у соседей."

HOOK = "https://crm.teplomaster.example.ru/zveno"
HOOK_EVENTS = ("lead.offered", "lead.accepted", "lead.won", "lead.lost")
