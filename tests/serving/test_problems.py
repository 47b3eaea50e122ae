from __future__ import annotations

import json

import pytest
from starlette.exceptions import HTTPException

from raqam.errors import InputError, MismatchError, PublishedError, TextError
from serving.problems import INTERNAL, KINDS, Problem, ProblemError, answer, problem_of, shown


@pytest.mark.parametrize(
    ("error", "kind", "status"),
    [
        (TextError("x", reason="blank"), "blank-text", 422),
        (TextError("x", reason="too_long"), "text-too-long", 413),
        (TextError("x", reason="surrogate"), "invalid-unicode", 422),
        (TextError("x", reason="not_a_string"), "wrong-type", 422),
        (PublishedError("x"), "wrong-published", 422),
        (InputError("x", field="id", reason="a reason of a later version"), "invalid-input", 422),
        (ProblemError(Problem("too-deep", "x")), "too-deep", 400),
        (RecursionError("x"), "too-deep", 400),
        (HTTPException(404), "not-found", 404),
        (HTTPException(405), "method-not-allowed", 405),
    ],
)
def test_each_error_has_its_problem(error: Exception, kind: str, status: int) -> None:
    problem = problem_of(error)
    assert (problem.kind, problem.status) == (kind, status)


@pytest.mark.parametrize("error", [ValueError("a secret"), MismatchError("a secret"), HTTPException(418, "a secret")])
def test_any_other_error_says_nothing_of_itself(error: Exception) -> None:
    assert problem_of(error) is INTERNAL
    assert "secret" not in json.dumps(INTERNAL.to_dict())


def test_the_limit_belongs_to_a_text_that_is_too_long() -> None:
    assert problem_of(TextError("x", reason="too_long"), limit=5).limit == 5
    assert problem_of(TextError("x", reason="blank"), limit=5).limit is None


def test_members_that_do_not_apply_are_left_out() -> None:
    assert Problem("blank-text", "Nothing there.").to_dict() == {
        "type": "/problems/blank-text",
        "title": "The text is blank",
        "status": 422,
        "detail": "Nothing there.",
    }


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_answered(kind: str) -> None:
    response = answer(Problem(kind, "x"))
    assert response.media_type == "application/problem+json"
    assert response.status_code == KINDS[kind].status >= 400


def test_a_name_is_shown_short_and_encodable() -> None:
    assert shown("\ud800" * 1000).encode()
    assert len(shown("x" * 1_000_000)) < 50
