"""Consumers of the demo network: Russian names, addresses of mail that reach nobody."""

from dataclasses import dataclass
from random import Random

from tenants.geography import to_latin

# Example domains, which RFC 2606 and its Russian sister keep for documents.
MAIL_DOMAINS = ("example.ru", "example.com")
MOBILE_CODES = ("900", "903", "905", "909", "910", "912", "915", "916", "921", "926", "937", "950", "961", "981")

MEN = (
    "Александр Алексей Анатолий Андрей Антон Артём Борис Вадим Валерий Виктор Виталий Владимир Владислав "
    "Геннадий Георгий Григорий Денис Дмитрий Евгений Егор Иван Игорь Илья Кирилл Константин Лев Леонид "
    "Максим Марат Михаил Никита Николай Олег Павел Пётр Роман Руслан Сергей Станислав Степан Тимур Фёдор Юрий"
).split()
WOMEN = (
    "Александра Алина Алла Анастасия Анна Валентина Валерия Вера Вероника Виктория Галина Дарья Диана "
    "Евгения Екатерина Елена Елизавета Жанна Зоя Инна Ирина Кристина Ксения Лариса Лидия Людмила Маргарита "
    "Марина Мария Надежда Наталья Нина Оксана Ольга Полина Регина Светлана Софья Тамара Татьяна Ульяна Юлия"
).split()
SURNAMES = (
    "Абрамов Агафонов Алексеев Андреев Антонов Баранов Белов Беляев Бирюков Блинов Богданов Борисов Бурцев "
    "Васильев Виноградов Власов Волков Воробьёв Воронов Гаврилов Галиев Герасимов Голубев Горшков Григорьев "
    "Громов Гусев Давыдов Данилов Дегтярёв Демидов Денисов Дмитриев Егоров Ермаков Ершов Жуков Журавлёв Зайцев "
    "Захаров Зимин Зуев Иванов Игнатьев Ильин Исаев Казаков Калинин Карпов Киселёв Климов Ковалёв Козлов Колесников "
    "Комаров Кондратьев Королёв Крылов Кудрявцев Кузнецов Кузьмин Куликов Лазарев Лебедев Логинов Макаров Максимов "
    "Мальцев Марков Мартынов Медведев Мельников Миронов Михайлов Моисеев Морозов Мухаметов Назаров Некрасов Никитин "
    "Николаев Новиков Носков Орлов Осипов Панов Петров Поляков Пономарёв Попов Потапов Прохоров Рогов Родионов "
    "Романов Рябов Савельев Сафин Семёнов Сергеев Сидоров Симонов Смирнов Соболев Соколов Соловьёв Сорокин Степанов "
    "Субботин Суворов Тарасов Тимофеев Титов Тихонов Третьяков Трофимов Ушаков Фадеев Фёдоров Филатов Фомин Фролов "
    "Хабибуллин Харитонов Цветков Чернов Шаров Шилов Широков Щербаков Юдин Яковлев Якушев "
    "Белинский Верховский Дубровский Красинский Левицкий Островский Полянский Раевский Садовский Успенский "
    "Бондаренко Кравченко Лысенко Мельниченко Савченко Шевченко Черных Седых Долгих"
).split()


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who asks, buys and judges; `phone` is E.164 in a block nobody is given."""

    name: str
    email: str
    phone: str
    is_woman: bool


def person(random: Random) -> Person:
    """The next consumer of a seeded random."""
    is_woman = random.random() < 0.46
    first = random.choice(WOMEN if is_woman else MEN)
    surname = random.choice(SURNAMES)
    return Person(
        name=f"{first} {feminine(surname) if is_woman else surname}",
        email=_email(random, first, feminine(surname) if is_woman else surname),
        phone=mobile(random),
        is_woman=is_woman,
    )


def mobile(random: Random) -> str:
    """A well-formed mobile number of the kind +7 9xx 000-xx-xx."""
    return f"+7{random.choice(MOBILE_CODES)}000{random.randrange(10_000):04d}"


def feminine(surname: str) -> str:
    """A woman's form of a man's surname: Белов, Белова; Раевский, Раевская; Бондаренко."""
    if surname.endswith("ский"):
        return surname.removesuffix("ий") + "ая"
    if surname.endswith(("ов", "ев", "ёв", "ин")):
        return surname + "а"
    return surname


def _email(random: Random, first: str, surname: str) -> str:
    first, last = to_latin(first), to_latin(surname)
    local = random.choice((f"{first}.{last}", f"{last}.{first[0]}", f"{first[0]}{last}", f"{last}{random.randint(60, 99)}"))
    return f"{local}@{random.choice(MAIL_DOMAINS)}"
