"""Articles on their way to the service: which are answered, which go into the next request, what an error means."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from itertools import islice
from typing import Any, Final

from raqam.client.errors import ClientError, UnexpectedAnswerError, error_of
from raqam.client.messages import NOT_RAQAM, Form, Outgoing, Refused, Result, read_result
from raqam.client.retries import Attempts, Retries

_TOO_LARGE: Final = 413


class Delivery:
    """Some articles that are sent together, in as many requests as it takes; true as long as some have no answer.

    What was answered is not sent again: a request that broke goes on at the first article without an answer.
    """

    def __init__(self, articles: Iterable[Outgoing], form: Form, retries: Retries) -> None:
        self._left = deque(articles)
        self._form, self._retries = form, retries
        self._together = len(self._left)  # how many share a request
        self._awaited = 0
        self._progress = False
        self.attempts = Attempts(retries)

    def __bool__(self) -> bool:
        return bool(self._left)

    def body(self) -> bytes:
        """Return the body of the next request."""
        sent = list(islice(self._left, self._together))
        self._awaited = len(sent)
        return self._form.body(sent)

    def take(self, content: Any) -> Result:
        """Return the next result of the answer, which *content* is; raises where it must be sent again."""
        if not self._awaited:
            raise UnexpectedAnswerError(NOT_RAQAM.format("it has more results than articles were sent"))
        result = read_result(content, self._left[0])
        if isinstance(result, Refused) and self._retries.apply_to(error := error_of(result.problem)):
            raise error  # it was not the article that was refused: the service stops, or has too much to do
        return self._answered(result)

    def end(self) -> None:
        """Check that the answer was complete."""
        if self._awaited:
            raise UnexpectedAnswerError(NOT_RAQAM.format(f"it ends {self._awaited} results too early"))
        self._progress, self.attempts = False, Attempts(self._retries)

    def recover(self, error: ClientError) -> tuple[list[Result], float]:
        """Return the results that *error* is, and the seconds to wait before the next request; or raise *error*.

        A request that is too large, for the service or for a proxy before it, is cut in half, and a single article
        that is so is refused.
        """
        if error.problem is not None and error.problem.status == _TOO_LARGE and self._awaited:
            if self._awaited == 1:
                return [self._answered(Refused(self._left[0].id, error.problem))], 0.0
            self._together = self._awaited // 2
            return [], 0.0
        if self._progress:
            self._progress, self.attempts = False, Attempts(self._retries)
        return [], self.attempts.wait(error)

    def _answered(self, result: Result) -> Result:
        self._left.popleft()
        self._awaited -= 1
        self._progress = True
        return result
