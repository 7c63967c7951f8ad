"""What happened on the evening of chapter 18: sixteen orders, eight of them damaged in eight ways.

Numbers and references are drawn from a fixed seed, so that they are the same for every learner.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from random import Random

TEHRAN = timezone(timedelta(hours=3, minutes=30))
PRICE_RIALS = 1_250_000
SEED = 18
CAUSES = (  # what a report may name; four of them are not the cause of anything here
    "killed_between",
    "verify_skipped",
    "double_payment",
    "other_amount",
    "lost_create",
    "forged_callback",
    "gateway_silent",
    "closed_by_hand",
    "dead_token",
    "double_click",
    "sold_out",
    "restored_backup",
)
Line = tuple[str, str]  # a time of the evening, and what the log says


def at(time: str) -> datetime:
    """Return a time of the evening."""
    return datetime.fromisoformat(f"2026-02-10T{time}").replace(tzinfo=TEHRAN)


NOW = at("22:30:00")


@dataclass
class Attempt:
    """A payment: what the payer and the merchant did at the gateway, and what the shop kept of it.

    ``there`` are times with ``pay``, ``cancel``, ``leave`` or ``verify``; a ``lost`` create is one
    whose answer the shop never had.
    """

    created: str
    there: tuple[Line, ...]
    here: str
    verify_sent: str | None = None
    amount_there: int = PRICE_RIALS
    lost: bool = False
    claimed: bool = False
    reference: str = ""


@dataclass
class EveningOrder:
    """An order: how it stands, how it has to stand in the end, and what the log says of it.

    ``cause`` is None where nothing is wrong. In the log, R is the reference of the first attempt,
    S that of the second one, N the order's number.
    """

    cause: str | None
    state: str
    right: tuple[str, ...]
    attempts: list[Attempt]
    log: list[Line] = field(default_factory=list)
    number: str = ""

    def lines(self) -> Iterator[Line]:
        """Yield the lines of the log, with the names in them."""
        names = {"{N}": self.number}
        for sign, attempt in zip(("{R}", "{S}"), self.attempts, strict=False):
            names[sign] = attempt.reference
        for time, text in self.log:
            for sign, name in names.items():
                text = text.replace(sign, name)
            yield time, text


def created(time: str, sign: str = "R", amount: int = PRICE_RIALS) -> list[Line]:
    return [(time, f"web     order {{N}}: payment {{{sign}}} created, amount={amount}")]


def came_back(time: str, said: str = "SUCCESSFUL", sign: str = "R") -> Line:
    return time, f"web     payment {{{sign}}}: callback state={said} from 85.9.20.14 (Firefox)"


def paid(opened: str, payed: str, returned: str, repeats: int = 1) -> EveningOrder:
    """An order that went as it should."""
    return EveningOrder(
        None,
        "paid",
        ("paid",),
        [Attempt(opened, ((payed, "pay"), (returned, "verify")), "paid", claimed=True)],
        [
            *created(opened),
            *[came_back(returned)] * repeats,
            (returned, "web     payment {R}: verify answered Successful: paid"),
        ],
    )


def unpaid(opened: str, ended: str, action: str, state: str) -> EveningOrder:
    """An order that nobody has paid."""
    who, word = ("web   ", "FAILED") if action == "cancel" else ("worker", "EXPIRED")
    line = (ended, f"{who}  payment {{R}}: inquiry answered {word}: {state}")
    left = ((at(opened) + timedelta(minutes=1)).strftime("%H:%M:%S"), action)
    attempt = Attempt(opened, (left,), state)
    return EveningOrder(None, state, (state,), [attempt], [*created(opened), line])


def damaged() -> list[EveningOrder]:
    """Return the eight orders that are not as they should be, in the order of the causes."""
    return [
        EveningOrder(
            "killed_between",
            "in_doubt",
            ("paid",),
            [
                Attempt(
                    "20:47:02",
                    (("20:48:30", "pay"), ("20:49:10", "verify")),
                    "in_doubt",
                    "20:49:10",
                    claimed=True,
                )
            ],
            [
                *created("20:47:02"),
                came_back("20:49:09"),
                ("20:49:10", "web     payment {R}: verify sent"),
            ],
        ),
        EveningOrder(
            "verify_skipped",
            "paid",
            ("paid",),
            [Attempt("22:20:15", (("22:21:40", "pay"),), "paid", claimed=True)],
            [
                *created("22:20:15"),
                came_back("22:21:44"),
                ("22:21:44", "web     payment {R}: callback says SUCCESSFUL: paid"),
            ],
        ),
        EveningOrder(
            "double_payment",
            "paid",
            ("paid",),
            [
                Attempt(
                    "20:26:20", (("20:31:00", "pay"), ("20:31:21", "verify")), "paid", claimed=True
                ),
                Attempt("20:29:40", (("20:33:10", "pay"), ("20:41:05", "verify")), "in_doubt"),
            ],
            [
                *created("20:26:20"),
                *created("20:29:40", "S"),
                came_back("20:31:20"),
                ("20:31:21", "web     payment {R}: verify answered Successful: paid"),
                came_back("20:33:14", sign="S"),
                ("20:33:14", "web     payment {S}: not verified, the order belongs to {R}"),
                (
                    "20:41:05",
                    "ops     by hand: GET /orders/(id of {S})/verify answered Successful"
                    " (customer calls: money gone, second payment not confirmed)",
                ),
                (
                    "20:41:17",
                    "worker  payment {S}: inquiry answered SUCCESS, the order belongs to {R}:"
                    " in_doubt",
                ),
            ],
        ),
        EveningOrder(
            "other_amount",
            "in_doubt",
            ("expired", "failed"),
            [
                Attempt(
                    "20:54:31",
                    (("20:56:02", "pay"),),
                    "in_doubt",
                    amount_there=PRICE_RIALS // 10,
                )
            ],
            [
                *created("20:54:31", amount=PRICE_RIALS // 10),
                came_back("20:56:06"),
                ("20:56:06", "web     payment {R}: inquiry is not about this payment: in_doubt"),
            ],
        ),
        EveningOrder(
            "lost_create",
            "open",
            ("expired", "failed"),
            [Attempt("21:31:00", (), "open", lost=True)],
            [
                ("21:31:00", "web     order {N}: payment {R}, create sent"),
                ("21:31:05", "web     payment {R}: create, no answer (ReadTimeout)"),
            ],
        ),
        EveningOrder(
            "forged_callback",
            "paid",
            ("expired", "failed"),
            [Attempt("22:12:10", (("22:13:00", "cancel"),), "paid", claimed=True)],
            [
                *created("22:12:10"),
                (
                    "22:14:37",
                    "web     payment {R}: callback state=SUCCESSFUL from 5.112.40.7 (curl/8.5)",
                ),
                ("22:14:37", "web     payment {R}: callback says SUCCESSFUL: paid"),
            ],
        ),
        EveningOrder(
            "gateway_silent",
            "in_doubt",
            ("expired", "failed"),
            [Attempt("21:02:08", (("21:03:31", "pay"),), "in_doubt", "21:03:40", claimed=True)],
            [
                *created("21:02:08"),
                came_back("21:03:35"),
                ("21:03:40", "web     payment {R}: verify sent"),
                ("21:03:45", "web     payment {R}: verify, no answer (ReadTimeout): in_doubt"),
            ],
        ),
        EveningOrder(
            "closed_by_hand",
            "expired",
            ("paid",),
            [Attempt("21:06:44", (("21:07:50", "pay"), ("21:08:02", "verify")), "expired")],
            [
                *created("21:06:44"),
                came_back("21:07:57"),
                ("21:08:02", "web     payment {R}: verify sent"),
                ("21:08:07", "web     payment {R}: verify, no answer (ReadTimeout): in_doubt"),
                (
                    "21:35:20",
                    "ops     by hand: order {N}, payment {R} SET state = 'expired'"
                    " (customer asks; the gateway does not answer, so nothing was paid)",
                ),
            ],
        ),
    ]


def healthy() -> list[EveningOrder]:
    """Return the eight orders with which nothing is wrong."""
    return [
        paid("19:05:12", "19:06:30", "19:06:34"),
        paid("19:21:03", "19:22:10", "19:22:15"),
        unpaid("19:48:40", "19:49:45", "cancel", "failed"),
        paid("20:02:00", "20:03:09", "20:03:12"),
        unpaid("20:10:25", "20:25:31", "leave", "expired"),
        paid("20:20:10", "20:21:30", "20:21:33", repeats=5),
        paid("21:43:15", "21:44:20", "21:44:24"),
        EveningOrder(
            None, "waiting", ("waiting",), [Attempt("22:27:30", (), "waiting")], created("22:27:30")
        ),
    ]


HOUSE: list[Line] = [  # what the log says of the machine and of the people
    ("19:00:00", "deploy  release 2.7.0"),
    ("20:49:11", "kernel  out of memory: killed shop.service, killed worker.service"),
    ("20:49:15", "systemd shop.service started again; worker.service: Restart=no"),
    ("20:52:00", "deploy  release 2.7.1: amounts in Toman, for the new price list"),
    ("20:58:30", "deploy  back to 2.7.0: the gateway's page shows a tenth of the price"),
    ("21:03:38", "web     GET /orders?page=1, no answer (ReadTimeout)"),
    ("21:15:05", "web     POST /tokens/refresh, no answer (ReadTimeout)"),
    ("21:24:41", "web     POST /tokens/refresh, no answer (ReadTimeout)"),
    ("21:40:02", "web     POST /tokens/refresh answered: the gateway is back"),
    ("21:50:00", "deploy  release 2.8.0: fewer calls, a callback that says SUCCESSFUL is enough"),
    ("22:26:10", "deploy  back to 2.7.0: bookkeeping asks why less money arrives"),
    ("22:30:00", "phone   you are on call now"),
]


def the_orders() -> list[EveningOrder]:
    """Return all sixteen, the oldest first, with their numbers and references."""
    draw = Random(SEED)  # noqa: S311 -- names of an exercise, the same for everybody
    orders = sorted(damaged() + healthy(), key=lambda order: order.attempts[0].created)
    for order in orders:
        order.number = f"{draw.getrandbits(32):08x}"
        for attempt in order.attempts:
            attempt.reference = f"{draw.getrandbits(64):016x}"
    return orders


def the_log(orders: list[EveningOrder]) -> list[Line]:
    """Return the log of the evening."""
    return sorted(
        [*HOUSE, *(line for order in orders for line in order.lines())], key=lambda x: x[0]
    )
