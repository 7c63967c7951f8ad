"""Sphinx: the directive `listing`, which shows a part of a chapter's program or a difference.

```{listing} 03/finish/shop.py
:object: callback
```

```{listing} 03/finish/shop.py
:diff: 03/start/shop.py
```
"""

from __future__ import annotations

from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.directives.code import container_wrapper
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from learn.chapters import PROGRAMS
from learn.listings import COMMENTS, NoListing, persian_comments, read_listing

logger = logging.getLogger(__name__)


class Listing(SphinxDirective):
    """Show a program of learn/chapters. What is not there is a warning."""

    required_arguments = 1
    option_spec: ClassVar[dict[str, Any]] = {
        "object": directives.unchanged_required,
        "diff": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        """Return a block of code with the program's name above it."""
        name, former = self.arguments[0], self.options.get("diff")
        persian = self.config.language == "fa"
        for path in [PROGRAMS / name, *([PROGRAMS / former] if former else [])]:
            self.env.note_dependency(str(path))
        if persian:
            for path in COMMENTS.glob("*.json"):
                self.env.note_dependency(str(path))
        translations = persian_comments() if persian else None
        try:
            found = read_listing(name, self.options.get("object"), former, translations)
        except NoListing as error:
            return self._complain(str(error))
        for text in found.untranslated:
            self._complain(f"this comment of {name} has no Persian: {text}")
        block = nodes.literal_block(found.text, found.text, language=found.lexer)
        self.set_source_info(block)
        caption = name if former is None else f"{former} → {name}"
        wrapped = container_wrapper(self, block, caption)
        self.add_name(wrapped)
        return [wrapped]

    def _complain(self, sentence: str) -> list[nodes.Node]:
        logger.warning("%s", sentence, location=self.get_location(), type="listing")
        return []


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the directive."""
    app.add_directive("listing", Listing)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
