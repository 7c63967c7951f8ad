"""Who may list: at PPG v3 each client has one list call at a time."""

from __future__ import annotations

from threading import Lock


class ListTurns:
    """The worlds whose client has a list call under way."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._taken: set[str] = set()

    def take(self, world: str) -> bool:
        """Take the world's turn; return False if it is taken."""
        with self._lock:
            is_free = world not in self._taken
            self._taken.add(world)
            return is_free

    def give_back(self, world: str) -> None:
        """Let the next list call of the world begin."""
        with self._lock:
            self._taken.discard(world)
