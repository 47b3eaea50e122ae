from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from serving.metrics import STAGES, Metrics
from tests.serving.conftest import ROOT


def lines(metrics: Metrics, beginning: str) -> list[str]:
    return [line for line in metrics.render().decode().splitlines() if line.startswith(beginning)]


def test_every_stage_has_its_histogram_before_anything_is_measured() -> None:
    metrics = Metrics()
    assert sorted(lines(metrics, "raqam_stage_seconds_count")) == sorted(
        f'raqam_stage_seconds_count{{stage="{stage}"}} 0.0' for stage in STAGES
    )
    metrics.observe("infer", 0.015)
    metrics.observe("infer", 100)
    assert lines(metrics, 'raqam_stage_seconds_count{stage="infer"}') == [
        'raqam_stage_seconds_count{stage="infer"} 2.0'
    ]
    assert 'raqam_stage_seconds_bucket{le="0.025",stage="infer"} 1.0' in lines(metrics, "raqam_stage_seconds_bucket")


def test_tokens_and_the_queue() -> None:
    metrics = Metrics()
    metrics.count_tokens(300, 0)
    metrics.count_tokens(200, 24)
    metrics.set_queue(3, 900)
    metrics.set_queue(2, 700)
    assert lines(metrics, "raqam_tokens_total") == ["raqam_tokens_total 500.0"]
    assert lines(metrics, "raqam_padding_tokens_total") == ["raqam_padding_tokens_total 24.0"]
    assert lines(metrics, "raqam_queue") == ["raqam_queue_requests 2.0", "raqam_queue_tokens 700.0"]


def test_the_model_that_answers_has_1() -> None:
    metrics = Metrics()
    metrics.set_model("compact", "1", "aa")
    metrics.set_model("compact", "2", "bb")
    metrics.set_model("compact", "2", "bb")
    metrics.count_reload(True)
    metrics.count_reload(False)
    assert lines(metrics, "raqam_model_info") == [
        'raqam_model_info{name="compact",sha256="aa",version="1"} 0.0',
        'raqam_model_info{name="compact",sha256="bb",version="2"} 1.0',
    ]
    assert lines(metrics, "raqam_model_reloads_total") == [
        'raqam_model_reloads_total{result="replaced"} 1.0',
        'raqam_model_reloads_total{result="kept"} 1.0',
    ]


def test_refused_keys_are_counted_by_why() -> None:
    metrics = Metrics()
    metrics.count_key_failure("unknown")
    assert lines(metrics, "raqam_key_failures_total") == ['raqam_key_failures_total{reason="unknown"} 1.0']


def test_applications_do_not_count_each_other() -> None:
    one, other = Metrics(), Metrics()
    one.count_problem("internal")
    assert not lines(other, "raqam_problems_total")


WORKER = """
import sys
from serving.metrics import Metrics
metrics = Metrics()
metrics.count_request("/annotate", 200, 0.2)
metrics.count_tokens(100, 0)
metrics.observe("infer", 0.015)
metrics.set_queue(1, 50)
metrics.set_model("compact", "1", "aa")
print("ready", flush=True)
if sys.stdin.readline():
    print(metrics.render().decode(), flush=True)
    sys.stdin.readline()
"""


def test_workers_count_together(tmp_path: Path) -> None:
    """Whichever process is asked knows the sum; of one that ended, what it counted stays, and its queue is gone."""
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER], cwd=ROOT, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        for _ in range(2)
    ]  # fmt: skip
    try:
        for worker in workers:
            assert worker.stdout
            assert worker.stdout.readline() == "ready\n"
        both = workers[0].communicate("render\n", timeout=300)[0]
        for line in [
            'raqam_requests_total{path="/annotate",status="200"} 2.0',
            "raqam_tokens_total 200.0",
            'raqam_stage_seconds_count{stage="infer"} 2.0',
            'raqam_stage_seconds_count{stage="wait"} 0.0',
            "raqam_queue_requests 2.0",
            "raqam_queue_tokens 100.0",
            'raqam_model_info{name="compact",sha256="aa",version="1"} 2.0',
        ]:
            assert line in both.splitlines()
        assert "process_resident_memory_bytes" not in both
    finally:
        for worker in workers:
            worker.kill()
            worker.communicate()


def test_alone_it_knows_its_process() -> None:
    if not Path("/proc/self/stat").exists():
        pytest.skip("there is no /proc")
    assert lines(Metrics(), "process_resident_memory_bytes")
