"""A learner's workshop, the built pages of the course, and `make learn` around both."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from learn.serving import Ports, running_course
from learn.workshop import Workshop
from scripts import build_site
from testkit.processes import free_port


@dataclass(frozen=True)
class Served:
    """`make learn` as it runs: where its pages and the shop are, and the learner's folder."""

    url: str
    shop: str
    workshop: Workshop


@contextmanager
def served(folder: Path, site: Path) -> Iterator[Served]:
    """Run `make learn` in this folder, on ports that nobody has."""
    port = free_port()
    workshop = Workshop(folder / "learn")
    with running_course(workshop, Ports(0, port, 0), site) as url:
        yield Served(url, f"http://127.0.0.1:{port}", workshop)


@pytest.fixture(scope="session")
def course_site(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The built pages of the course, in both languages; one worker builds them for all."""
    own = tmp_path_factory.getbasetemp()
    shared = (own if worker_id == "master" else own.parent) / "course-site"
    with shared.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "index.html").is_file():
            shutil.rmtree(shared, ignore_errors=True)
            assert build_site.build(shared, only_course=True), "there are warnings, see above"
    return shared


@pytest.fixture
def course(tmp_path: Path) -> Iterator[Served]:
    """`make learn` with an empty workshop, and one page in the place of the course."""
    site = tmp_path / "site"
    for language in ("en", "fa"):
        (site / language).mkdir(parents=True)
        (site / language / "index.html").write_text("<!doctype html><title>course</title>")
    with served(tmp_path, site) as found:
        yield found
