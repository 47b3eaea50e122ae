"""The page that shows the spans of a text: each kind of label in its colour, and legible."""

from __future__ import annotations

import re

import pytest

from raqam.labels import CODES
from serving.routes import STATIC

Colour = tuple[float, ...]

STYLES = (STATIC / "page.css").read_text("utf-8")
SCRIPT = (STATIC / "page.js").read_text("utf-8")
MARKS = dict(re.findall(r"^mark(\S*) \{.*?background: #(\w+);", STYLES, re.MULTILINE))
#: Text and canvas where ``color-scheme`` is light or dark, in the browsers that put them closest to each other.
SCHEMES = {"light": ("000000", "ffffff"), "dark": ("ffffff", "23222b")}


def colour(code: str) -> Colour:
    """Red, green, blue and opacity of a colour in CSS, from 0 to 1."""
    code = "".join(digit * 2 for digit in code) if len(code) < 6 else code
    return tuple(byte / 255 for byte in bytes.fromhex(code.ljust(8, "f")))


def over(front: Colour, back: Colour) -> Colour:
    opacity = front[3]
    return tuple(opacity * above + (1 - opacity) * below for above, below in zip(front[:3], back[:3], strict=True))


def luminance(channels: Colour) -> float:
    """The relative luminance of WCAG 2."""
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels[:3]]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Colour, other: Colour) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_every_label_has_a_kind_and_every_kind_a_colour() -> None:
    kinds = dict(re.findall(r'\b([A-Z]{3}): "(\w+)"', SCRIPT))
    assert set(kinds) == set(CODES)
    assert set(MARKS) == {"", *(f".{kind}" for kind in kinds.values())}


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("mark", MARKS)
def test_marked_text_is_legible(mark: str, scheme: str) -> None:
    """WCAG 2 AA asks for 4.5; `mark` inherits the colour of the text."""
    text, canvas = map(colour, SCHEMES[scheme])
    assert contrast(text, over(colour(MARKS[mark]), canvas)) >= 4.5
