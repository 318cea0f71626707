"""Names in sentences: quoted once in Russian, never twice, plain in English."""

from __future__ import annotations

import pytest

from app.web.locale import force_locale, quoted
from tests.house import House


@pytest.mark.parametrize(("name", "russian"), [
    ("Очаг", "«Очаг»"), ("ООО «Новый Дом»", "ООО «Новый Дом»"), ('ООО "Дом"', 'ООО "Дом"'),
    ("ИП Орлова Анна", "ИП Орлова Анна"), ("Тёплый дом", "«Тёплый дом»"), ("АОстов", "«АОстов»"),
])
def test_a_name_is_quoted_once(house: House, name: str, russian: str) -> None:
    with house.web.app_context(), force_locale("ru"):
        assert quoted(name) == russian
    with house.web.app_context(), force_locale("en"):
        assert quoted(name) == name
