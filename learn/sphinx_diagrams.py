"""Sphinx: draw ```mermaid blocks as SVG while the pages are built.

What cannot be drawn is a warning, and the page shows its text.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

from learn.diagrams import CannotDraw, draw

logger = logging.getLogger(__name__)


class DrawDiagrams(SphinxPostTransform):
    """Put a drawing in the place of each block of Mermaid."""

    default_priority = 400
    formats = ("html",)

    def run(self, **_: Any) -> None:
        """Draw all diagrams of a page."""
        right_to_left = self.config.language == "fa"
        for block in list(self.document.findall(nodes.literal_block)):
            if block.get("language") != "mermaid":
                continue
            try:
                svg = draw(block.astext(), right_to_left=right_to_left)
            except CannotDraw as error:
                logger.warning("cannot draw this diagram: %s", error, location=block)
                block["language"] = "text"
                continue
            # It is scrolled where the page is narrower, so the keyboard must reach it.
            html = f'<div class="diagram" tabindex="0">{svg}</div>'
            block.replace_self(nodes.raw("", html, format="html"))


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the transformation."""
    app.add_post_transform(DrawDiagrams)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
