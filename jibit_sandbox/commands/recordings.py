"""Read recorded calls: a HAR file, the control API's log, or lines of ``jibit-sandbox tail``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from jibit_sandbox.files.fields import parsed, text_of

SAYS = "a HAR file, or lines of jibit-sandbox tail"


class Recorded(NamedTuple):
    """One call as it was recorded; ``status`` is None where no answer came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: str
    status: int | None
    answer: Any

    @property
    def is_callback(self) -> bool:
        return not self.path.startswith(("/ppg/", "/pg/"))


def recorded_in(file: Path) -> list[Recorded]:
    """Return the calls in a file; raise ValueError with a sentence if it holds none."""
    text = text_of(file)
    try:
        calls = [*calls_in(document_in(text, str(file)))]
    except (AttributeError, KeyError, TypeError):
        raise ValueError(f"{file} is not {SAYS}. (jibit-sandbox import reads a world)") from None
    if not calls:
        raise ValueError(f"{file} holds no calls; it must be {SAYS}")
    return calls


def document_in(text: str, source: str) -> Any:
    """Return the JSON of a file; of JSON in lines, a list."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > 1 and is_json(lines[0]):
        each = enumerate(lines, 1)
        return [parsed(line, f"{source}, entry {number}") for number, line in each]
    return parsed(text, source)


def is_json(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def calls_in(document: Any) -> Iterable[Recorded]:
    if isinstance(document, dict) and "log" in document:
        return map(of_har, document["log"]["entries"])
    if isinstance(document, dict):
        document = document.get("requests", [document])
    return map(of_log, document)


def of_log(call: Mapping[str, Any]) -> Recorded:
    """Return a call of the sandbox's own log."""
    path, headers, body = call["path"], call["request_headers"], call["request_body"]
    is_absolute = "://" in path
    answer = as_json(call["response_body"])
    return Recorded(
        call["method"], "" if is_absolute else path, headers, body, call["status"], answer
    )


def of_har(entry: Mapping[str, Any]) -> Recorded:
    said, answer = entry["request"], entry["response"]
    url = urlsplit(said["url"])
    return Recorded(
        said["method"],
        url.path + (f"?{url.query}" if url.query else ""),
        {each["name"]: each["value"] for each in said["headers"]},
        said.get("postData", {}).get("text", ""),
        answer["status"] or None,
        as_json(answer["content"].get("text")),
    )


def as_json(text: str | None) -> Any:
    try:
        return json.loads(text or "")
    except ValueError:
        return None
