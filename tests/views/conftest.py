"""A second shopper, who reads Persian."""

from __future__ import annotations

import pytest
from flask import Flask

from testkit.shopper import Shopper


@pytest.fixture
def persian(shopper: Shopper, app: Flask) -> Shopper:
    """Somebody who has chosen no language, in front of the same shop."""
    assert shopper.client.application is app, "the goods are there already"
    reader = Shopper(app)
    reader.client.delete_cookie("language")
    return reader
