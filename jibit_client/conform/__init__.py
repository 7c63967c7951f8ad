"""Compare a live gateway with what these clients assume about it, by harmless calls only.

``check`` asks one gateway and returns a ``Report`` with a finding for every uncertain fact;
``gateways_date`` only gets tokens, and returns what the gateway's clock shows.
"""

from __future__ import annotations

from .asking import CannotBeAsked
from .checking import GATEWAYS, check, gateways_date
from .facts import Fact, Finding, Verdict
from .report import Report
from .target import Target

__all__ = [
    "GATEWAYS",
    "CannotBeAsked",
    "Fact",
    "Finding",
    "Report",
    "Target",
    "Verdict",
    "check",
    "gateways_date",
]
