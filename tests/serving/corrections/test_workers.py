"""Several processes at the same database."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.serving.corrections.conftest import tag
from tests.serving.test_main import started

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="workers share a port by means of POSIX")


def test_workers_share_what_is_kept_and_nobody_overwrites_another(url: str, tiny_model: Path) -> None:
    with started(model=tiny_model, workers=2, threads=1, database=url) as (_, address), ThreadPoolExecutor(8) as pool:

        def send(method: str, path: str, body: object, **headers: str) -> httpx.Response:
            return httpx.request(method, address + path, json=body, headers=headers, timeout=120)  # a connection each

        sent = [pool.submit(send, "POST", "/articles", {"text": f"همدان {number % 4}"}) for number in range(16)]
        answers = [each.result() for each in sent]
        assert sorted(answer.status_code for answer in answers) == [200] * 12 + [201] * 4
        article = answers[0].json()["article"]
        path = f"/articles/{article}/annotation"
        for revision in range(1, 5):
            bodies = [{"spans": [], "who": f"{revision}-{number}"} for number in range(8)]
            changes = [pool.submit(send, "PUT", path, body, **tag(revision)) for body in bodies]
            statuses = sorted(change.result().status_code for change in changes)
            assert statuses == [200] + [412] * 7
        rows = send("GET", f"/articles/{article}/revisions", None).json()["revisions"]
        assert [row["revision"] for row in rows] == [1, 2, 3, 4, 5]
        assert send("GET", "/articles?state=all", None).json()["total"] == 4
