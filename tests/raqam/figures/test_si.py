from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from raqam.figures import si, units
from raqam.figures.si import PRECISION, to_si

#: Codes of :mod:`raqam.figures.units` that have no amount in SI, as the module says.
WITHOUT: frozenset[str] = frozenset(
    {"ounce", "karat", "mithqal", "megawattpeak", "megavar", "horsepower", "decibel", "richter", "farsakh", "jerib"}
    | {"night", "month", "season", "year", "decade", "century", "millennium", "degree", "pixel", "megapixel", "point"}
    | {"TEU", "dose", "personhour", "personday", "personnight", "personmonth", "personkilometer", "tonkilometer", "ppm"}
)


@pytest.mark.parametrize(
    ("number", "unit", "amount", "name"),
    [
        ("2600", "MW", "2600000000", "W"),
        ("50", "t", "50000", "kg"),
        ("190.77", "carat", "0.038154", "kg"),
        ("64e9", "kWh", "230400000000000000", "J"),
        ("400", "kV", "400000", "V"),
        ("8.5", "ha", "85000", "m2"),
        ("1", "acre", "4046.8564224", "m2"),
        ("18", "inch", "0.4572", "m"),
        ("3e6", "bbl", "476961.884784", "m3"),
        ("3e6", "bbl/day", "5.520392185", "m3/s"),
        ("1600", "cm3", "0.0016", "m3"),
        ("590e6", "m3/day", "6828.703703703703703703703704", "m3/s"),
        ("12", "m3/s", "12", "m3/s"),
        ("6", "t/ha", "0.6", "kg/m2"),
        ("100", "km/hour", "27.77777777777777777777777778", "m/s"),
        ("20", "knot", "10.28888888888888888888888889", "m/s"),
        ("8", "L/100km", "0.00000008", "m3/m"),
        ("660", "newtonmeter", "660", "N m"),
        ("500", "poundfoot", "677.9089741657002", "N m"),
        ("24", "kWh/day", "1000", "W"),
        ("18", "day", "1555200", "s"),
        ("-5", "degC", "268.15", "K"),
        ("-40", "degF", "233.15", "K"),
        ("500", "GB", "4000000000000", "bit"),
        ("20", "Mbps", "20000000", "bit/s"),
        ("10", "MB/s", "80000000", "bit/s"),
    ],
)
def test_amounts(number: str, unit: str, amount: str, name: str) -> None:
    assert to_si(Decimal(number), unit) == (Decimal(amount), name)


@pytest.mark.parametrize(
    "unit",
    ["", "/", "t/", "/t", "t/t", "furlong", "day/week", "bbl/year", "degC/hour", "person/km2", "m/s/s", *WITHOUT],
)
def test_what_has_no_amount(unit: str) -> None:
    assert to_si(Decimal(3), unit) is None


@pytest.mark.parametrize("number", ["NaN", "sNaN", "Infinity", "-Infinity", "1e101", "1e-101", "1e999999", "1" * 101])
def test_what_is_no_number(number: str) -> None:
    assert to_si(Decimal(number), "m") is None


def test_a_difference_of_temperatures_keeps_its_size() -> None:
    assert to_si(Decimal("0.3"), "degC", difference=True) == (Decimal("0.3"), "K")
    assert to_si(Decimal(9), "degF", difference=True) == (Decimal(5), "K")
    assert to_si(Decimal(9), "km", difference=True) == to_si(Decimal(9), "km")


def test_every_code_has_an_amount_or_is_known_to_have_none() -> None:
    codes = {*units._NAMES, *units._ONLY_IN_RATES} - {"person", "revolution", "cycle"}
    assert {code for code in codes if to_si(Decimal(1), code) is None} == WITHOUT


def test_factors_are_fractions_of_the_table() -> None:
    for code in si._UNITS:
        line = si._line(code)
        assert line is not None
        assert all(isinstance(part, Fraction) for part in line[:2])
        assert line[2] == si._UNITS[code][1]


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30))
@settings(max_examples=300)
def test_exact_or_to_the_precision(number: Decimal) -> None:
    exact = to_si(number, "bbl")
    rounded = to_si(number, "knot")
    if exact is None or rounded is None:  # a number of too many digits
        return
    assert Fraction(exact[0]) == Fraction(number) * Fraction("0.158987294928")
    true = Fraction(number) * Fraction(1852, 3600)
    assert abs(Fraction(rounded[0]) - true) <= abs(true) * Fraction(1, 10 ** (PRECISION - 1))


@given(st.text(max_size=20))
@settings(max_examples=200)
def test_nothing_is_raised(unit: str) -> None:
    assert to_si(Decimal(1), unit) is None or unit


def test_pint_is_imported_only_when_an_amount_is_asked_for() -> None:
    code = "import sys, raqam.figures.si, raqam.figures.units; sys.exit('pint' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
