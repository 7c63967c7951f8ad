"""The address under which payers open the sandbox's pages."""

from __future__ import annotations

from flask import request

from jibit_sandbox.core.context import sandbox


def public_address() -> str:
    """Return the address of the settings; without one, that of the current call."""
    return sandbox().settings.public_url or request.host_url.rstrip("/")
