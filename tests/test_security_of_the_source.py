"""What is shipped calls nothing that is dangerous by itself."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator

from testkit.cases import naming
from testkit.processes import ROOT

SHIPPED = ("storefront", "payment_engine", "jibit_client")


def modules(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    """Every module of these packages, by its path."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            yield name, ast.parse(path.read_text(encoding="utf-8"))


RISKY = {
    "pickle",
    "marshal",
    "shelve",
    "xml",
    "lxml",
    "yaml",
    "ctypes",
    "zipfile",
    "tarfile",
    "subprocess",
    "code",
    "pty",
}
# These escape what they put into elements: each letter as a whole, moments of our own clock, whom
# to ask, the merchant's Markdown, in which HTML is off, and the fields of a form.
MARKS_UP = {
    "storefront/notifications/insertions.py",
    "storefront/notifications/support.py",
    "storefront/core/formats.py",
    "storefront/web/markdown.py",
    "storefront/web/own_texts.py",
    "storefront/web/quick_fields.py",
}
STARTS_OUR_OWN = {
    "storefront/devserver/supervisor.py",
    "storefront/devserver/watchdog.py",
}  # make run
BACKUPS = {
    "storefront/backup/archive.py",  # names and sums are checked before a part is used
    "storefront/backup/programs.py",  # pg_dump and pg_restore, without a shell
}
ASKS_THE_SYSTEM = {"storefront/doctor/ntp.py"}  # in fixed words


def test_what_is_shipped_imports_nothing_that_runs_or_parses_more_than_data() -> None:
    found = {name for name, tree in modules(*SHIPPED) if imported(tree) & RISKY}
    sheets = {"storefront/catalogue/files/sheets.py"}  # XLSX, bounded
    assert found == STARTS_OUR_OWN | BACKUPS | ASKS_THE_SYSTEM | sheets


def imported(tree: ast.Module) -> set[str]:
    """The top-level names that a module imports."""
    named = [
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    ]
    named += [str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {name.partition(".")[0] for name in named}


def test_the_linter_looks_for_dangerous_calls() -> None:
    """Rules S of ruff: eval, exec, shells, SQL of strings, weak hashes and random numbers."""
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"][
        "lint"
    ]
    assert "S" in lint["select"]
    assert not [code for code in lint["ignore"] if code.startswith("S")]
    spared = {
        path
        for path, codes in lint["per-file-ignores"].items()
        if {"S102", "S307", "S608", "S501"} & set(codes)
    }
    assert spared == {"migrations/**"}
    excused = [
        code
        for name, _ in modules(*SHIPPED)
        if not name.startswith("payment_engine/testing/")  # tests for adopters
        for code in re.findall(r"noqa:.*?\b(S\d+)", (ROOT / name).read_text(encoding="utf-8"))
    ]
    assert set(excused) <= {"S101", "S104", "S105", "S311", "S704"}  # S704: letters, escaped


def test_no_pattern_is_made_of_input() -> None:
    """Patterns are compiled once, from constants; in a function they are literals or constants."""
    for name, tree in modules(*SHIPPED):
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            if ast.unparse(call.func) in {
                f"re.{verb}"
                for verb in ("compile", "sub", "match", "fullmatch", "search", "split", "findall")
            }:
                parts = {part.id for part in ast.walk(call.args[0]) if isinstance(part, ast.Name)}
                with naming(name, ast.unparse(call)):
                    assert all(part.isupper() for part in parts)


def test_templates_escape_what_they_show() -> None:
    for path in sorted((ROOT / "templates").rglob("*.*")):
        text = path.read_text(encoding="utf-8")
        with naming(path.name):
            marked = re.findall(r"\S+\|\s*safe", text)
            assert [
                each for each in marked if "badge plenty" not in each and "%s</span>" not in each
            ] == []
            assert "autoescape" not in text
            assert path.suffix in {".html", ".xml", ".txt"}, "Flask escapes html and xml"
    for name, _ in modules("storefront"):
        if name in MARKS_UP:
            continue
        source = (ROOT / name).read_text(encoding="utf-8")
        with naming(name):
            assert not re.search(r"render_template_string|jinja_env\.from_string|Markup\(", source)


def test_scripts_put_text_into_pages_as_text() -> None:
    scripts = sorted((ROOT / "static").rglob("*.js"))
    assert scripts
    for path in scripts:
        with naming(path.name):
            found = re.findall(
                r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function"
                r"|Object\.assign|__proto__|postMessage|localStorage|sessionStorage",
                path.read_text(encoding="utf-8"),
            )
            allowed = {"sessionStorage"} if path.name == "keep.js" else set()  # an unsent form
            assert set(found) <= allowed


def test_every_library_is_pinned_by_its_hash() -> None:
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", text.replace("\\\n", " "))
    libraries = [entry for entry in entries if not entry.startswith("#")]
    assert len(libraries) > 30
    for entry in libraries:
        with naming(entry[:40]):
            assert re.match(r"[\w.-]+(\[\w,-]+\])?==\S+ ", entry)
            assert "--hash=sha256:" in entry
            assert "://" not in entry
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "install --require-hashes -r requirements.txt" in makefile
