"""The colours that are made from one can be read on every ground of the shop's own style sheet."""

from __future__ import annotations

import re

import pytest

from storefront.core.colours import LEAST, contrast, dark, light, rgb, stylesheet
from storefront.core.oklch import Oklch, Rgb
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
            pairs = [*on_grounds, (made.on_brand, made.brand), (made.on_brand, made.strong)]
            pairs += [(made.brand, made.soft), (made.strong, made.soft)]
            for text, ground in pairs:
                with naming(chosen, scheme, text, ground):
                    assert contrast(parts(text), parts(ground)) >= LEAST


def test_the_colours_of_dark_pages_are_no_greyer_than_a_screen_has_to_make_them() -> None:
    for chosen, least_share in (("#1c6460", 0.9), ("#7a4d00", 0.8), ("#c1121f", 0.7)):
        known = Oklch.of(parts(chosen))
        for made in (dark(chosen).brand, light(chosen).strong):
            found = Oklch.of(parts(made))
            with naming(chosen, made):
                assert found.chroma >= least_share * known.chroma
                assert abs(found.hue - known.hue) < 0.1  # of 6.28


def test_a_lightness_keeps_a_colour_and_gives_back_the_same() -> None:
    """The figures are those of a browser's own oklch()."""
    for colour, lightness, chroma in (("#ff0000", 0.628, 0.2577), ("#1c6460", 0.4589, 0.0693)):
        known = Oklch.of(parts(colour))
        assert (known.lightness, known.chroma) == pytest.approx((lightness, chroma), abs=0.001)
        assert known.at(known.lightness) == parts(colour)
    assert known.at(1) == (255, 255, 255)
    assert known.at(0) == (0, 0, 0)


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
