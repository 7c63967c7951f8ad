"""Write a `.br` and a `.gz` beside each static file that becomes smaller: for nginx.

`python -m scripts.precompress` does it when a release is installed; nginx then sends the small file
without any work (`gzip_static`, `brotli_static` in deploy/nginx.conf). A file that changed is done
again, and one whose file is gone is removed: nginx would send the old text.
"""

from __future__ import annotations

import gzip
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import brotli

STATIC = Path(__file__).resolve().parents[1] / "static"
KINDS = frozenset({".css", ".js", ".svg", ".json", ".txt", ".ico"})
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    ".br": lambda text: bytes(brotli.compress(text, quality=11)),
    ".gz": lambda text: gzip.compress(text, 9, mtime=0),
}


def precompress(folder: Path = STATIC) -> int:
    """Bring all files of a folder up to date; return how many were written or removed."""
    wanted = dict(_packed(folder))
    changed = [path for path, text in wanted.items() if not _holds(path, text)]
    for path in changed:
        path.write_bytes(wanted[path])
    gone = [path for path in folder.rglob("*") if path.suffix in PACKERS and path not in wanted]
    for path in gone:
        path.unlink()
    return len(changed) + len(gone)


def _packed(folder: Path) -> Iterator[tuple[Path, bytes]]:
    for path in (path for path in folder.rglob("*") if path.suffix in KINDS):
        text = path.read_bytes()
        for ending, pack in PACKERS.items():
            packed = pack(text)
            if len(packed) < len(text):
                yield path.with_name(path.name + ending), packed


def _holds(path: Path, text: bytes) -> bool:
    return path.is_file() and path.read_bytes() == text


if __name__ == "__main__":
    print(f"{precompress()} files were written or removed")
    sys.exit()
