"""How unsure the model is: more where its tags are less likely, inside spans and outside."""

from __future__ import annotations

import numpy as np
import pytest

from raqam import Annotator, Article
from serving.corrections.uncertainty import Weighing, uncertainty
from tests.serving.conftest import SEEDS


def logs(*rows: tuple[float, ...]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return np.log(np.array(rows, dtype=np.float32))


def test_it_is_one_minus_the_geometric_mean_of_the_best_tags() -> None:
    assert uncertainty(logs((1.0, 1e-9))) == 0
    assert uncertainty(logs((0.5, 0.5), (0.5, 0.5))) == 0.5
    assert uncertainty(logs((0.9, 0.1), (0.4, 0.6))) == pytest.approx(1 - (0.9 * 0.6) ** 0.5, abs=1e-4)
    assert uncertainty(np.zeros((0, 31), dtype=np.float32)) == 0


def test_a_text_is_not_less_sure_for_being_longer() -> None:
    assert uncertainty(logs(*[(0.8, 0.2)] * 500)) == uncertainty(logs((0.8, 0.2)))


def test_records_are_the_annotators(annotator: Annotator) -> None:
    weighing = Weighing(annotator)
    for seed in SEEDS:
        article = Article(seed.read_bytes().decode())
        prepared = weighing.prepare(article)
        record = weighing.finish(prepared, [weighing.run([row])[0] for row in prepared.rows])
        assert record.to_dict() == annotator.annotate(article).to_dict()
        assert 0 < record.uncertainty < 0.5
