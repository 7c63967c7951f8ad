"""Ask axe what is wrong with a page for somebody with a screen reader, or with weak eyes."""

from __future__ import annotations

from typing import Literal

from axe_playwright_python.sync_playwright import Axe

from testkit.browsing import Browsing

EVERY_RULE: dict[str, object] = {}
CONTRAST: dict[str, object] = {"runOnly": ["color-contrast"]}  # all that another scheme changes


def complaints(
    browsing: Browsing, scheme: Literal["light", "dark"], rules: dict[str, object]
) -> list[str]:
    """Return what axe finds wrong on the page in this scheme, each with its place."""
    # A colour on its way from one scheme to the other is neither.
    browsing.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    asked = {"resultTypes": ["violations"], **rules}  # what is right is not told place by place
    found = Axe().run(browsing.page, options=asked).response["violations"]
    return [
        f"{browsing.page.url}: {violation['id']} at {node['target']}"
        for violation in found
        for node in violation["nodes"]
    ]
