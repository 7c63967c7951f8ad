"""A second shopper, who reads Persian, and a stranger."""

from __future__ import annotations

import pytest
from flask import Flask

from testkit.hostile import Stranger
from testkit.shopper import Shopper


@pytest.fixture
def persian(shopper: Shopper, app: Flask) -> Shopper:
    """Somebody who reads Persian, in front of the same shop."""
    assert shopper.client.application is app, "the goods are there already"
    return Shopper(app, "fa")


@pytest.fixture
def stranger(app: Flask, shopper: Shopper) -> Stranger:
    """Somebody with a cart, an order and no scruples, whom no form's token stops."""
    shopper.goes_to_pay()
    shopper.put_in_cart()
    app.config.update(WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    cookie = shopper.client.get_cookie("storefront_session")
    assert cookie
    return Stranger(app, HTTP_COOKIE=f"storefront_session={cookie.value}; language=en")
