from __future__ import annotations

import re

import pytest

from raqam import errors
from raqam.errors import InputError, ModelError, PublishedError, RaqamError, SourceError, TextError

CLASSES = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, RaqamError)]


def test_the_picture_of_the_hierarchy_shows_every_class_in_its_place() -> None:
    drawn = re.findall(r"^[\s│├└─]*(?P<name>\w+Error)\b", errors.__doc__ or "", re.MULTILINE)
    assert sorted(drawn) == sorted(each.__name__ for each in CLASSES)
    assert all(each is RaqamError or issubclass(each, (InputError, ModelError)) for each in CLASSES)


@pytest.mark.parametrize(
    ("error", "field"),
    [
        (TextError("x", reason="blank"), "text"),
        (PublishedError("x"), "published"),
        (SourceError("x", reason="not_json"), "source"),
        (InputError("x", field="id", reason="surrogate"), "id"),
    ],
)
def test_an_input_error_names_its_field(error: InputError, field: str) -> None:
    assert (str(error), error.field) == ("x", field)
    assert error.reason == error.reason.lower()
