"""A second shopper, who reads Persian."""

from __future__ import annotations

import pytest
from flask import Flask

from testkit.shopper import Shopper

# What these show does not hang on the database: `make test-long` takes them on PostgreSQL, too.
RENDERING = {
    "test_cart.py",
    "test_catalogue.py",
    "test_errors.py",
    "test_language.py",
    "test_payment_methods.py",
    "test_receipts.py",
    "test_robots.py",
    "test_security.py",
}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        chosen = getattr(item, "callspec", None)
        on_postgresql = chosen and chosen.params.get("databases") == "postgresql"
        if on_postgresql and item.path.parent.name == "views" and item.path.name in RENDERING:
            item.add_marker(pytest.mark.long)


@pytest.fixture
def persian(shopper: Shopper, app: Flask) -> Shopper:
    """Somebody who has chosen no language, in front of the same shop."""
    assert shopper.client.application is app, "the goods are there already"
    reader = Shopper(app)
    reader.client.delete_cookie("language")
    return reader
