"""Upload a picture in the back office, as a clerk does, so that every host can be asked for it."""

from __future__ import annotations

import io
import re

from PIL import Image

from storefront.core.services import current_services
from storefront.staff import accounts
from storefront.staff.models import Role
from testkit.databases import in_a_shop_on
from testkit.http_shopper import HttpShopper

NAME, PASSWORD = "a clerk of the drill", "four words and a comma"
FILE = re.compile(r"/pictures/([0-9a-f]{32}-200\.webp)")


def upload_picture(database_url: str, front: str) -> tuple[str, bytes]:
    """Return the name of a file that a host has made of the upload, and its content."""
    in_a_shop_on(database_url, _add_clerk)
    browser = HttpShopper(front)
    browser.open("/admin/login")
    browser.send("/admin/login", name=NAME, password=PASSWORD)
    browser.open("/admin/products/1")
    browser.upload("/admin/products/1/pictures", "pictures", _drawn())
    found = FILE.search(browser.page.text)
    if found is None:
        raise LookupError(f"no picture on {browser.page.text}")
    return found[1], browser.get(found[0]).content


def _add_clerk() -> None:
    now = current_services().clock()
    _, link = accounts.add(NAME, Role.CLERK, now, by="a drill")
    accounts.set_password(link, PASSWORD, now, client="127.0.0.1")


def _drawn() -> bytes:
    content = io.BytesIO()
    Image.linear_gradient("L").resize((320, 240)).save(content, "JPEG")
    return content.getvalue()
