"""HQ's import: the real files of 1C through the database, again, changed, broken, gone; pictures and tables."""

from __future__ import annotations

import io
import zipfile

import pytest
from PIL import Image
from sqlalchemy.exc import DBAPIError

from app.kernel.clock import now
from app.kernel.db import db
from blueprints.catalog import listing, service
from blueprints.catalog.importing import tables
from blueprints.catalog.importing.catalogue import apply_catalogue
from blueprints.catalog.importing.files import opened
from blueprints.catalog.importing.perform import Wish, perform
from blueprints.catalog.importing.pictures import no_pictures
from blueprints.catalog.importing.records import ProductRecord
from blueprints.catalog.importing.report import Report, silent
from blueprints.catalog.importing.spool import Contents
from blueprints.catalog.models import Product
from tests.blueprints.catalog.imports.conftest import Files, real
from tests.house import HQ, KAZAN, House, sa

GOODS = (
    '<?xml version="1.0" encoding="{0}"?><КоммерческаяИнформация ВерсияСхемы="2.05"><Каталог><Товары>{1}</Товары>'
    "</Каталог></КоммерческаяИнформация>"
)
BOILER = (
    "<Товар><Ид>b</Ид><Артикул>B-1</Артикул><Наименование>Котёл</Наименование>"
    "<Картинка>import_files/b.png</Картинка></Товар>"
)
PUMP = "<Товар><Ид>p</Ид><Артикул>P-1</Артикул><Наименование>Насос</Наименование></Товар>"


def goods(*products: str, encoding: str = "UTF-8") -> bytes:
    return GOODS.format(encoding, "".join(products)).encode(encoding)


def packed(**files: bytes) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "."), content)
    return body.getvalue()


def picture(colour: str = "red") -> bytes:
    body = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(body, "PNG")
    return body.getvalue()


def test_the_real_files_become_the_catalogue(house: House, files: Files) -> None:
    assert files.take(real("import.xml")).counts["new"] == 2
    assert files.take(real("offers.xml")).counts["prices_changed"] == 2
    assert house.rows("SELECT sku, slug, unit, state FROM network.products ORDER BY sku DESC") == [
        ("Б-130001", "zhenskie-botforty-korichnevye", "пар", "published"),
        ("Б- 130005", "botinki-zhenskie-demisezonnye", "пар", "published"),
    ]
    assert house.scalar("SELECT count(*) FROM network.categories") == 22
    assert house.scalar("SELECT path ~ '^\\d+\\.\\d+\\.$' FROM network.categories WHERE slug = 'odezhda-dlya-detey'")
    makers = house.rows("SELECT attributes->>'proizvoditel' FROM network.products ORDER BY sku DESC")
    assert makers == [("obuvnoy-kombinat",), ("aozt-aleks",)]
    assert set(files.codes()) == {"picture_not_sent"}


def test_the_same_file_again_changes_nothing(house: House, files: Files) -> None:
    both = packed(import__xml=real("import.xml"), offers__xml=real("offers.xml"))
    files.take(both)
    before = written(house)
    counts = files.take(both).counts
    wanted = ("new", "changed", "hidden", "unchanged", "prices_changed", "stock_changed", "categories_changed")
    assert [counts.get(key, 0) for key in wanted] == [0, 0, 0, 2, 0, 0, 0]
    assert written(house) == before


def written(house: House) -> list[tuple[object, ...]]:
    """Which transaction wrote each product and price."""
    return house.rows(
        "SELECT xmin::text, id FROM network.products"
        " UNION ALL SELECT xmin::text, product_id FROM network.prices ORDER BY 2"
    )


def test_one_changed_price_is_one_dated_row(house: House, files: Files) -> None:
    files.take(real("import.xml"))
    files.take(real("offers.xml"))
    counts = files.take(real("offers.xml").replace(b">1271<", b">1305<")).counts
    assert counts["prices_changed"] == 1
    assert house.rows("SELECT minor FROM network.prices ORDER BY product_id, valid_from") == [
        (149600,), (127100,), (130500,),
    ]


def test_windows_1251_is_read(house: House, files: Files) -> None:
    files.take(goods(BOILER, encoding="windows-1251"))
    assert house.rows("SELECT name_ru FROM network.products") == [("Котёл",)]


def test_a_file_that_breaks_in_the_middle_changes_nothing(house: House, files: Files) -> None:
    files.take(goods(BOILER))
    run = files.take(goods(PUMP, BOILER)[:-60])
    assert run.state == "failed" and run.error
    assert house.rows("SELECT name_ru, state FROM network.products") == [("Котёл", "draft")]


def test_what_is_gone_is_hidden_and_comes_back(house: House, files: Files) -> None:
    files.take(goods(BOILER, PUMP))
    publish_all(house)
    assert files.take(goods(BOILER)).counts["hidden"] == 1
    assert house.scalar("SELECT state FROM network.products WHERE sku = 'P-1'") == "hidden"
    files.take(goods(BOILER, PUMP))
    assert house.scalar("SELECT state FROM network.products WHERE sku = 'P-1'") == "published"


def test_what_hq_hid_by_hand_stays_hidden(house: House, files: Files) -> None:
    files.take(goods(BOILER))
    with house.speaking(HQ):
        service.hide(product=db.session.scalars(sa.select(Product)).one())
    files.take(goods(BOILER.replace("Котёл", "Котёл новый")))
    assert house.rows("SELECT name_ru, state FROM network.products") == [("Котёл новый", "hidden")]


def test_a_record_that_cannot_be_read_is_not_gone(house: House, files: Files) -> None:
    files.take(goods(BOILER, PUMP))
    publish_all(house)
    files.take(goods(BOILER, "<Товар><Ид>p</Ид><Артикул>P-1</Артикул></Товар>"))
    assert house.scalar("SELECT state FROM network.products WHERE sku = 'P-1'") == "published"


def test_an_article_of_two_products_goes_to_the_first(house: House, files: Files) -> None:
    files.take(goods(BOILER, PUMP.replace("P-1", "B-1"), "<Товар><Ид>x</Ид><Наименование>Труба</Наименование></Товар>"))
    assert house.rows("SELECT sku FROM network.products ORDER BY sku") == [("B-1",), ("p",), ("x",)]
    assert files.codes()["sku_taken"] == files.codes()["sku_missing"] == 1


def test_pictures_of_the_archive_are_encoded_once(house: House, files: Files) -> None:
    body = _with_picture(picture())
    assert files.take(body).counts["pictures_new"] == 1
    (name,) = house.rows("SELECT images->>0 FROM network.products")[0]
    stored = house.settings.media_dir / HQ / "catalogue" / str(name)
    assert Image.open(stored).format == "WEBP"
    counts = files.take(body).counts
    assert (counts.get("changed", 0), counts.get("pictures_new", 0)) == (0, 0)
    assert files.take(_with_picture(picture("blue"))).counts["changed"] == 1


def _with_picture(body: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("import.xml", goods(BOILER))
        archive.writestr("import_files/b.png", body)
    return file.getvalue()


def test_html_in_descriptions_becomes_text(house: House, files: Files) -> None:
    text = "&lt;p&gt;Тихий&lt;/p&gt;&lt;script&gt;x()&lt;/script&gt;&lt;b&gt;котёл&lt;/b&gt;"
    files.take(goods(BOILER.replace("</Товар>", f"<Описание>{text}</Описание></Товар>")))
    assert house.scalar("SELECT description_ru FROM network.products") == "Тихий\nкотёл"


def test_a_table_speaks_only_of_the_columns_it_has(house: House, files: Files) -> None:
    files.take(goods(BOILER.replace("</Товар>", "<Описание>Тихий</Описание></Товар>"), PUMP))
    with house.speaking(HQ):
        run = perform_table("Артикул;Наименование;Цена\nB-1;Котёл 24;100\n")
    assert run.counts["changed"] == 1
    assert house.rows("SELECT external_id, name_ru, description_ru, state FROM network.products ORDER BY id") == [
        ("b", "Котёл 24", "Тихий", "published"), ("p", "Насос", None, "draft"),
    ]


def test_a_new_product_waits_unseen_until_its_price_can_be_read(house: House) -> None:
    bad, good = "Артикул;Наименование;Цена\nB-1;Котёл;по запросу\n", "Артикул;Наименование;Цена\nB-1;Котёл;100\n"
    with house.speaking(HQ):
        report = perform_table(bad)
    assert (report.counts["new"], report.counts["drafts"]) == (1, 1)
    assert [line.code for line in report.lines] == ["price_not_number", "draft_without_price"]
    slug = house.scalar("SELECT slug FROM network.products")
    assert house.visit(KAZAN).get(f"/p/{slug}").status_code == 404
    assert house.scalar("SELECT state FROM network.products") == "draft"
    with house.speaking(HQ):
        assert perform_table(good).counts["drafts"] == 0
    assert house.visit(KAZAN).get(f"/p/{slug}").status_code == 200


def test_other_stock_is_no_change_of_the_product(house: House) -> None:
    with house.speaking(HQ):
        perform_table("Артикул;Наименование;Цена;Остаток\nB-1;Котёл;100;5\nP-1;Насос;50;1\n")
    house.scalar("UPDATE network.products SET content_hash = '-' RETURNING id")
    with house.speaking(HQ):
        counts = perform_table("Артикул;Наименование;Цена;Остаток\nB-1;Котёл;100;7\nP-1;Насос;50;1\n").counts
    told = ("changed", "unchanged", "prices_changed", "stock_changed")
    assert [counts[name] for name in told] == [0, 2, 0, 1]


def publish_all(house: House) -> None:
    """HQ shows every product by hand."""
    with house.speaking(HQ):
        for product in db.session.scalars(sa.select(Product)):
            product.state = "published"


def perform_table(text: str) -> Report:
    source, report = io.BytesIO(text.encode()), Report()
    with opened(source) as bundle:
        mapping = tables.preview(source).mapping
        perform(
            Wish(HQ, "catalogue", mapping), bundle, no_pictures, report=report, progress=silent, at=now()
        )
    return report


def test_kinds_of_attributes_follow_their_values(house: House, files: Files) -> None:
    rows = "".join(f"А-{i};Котёл {i};{10 + i};{'газ' if i % 2 else 'дрова'};да;слово {i}\n" for i in range(8))
    with house.speaking(HQ):
        perform_table(f"Артикул;Наименование;Мощность, кВт;Топливо;Дисплей;Заметка\n{rows}")
    assert house.rows("SELECT code, kind, unit_ru, is_facet FROM network.attributes ORDER BY position") == [
        ("moshchnost", "number", "кВт", True), ("toplivo", "choice", None, True), ("displey", "bool", None, True),
        ("zametka", "text", None, False),
    ]
    assert house.scalar("SELECT attributes FROM network.products WHERE sku = 'А-1'") == {
        "moshchnost": 11, "toplivo": "gaz", "displey": True, "zametka": "слово 1",
    }


def test_a_dealer_never_writes_hqs_catalogue(house: House, files: Files) -> None:
    files.take(goods(BOILER))
    with pytest.raises(DBAPIError), house.speaking(KAZAN):
        apply_catalogue(
            _contents(), owner_id=HQ, opener=no_pictures, report=Report(), progress=silent,
            at=now(),
        )
    with house.speaking(KAZAN):
        changed = db.session.execute(sa.update(Product).values(name_ru="Моё"))
        assert changed.rowcount == 0


def _contents() -> Contents:
    contents = Contents()
    contents.goods.add([ProductRecord("evil", sku="EVIL", name="Чужой")])
    return contents


def test_lists_ask_as_often_for_one_product_as_for_three(house: House, files: Files) -> None:
    files.take(goods(BOILER))
    one = statements(house)
    files.take(goods(BOILER, PUMP, PUMP.replace("p<", "q<").replace("P-1", "Q-1")))
    assert statements(house) == one <= 8


def statements(house: House) -> int:
    """How many statements both lists of the desks take."""
    seen: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    with house.speaking(HQ):
        sa.event.listen(db.engine, "before_cursor_execute", count)
        listing.list_products(at=now())
        listing.list_own(at=now())
        sa.event.remove(db.engine, "before_cursor_execute", count)
    return len(seen)
