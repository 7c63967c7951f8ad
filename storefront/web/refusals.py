"""Answer a form that is refused by a redirect to a page that says why.

A page that answers a POST itself cannot be reloaded, nor be found again with Back, without the
browser asking whether to send the form once more. So the reason is kept in the session for the page
that is opened next, and that page has the fitting status code.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from flask import make_response, redirect, request, session
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

KEY = "refused"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a form was refused, with the status code; try again after ``seconds``, if there are any.

    The page of no refusal has the code 200.
    """

    status: int = HTTPStatus.OK
    words: str | None = None
    seconds: int = 0

    def redirect(self, page: str) -> Response:
        """Redirect (303) to the address of the page that is to show this."""
        session[KEY] = [urlsplit(page).path, int(self.status), self.words, self.seconds]
        return redirect(page, 303)

    def answer(self, page: ResponseReturnValue) -> Response:
        """Return the page that shows this, with the status code."""
        answer = make_response(page)
        answer.status_code = self.status
        if self.seconds:
            answer.headers["Retry-After"] = str(self.seconds)
        return answer


def shown_here() -> Refusal:
    """Return what this page has to say about the form that led to it, once."""
    if session.get(KEY, [None])[0] != request.path:
        return Refusal()
    _page, *refusal = session.pop(KEY)
    return Refusal(*refusal)
