"""The values of spans as pydantic models: what the OpenAPI document says of ``value``, told apart by ``kind``.

No answer goes through them: the library makes the objects, and the service sends them as they are.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

Number = Annotated[str, Field(pattern=r"^-?[0-9]+(\.[0-9]+)?$")]
Rank = Annotated[str, Field(pattern="^[0-9]+$")]
Date = Annotated[str, Field(pattern=r"^([0-9]{4}|-)(-[0-9]{2}){0,2}(\.\.([0-9]{4}|-)(-[0-9]{2}){0,2})?$")]
Day = Annotated[str, Field(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
Bound = Literal["exact", "about", "at_least", "more_than", "at_most", "less_than"]

#: Which fields of a figure, and of a date, go together. Swagger UI would call a schema with "not" one of nothing.
_FIGURE: Final[JsonDict] = {
    "dependentRequired": {"low": ["high"], "high": ["low"]},
    "dependentSchemas": {"number": {"properties": {"low": False, "high": False}}},
}
_PERIOD: Final[JsonDict] = {
    "dependentRequired": {"start": ["end"], "end": ["start"]},
    "if": {"required": ["date"]},
    "then": {"properties": {"relative": False}},
    "else": {"required": ["relative"]},
}


def _absent(description: str) -> Any:
    """A field that an object has or has not; it is never null."""
    return Field(default=None, description=description, json_schema_extra=_without_default)


def _without_default(schema: JsonDict) -> None:
    del schema["default"]


def _described(rules: JsonDict, *examples: JsonDict) -> ConfigDict:
    """A configuration that adds *rules* and *examples* to the schema."""
    return ConfigDict(json_schema_extra={**rules, "examples": list(examples)})


class _Value(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    kind: str


class _Figure(_Value):
    """Of every figure: the number, or the ends of a range, or neither where it is vague; and how it is limited."""

    bound: Bound = Field(description="How the words beside the figure limit it: `more_than` is «بیش از».")
    number: Number = _absent("An exact decimal number.")
    low: Number = _absent("The lower end of a range.")
    high: Number = _absent("The upper end of a range.")


class RangeOut(BaseModel):
    """Both ends of a range."""

    model_config = ConfigDict(extra="forbid", strict=True)

    low: Number
    high: Number


class MoneyOut(_Figure):
    """An amount of money."""

    model_config = _described(
        _FIGURE,
        {"kind": "money", "number": "2200000000000", "currency": "IRR", "irr": "2200000000000", "bound": "more_than"},
        {"kind": "money", "number": "168000000", "currency": "USD", "irr": None, "bound": "exact"},
    )

    kind: Literal["money"]
    currency: str = Field(pattern="^[A-Z]{3}$", description="The ISO 4217 code; IRT for toman.")
    irr: Number | RangeOut | None = Field(
        description="The same in rials, for toman and rials; null for foreign money and where the amount is vague."
    )


class PercentOut(_Figure):
    """A percentage, or a fraction of a whole in per cent."""

    model_config = _described(_FIGURE, {"kind": "percent", "number": "47", "bound": "exact"})

    kind: Literal["percent"]


class RatioOut(_Figure):
    """A multiple: 2 is twice."""

    model_config = _described(_FIGURE, {"kind": "ratio", "number": "2", "bound": "exact"})

    kind: Literal["ratio"]


class QuantityOut(_Figure):
    """A number with a unit of measure."""

    model_config = _described(_FIGURE, {"kind": "quantity", "number": "2600", "unit": "MW", "bound": "about"})

    kind: Literal["quantity"]
    unit: str = Field(pattern="^[A-Za-z0-9/%]+$", description="The code of the unit, such as `MW`; rates as `bbl/day`.")


class CountOut(_Figure):
    """A count of people or things."""

    model_config = _described(_FIGURE, {"kind": "count", "number": "30", "of": "معدن", "bound": "exact"})

    kind: Literal["count"]
    of: str | None = Field(
        min_length=1, description="The noun or classifier that is counted; null where the span names none."
    )


class RankOut(_Figure):
    """A place in an order, 1 the first."""

    model_config = _described(_FIGURE, {"kind": "rank", "number": "6", "bound": "exact"})

    kind: Literal["rank"]
    number: Rank = _absent("The rank.")
    low: Rank = _absent("The first rank of a range.")
    high: Rank = _absent("The last rank of a range.")


class DateOut(_Value):
    """A date or a period: either `date`, or `relative` where it hangs on the day of writing."""

    model_config = _described(
        _PERIOD,
        {"kind": "date", "calendar": "jalali", "date": "1404-06-16", "start": "2025-09-07", "end": "2025-09-07"},
        {"kind": "date", "calendar": "jalali", "relative": True, "start": "2025-03-21", "end": "2026-03-20"},
    )

    kind: Literal["date"]
    calendar: Literal["jalali", "gregorian", "islamic"]
    date: Date = _absent(
        "In that calendar, as precise as the words: `1404-06-16`, `1404-06`, `1404`, `--06-16` where the year is left "
        "out, `1403..1404` for a range."
    )
    relative: Literal[True] = _absent("Today, last year, on Thursday: what only the day of publication fixes.")
    start: Day = _absent("The first Gregorian day; absent where it is not known.")
    end: Day = _absent("The last Gregorian day, included.")


class PlaceOut(_Value):
    """Where a place lies."""

    model_config = _described({}, {"kind": "place", "country": "IR", "province": "IR-13"})

    kind: Literal["place"]
    country: str = Field(pattern="^[A-Z]{2}$", description="The ISO 3166-1 code.")
    province: str | None = Field(
        pattern="^[A-Z]{2}-[A-Z0-9]{1,3}$", description="The ISO 3166-2 code, as of November 2020; null where unknown."
    )


Value = Annotated[
    MoneyOut | PercentOut | RatioOut | QuantityOut | CountOut | RankOut | DateOut | PlaceOut,
    Field(discriminator="kind"),
]
