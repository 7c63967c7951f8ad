"""Check the files of the shop itself: what pages are made of."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from flask import current_app

from storefront.core.seller import pages_folder, theme_folder
from storefront.doctor.findings import Finding, Findings, ok, wrong
from storefront.monitoring import own_files

READ_BY_THE_SHOP = "let the shop's user read it: chmod -R a+rX {folder}"


def translations() -> Findings:
    """Check that the translations are compiled, and say what their texts say."""
    found = [wrong(*lack) for lack in own_files.untranslated(current_app)]
    yield from found or [ok("compiled, and as new as their texts")]


def static_files() -> Findings:
    """Check the style sheet and the fonts, and that every static file can be read."""
    found = [wrong(*lack) for lack in own_files.missing_static_files(current_app)]
    unreadable = _unreadable(Path(str(current_app.static_folder)))
    found += [_cannot_be_read(each) for each in unreadable if not found]
    yield from found or [ok("all there")]


def templates() -> Findings:
    """Check that every template can be read."""
    folder = Path(current_app.root_path) / str(current_app.template_folder)
    if not (folder / "base.html").is_file():
        yield wrong(f"{folder} has no base.html", own_files.CHECK_OUT)
        return
    found = [_cannot_be_read(each) for each in _unreadable(folder)]
    yield from found or [ok("all there")]


def own_texts_and_theme() -> Findings:
    """Give a fingerprint of the merchant's own files, by which two hosts can be compared."""
    folders = (pages_folder(current_app.config), theme_folder(current_app.config))
    found = {path: folder for folder in folders for path in sorted(folder.rglob("*"))}
    files = {path: folder for path, folder in found.items() if path.is_file()}
    digest = hashlib.sha256()
    for path, folder in files.items():
        digest.update(f"{path.relative_to(folder.parent)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    yield ok(f"{len(files)} files, fingerprint {digest.hexdigest()[:12]}")


def _cannot_be_read(path: Path) -> Finding:
    return wrong(f"{path} cannot be read", READ_BY_THE_SHOP.format(folder=path.parent))


def _unreadable(folder: Path) -> Iterator[Path]:
    """Find the first file below the folder that this user cannot read."""
    for path in sorted(folder.rglob("*")):
        try:
            if path.is_file():
                path.open("rb").close()
        except OSError:
            yield path
            return
