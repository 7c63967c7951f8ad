"""Pictures are checked by what is in them, shown in the sizes of pages, and keep no secrets."""

from __future__ import annotations

import io
import zlib
from pathlib import Path
from struct import pack

import pytest
from flask import Flask
from PIL import Image

from storefront.catalogue import picture_files, pictures
from storefront.catalogue.models import product_by_slug
from storefront.catalogue.picture_files import WrongPicture, made_from
from storefront.core.services import current_services
from testkit.cases import naming
from testkit.shopper import Page, Shopper
from testkit.staff import Person, clerk

SLUG = "sun-lady-plate"
RED, BLUE = (200, 30, 30), (30, 30, 200)


def drawn(
    kind: str = "JPEG",
    size: tuple[int, int] = (300, 240),
    colour: tuple[int, int, int] = RED,
    **options: object,
) -> bytes:
    """A picture whose left half has one colour, the right half is blue."""
    image = Image.new("RGB", size, colour)
    image.paste(BLUE, (size[0] // 2, 0, *size))
    content = io.BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()


def opened(person: Person) -> Page:
    """The product's page in the back office."""
    page = person.open(f"/admin/products?q={SLUG}")
    (link,) = page.soup.select("table th a")
    return person.open(str(link["href"]))


def upload(person: Person, *contents: bytes) -> Page:
    sent = [(io.BytesIO(each), f"{number}.jpg") for number, each in enumerate(contents, 1)]
    return person.press("Add them", pictures=sent)


def names(page: Page) -> list[str]:
    """The names of the pictures on a page of the shop or the back office, in their order."""
    found = page.soup.select(":is(.pictures, .gallery) img[src^='/pictures/']")
    return [str(image["src"]).removeprefix("/pictures/")[:32] for image in found]


def shown(shopper: Shopper) -> list[str]:
    return names(shopper.open(f"/products/{SLUG}"))


def test_the_shop_shows_all_pictures_and_lists_the_first(app: Flask, shopper: Shopper) -> None:
    person = clerk(app)
    opened(person)
    assert upload(person, drawn(), drawn("PNG"), drawn("WEBP")).status == 200
    kept = names(person.page)
    assert shown(shopper) == kept
    assert len(set(kept)) == 3
    for address in ("/", "/products", "/search?q=lady+plate"):
        assert kept[0] in shopper.open(address).html, address
        assert kept[1] not in shopper.page.html
    shopper.put_in_cart(SLUG)
    assert kept[0] in shopper.open("/cart").html


@pytest.mark.long
def test_what_a_picture_shows_is_written_beside_it_and_read_out(
    app: Flask, shopper: Shopper
) -> None:
    person = clerk(app)
    opened(person)
    upload(person, drawn(), drawn("PNG"))
    texts = {"text_fa": "بشقاب روی ميز", "text_en": "The plate \n on a table"}
    person.press("Save the texts : Picture 1", **texts)
    said = [
        str(each["alt"]) for each in shopper.open(f"/products/{SLUG}").soup.select(".gallery img")
    ]
    assert said == ["The plate on a table", "Picture 2 of Sun Lady plate"]
    assert "بشقاب روی میز" in Shopper(app, "fa").open(f"/products/{SLUG}").html
    assert "what a picture shows, in English" in person.page.text


def test_each_file_may_be_kept_for_ever_and_is_what_it_says(app: Flask, shopper: Shopper) -> None:
    person = clerk(app)
    opened(person)
    upload(person, drawn(size=(1600, 1200)))
    page = shopper.open(f"/products/{SLUG}")
    files = {
        part.split()[0]
        for source in page.soup.select(".gallery source")
        for part in str(source["srcset"]).split(", ")
    }
    assert len(files) == 8
    for address in files:
        with shopper.client.get(address) as answer:
            content = answer.data
        assert "immutable" in answer.headers["Cache-Control"]
        with Image.open(io.BytesIO(content)) as image:
            assert answer.mimetype == f"image/{str(image.format).lower()}"
            assert f"-{max(image.size)}." in address
            assert image.size[0] / image.size[1] == pytest.approx(4 / 3, rel=0.02)


@pytest.mark.parametrize("name", ["../secret_key", "x", f"{'a' * 32}-400.webp", f"{'a' * 32}.avif"])
def test_nothing_else_is_served(app: Flask, shopper: Shopper, name: str) -> None:
    folder = Path(app.config["UPLOADS_FOLDER"]) / "pictures"
    folder.mkdir(parents=True)
    (folder.parent / "secret_key").write_text("for nobody")
    answer = shopper.client.get(f"/pictures/{name}")
    assert (answer.status_code == 200, "for nobody" in answer.text) == (False, False)


def test_a_photograph_is_turned_upright_and_loses_place_and_camera() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter to the right
    exif[0x010F] = "A maker"
    exif.get_ifd(0x8825)[2] = (35.0, 41.0, 20.0)  # where it was taken
    made = made_from(drawn(size=(400, 200), exif=exif, comment=b"a secret remark"))
    assert (made.width, made.height) == (200, 400)
    for end, content in made.files.items():
        with Image.open(io.BytesIO(content)) as image, naming(end):
            assert not image.getexif()
            assert not {"exif", "icc_profile", "xmp", "comment"} & set(image.info)
            assert b"A maker" not in content
            assert b"secret" not in content
            top = image.convert("RGB").getpixel((image.width // 2, 2))
            assert isinstance(top, tuple)
            assert top[0] > top[2]  # what was on the left is at the top now


def test_transparency_stays() -> None:
    image = Image.new("RGBA", (200, 200), (255, 0, 0, 0))
    content = io.BytesIO()
    image.save(content, "PNG")
    for each in made_from(content.getvalue()).files.values():
        with Image.open(io.BytesIO(each)) as made:
            assert made.convert("RGBA").getpixel((50, 50))[3] == 0  # type: ignore[index]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
def test_every_kind_of_colour_is_taken(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    content = io.BytesIO()
    Image.new(mode, (150, 150)).save(content, kind)
    assert len(made_from(content.getvalue()).files) == 8


def png_of(width: int, height: int) -> bytes:
    """A tiny file that claims to be a picture of any size."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return pack(">I", len(data)) + name + data + pack(">I", zlib.crc32(name + data))

    head = pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(10_000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


WRONG = {
    "no picture": (b"<html><script>alert(1)</script></html>", "is no picture that can be read"),
    "a drawing": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is no picture that can be read"),
    "nothing": (b"", "is no picture that can be read"),
    "another kind": (drawn("BMP"), "is no picture that can be read"),
    "half of one": (drawn("PNG")[:200], "is damaged"),
    "a bomb": (png_of(60_000, 60_000), "million pixels"),
    "a large bomb": (png_of(12_000, 9_000), "million pixels"),
    "a medium bomb": (png_of(9_000, 6_000), "million pixels"),
    "a lie": (png_of(5_000, 5_000), "is damaged"),
    "too small": (drawn(size=(99, 400)), "is too small"),
    "too many bytes": (drawn() + bytes(15_000_000), "megabytes"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_no_good_picture_is_refused(case: str) -> None:
    content, said = WRONG[case]
    with pytest.raises(WrongPicture) as refusal:
        made_from(content)
    assert said in refusal.value.text % refusal.value.details


@pytest.mark.long
def test_no_damage_is_more_than_a_refusal() -> None:
    for kind in picture_files.READ:
        whole = bytearray(drawn(kind, (120, 120)))
        for place in range(0, len(whole), max(1, len(whole) // 25)):
            broken = bytes(whole[:place]) + bytes([whole[place] ^ 0xFF]) + bytes(whole[place + 1 :])
            with naming(kind, place):
                try:
                    made_from(broken)
                except WrongPicture:
                    continue


def test_of_several_the_good_ones_are_kept_and_the_others_named(
    app: Flask, shopper: Shopper
) -> None:
    person = clerk(app)
    opened(person)
    page = upload(person, drawn(), b"no picture", drawn("PNG"))
    assert page.status == 422
    assert "2.jpg: Is no picture that can be read" in page.text
    assert len(shown(shopper)) == 2


def test_the_same_picture_twice_is_one(app: Flask, shopper: Shopper) -> None:
    person = clerk(app)
    opened(person)
    upload(person, drawn())
    upload(person, drawn())
    assert len(shown(shopper)) == 1


@pytest.mark.long
def test_pictures_are_put_in_order_and_removed(app: Flask, shopper: Shopper) -> None:
    person = clerk(app)
    opened(person)
    upload(person, drawn(), drawn("PNG"), drawn("WEBP"))
    first, second, third = names(person.page)
    person.press("Later : Picture 1")
    assert shown(shopper) == [second, first, third]
    assert second in shopper.open("/products").html
    person.press("Earlier : Picture 3")
    assert shown(shopper) == [second, third, first]
    person.confirm("Remove : Picture 1", "Remove the picture")
    assert shown(shopper) == [third, first]
    assert shopper.client.get(f"/pictures/{second}-400.webp").status_code == 404
    person.confirm("Remove : Picture 1", "Remove the picture")
    person.confirm("Remove : Picture 1", "Remove the picture")
    assert shown(shopper) == []
    assert "sun-lady-plate" in shopper.open("/products").html  # the drawing is back


def test_a_copy_keeps_its_pictures_when_the_first_product_loses_them(app: Flask) -> None:
    person = clerk(app)
    opened(person)
    upload(person, drawn())
    (name,) = names(person.page)
    original = person.page.path
    assert names(person.press("Make a copy")) == [name]
    person.open(original)
    person.confirm("Remove : Picture 1", "Remove the picture")
    with person.client.get(f"/pictures/{name}-400.webp") as answer:
        assert answer.status_code == 200


def test_an_uploaded_picture_makes_a_card_that_goes_with_it(app: Flask, shopper: Shopper) -> None:
    folder = Path(app.config["UPLOADS_FOLDER"]) / "pictures"
    person = clerk(app)
    opened(person)
    upload(person, drawn())
    tag = shopper.open(f"/products/{SLUG}").soup.select_one("meta[property='og:image']")
    assert tag is not None
    card = str(tag["content"]).removeprefix(app.config["PUBLIC_URL"])
    for _ in range(2):  # it is drawn once
        with shopper.client.get(card) as answer:
            assert Image.open(io.BytesIO(answer.data)).size == (1200, 630)
    assert [file.name for file in folder.glob("*card*")] == [card.rpartition("/")[2]]
    person.confirm("Remove : Picture 1", "Remove the picture")
    assert not list(folder.glob("*card*"))
    assert shopper.client.get(card).status_code == 404


def test_what_a_crash_before_the_commit_leaves_harms_nobody(app: Flask, shopper: Shopper) -> None:
    folder = Path(app.config["UPLOADS_FOLDER"]) / "pictures"
    picture_files.keep(made_from(drawn()), folder)  # and then the process was killed
    (folder / "half.part").write_bytes(b"")
    assert shown(shopper) == []
    person = clerk(app)
    opened(person)
    upload(person, drawn())
    assert len(shown(shopper)) == 1


def test_a_product_has_not_more_than_a_page_can_show(app: Flask) -> None:
    with app.app_context():
        product = product_by_slug(SLUG)
        assert product
        folder, now = Path(app.config["UPLOADS_FOLDER"]) / "pictures", current_services().clock()
        for number in range(pictures.MOST_PICTURES):
            made = made_from(drawn("PNG", (100, 100), colour=(number, 0, 0)))
            pictures.add(product.id, made, folder, by="a test", now=now)
        with pytest.raises(pictures.TooManyPictures):
            pictures.add(product.id, made_from(drawn("PNG")), folder, by="a test", now=now)


@pytest.mark.parametrize(("language", "said"), [("en", "too large"), ("fa", "بزرگ")])
def test_a_body_that_is_too_large_is_refused_in_words(app: Flask, language: str, said: str) -> None:
    person = clerk(app)
    person.client.get(f"/language/{language}")
    answer = person.client.post(
        "/admin/products/1/pictures",
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": "33000000"},
    )
    assert answer.status_code == 413
    assert said in answer.text


def test_strangers_and_other_forms_send_no_large_bodies(app: Flask) -> None:
    large = {"pictures": (io.BytesIO(bytes(200_000)), "a.jpg")}
    answer = app.test_client().post("/admin/products/1/pictures", data=large)
    assert answer.status_code == 401
    for path in ("/admin/products/1/stock", "/admin/products/1", "/orders"):
        large = {"pictures": (io.BytesIO(bytes(200_000)), "a.jpg")}
        assert clerk(app).client.post(path, data=large).status_code == 413, path
