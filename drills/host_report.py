"""What a run on many hosts shows beside the storm's own table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from drills.host_system import HostSystem
from drills.host_watch import OTHER, SAME

LONGEST_GAP = 30  # seconds without any page; the first clients of a lost host wait in vain
MOST_FAILED = 20.0  # of a hundred looks, in a storm that kills shops all the time


def as_table(system: HostSystem) -> str:
    """Lay out what became of pages, carts and pictures, a broken bound marked."""
    rows = list(_figures(system))
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name.ljust(width)}  {value}" for name, value in rows)


def broken(system: HostSystem) -> list[str]:
    """Return which bounds of this drill were broken."""
    watch = system.watch
    found = {
        "a host had another cart": _count(watch.carts, OTHER) > 0,
        "a host had another picture": _count(watch.pictures, OTHER) > 0,
        "no host showed the cart": _count(watch.carts, SAME) == 0,
        "no host showed the picture": _count(watch.pictures, SAME) == 0,
        "nobody was shown a page for long": watch.longest_gap() > LONGEST_GAP,
        "too many looks were shown no page": watch.share_failed() > MOST_FAILED,
        "no host was lost": system.faults.lost_at is None,
    }
    return [name for name, is_so in found.items() if is_so]


def _figures(system: HostSystem) -> Iterator[tuple[str, str]]:
    watch = system.watch
    yield "times that the cable of worker 2 was pulled", str(system.faults.flaps)
    yield "looks through the front", str(sum(watch.statuses.values()))
    yield "  by status", _words(watch.statuses)
    yield "  percent that were shown no page", f"{watch.share_failed():.1f}"
    yield "  seconds with such a look", f"{len(watch.bad_seconds())} of {len(watch.seconds)}"
    yield "  most seconds in a row without any page", str(watch.longest_gap())
    yield "  seconds of the slowest, at most", f"{watch.slowest:.0f}"
    for what, answers in (("cart", watch.carts), ("picture", watch.pictures)):
        for host, counts in sorted(answers.items()):
            yield f"the {what}, asked of {host}", _words(counts)
    for name in broken(system):
        yield name, "<<<"


def _words(counts: Counter[str]) -> str:
    return ", ".join(f"{name}: {count}" for name, count in sorted(counts.items()))


def _count(answers: Mapping[str, Counter[str]], word: str) -> int:
    return sum(counts[word] for counts in answers.values())
