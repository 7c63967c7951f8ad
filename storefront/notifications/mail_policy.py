"""Write the headers of e-mails so that every mail program reads what was meant."""

from __future__ import annotations

from email.header import Header
from email.headerregistry import BaseHeader, HeaderRegistry, UniqueUnstructuredHeader
from email.policy import SMTP, Policy
from typing import Any


class Subject(UniqueUnstructuredHeader, BaseHeader):  # type: ignore[misc]  # as the registry joins the two
    """A subject that keeps its blanks where it is folded: some versions of the library lose one.

    Where a Persian subject becomes two encoded words, readers join them without a blank.
    """

    def fold(self, *, policy: Policy[Any]) -> str:
        """Return the header's lines."""
        text, name, end = str(self), str(self.name), policy.linesep
        if text.isascii():
            return str(super().fold(policy=policy))
        return f"{name}: {Header(text, 'utf-8', header_name=name).encode(linesep=end)}{end}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("subject", Subject)
# Lines end in CRLF, in base64, too; bodies are ASCII, so they pass where a server lacks 8BITMIME.
POLICY = SMTP.clone(cte_type="7bit", header_factory=_HEADERS)
