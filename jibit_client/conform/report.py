"""Show what was found: lines for a person, one object for machines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from .facts import Finding, Verdict

AGREES, DIFFERS, NOT_ASKED = range(3)  # exit codes


@dataclass(frozen=True, slots=True)
class Report:
    """Hold the findings about one gateway.

    ``left_behind`` are the references of the unpaid orders that the check has made. A payer of
    them would be sent to ``redirect_url``.
    """

    gateway: str
    base_url: str
    findings: tuple[Finding, ...]
    left_behind: tuple[str, ...] = ()
    redirect_url: str | None = field(default=None, repr=False)

    @property
    def counts(self) -> Mapping[Verdict, int]:
        """Return how many facts have each verdict."""
        counted = Counter(each.verdict for each in self.findings)
        return {verdict: counted[verdict] for verdict in Verdict}

    @property
    def exit_code(self) -> int:
        """Return 0 if all that was seen agrees, 1 if something differs."""
        return DIFFERS if self.counts[Verdict.DIFFERENT] else AGREES

    def as_object(self) -> dict[str, object]:
        """Return the report for machines."""
        return {
            "gateway": self.gateway,
            "base_url": self.base_url,
            "counts": {str(verdict): count for verdict, count in self.counts.items()},
            "facts": [asdict(each) for each in self.findings],
            "left_behind": list(self.left_behind),
        }

    def as_text(self) -> str:
        """Return the report for a person, a line for each fact."""
        counts = ", ".join(f"{count} {verdict}" for verdict, count in self.counts.items())
        lines = [f"{self.gateway} at {self.base_url}", *map(_line, self.findings), f"{counts}"]
        if self.left_behind:
            lines.append(f"unpaid orders that will expire: {', '.join(self.left_behind)}")
        return "\n".join(lines)


def _line(found: Finding) -> str:
    detail = f": {found.detail}" if found.detail else ""
    return f"{found.section} ({found.confidence}): {found.sentence} - {found.verdict}{detail}"
