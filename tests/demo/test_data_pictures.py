"""Drawn pictures: one for every product, of the right shape, always the same, quickly."""

from io import BytesIO
from time import process_time

from PIL import Image

from app.demo.data.catalogue import catalogue
from app.demo.data.dealers import dealers
from app.demo.data.pictures import draw, hero, logo, pictures

PRODUCTS = catalogue(300).products
ONE_OF_EACH = list({product.picture: product for product in PRODUCTS}.values())


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


def test_every_kind_of_product_has_its_drawing() -> None:
    for product in ONE_OF_EACH:
        picture = opened(draw(product))
        assert (picture.format, picture.size) == ("WEBP", (800, 800)), product.sku
        darkest, lightest = picture.convert("L").getextrema()
        assert lightest - darkest > 60, product.sku


def test_large_catalogue_needs_no_other_drawings() -> None:
    assert {product.picture for product in catalogue(5000).products} == {product.picture for product in ONE_OF_EACH}


def test_same_product_same_picture_and_other_sizes_look_different() -> None:
    radiators = [product for product in PRODUCTS if product.family == "VLN"][:2]
    first, second = (draw(product) for product in radiators)
    assert first == draw(radiators[0]) != second


def test_pictures_are_light_and_quick() -> None:
    draw(ONE_OF_EACH[0])
    started = process_time()
    sizes = [len(draw(product)) for product in ONE_OF_EACH[:20]]
    assert (process_time() - started) / 20 < 0.15
    assert max(sizes) < 100_000


def test_logos_tell_dealers_apart() -> None:
    signs = [logo(dealer.name, dealer.palette) for dealer in dealers(24)]
    assert len(set(signs)) == 24 and signs[0] == logo(dealers(24)[0].name, dealers(24)[0].palette)
    picture = opened(signs[0])
    assert (picture.format, picture.size, picture.mode) == ("PNG", (512, 512), "RGBA")
    assert picture.getpixel((0, 0)) == (0, 0, 0, 0)


def test_front_page_has_two_wide_pictures() -> None:
    house, winter = hero("house"), hero("winter")
    assert house != winter and opened(house).size == opened(winter).size == (1600, 800)


def test_products_that_look_alike_share_a_picture() -> None:
    few, many = pictures(PRODUCTS), pictures(catalogue(2000).products)
    assert set(few.by_sku) == {product.sku for product in PRODUCTS}
    assert set(few.by_sku.values()) == set(few.drawn_from)
    drawn = {draw(few.drawn_from[few.by_sku[product.sku]]) for product in ONE_OF_EACH[:8]}
    assert drawn == {draw(product) for product in ONE_OF_EACH[:8]}
    assert len(few.drawn_from) < 300 and len(many.drawn_from) < 1200
