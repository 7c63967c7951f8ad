"""An error of the database says what went wrong, and not whose data it went wrong with."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text

from storefront.core.database import db
from testkit.scenario import SHOPPER, ScenarioDriver

REFUSED = "BEFORE INSERT ON orders FOR EACH ROW"
TRIGGER = {
    "sqlite": f"CREATE TRIGGER refused {REFUSED} BEGIN SELECT RAISE(ABORT, 'refused'); END",
    "postgresql": f"CREATE TRIGGER refused {REFUSED} EXECUTE FUNCTION refuse('refused')",
}


def test_a_statement_that_fails_names_no_shopper(app: Flask) -> None:
    driver = ScenarioDriver(app)
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text(TRIGGER[db.engine.dialect.name]))
    with pytest.raises(Exception, match="refused") as caught:
        driver.place()
    said = f"{caught.value} {caught.value.__cause__}"
    assert "INSERT INTO orders" in said
    for secret in (SHOPPER.full_name, SHOPPER.mobile, SHOPPER.address, SHOPPER.postal_code):
        assert secret not in said
