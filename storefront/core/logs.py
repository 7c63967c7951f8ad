"""Write the log of the shop and of its libraries to the error output, as text or as JSON.

Every record of the shop's own log is one line: text from outside writes no second one.
"""

from __future__ import annotations

import logging

from flask import Flask
from flask.logging import default_handler, has_level_handler

from payment_engine.bounds import printable
from storefront.core.log_lines import JsonLines, TextLines

OURS = ("storefront", "payment_engine", "jibit_client")
SERVERS = ("_granian", "granian.access")  # they have handlers of their own
WIRE = logging.getLogger("jibit_client.wire")  # a line for each call of a gateway


class OneLine(logging.Filter):
    """Make a record's message printable. Flask logs the path of a request that failed, decoded."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record, and let it through."""
        record.msg, record.args = printable(record.getMessage()), None
        return True


_ONE_LINE = OneLine()  # one for all: a logger takes the same filter once


def init_app(app: Flask) -> None:
    """Keep what is logged on ``app.logger`` on one line."""
    app.logger.addFilter(_ONE_LINE)


def set_format(form: str) -> None:
    """Write the log of this process as ``text`` or as ``json``.

    JSON is for programs: it has the lines of all libraries, and those of calls that went well.
    """
    for name in ("", *OURS):
        logging.getLogger(name).removeHandler(default_handler)
    if form == "json":
        _write_json()
    else:
        _write_text()


def _write_json() -> None:
    default_handler.setFormatter(JsonLines())
    logging.getLogger().addHandler(default_handler)
    WIRE.setLevel(logging.INFO)
    for name in SERVERS:
        server = logging.getLogger(name)
        server.handlers.clear()
        server.propagate = True


def _write_text() -> None:
    default_handler.setFormatter(TextLines())
    WIRE.setLevel(logging.NOTSET)
    for logger in map(logging.getLogger, OURS):
        if not has_level_handler(logger):  # else who embeds the shop has decided where it goes
            logger.addHandler(default_handler)
