"""Where the states and arrows of a drawn state machine go.

States stand in layers, and every arrow leads to a later layer. Where it passes a layer it keeps
away from the states in it and from the arrows beside it.
"""

from __future__ import annotations

from collections.abc import Mapping

from jibit_sandbox.bank.orders import State

WIDE, HIGH, GAP, STEP, EDGE = 158, 50, 60, 46, 30  # pixels: a state, what is between, the margin
ROWS = {  # from the top
    State.AWAITING: 2,
    State.PAID: 1,
    State.UNKNOWN: 3,
    State.CAPTURED: 0,
    State.FAILED: 2,
    State.EXPIRED: 4,
    State.MANUALLY_CAPTURED: 3,
    State.REVERSED: 1,
}
NEAR_STATE, NEAR_ARROW = 0.75, 0.25  # rows


class Plan:
    """The plan of one drawing: from left to right, or ``mirrored``."""

    def __init__(self, layers: Mapping[State, int], *, mirrored: bool) -> None:
        self._layers, self._mirrored = layers, mirrored
        self.width = 2 * EDGE + (max(layers.values()) + 1) * (WIDE + GAP) - GAP
        self.height = 2 * EDGE + HIGH + max(ROWS.values()) * STEP
        self._passing: dict[int, list[float]] = {}  # the rows in which arrows pass each layer

    def corner(self, state: State) -> tuple[float, float]:
        """Return the x and y of a state's upper left corner."""
        return min(self.sides(self._layers[state])), self.middle(ROWS[state]) - HIGH / 2

    def sides(self, layer: int) -> tuple[float, float]:
        """Return the x at which arrows enter a layer, and that at which they leave it."""
        near = EDGE + layer * (WIDE + GAP)
        if self._mirrored:
            return self.width - near, self.width - near - WIDE
        return near, near + WIDE

    @staticmethod
    def middle(row: float) -> float:
        return EDGE + HIGH / 2 + row * STEP

    def path(self, source: State, target: State) -> str:
        """Return the path from one state to another, past the layers between them."""
        first, last = self._layers[source], self._layers[target]
        row, x = float(ROWS[source]), self.sides(first)[1]
        path = f"M{x:g} {self.middle(row):g}"
        for layer in range(first + 1, last):
            share = (layer - first) / (last - first)
            passed = self.free_row(layer, ROWS[source] + (ROWS[target] - ROWS[source]) * share)
            enters, leaves = self.sides(layer)
            path += f"{self.curve(x, row, enters, passed)}H{leaves:g}"
            row, x = passed, leaves
        return path + self.curve(x, row, self.sides(last)[0], ROWS[target])

    def free_row(self, layer: int, wanted: float) -> float:
        """Return the row nearest to the wanted one that passes no state and no other arrow."""
        states = [ROWS[state] for state, its in self._layers.items() if its == layer]
        passing = self._passing.setdefault(layer, [])
        rows = sorted((step / 8 for step in range(-8, 42)), key=lambda row: abs(row - wanted))
        free = next(
            row
            for row in rows
            if all(abs(row - state) >= NEAR_STATE for state in states)
            and all(abs(row - other) >= NEAR_ARROW for other in passing)
        )
        passing.append(free)
        return free

    def curve(self, x: float, row: float, to_x: float, to_row: float) -> str:
        half, here, there = (x + to_x) / 2, self.middle(row), self.middle(to_row)
        return f"C{half:g} {here:g} {half:g} {there:g} {to_x:g} {there:g}"
