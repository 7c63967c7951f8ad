"""Lay a graph out in layers: who comes before whom, who stands beside whom, and the ways between.

After Sugiyama, Tagawa and Toda (1981): turn edges that lead back, give each node a layer, sort the
layers so that few edges cross, then move everything towards what it is connected with. A label is
an entry of the layer between two nodes, so nothing lies upon it. "Along" is the direction in which
the layers follow each other, "beside" the other one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

BESIDE = 18  # between two neighbours of a layer
SWEEPS = 12
MOVES = 120
BAND = 44  # between two groups that stand beside each other
Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """How much room something needs."""

    along: float
    beside: float


@dataclass(frozen=True)
class Chain:
    """An edge with its label."""

    start: str
    end: str
    label: Box


@dataclass(frozen=True)
class Layout:
    """What is laid out."""

    boxes: dict[str, Box]
    chains: list[Chain]
    group_of: dict[str, str]


@dataclass
class Way:
    """The points of an edge, from the earlier layer to the later one, and of its label."""

    points: list[Point]
    label: Point | None
    reversed: bool


@dataclass
class Spread:
    """Where everything is."""

    boxes: dict[str, Box]
    centres: dict[str, Point]
    ways: list[Way]
    length: float
    breadth: float


@dataclass
class _Work:
    layout: Layout
    rank: dict[str, int]
    boxes: dict[str, Box]  # of nodes, and of the entries between them
    between: list[list[str]]  # the entries of each chain, from the earlier node to the later one
    turned: list[bool]
    layers: list[list[str]] = field(default_factory=list)
    before: dict[str, list[str]] = field(default_factory=dict)
    after: dict[str, list[str]] = field(default_factory=dict)
    band: dict[str, int] = field(default_factory=dict)
    beside: dict[str, float] = field(default_factory=dict)


def lay_out(layout: Layout, gap: float) -> Spread:
    """Return where the nodes are and how the edges go; layers are ``gap`` apart."""
    work = _with_layers(layout)
    _sort_layers(work)
    _set_beside(work)
    along, length = _layers_along(work, gap)
    centres = {
        name: ((along[work.rank[name]][0] + along[work.rank[name]][1]) / 2, work.beside[name])
        for name in work.boxes
    }
    ways = [_way(work, number, centres, along) for number in range(len(layout.chains))]
    breadth = max(work.beside[name] + work.boxes[name].beside / 2 for name in work.boxes)
    nodes = {name: centres[name] for name in layout.boxes}
    return Spread(layout.boxes, nodes, ways, length, breadth)


def _with_layers(layout: Layout) -> _Work:
    turned = _turned(layout)
    rank = _ranks(layout, turned)
    work = _Work(layout, dict(rank), dict(layout.boxes), [], turned)
    work.band = _bands(layout, rank)
    for number, chain in enumerate(layout.chains):
        first, last = (chain.end, chain.start) if turned[number] else (chain.start, chain.end)
        inside = range(rank[first] + 1, rank[last])
        middle = inside[len(inside) // 2] if inside else None
        entries = []
        for at in inside:
            name = f"{number}/{at}"
            work.rank[name] = at
            work.boxes[name] = chain.label if at == middle else Box(0, 0)
            work.band[name] = max(work.band[first], work.band[last])
            entries.append(name)
        work.between.append(entries)
        for one, other in zip([first, *entries], [*entries, last], strict=True):
            work.after.setdefault(one, []).append(other)
            work.before.setdefault(other, []).append(one)
    work.layers = [[] for _ in range(max(work.rank.values()) + 1)]
    for name in work.boxes:
        work.layers[work.rank[name]].append(name)
    return work


def _turned(layout: Layout) -> list[bool]:
    """Return which edges lead back to a node that comes before."""
    leads: dict[str, list[int]] = {name: [] for name in layout.boxes}
    for number, chain in enumerate(layout.chains):
        leads[chain.start].append(number)
    turned = [False] * len(layout.chains)
    open_, closed = set[str](), set[str]()

    def visit(name: str) -> None:
        open_.add(name)
        for number in leads[name]:
            end = layout.chains[number].end
            if end in open_:
                turned[number] = True
            elif end not in closed:
                visit(end)
        open_.discard(name)
        closed.add(name)

    for name in layout.boxes:
        if name not in closed:
            visit(name)
    return turned


def _ranks(layout: Layout, turned: list[bool]) -> dict[str, int]:
    """Return the layer of each node; every second layer is left to labels."""
    rank = dict.fromkeys(layout.boxes, 0)
    flat = _flat_groups(layout)
    for _ in layout.boxes:
        for chain, back in zip(layout.chains, turned, strict=True):
            first, last = (chain.end, chain.start) if back else (chain.start, chain.end)
            rank[last] = max(rank[last], rank[first] + 2)
        for members in flat:
            latest = max(rank[name] for name in members)
            rank.update(dict.fromkeys(members, latest))
    return rank


def _flat_groups(layout: Layout) -> list[list[str]]:
    """Return the groups whose members are not connected with each other: they share a layer."""
    connected = {
        layout.group_of[chain.start]
        for chain in layout.chains
        if layout.group_of.get(chain.start) == layout.group_of.get(chain.end, "")
    }
    groups: dict[str, list[str]] = {}
    for name, group in layout.group_of.items():
        groups.setdefault(group, []).append(name)
    return [members for group, members in groups.items() if group not in connected]


def _bands(layout: Layout, rank: dict[str, int]) -> dict[str, int]:
    """Return which group stands beside which; all are one band if each has a layer of its own."""
    groups = list(dict.fromkeys(layout.group_of.values()))
    one_layer = all(
        len({rank[name] for name, other in layout.group_of.items() if other == group}) == 1
        for group in groups
    )
    if one_layer:
        return dict.fromkeys(layout.boxes, 0)
    band = {name: groups.index(group) for name, group in layout.group_of.items()}
    for name in layout.boxes:
        if name not in band:
            band[name] = _band_beside(layout, rank, name, len(groups))
    return band


def _band_beside(layout: Layout, rank: dict[str, int], name: str, own: int) -> int:
    """Return the band of the only group that a node follows or precedes, else the last one."""
    ends = [(chain.start, chain.end) for chain in layout.chains if name in (chain.start, chain.end)]
    near = {layout.group_of.get(end) for pair in ends for end in pair if end != name}
    if len(near) != 1:
        return own
    (group,) = near
    ranks = [rank[one] for one, other in layout.group_of.items() if other == group]
    if group is None or min(ranks) <= rank[name] <= max(ranks):
        return own
    return list(dict.fromkeys(layout.group_of.values())).index(group)


def _sort_layers(work: _Work) -> None:
    best, fewest = [list(layer) for layer in work.layers], _crossings(work)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        neighbours = work.before if down else work.after
        for layer in work.layers if down else reversed(work.layers):
            place = {name: at for other in work.layers for at, name in enumerate(other)}
            wanted = {
                name: sum(place[other] for other in found) / len(found)
                if (found := neighbours.get(name))
                else place[name]
                for name in layer
            }
            groups: dict[str, list[float]] = {}
            for name in layer:
                group = work.layout.group_of.get(name, name)
                groups.setdefault(group, []).append(wanted[name])
            mean = {group: sum(found) / len(found) for group, found in groups.items()}

            def key(
                name: str, wanted: dict[str, float] = wanted, mean: dict[str, float] = mean
            ) -> tuple[float, ...]:
                group = work.layout.group_of.get(name, name)
                return (work.band[name], mean[group], wanted[name])

            layer.sort(key=key)
        crossings = _crossings(work)
        if crossings < fewest:
            best, fewest = [list(layer) for layer in work.layers], crossings
    work.layers = best
    for layer in work.layers:
        layer.sort(key=lambda name: work.band[name])


def _crossings(work: _Work) -> int:
    place = {name: at for layer in work.layers for at, name in enumerate(layer)}
    count = 0
    for layer in work.layers:
        ends = [(place[one], place[other]) for one in layer for other in work.after.get(one, [])]
        count += sum(
            (a - c) * (b - d) < 0
            for number, (a, b) in enumerate(ends)
            for c, d in ends[number + 1 :]
        )
    return count


def _set_beside(work: _Work) -> None:
    for layer in work.layers:
        at = 0.0
        for name in layer:
            half = work.boxes[name].beside / 2
            work.beside[name] = at + half
            at += 2 * half + BESIDE
    for sweep in range(MOVES):
        for layer in work.layers if sweep % 2 == 0 else reversed(work.layers):
            wanted = [_pull(work, name) for name in layer]
            for name, at in zip(layer, _apart(work, layer, wanted), strict=True):
                work.beside[name] = at
    _separate_bands(work)
    least = min(work.beside[name] - work.boxes[name].beside / 2 for name in work.boxes)
    for name in work.beside:
        work.beside[name] -= least


def _pull(work: _Work, name: str) -> float:
    """Return where a node would stand if there was nothing beside it."""
    near = work.before.get(name, []) + work.after.get(name, [])
    if not near:
        return work.beside[name]
    return sum(work.beside[other] for other in near) / len(near)


def _apart(work: _Work, layer: list[str], wanted: list[float]) -> list[float]:
    """Return the places next to the wanted ones at which nobody stands upon another."""
    rooms = [
        (work.boxes[one].beside + work.boxes[other].beside) / 2 + BESIDE
        for one, other in pairwise(layer)
    ]
    down, up = list(wanted), list(wanted)
    for at, room in enumerate(rooms):
        down[at + 1] = max(down[at + 1], down[at] + room)
    for at, room in reversed(list(enumerate(rooms))):
        up[at] = min(up[at], up[at + 1] - room)
    return [(one + other) / 2 for one, other in zip(down, up, strict=True)]


def _separate_bands(work: _Work) -> None:
    end = None
    for band in sorted(set(work.band.values())):
        inside = [name for name in work.boxes if work.band[name] == band]
        least = min(work.beside[name] - work.boxes[name].beside / 2 for name in inside)
        if end is not None:
            shift = end + BAND - least
            for name in inside:
                work.beside[name] += shift
        end = max(work.beside[name] + work.boxes[name].beside / 2 for name in inside)


def _layers_along(work: _Work, gap: float) -> tuple[list[tuple[float, float]], float]:
    """Return where each layer begins and ends, and the length of all."""
    found: list[tuple[float, float]] = []
    at = 0.0
    for layer in work.layers:
        thickness = max((work.boxes[name].along for name in layer), default=0)
        found.append((at, at + thickness))
        at += thickness + gap
    return found, at - gap


def _way(
    work: _Work, number: int, centres: dict[str, Point], along: list[tuple[float, float]]
) -> Way:
    chain, entries = work.layout.chains[number], work.between[number]
    turned = work.turned[number]
    first, last = (chain.end, chain.start) if turned else (chain.start, chain.end)
    points = [_port(work, first, entries[0] if entries else last, centres, 1)]
    for entry in entries:
        begin, end = along[work.rank[entry]]
        beside = work.beside[entry]
        points += [(begin, beside), (end, beside)] if end > begin else [(begin, beside)]
    points.append(_port(work, last, entries[-1] if entries else first, centres, -1))
    labelled = next((name for name in entries if work.boxes[name].along), None)
    return Way(points, centres[labelled] if labelled else None, turned)


def _port(work: _Work, node: str, towards: str, centres: dict[str, Point], side: int) -> Point:
    """Return where an edge leaves a node: several leave it side by side."""
    others = (work.after if side > 0 else work.before).get(node, [])
    others = sorted(others, key=lambda name: work.beside[name])
    box, (along, beside) = work.boxes[node], centres[node]
    apart = min(18.0, box.beside * 0.7 / len(others))
    shift = (others.index(towards) - (len(others) - 1) / 2) * apart
    return along + side * box.along / 2, beside + shift
