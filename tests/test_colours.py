"""The colours that are made from one can be read on every ground of the shop's own style sheet."""

from __future__ import annotations

import re

import pytest

from storefront.core.colours import LEAST, Rgb, contrast, dark, light, rgb, stylesheet
from testkit.cases import naming
from testkit.processes import ROOT

HOUSE = (ROOT / "static" / "css" / "house.css").read_text(encoding="utf-8")
NAMES = ("paper", "surface", "sunken", "good-soft", "care-soft", "bad-soft")
GROUNDS = [re.findall(rf"--{name}: (#\w+);", HOUSE) for name in NAMES]
CHOSEN = ("#1c6460", "#000", "#7a1fa2", "#a02f41", "#00458b", "#b30000", "#5c5c5c")


def parts(colour: str) -> Rgb:
    """Like `rgb`, for light colours, too."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return red, green, blue


def test_text_in_each_colour_and_on_it_can_be_read_in_light_and_dark() -> None:
    for chosen in CHOSEN:
        for scheme, made in enumerate((light(chosen), dark(chosen))):
            on_grounds = [(made.brand, ground[scheme]) for ground in GROUNDS]
            pairs = [*on_grounds, (made.on_brand, made.brand), (made.strong, made.soft)]
            pairs.append((made.on_brand, made.strong))
            for text, ground in pairs:
                with naming(chosen, scheme, text, ground):
                    assert contrast(parts(text), parts(ground)) >= LEAST


def test_a_colour_that_could_not_be_read_is_refused_with_the_contrast_it_has() -> None:
    with pytest.raises(ValueError, match=r"contrast 1\.\d to 1, 4\.5 is needed"):
        rgb("#ffcc00")
    for wrong in ("red", "#12", "#12345g", "1c6460", "rgb(0,0,0)", "#1c6460; }"):
        with naming(wrong), pytest.raises(ValueError, match="#1c6460"):
            rgb(wrong)


def test_the_style_sheet_names_colours_of_both_schemes() -> None:
    sheet = stylesheet("#7a1fa2")
    assert sheet.count("--brand: #") == 2
    assert "prefers-color-scheme: dark" in sheet
