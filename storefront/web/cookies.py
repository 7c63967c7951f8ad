"""Keep cookies to this host, and out of answers that anybody may keep."""

from __future__ import annotations

import hashlib

from flask import Flask, Response
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from itsdangerous import URLSafeTimedSerializer


def name_of(name: str, *, encrypted: bool) -> str:
    """Return the name that a cookie is set and read by.

    Browsers take a ``__Host-`` cookie from this host over https only: no sibling domain sets it.
    """
    return f"__Host-{name}" if encrypted else name


class Sessions(SecureCookieSessionInterface):
    """Flask's sessions. Saving them is the last that happens to a response, so this is the place
    where no cookie of anybody is left on an answer that a shared cache may keep.
    """

    digest_method = staticmethod(hashlib.sha256)  # Flask's own default is SHA-1

    def __init__(self) -> None:
        self._serializer: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return the application's; Flask makes a new one to read, and to save, each session."""
        if self._serializer is None:
            self._serializer = super().get_signing_serializer(app)
        return self._serializer

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Set the session's cookie, on private answers alone."""
        if response.cache_control.public:
            response.headers.remove("Set-Cookie")
            return
        super().save_session(app, session, response)
