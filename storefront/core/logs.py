"""Keep every record of the shop's own log on one line: a stranger's text writes no second one."""

from __future__ import annotations

import logging

from flask import Flask

from payment_engine.bounds import printable


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
