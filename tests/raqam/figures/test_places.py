"""Places against the tables of cases, and over anything a span could hold."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raqam.figures import gazetteer
from raqam.figures.places import read_place
from raqam.text import normalize

CASES = Path(__file__).parents[2] / "cases"

#: Counties whose names other places bear: only the word «شهرستان» or their province tells.
_SHARED = """
بن بهارستان جعفرآباد چهارباغ حاجیآباد صالحآباد عباسآباد عشقآباد فاریاب قدس کارون کرخه گلشن مانه میامی میرآباد نیمروز
هامون هیرمند
"""
SHARED_COUNTIES = frozenset(_SHARED.split())
#: Seats named like another county, which the name alone means, and the county meant.
NAMESAKES = {("IR-08", "رودبار"): "IR-01", ("IR-07", "اردکان"): "IR-21"}


def _cases() -> list[Any]:
    return [
        pytest.param(
            surface,
            case.get("before", ""),
            case.get("after", ""),
            case["value"],
            id=f"{case['origin']}: {surface}",
            marks=[pytest.mark.xfail(reason=case["xfail"], strict=True)] if "xfail" in case else [],
        )
        for case in json.loads((CASES / "places.json").read_text("utf-8"))
        for surface in case["surfaces"]
    ]


def _counties() -> list[tuple[str, str, str]]:
    lines = (CASES / "places_counties.tsv").read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return [(code, county, seat) for code, county, seat in rows]


def _province(value: dict[str, Any] | None) -> str | None:
    return value["province"] if value else None


def _named(code: str) -> str:
    """The usual name of the province that has *code*."""
    return next(
        names.split("|")[0] for kind, own, names in gazetteer.rows() if own == code and kind.startswith("province")
    )


@pytest.mark.parametrize(("surface", "before", "after", "value"), _cases())
def test_reads_the_cases(surface: str, before: str, after: str, value: dict[str, Any] | None) -> None:
    assert read_place(surface, before, after) == value


@pytest.mark.parametrize(("surface", "before", "after", "value"), _cases())
def test_cases_are_in_normalized_form(surface: str, before: str, after: str, value: object) -> None:
    for text in (surface, before, after):
        assert normalize(text).text == text


def test_all_31_provinces_have_a_name() -> None:
    codes = {f"IR-{number:02d}" for number in range(31)}
    assert {_province(read_place("استان " + _named(code))) for code in codes} == codes


def test_every_county_is_in_one_province() -> None:
    counties = [county for _, county, _ in _counties()]
    assert len(counties) == len(set(counties)) > 480


@pytest.mark.parametrize(("code", "county", "seat"), _counties())
def test_reads_every_county_and_its_seat(code: str, county: str, seat: str) -> None:
    province = f" در استان {_named(code)}"
    assert _province(read_place("شهرستان " + county)) == code
    assert _province(read_place("شهرستان" + county.replace(" ", ""))) == code
    assert _province(read_place(county, after=province)) == code
    assert _province(read_place("شهر " + seat, after=province)) == code
    # the name alone gives its province, or nothing where other places bear it, never another province
    if county != "البرز":  # the county in Qazvin is not what the name alone means
        assert _province(read_place(county)) == (None if county.replace(" ", "") in SHARED_COUNTIES else code)
    assert _province(read_place(seat)) in {code, None, NAMESAKES.get((code, seat))}


def test_every_line_of_the_tables_is_well_formed() -> None:
    iranian = {"province", "province?", "county", "county?", "city", "city?", "place", "region", "district", "zone"}
    foreign = {"country", "country?", "state", "abroad"}
    for kind, code, names in gazetteer.rows():
        assert kind in iranian | foreign
        assert re.fullmatch("[A-Z]{2}(-[A-Z0-9]{1,3})?", code)
        assert (kind in iranian) == code.startswith("IR") or names.startswith("ایران|")
        for name in names.split("|"):
            assert name == name.strip() == normalize(name).text
            assert gazetteer.fold(name)


def test_no_name_alone_is_iranian_and_foreign() -> None:
    alone = {"province", "country", "county", "city", "place", "state", "abroad"}
    for name, entries in gazetteer._table().items():
        countries = {code[:2] for kind, code in entries if kind in alone}
        assert len(countries) <= 1 or not read_place(name), name


def test_codes_are_those_of_iso_3166() -> None:
    pycountry = pytest.importorskip("pycountry")
    for _, code, _ in gazetteer.rows():
        if "-" in code:
            assert pycountry.subdivisions.get(code=code), code
        else:
            assert pycountry.countries.get(alpha_2=code), code


def test_every_country_of_iso_3166_has_a_name() -> None:
    pycountry = pytest.importorskip("pycountry")
    assert {country.alpha_2 for country in pycountry.countries} <= {code for _, code, _ in gazetteer.rows()}


_TOKENS = """
استان شهر شهرستان شهرستانهای بخش روستای منطقه آزاد مرز بندر کشور غرب جنوب تهران همدان نور مهر کردستان اقلیم عراق سردشت
دزفول گلستان مرکزی و ، ( ) « 5 در از توابع استاندار شهردار محله ای وی یی ء |
"""
_TEXTS = st.one_of(st.text(max_size=120), st.lists(st.sampled_from(_TOKENS.split()), max_size=12).map(" ".join))


@given(_TEXTS, _TEXTS, _TEXTS)
def test_any_span_gives_a_place_or_nothing(surface: str, before: str, after: str) -> None:
    value = read_place(surface, before, after)
    if value is not None:
        codes = {code for _, code, _ in gazetteer.rows()}
        assert set(value) == {"kind", "country", "province"}
        assert (value["province"] or value["country"]) in codes
        assert value["province"] is None or value["province"].startswith(value["country"] + "-")


@pytest.mark.parametrize("text", ["استان " * 200_000, "ا" * 1_000_000, "(" * 1_000_000, " " * 1_000_000])
def test_long_spans_and_contexts_are_nothing_special(text: str) -> None:
    assert read_place(text) is None
    assert _province(read_place("ملایر", text, text)) == "IR-13"


def test_results_are_the_callers_own() -> None:
    first = read_place("همدان")
    assert first is not None
    first["province"] = "changed"
    assert _province(read_place("همدان")) == "IR-13"
