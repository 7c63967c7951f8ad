"""Settings of the documentation site, which `make docs` builds into site/, once in each language.

The source folder is the repository itself, so that a link between two pages works on the site as it
does in a checkout. Nothing is fetched from the network, neither here nor in a reader's browser.

`-t fa` builds the Persian pages, and `-t course` the course alone, which `make learn` shows.
"""

from __future__ import annotations

import builtins
import sys
from enum import Enum
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(HERE)]  # autodoc imports the packages

from finishing import finish_site  # noqa: E402
from languages import link_over, link_to_other_language, open_own_tab  # noqa: E402
from sphinx.application import Sphinx  # noqa: E402

tags: Any = globals().get("tags", ())  # Sphinx sets it
language = "fa" if "fa" in tags else "en"
only_course = "course" in tags

project = "storefront"
html_title = {
    "en": "storefront: payments through Jibit",
    "fa": "storefront: پرداخت با درگاه جیبیت",
}[language]
html_theme = "furo"
html_theme_options = {"top_of_page_buttons": ["view"]}  # in its place stands the other language
fonts = ROOT / "static" / "fonts"  # `make` cuts them; without them the system's letters are used
html_static_path = ["static", *([str(fonts)] if fonts.is_dir() else [])]
html_css_files = ["site.css"]
html_show_copyright = False
html_show_sphinx = False
html_copy_source = False
html_use_index = language == "en" and not only_course
html_additional_pages = {"index": "start.html"}
templates_path = ["templates"]
locale_dirs: list[str] = []

extensions = [
    "myst_parser",
    "sphinx_design",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "learn.sphinx_listing",
    "learn.sphinx_diagrams",
]
exclude_patterns = [".*", "instance", "mutants", "site", "static", "tests"]
course = f"learn/course/{language}"
if only_course:
    root_doc = f"{course}/index"
    include_patterns = [f"{course}/*.md"]
elif language == "fa":
    root_doc = "docs/fa/index"
    include_patterns = ["README.fa.md", "docs/fa/**", f"{course}/*.md"]
else:
    root_doc = "docs/index"
    include_patterns = ["*.md", "docs/**", "*/README.md", "*/CHANGELOG.md", f"{course}/*.md"]
    exclude_patterns += ["README.fa.md", "docs/fa", "learn/chapters"]

myst_heading_anchors = 3  # the anchors that a link to a heading has on the forge
myst_enable_extensions = ["colon_fence"]

# Every link to one of our names must resolve. Those of other packages are not looked up: that would
# need their inventories, from the network.
nitpicky = True
nitpick_ignore_regex = [
    ("py:.*", r"(?!(payment_engine|jibit_client)\.)\w+\..*"),
    ("py:.*", "|".join(dir(builtins))),
    ("py:class", r".*\[.*|TypeDecorator"),  # pieces of a generic type, a base of SQLAlchemy's
    ("py:class", r".*\._.*"),  # a private base of a public class
    ("py:(class|obj)", r".*\.(T|RowT|ResultT|Vocabulary)"),  # type variables
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


def setup(app: Sphinx) -> None:
    """Connect the functions above, and those beside this file."""
    app.connect("autodoc-skip-member", must_skip)
    app.connect("doctree-read", link_over)
    app.connect("doctree-resolved", open_own_tab)
    app.connect("html-page-context", link_to_other_language)
    app.connect("build-finished", finish_site)
