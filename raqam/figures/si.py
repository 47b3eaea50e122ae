"""Amounts in SI units, by pint: exact where the factor between the two units is.

Pint is asked for each unit once, in fractions; the arithmetic is ours, so that «۳ میلیون بشکه» is exactly
476961.884784 m3. Not every unit has an amount in SI:

- counts and scales have none (``point``, ``TEU``, ``dose``, ``richter``, ``karat``);
- years and months are lengths of the calendar, not of a clock; weeks and days are (a day has 86400 s);
- ``horsepower`` is 735.49875 W or 745.7 W, ``ounce`` one of gold or one of the kitchen, ``degree`` an angle or a
  temperature: what a text does not tell is not guessed.

A gallon is the American one, a calorie 4.184 J, a kilobyte 1000 bytes, a barrel 42 gallons.
"""

from __future__ import annotations

import re
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final

#: Significant digits of an amount that has no finite decimal.
PRECISION: Final = 28

#: Decimal places before or after the point beyond which a number measures nothing.
_FARTHEST: Final = 100

#: SI unit → our codes, each with pint's name where that is another: «code=name».
_CODES: Final[dict[str, str]] = {
    "kg": "t kg g mg microgram nanogram pound carat",
    "W": "watt kW MW GW TW",
    "J": "Wh=watt_hour kWh MWh GWh TWh joule kilojoule megajoule gigajoule calorie kilocalorie btu=Btu",
    "V": "V kV millivolt",
    "A": "ampere milliampere",
    "C": "milliamperehour=milliampere_hour amperehour=ampere_hour",
    "VA": "kilovoltampere=kilovolt*ampere megavoltampere=megavolt*ampere",
    "N": "newton kilonewton",
    "N m": "newtonmeter=newton*meter poundfoot=force_pound*foot",
    "Pa": "pascal kilopascal megapascal millibar atmosphere=standard_atmosphere",
    "Hz": "hertz kilohertz megahertz gigahertz",
    "lm": "lumen",
    "lx": "lux",
    "Sv": "sievert",
    "m": "nanometer micrometer mm cm decimeter m km "
    "inch foot yard mile nauticalmile=nautical_mile lightyear=light_year",
    "m2": "mm2 cm2 m2 km2 ha=hectare ft2 acre=international_acre",
    "m3": "milliliter deciliter L cm3 m3 km3 ft3 bbl=oil_barrel gallon bushel",
    "m/s": "knot",
    "s": "nanosecond microsecond millisecond s second minute hour day week",
    "K": "degC degF kelvin",
    "bit": "bit kilobit megabit gigabit terabit byte kB MB GB TB petabyte exabyte",
    "bit/s": "kbps=kilobit/second Mbps=megabit/second Gbps=gigabit/second",
}

#: What pint calls units where its own name has another size, or needs its factors said.
_DEFINITIONS: Final = ("international_acre = 4840 * yard ** 2",)

_QUOTIENTS: Final[dict[str, str]] = {"J/s": "W", "C/s": "A"}
_RATE: Final = re.compile(r"([^/]+)/(10+)?([^/]+)")
_POWER: Final = re.compile(r"(?<=[a-z])([23])$")


def _pint(code: str) -> str:
    """Pint's spelling of an SI unit or of a code: ``m**2``, ``N*m``."""
    return _POWER.sub(r"**\1", {"VA": "V*A"}.get(code, code.replace(" ", "*")))


_UNITS: Final[dict[str, tuple[str, str]]] = {
    entry.partition("=")[0]: (entry.partition("=")[2] or _pint(entry), si)
    for si, entries in _CODES.items()
    for entry in entries.split()
}


def to_si(number: Decimal, unit: str, *, difference: bool = False) -> tuple[Decimal, str] | None:
    """Return *number* of *unit*, a code of :mod:`raqam.figures.units`, in SI units, with their name.

    The amount is exact when it has a finite decimal, otherwise it has 28 significant digits, half to even. None for a
    unit that has no amount in SI, and for a number beyond 10^100. A temperature is taken as a reading; as a
    *difference* («۳ درجه گرم‌تر») it keeps its size.

    >>> to_si(Decimal(2600), "MW"), to_si(Decimal(38), "degC")
    ((Decimal('2600000000'), 'W'), (Decimal('311.15'), 'K'))
    >>> to_si(Decimal("3e6"), "bbl/day"), to_si(Decimal(4), "year")
    ((Decimal('5.520392185'), 'm3/s'), None)
    """
    line = _line(unit)
    if line is None or not _is_measurable(number):
        return None
    factor, offset, si = line
    return _decimal(Fraction(number) * factor + (0 if difference else offset)), si


def _is_measurable(number: Decimal) -> bool:
    """Whether *number* is one that an exact fraction of may be built."""
    return number.is_finite() and abs(number.adjusted()) <= _FARTHEST and len(number.as_tuple().digits) <= _FARTHEST


@lru_cache(maxsize=1024)
def _line(unit: str) -> tuple[Fraction, Fraction, str] | None:
    """The factor and the offset that turn an amount of *unit* into one of the SI unit named third."""
    if unit in _UNITS:
        name, si = _UNITS[unit]
        zero, one = (Fraction(_registry().Quantity(Fraction(n), name).to(_pint(si)).magnitude) for n in (0, 1))
        return one - zero, zero, si
    match = _RATE.fullmatch(unit)
    if match is None:
        return None
    above, below = _line(match[1]), _line(match[3])
    if above is None or below is None or above[1] or below[1] or above[2] == below[2]:
        return None
    si = f"{above[2]}/{below[2]}"
    return above[0] / below[0] / int(match[2] or 1), Fraction(0), _QUOTIENTS.get(si, si)


@lru_cache(maxsize=1)
def _registry() -> Any:
    """Pint's registry in fractions: a third of a second to build, so only when an amount is asked for."""
    from pint import UnitRegistry

    registry: Any = UnitRegistry(non_int_type=Fraction)
    for definition in _DEFINITIONS:
        registry.define(definition)
    return registry


def _decimal(value: Fraction) -> Decimal:
    """*value* as a decimal without an exponent where it is whole."""
    twos, fives, rest = _places(value.denominator)
    if rest != 1:
        with localcontext() as context:
            context.prec = PRECISION
            return Decimal(value.numerator) / Decimal(value.denominator)
    places = max(twos, fives)
    return Decimal(f"{value.numerator * 10**places // value.denominator}e-{places}")


def _places(denominator: int) -> tuple[int, int, int]:
    """How many times 2 and 5 divide *denominator*, and what is left of it."""
    counts = []
    for prime in (2, 5):
        count = 0
        while denominator % prime == 0:
            denominator //= prime
            count += 1
        counts.append(count)
    return counts[0], counts[1], denominator
