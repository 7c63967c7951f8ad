"""A walk for every story: a shop on each database, and a world of the sandbox for itself."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.rig.walk import Walk


@pytest.fixture
def walk(app: Flask) -> Walk:
    return Walk(app)
