"""The page without a browser: its colours are legible, its files there and its own, its values in right words."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest
from persiantools.jdatetime import JalaliDate

from raqam.labels import CODES
from serving import seeds
from serving.routes import PAGES, STATIC
from serving.values import Bound

ROOT = Path(__file__).resolve().parents[2]
SEEDS = sorted((ROOT / "seeds").glob("*.txt"))

Colour = tuple[float, ...]

STYLES = (STATIC / "page.css").read_text("utf-8")
VIEW = (STATIC / "view.js").read_text("utf-8")
NAMES = (STATIC / "names.js").read_text("utf-8")
UNITS = (
    "mg g kg t kW MW GW kWh MWh GWh V kV mm cm m km m2 km2 ha L bbl m3 second minute hour day week month year degC GB "
    "TB Mbps point"
)
SCHEMES = ("light", "dark")
KINDS = dict(re.findall(r'\b([A-Z]{3}): "(\w+)"', VIEW))
IMPORT = re.compile(r"""(?:^import .*?from|^\} from|\bimport\() ?"(\.[^"]+)\"""", re.MULTILINE)


def colour(code: str) -> Colour:
    """Red, green, blue and opacity of a colour in CSS, from 0 to 1."""
    code = "".join(digit * 2 for digit in code) if len(code) < 6 else code
    return tuple(byte / 255 for byte in bytes.fromhex(code.ljust(8, "f")))


def luminance(channels: Colour) -> float:
    """The relative luminance of WCAG 2."""
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels[:3]]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Colour, other: Colour) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def variable(name: str, scheme: str, selector: str = ":root") -> Colour:
    """The colour of a variable of the style sheet: ``--name: light-dark(#…, #…)`` in the rule of *selector*."""
    rule = rf"^{re.escape(selector)} \{{[^}}]*--{name}: light-dark\(#(\w{{6}}), #(\w{{6}})\)"
    found = re.search(rule, STYLES, re.MULTILINE)
    assert found, (selector, name)
    return colour(found[1 + SCHEMES.index(scheme)])


def test_every_label_has_a_kind_and_every_kind_a_colour() -> None:
    assert set(KINDS) == set(CODES)
    for name in ("tint", "ink"):
        for scheme in SCHEMES:
            assert len({variable(name, scheme, f".{kind}") for kind in KINDS.values()}) == len(CODES)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("kind", KINDS.values())
def test_marked_text_and_its_label_are_legible(kind: str, scheme: str) -> None:
    """WCAG 2 AA asks for 4.5 for text, and for 3 for the line below a mark, which tells it from its surroundings."""
    tint, ink = variable("tint", scheme, f".{kind}"), variable("ink", scheme, f".{kind}")
    assert contrast(variable("text", scheme), tint) >= 4.5
    assert contrast(ink, tint) >= 4.5
    assert contrast(ink, variable("card", scheme)) >= 3


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_words_of_the_page_are_legible(scheme: str) -> None:
    for text in ("text", "quiet", "accent", "error"):
        for back in ("canvas", "card"):
            assert contrast(variable(text, scheme), variable(back, scheme)) >= 4.5
    assert contrast(variable("on-accent", scheme), variable("accent", scheme)) >= 4.5
    assert contrast(variable("edge", scheme), variable("card", scheme)) >= 3
    for kind in ("money", "percent", "quantity", "count", "rank"):
        assert contrast(variable("bar", scheme, f".{kind}"), variable("card", scheme)) >= 3


def modules() -> list[Path]:
    return sorted(STATIC.glob("*.js"))


def test_everything_the_page_names_is_there() -> None:
    for page in PAGES.glob("*.html"):
        named = re.findall(r'(?:src|href)="/static/([^"]+)"', page.read_text("utf-8"))
        assert [name for name in named if not (STATIC / name).is_file()] == []
    for module in modules():
        named = IMPORT.findall(module.read_text("utf-8"))
        assert [name for name in named if not (module.parent / name).is_file()] == []


def test_no_script_or_style_stands_in_a_page_or_comes_from_elsewhere() -> None:
    for page in PAGES.glob("*.html"):
        text = page.read_text("utf-8")
        assert re.findall(r"<script(?![^>]* src=)|<style|\son\w+=|\sstyle=|https?:", text) == []


def test_no_module_makes_html_of_strings() -> None:
    """What is served by other hands, in vendor/, is kept from it by the policy of the page."""
    makers = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|DOMParser|srcdoc"
    )
    assert [module.name for module in modules() if makers.search(module.read_text("utf-8"))] == []


def test_what_others_made_is_listed_with_version_and_checksum() -> None:
    folder = STATIC / "vendor"
    listed = dict(
        re.findall(r"^\| `([^`]+)` \|.*\| `(\w{64})` \|$", (folder / "README.md").read_text("utf-8"), re.MULTILINE)
    )
    there = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    del there["README.md"]
    assert listed == {name: sha256(path.read_bytes()).hexdigest() for name, path in there.items()}


def test_the_policy_of_the_page_is_strict(client: httpx.Client) -> None:
    answer = client.get("/")
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert policy.pop("img-src") == "'self' data:"
    assert policy.pop("require-trusted-types-for") == "'script'"
    none = ("default-src", "base-uri", "form-action", "frame-ancestors", "trusted-types")
    own = ("script-src", "style-src", "font-src", "connect-src")
    assert policy == {**dict.fromkeys(none, "'none'"), **dict.fromkeys(own, "'self'")}
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_seeds_are_served_byte_for_byte(client: httpx.Client) -> None:
    seeds = client.get("/seeds").json()["seeds"]
    assert [seed["name"] for seed in seeds] == [path.stem for path in SEEDS]
    for seed, path in zip(seeds, SEEDS, strict=True):
        answer = client.get(f"/seeds/{seed['name']}")
        assert answer.content == path.read_bytes()
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert seed["characters"] == len(answer.text)
    assert {seed["published"] for seed in seeds} == {"2025-09-25", "2025-09-07", None, "2025-09-08"}


@pytest.mark.parametrize("name", ["README", "nothing", "..%2FREADME", "*"])
def test_a_seed_that_is_not_there(client: httpx.Client, name: str) -> None:
    answer = client.get(f"/seeds/{name}")
    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/not-found"


def test_without_the_folder_there_are_no_seeds(
    client: httpx.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seeds, "SEEDS", tmp_path / "nothing")
    assert client.get("/seeds").json() == {"seeds": []}


def table(name: str) -> dict[str, tuple[str, str]]:
    """The [Persian, English] names of the constant *name*."""
    found = re.search(rf"const {name} = \{{(.*?)\}};", NAMES, re.DOTALL)
    assert found
    pairs = re.findall(r'"?([\w-]+)"?: \[\s*"([^"]*)",\s*"([^"]*)"', found[1])
    return {code: (persian, english) for code, persian, english in pairs}


def test_every_bound_unit_and_calendar_has_words() -> None:
    assert set(table("BOUNDS")) == set(get_args(Bound))
    assert set(UNITS.split()) <= set(table("UNITS"))
    assert set(table("MONTHS")) == set(table("ERAS")) == {"jalali", "gregorian", "islamic"}
    assert all(len(names.split()) == 12 for months in table("MONTHS").values() for names in months)


def test_every_province_has_its_name() -> None:
    lines = (ROOT / "raqam" / "figures" / "data" / "iran.tsv").read_text("utf-8").splitlines()
    named = [line.split("\t") for line in lines if line.startswith(("province\t", "province?\t"))]
    assert {code: name for code, (name, _) in table("PROVINCES").items()} == {
        code: names.split("|")[0] for _, code, names in named
    }


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
    ({"kind": "place", "country": "IR", "province": "IR-13"}, "ایران، همدان"),
    ({"kind": "place", "country": "IR", "province": None}, "ایران"),
]  # fmt: skip


ENGLISH: list[tuple[Any, str]] = [
    (None, ""),
    (
        {**TOMAN, "number": "6600000000000", "irr": "66000000000000", "bound": "more_than"},
        "more than 6,600,000,000,000 toman (66,000,000,000,000 rial)",
    ),
    ({"kind": "percent", "number": "-9.7", "bound": "about"}, "about \u200e−9.7 percent"),
    ({"kind": "quantity", "number": "3000000", "unit": "bbl/day", **EXACT}, "3,000,000 bbl/day"),
    ({"kind": "rank", "number": "6", **EXACT}, "rank 6"),
    ({"kind": "money", "currency": "USD", "number": "168000000", "irr": None, **EXACT}, "168,000,000 US Dollar"),
    ({"kind": "date", "calendar": "islamic", "date": "1445-09-21"}, "21 Ramadan 1445 AH"),
    ({"kind": "place", "country": "IR", "province": "IR-13"}, "Iran, Hamadan"),
]

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="Node runs the scripts of the page")


def run(script: str, *values: Any) -> Any:
    """What *script* returns of *values*, run by Node beside the modules of the page."""
    program = f"import * as values from './values.js'; const input = {json.dumps(values)};\n" + (
        f"console.log(JSON.stringify({script}))"
    )
    command = ["node", "--input-type=module", "-e", program]
    done = subprocess.run(command, cwd=STATIC, capture_output=True, check=True, timeout=60)
    return json.loads(done.stdout)


@needs_node
@pytest.mark.parametrize(("language", "cases"), [("fa", WORDS), ("en", ENGLISH)])
def test_values_are_put_into_words(language: str, cases: list[tuple[Any, str]]) -> None:
    words = run(f"input.map((value) => values.valueWords(value, '{language}'))", *(value for value, _ in cases))
    assert words == [said for _, said in cases]


@needs_node
def test_days_are_put_on_the_solar_calendar() -> None:
    """Against persiantools, which the library reads dates with, over the years that news is about."""
    first = date(1971, 3, 21).toordinal()
    days = [date.fromordinal(ordinal) for ordinal in range(first, first + 29_000, 13)]
    solar = [JalaliDate(day).isoformat() for day in days]  # type: ignore[no-untyped-call]
    assert run("input.map(values.jalali)", *map(str, days)) == solar


@needs_node
def test_numbers_are_compared_exactly() -> None:
    pairs = [("9007199254740993", "9007199254740992"), ("1.10", "1.1"), ("-2", "1"), ("0.1", "0.09"), ("-0.5", "0.5")]
    assert run("input.map(([one, other]) => values.compareNumbers(one, other))", *pairs) == [1, 0, -1, 1, -1]
