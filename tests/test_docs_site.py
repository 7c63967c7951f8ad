"""The reference that `make docs` builds leaves nothing public out. Needs no Sphinx."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import jibit_client
import payment_engine
from testkit.processes import ROOT

LIBRARIES = ("jibit_client", "payment_engine")
REFERENCE = ROOT / "docs" / "api"
PAGES = {page: page.read_text(encoding="utf-8") for page in sorted(REFERENCE.rglob("*.rst"))}


def public_modules() -> Iterator[str]:
    for path in (path for library in LIBRARIES for path in (ROOT / library).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        names = parts[:-1] if parts[-1] == "__init__" else parts
        if not any(name.startswith("_") for name in names):
            yield ".".join(names)


MODULES = sorted(public_modules())


def test_every_public_module_is_in_the_reference_once() -> None:
    shown = re.findall(r"^\.\. automodule:: (\S+)$", "".join(PAGES.values()), flags=re.M)
    assert sorted(shown) == MODULES


@pytest.mark.parametrize("library", [jibit_client, payment_engine], ids=LIBRARIES)
def test_every_name_that_a_library_exports_is_on_its_front_page(library: ModuleType) -> None:
    page = PAGES[REFERENCE / library.__name__ / "index.rst"]
    linked = set(re.findall(r":(?:class|exc):`~[\w.]+\.(\w+)`", page))
    assert set(library.__all__) - {"__version__"} <= linked


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(REFERENCE).as_posix())
def test_every_page_that_the_reference_links_to_is_there(page: Path) -> None:
    for target in re.findall(r":doc:`([^`]+)`", PAGES[page]):
        beside = ROOT / target[1:] if target.startswith("/") else page.parent / target
        assert any(Path(f"{beside}{ending}").is_file() for ending in (".md", ".rst")), target


@pytest.mark.parametrize("module", MODULES)
def test_every_public_function_and_class_says_what_it_does(module: str) -> None:
    silent = [name for name, node in definitions(module) if not ast.get_docstring(node)]
    assert silent == []


def definitions(module: str) -> Iterator[tuple[str, ast.Module | ast.ClassDef | ast.FunctionDef]]:
    path = ROOT.joinpath(*module.split("."))
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    yield module, tree
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
            yield node.name, node
