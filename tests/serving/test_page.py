"""The page that shows the spans of a text: each kind of label in its colour, and legible."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import Any, get_args

import pytest

from raqam.labels import CODES
from serving.routes import STATIC
from serving.values import Bound

Colour = tuple[float, ...]

STYLES = (STATIC / "page.css").read_text("utf-8")
SCRIPT = (STATIC / "page.js").read_text("utf-8")
VALUES = (STATIC / "values.js").read_text("utf-8")
UNITS = (
    "mg g kg t kW MW GW kWh MWh GWh V kV mm cm m km m2 km2 ha L bbl m3 second minute hour day week month year degC GB "
    "TB Mbps point"
)
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


def table(name: str) -> dict[str, str]:
    """The strings of the constant *name* of the script that puts values into words."""
    found = re.search(rf"const {name} = \{{(.*?)\}};", VALUES, re.DOTALL)
    assert found
    return dict(re.findall(r'(\w+): "([^"]*)"', found[1]))


def test_every_bound_unit_and_calendar_has_words() -> None:
    assert set(table("BOUNDS")) == set(get_args(Bound))
    assert set(UNITS.split()) <= set(table("UNITS"))
    assert all(len(months.split()) == 12 for months in table("MONTHS").values())
    assert set(table("MONTHS")) == set(table("ERAS")) == {"jalali", "gregorian", "islamic"}


EXACT = {"bound": "exact"}
TOMAN = {"kind": "money", "currency": "IRT"}
WORDS: list[tuple[Any, str]] = [
    (None, ""),
    ({"kind": "unknown"}, ""),
    (
        {**TOMAN, "number": "6600000000000", "irr": "66000000000000", "bound": "more_than"},
        "بیش از ۶٬۶۰۰٬۰۰۰٬۰۰۰٬۰۰۰ تومان (۶۶٬۰۰۰٬۰۰۰٬۰۰۰٬۰۰۰ ریال)",
    ),
    (
        {**TOMAN, "low": "2", "high": "1000.5", "irr": {"low": "20", "high": "10005"}, **EXACT},
        "۲ تا ۱٬۰۰۰٫۵ تومان (۲۰ تا ۱۰٬۰۰۵ ریال)",
    ),
    ({**TOMAN, "irr": None, **EXACT}, "تومان (نامعین)"),
    ({"kind": "money", "currency": "IRR", "number": "100", "irr": "100", "bound": "less_than"}, "کمتر از ۱۰۰ ریال"),
    ({"kind": "percent", "number": "-9.7", "bound": "about"}, "حدود \u200e−۹٫۷ درصد"),
    ({"kind": "percent", "number": "12345678901234567890.12345678901", **EXACT},
     "۱۲٬۳۴۵٬۶۷۸٬۹۰۱٬۲۳۴٬۵۶۷٬۸۹۰٫۱۲۳۴۵۶۷۸۹۰۱ درصد"),
    ({"kind": "ratio", "number": "2", **EXACT}, "۲ برابر"),
    ({"kind": "quantity", "number": "3000000", "unit": "bbl/day", "bound": "at_least"}, "دست‌کم ۳٬۰۰۰٬۰۰۰ بشکه در روز"),
    ({"kind": "quantity", "number": "7", "unit": "m3/s", **EXACT}, "۷ متر مکعب در ثانیه"),
    ({"kind": "quantity", "number": "7", "unit": "furlong", **EXACT}, "۷ furlong"),
    ({"kind": "count", "number": "12", "of": None, **EXACT}, "۱۲"),
    ({"kind": "count", "number": "30", "of": "معدن", "bound": "at_most"}, "حداکثر ۳۰ معدن"),
    ({"kind": "rank", "number": "6", **EXACT}, "رتبه ۶"),
    ({"kind": "date", "calendar": "jalali", "date": "--06-01"}, "۱ شهریور"),
    ({"kind": "date", "calendar": "jalali", "date": "--01..--03"}, "فروردین تا خرداد"),
    (
        {"kind": "date", "calendar": "jalali", "date": "1404-06-16", "start": "2025-09-07", "end": "2025-09-07"},
        "۱۶ شهریور ۱۴۰۴ (\u20662025-09-07\u2069)",
    ),
    ({"kind": "date", "calendar": "gregorian", "date": "2014..2017"}, "۲۰۱۴ تا ۲۰۱۷ میلادی"),
    ({"kind": "date", "calendar": "islamic", "date": "1445-09"}, "رمضان ۱۴۴۵ قمری"),
    ({"kind": "date", "calendar": "jalali", "relative": True}, "نسبی"),
]  # fmt: skip


@pytest.mark.skipif(shutil.which("node") is None, reason="Node runs the script of the page")
def test_values_are_put_into_words() -> None:
    values = json.dumps([value for value, _ in WORDS])
    script = f"{VALUES}\nconsole.log(JSON.stringify({values}.map(valueWords)))"
    result = subprocess.run(["node", "-e", script], capture_output=True, check=True, timeout=60)
    assert json.loads(result.stdout) == [words for _, words in WORDS]
