"""Letters that cannot be made, while a storm lasts: no other letter may wait for them."""

from __future__ import annotations

from contextlib import suppress
from threading import Event

from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

POISON = "UPDATE orders SET language = 'xx' WHERE email IS NOT NULL AND id % 4 = 0"
POISON_EVERY = 2.0  # seconds


def poison_letters(engine: Engine, over: Event) -> None:
    """Give every fourth order a language that no letter is written in: sending raises.

    The shop gives none such; this stands for any message that meets a defect.
    """
    while not over.wait(POISON_EVERY):
        with suppress(OperationalError), engine.begin() as connection:  # the shop is writing
            connection.execute(text(POISON))
