"""The inbox of text messages: what a shop in test mode sends by SMS arrives here.

It takes what the shop's signed driver sends, and checks no signature: nobody has a secret here.
"""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, jsonify, render_template

from jibit_sandbox.bank.wallets import MOBILE
from jibit_sandbox.control.parameters import body_object, world_name, world_work
from jibit_sandbox.core.clock import as_text
from jibit_sandbox.core.context import work_in
from jibit_sandbox.core.errors import ControlError
from jibit_sandbox.core.inbox import TextMessage, newest_first, receive

LONGEST_KEY = 200
LONGEST_TEXT = 900  # characters; a provider takes no longer message either
inbox = Blueprint("inbox", __name__)


class Refused(ControlError):
    """No such message can be delivered, now or later."""

    status = 422


@inbox.post("/_sandbox/sms")
def take() -> tuple[Response, int]:
    """Take ``{"id", "to", "text"}``; a repeated ``id`` is the same message."""
    body = body_object()
    key, text = _text_of(body, "id", LONGEST_KEY), _text_of(body, "text", LONGEST_TEXT)
    mobile = body.get("to")
    if not isinstance(mobile, str) or not re.fullmatch(MOBILE, mobile):
        raise Refused("to must be a mobile number such as 09121234567")
    with world_work() as work:
        return jsonify(view(receive(work, key, mobile, text))), 202


def _text_of(body: dict[str, Any], name: str, longest: int) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        raise Refused(f"{name} must be a text of 1 to {longest} characters")
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise Refused(f"{name} holds half a character")
    return value


@inbox.get("/_sandbox/sms")
def show() -> Response:
    """Return the world's messages, the newest first."""
    with world_work() as work:
        return jsonify(messages=[view(each) for each in newest_first(work)])


def view(message: TextMessage) -> dict[str, Any]:
    """Return a message for programs; ``times`` is how often it came."""
    return {
        "id": message.key,
        "to": message.mobile,
        "text": message.text,
        "received_at": as_text(message.received_at),
        "times": message.times,
    }


@inbox.get("/_sandbox/pages/sms")
def page() -> str:
    """Show the messages as the telephones would."""
    with work_in(world_name()) as work:
        found = newest_first(work)
        return render_template("dashboard/inbox.html", world=work.world, messages=found)
