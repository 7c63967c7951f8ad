"""Build the documentation site into site/: English in site/en/, Persian in site/fa/.

A warning, such as a link that leads nowhere, fails the build. `--course` builds the course alone
into the folder that is named after it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LANGUAGES = ("en", "fa")
CHOICE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>storefront</title>
<h1>storefront</h1>
<p><a href="en/index.html" hreflang="en">Documentation in English</a></p>
<p><a href="fa/index.html" hreflang="fa" lang="fa" dir="rtl">مستندات به فارسی</a></p>
</html>
"""


def build(out: Path, *, only_course: bool = False, fresh: bool = True) -> bool:
    """Build both languages; return whether there was no error and no warning."""
    right = [build_language(out, language, only_course, fresh) for language in LANGUAGES]
    if all(right):
        (out / "index.html").write_text(CHOICE, encoding="utf-8")
    return all(right)


def build_language(out: Path, language: str, only_course: bool, fresh: bool) -> bool:
    command = [sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning", "--keep-going"]
    command += ["--fresh-env"] if fresh else []
    for tag in (language, "course") if only_course else (language,):
        command += ["-t", tag]
    doctrees = out / ".doctrees" / language
    command += ["-c", "docs/site", "-d", str(doctrees), ".", str(out / language)]
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def main() -> int:
    """Build what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--course", type=Path, metavar="FOLDER")
    wanted = parser.parse_args()
    if wanted.course:
        return 0 if build(wanted.course.resolve(), only_course=True, fresh=False) else 1
    return 0 if build(ROOT / "site") else 1


if __name__ == "__main__":
    sys.exit(main())
