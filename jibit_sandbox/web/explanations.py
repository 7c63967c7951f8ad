"""What the log keeps of a refusal: its codes, the fields that are wrong, and hints."""

from __future__ import annotations

from typing import Any

from flask import Request, Response
from sqlalchemy.orm import Session

from jibit_sandbox.core.context import Call
from jibit_sandbox.core.models import World
from jibit_sandbox.core.worlds import Switches, switches_of
from jibit_sandbox.web.hints import SOURCES, Refused
from jibit_sandbox.web.json_requests import json_object
from jibit_sandbox.web.token_hints import of_token

MOST_CODES = 20


def explanation(
    session: Session, call: Call, request: Request, response: Response
) -> dict[str, Any] | None:
    """Return codes, fields and hints of a refused call; None for any other.

    A hint is a message with placeholders and what they stand for, so that a page can show it in
    its language.
    """
    codes = codes_of(response) if response.status_code >= 400 else ()
    if not codes:
        return None
    world = session.get(World, call.world)
    refused = Refused(
        call=call,
        request=request,
        session=session,
        switches=switches_of(world) if world else Switches(),
        body=json_object(request),
        status=response.status_code,
        codes=codes,
        fields=call.refused_fields,
    )
    hints = [hint for source in (*SOURCES, of_token) for hint in source(refused)]
    return {"codes": list(codes), "fields": list(refused.fields), "hints": hints}


def codes_of(response: Response) -> tuple[str, ...]:
    """Return the codes of an error's envelope, or the wallet's number; none for another body."""
    said = response.get_json(silent=True) if response.is_json else None
    if not isinstance(said, dict):
        return ()
    if isinstance(said.get("errors"), list):
        errors = said["errors"][:MOST_CODES]
        return tuple(str(error["code"]) for error in errors if isinstance(error, dict))
    return (str(said["errorCode"]),) if "errorCode" in said else ()


def sentence(message: str, facts: dict[str, str]) -> str:
    """Return a hint's message with its facts."""
    return message % facts
