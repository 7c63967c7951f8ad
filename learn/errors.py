"""What the course refuses: each refusal names the sentence that says why."""

from __future__ import annotations


class CannotDo(Exception):
    """What was asked for is impossible now; ``key`` and ``values`` are those of a sentence."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key, values)
        self.key, self.values = key, values
