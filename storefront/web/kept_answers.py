"""Keep the few answers of a short form for some minutes, encrypted in the session's cookie.

So a page that is redirected to, reloaded or opened in the other language still has them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from flask import current_app, session

from storefront.payments.token_cipher import FernetCipher

PURPOSE = b"storefront: answers in a cookie"
KEPT_SECONDS = 10 * 60
LONGEST = 40  # letters of one answer


def keep(name: str, answers: Mapping[str, str | None]) -> None:
    """Keep a form's answers under its name."""
    short = {field: (answer or "")[:LONGEST] for field, answer in answers.items()}
    session[name] = _cipher().encrypt(json.dumps(short, ensure_ascii=False))


def kept(name: str) -> dict[str, str]:
    """Return a form's answers; nothing if there are none, or none any more."""
    stored = session.get(name)
    opened = _cipher().decrypt(str(stored), KEPT_SECONDS) if stored else None
    if opened is None:
        forget(name)
        return {}
    answers: dict[str, str] = json.loads(opened)
    return answers


def forget(name: str) -> None:
    """Forget a form's answers."""
    if name in session:
        del session[name]


def _cipher() -> FernetCipher:
    config = current_app.config
    return FernetCipher([config["SECRET_KEY"], *config["SECRET_KEY_FALLBACKS"]], PURPOSE)
