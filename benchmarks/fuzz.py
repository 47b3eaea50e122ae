"""Ten thousand requests made from the OpenAPI document: no status of 500 or more, and every answer in its schema.

schemathesis makes the requests of every operation, half of them as the document allows and half not, and checks the
status, the headers, the type and the schema of the answers against the document. Every line of an NDJSON answer is
checked against the schemas of a record and of a problem. What fails is printed once for each kind of failure, with the
shortest request that showed it.

Needs the extra ``dev`` (schemathesis). Run from the root of a checkout::

    python -m benchmarks.fuzz
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import jsonschema_rs
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from schemathesis.core.failures import AcceptedNegativeData, Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.openapi.checks import RejectedPositiveData

from benchmarks.load import NDJSON, Bar, Server, conclude, parser, served
from benchmarks.report import table
from benchmarks.service import StartError

ARTICLES: Final = "POST /annotate"
LABELING: Final = b"/problems/wrong-labeling"
CHUNK: Final = 250  # cases of one run of hypothesis, which keeps all of a run in memory

Case = schemathesis.Case[Any]
Operation = schemathesis.APIOperation[Any, Any, Any, Any]


@dataclass(slots=True)
class Found:
    """What the requests showed: cases by operation, statuses, and the shortest request for each kind of failure."""

    cases: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    shortest: dict[str, str] = field(default_factory=dict)

    def fail(self, what: str, request: str) -> None:
        """Remember a failure; *what* says its kind."""
        self.failed[what] += 1
        if len(request) < len(self.shortest.get(what, request + "-")):
            self.shortest[what] = request


def main(arguments: Sequence[str] | None = None) -> int:
    """Send as many cases as asked for and print what became of them; 1 where one failed."""
    options = parser("fuzz", __doc__, seconds=3600, clients=1)
    options.add_argument("--cases", type=int, default=10_000, metavar="N", help="at least (default: 10,000)")
    options.add_argument("--seed", type=int, default=0, help="of the random requests (default: 0)")
    asked = options.parse_args(arguments)
    began = time.perf_counter()
    try:
        with tempfile.TemporaryDirectory() as kept, served(asked.model, database=f"sqlite:///{kept}/k") as server:
            found = run(server, asked.cases, asked.seed, began + asked.seconds)
            logged = server.said()
    except StartError as error:
        print(error, file=sys.stderr)
        return 2
    print(table(["operation", "cases"], [(name, f"{count:,}") for name, count in sorted(found.cases.items())]))
    for what, count in found.failed.most_common():
        print(f"\n{count:,} × {what}\n    {found.shortest[what][:1000]}")
    print(f"\n{logged}\n" if logged else "")
    return conclude(bars(found, asked.cases), f"{time.perf_counter() - began:,.0f} s, seed {asked.seed}")


def run(server: Server, cases: int, start: int, until: float) -> Found:
    """Send *cases* requests or a few more, none after *until*.

    The operations take turns; those that take no articles are asked CHUNK times each way at most.
    """
    document = requests.get(f"{server.url}/openapi.json", timeout=60).json()
    lines = jsonschema_rs.validator_for(line_schema(document))
    found, session = Found(), requests.Session()
    sources = deque((operation, mode, start) for operation in load(document) for mode in schemathesis.GenerationMode)
    while found.cases.total() < cases and time.perf_counter() < until:
        operation, mode, number = sources.popleft()
        strategy = operation.as_strategy(generation_mode=mode)
        draw(strategy, number, lambda case: check_case(case, server.url, session, lines, found))
        if operation.label == ARTICLES:
            sources.append((operation, mode, number + 1))
    return found


def draw(strategy: SearchStrategy[Case], number: int, check: Callable[[Case], None]) -> None:
    """Call *check* with at most CHUNK values of *strategy*, always the same for the same *number*."""
    limits = settings(
        max_examples=CHUNK, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    with suppress(Unsatisfiable):  # an operation without parameters cannot be asked in a wrong way

        def checked(case: Case) -> None:
            check(case)

        seed(number)(limits(given(strategy)(checked)))()


def load(document: dict[str, Any]) -> list[Operation]:
    """The operations of *document*. In it, the body of several lines is any text; here it is mostly articles."""
    schemathesis.serializer(NDJSON)(lambda context, value: as_lines(value))
    altered = json.loads(json.dumps(document))
    bodies = altered["paths"]["/annotate"]["post"]["requestBody"]["content"]
    article = {"$ref": "#/components/schemas/ArticleIn"}
    bodies[NDJSON]["schema"] = {"type": "array", "items": {"anyOf": [article, article, {}]}}
    operations = schemathesis.openapi.from_dict(altered).get_all_operations()
    return [found.ok() for found in operations if isinstance(found, Ok)]


def as_lines(value: object) -> bytes:
    r"""Each item of a list as a line of JSON, and anything else as one.

    >>> as_lines([{"text": "a"}, 1])
    b'{"text": "a"}\n1'
    """
    items = value if isinstance(value, list) else [value]
    return "\n".join(json.dumps(item) for item in items).encode()


def line_schema(document: dict[str, Any]) -> dict[str, Any]:
    """The schema of a line of an NDJSON answer: a record or a refusal."""
    either = [{"$ref": f"#/components/schemas/{name}"} for name in ("RecordOut", "RefusalOut")]
    return {"anyOf": either, "components": document["components"]}


def check_case(case: Case, url: str, session: requests.Session, lines: jsonschema_rs.Validator, found: Found) -> None:
    """Send *case* and compare the answer with the document."""
    request = case.as_curl_command()
    found.cases[case.operation.label] += 1
    try:
        response = case.call(base_url=url, session=session, timeout=120)
    except requests.RequestException as error:
        return found.fail(f"{case.operation.label}: no answer, {type(error).__name__}", request)
    found.statuses[response.status_code] += 1
    try:
        case.validate_response(response)
    except FailureGroup as group:
        # What is wrong with one article of several is said at its place, with status 200; and 413 refuses as well.
        refused = response.status_code == 413 or b'"error":{' in response.content
        # No schema can say which strings are a labelling configuration with labels for a text.
        unlabelled = LABELING in response.content
        # Tasks and events are Label Studio's: what of them is not as its documents say is let pass.
        theirs = case.operation.path.startswith("/label-studio/")
        for failure in group.exceptions:
            accepted = isinstance(failure, AcceptedNegativeData) and (refused or theirs)
            if not accepted and not (unlabelled and isinstance(failure, RejectedPositiveData)):
                found.fail(kind(case, failure, response.status_code), request)
    if NDJSON in response.headers.get("content-type", [""])[0]:
        for line in response.content.split(b"\n")[:-1]:
            if not lines.is_valid(json.loads(line)):
                found.fail(f"{case.operation.label}: a line that is not in the schema", request)


def kind(case: Case, failure: Failure, status: int) -> str:
    """What failures must share to be of one kind."""
    return f"{case.operation.label}: {failure.title} (status {status}): {' '.join(failure.message.split())[:300]}"


def bars(found: Found, cases: int) -> list[Bar]:
    """What was found against what it must be."""
    total, worst = found.cases.total(), sum(count for status, count in found.statuses.items() if status >= 500)
    shown = ", ".join(f"{count:,} × {status}" for status, count in sorted(found.statuses.items()))
    failed = found.failed.total()
    return [
        Bar("cases", f"≥ {cases:,}", f"{total:,}", total >= cases),
        Bar("statuses of 500 and more", "0", f"{worst} ({shown})", not worst),
        Bar("answers that are not as documented", "0", f"{failed:,}, of {len(found.failed)} kinds", not failed),
    ]


if __name__ == "__main__":
    sys.exit(main())
