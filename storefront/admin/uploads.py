"""Take files from people who are logged in; everybody else's bodies stay small."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from storefront.admin.access import log_in_first
from storefront.web.security import keep_private

MOST_BYTES = 32_000_000  # of one request; deploy/nginx.conf lets a little more through
# Werkzeug's reader of files also holds this against the piece of a file that it has read: 64 KiB.
MOST_BYTES_BESIDE_FILES = 256 * 1024


def take_files(blueprint: Blueprint, *views: str) -> None:
    """Let these views of an area take large bodies, and say in words where one is too large."""
    endpoints = {f"{blueprint.name}.{view}" for view in views}

    @blueprint.url_value_preprocessor
    def admit(endpoint: str | None, _values: dict[str, Any] | None) -> None:
        """Decide before the body is read, which the check of the form's token does."""
        if request.method != "POST" or endpoint not in endpoints:
            return
        if not current_user.is_authenticated:
            abort(log_in_first())
        request.max_content_length = MOST_BYTES
        request.max_form_memory_size = MOST_BYTES_BESIDE_FILES

    @blueprint.errorhandler(413)
    def too_large(_error: Exception) -> ResponseReturnValue:
        page = render_template("admin/too_large.html", most=MOST_BYTES // 10**6)
        return keep_private(make_response(page, 413))
