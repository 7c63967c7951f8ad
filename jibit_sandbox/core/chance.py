"""Draw what must be new: at random, or in a seeded world the same on every run.

The n-th draw of a kind in a seeded world depends only on the seed, the world's name, the kind and
n: not on time, not on other worlds, and not on draws of other kinds in between.
"""

from __future__ import annotations

from random import Random, SystemRandom

from jibit_sandbox.core.models import World

AT_RANDOM = SystemRandom()


def chance(world: World, kind: str) -> Random:
    """Return the source of the world's next draw of this kind."""
    if world.seed is None:
        return AT_RANDOM
    number = world.drawn.get(kind, 0) + 1
    world.drawn = {**world.drawn, kind: number}
    return Random(f"{world.seed}/{world.name}/{kind}/{number}")  # noqa: S311 - repeatable is the point


def new_fingerprint(world: World) -> str:
    """Return what names one exchange: 32 hexadecimal digits."""
    return chance(world, "fingerprint").randbytes(16).hex()


def new_digits(world: World, kind: str, count: int) -> str:
    """Return so many digits, the first of them not zero."""
    return str(chance(world, kind).randrange(10 ** (count - 1), 10**count))
