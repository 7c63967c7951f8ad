"""Settings of the documentation site, which `make docs` builds into site/.

The source folder is the repository itself, so that a link between two pages works on the site as it
does in a checkout. Nothing is fetched from the network, neither here nor in a reader's browser.
"""

from __future__ import annotations

import builtins
import shutil
import sys
from enum import Enum
from pathlib import Path

from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))  # autodoc imports the packages

project = "storefront"
html_title = "storefront: payments through Jibit"
html_theme = "furo"
html_static_path: list[str] = []
html_show_copyright = False
html_additional_pages = {"index": "start.html"}
templates_path = ["templates"]

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
root_doc = "docs/api/index"
include_patterns = ["*.md", "docs/**", "*/README.md", "*/CHANGELOG.md"]
exclude_patterns = [".*", "instance", "mutants", "site", "static", "tests"]

myst_heading_anchors = 3  # the anchors that a link to a heading has on the forge

# Every link to one of our names must resolve. Those of other packages are not looked up: that would
# need their inventories, from the network.
nitpicky = True
nitpick_ignore_regex = [
    ("py:.*", r"(?!(payment_engine|jibit_client)\.)\w+\..*"),
    ("py:.*", "|".join(dir(builtins))),
    ("py:class", r".*\[.*|TypeDecorator"),  # pieces of a generic type, a base of SQLAlchemy's
    ("py:class", r".*\._.*"),  # a private base of a public class
    ("py:class", r".*\.(T|ResultT|Vocabulary)"),  # type variables
]

autoclass_content = "both"  # the class's docstring, then that of __init__
autodoc_default_options = {"members": True, "member-order": "bysource", "show-inheritance": True}
autodoc_preserve_defaults = True
autodoc_inherit_docstrings = False  # those of other libraries link to pages of their own
add_module_names = False
# It takes what stands before a colon in a `#:` comment for a type: write a semicolon there.
napoleon_use_ivar = True
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88


def must_skip(
    _app: Sphinx, _owner: str, name: str, member: object, _skip: bool, _options: object
) -> bool | None:
    """Return False for what is shown without a docstring: enum members and a contract's tests."""
    return False if isinstance(member, Enum) or name.startswith("test_") else None


def copy_pictures(app: Sphinx, error: Exception | None) -> None:
    """Copy the pictures that README.md shows with HTML, which Sphinx passes on as it is."""
    if error is None:
        shutil.copytree(ROOT / "docs/pictures", app.outdir / "docs/pictures", dirs_exist_ok=True)


def setup(app: Sphinx) -> None:
    """Connect the functions above; show diagrams in Mermaid, which the forge draws, as text."""
    app.add_lexer("mermaid", TextLexer)
    app.connect("autodoc-skip-member", must_skip)
    app.connect("build-finished", copy_pictures)
