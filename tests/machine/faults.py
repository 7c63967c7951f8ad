"""What the machine may choose from: how a gateway reads its document, and what it may do wrong.

Left out is only what no shop could survive, because it is not a fault but a false ledger; see
`drills/faults.py`. What takes real time (hang, delay) is played by the network instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from drills.faults import DONE_AND_ANSWER_LOST, NOT_HEARD, SAID_OTHERWISE, TOKENS_DIED
from jibit_sandbox.behaviours.catalogue import BEHAVIOURS
from jibit_sandbox.core.worlds import choices


@dataclass(frozen=True, slots=True)
class Reading:
    """How this gateway reads what its document leaves open, and how the shop is set.

    ``window`` is the shop's, in seconds; the gateway's is 900. ``skew`` is by how many seconds the
    gateway's clock is ahead, ``late`` by how many its expiry runs late: less than the hour for
    which the shop waits.
    """

    switches: Mapping[str, Any]
    policy: str
    window: int
    skew: int
    late: int


LATE = (0, 0, 120, 1800)  # seconds
TAKES_TIME = {"hang", "hang_after_commit", "delay"}
NAMES = {**NOT_HEARD, **DONE_AND_ANSWER_LOST, **SAID_OTHERWISE, **TOKENS_DIED}
RARE = ("generate_refused", "list_gap")
OPERATIONS = ("verify", "verify", "inquiry", "create", "list", "generate", "refresh")


def _faults_of(operation: str) -> st.SearchStrategy[tuple[str, str]]:
    names = [name for name in (*NAMES, *RARE) if operation in BEHAVIOURS[name].fits]
    return st.tuples(
        st.sampled_from([name for name in names if name not in TAKES_TIME]), st.just(operation)
    )


FAULTS = st.sampled_from(OPERATIONS).flatmap(_faults_of)

NOT_SWITCHED = ("merchant", "channel", "legacy")  # those are a merchant's own trouble
SWITCHES = st.fixed_dictionaries(
    {
        name: st.sampled_from((readings[0], readings[0], *readings))  # the default is likeliest
        for name, readings in choices().items()
        if name not in NOT_SWITCHED and not name.startswith("v3_")  # no shop speaks v3 here
    }
)


def _set_for(switches: dict[str, Any]) -> st.SearchStrategy[Reading]:
    """`poll` takes it that verifying an unpaid payment is harmless: not where it ends it."""
    harmless = switches["verify_unpaid"] != "fails"
    policies = ["poll", "poll", "last_minute"] if harmless else ["last_minute"]
    return st.builds(
        Reading,
        switches=st.just(switches),
        policy=st.sampled_from(policies),
        window=st.sampled_from([900, 600]),  # a shorter one lets two attempts be paid
        skew=st.sampled_from([0, 3, -3]),
        late=st.sampled_from(LATE),
    )


READINGS = SWITCHES.flatmap(_set_for)
