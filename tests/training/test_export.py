from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import onnx
import pytest
import torch
from safetensors.torch import load_file
from transformers import PreTrainedModel

from raqam import Annotator, Article
from raqam.errors import MismatchError, ModelNotFoundError
from raqam.labels import TAGS
from raqam.manifest import MODEL_FILE, TOKENIZER_FILE, read_manifest, verify
from training import export as module
from training.checkpoints import load_model
from training.evaluation import MICRO, Score
from training.examples import Example, read_path
from training.export import (
    CHECKPOINT,
    PARITY,
    Exported,
    GateError,
    check_parity,
    check_quantization,
    export,
    parity,
    replace_folder,
    to_onnx,
)
from training.finetune import finetune
from training.recipe import Recipe


@pytest.fixture(scope="module")
def dev(corpora: Path) -> list[Example]:
    return read_path(corpora / "toy-dev.jsonl")


@pytest.fixture(scope="module")
def exported(
    checkpoint: Path, recipe: Recipe, dev: Sequence[Example], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Exported]:
    folder = tmp_path_factory.mktemp("models") / "toy"
    recipe = dataclasses.replace(recipe, data=({"name": "toy sentences", "use": "tests", "terms": "none"},))
    return folder, export(checkpoint, recipe, dev, folder)


@pytest.fixture
def tiny(request: pytest.FixtureRequest) -> PreTrainedModel:
    """A classifier with a random head over the encoder the test names."""
    folder: Path = request.getfixturevalue(request.param)
    torch.manual_seed(0)
    model = load_model(str(folder), TAGS, dropout=0.0)
    model.eval()
    return model


@pytest.mark.parametrize("tiny", ["parsbert", "compact"], indirect=True)
def test_onnx_gives_the_logits_of_torch(tiny: PreTrainedModel, tmp_path: Path) -> None:
    to_onnx(tiny, tmp_path / "fp32.onnx")
    assert parity(tiny, tmp_path / "fp32.onnx") <= PARITY / 10
    check_parity(tiny, tmp_path / "fp32.onnx")


@pytest.mark.parametrize("tiny", ["compact"], indirect=True)
@pytest.mark.parametrize("change", [0.01, float("nan")])
def test_a_file_that_differs_from_torch_is_refused(tiny: PreTrainedModel, change: float, tmp_path: Path) -> None:
    to_onnx(tiny, tmp_path / "fp32.onnx")
    with torch.no_grad():
        tiny.get_parameter("classifier.bias").add_(change)
    with pytest.raises(GateError, match="differs from torch by"):
        check_parity(tiny, tmp_path / "fp32.onnx")


def test_the_folder_verifies_and_annotates(exported: tuple[Path, Exported]) -> None:
    folder, done = exported
    manifest = read_manifest(folder)
    assert manifest == done.manifest
    verify(folder, manifest, everything=True)
    assert {MODEL_FILE, TOKENIZER_FILE, "MODEL_CARD.md", f"{CHECKPOINT}/model.safetensors"} <= manifest.files.keys()
    assert {name for name, entry in manifest.files.items() if entry.runtime} == {MODEL_FILE, TOKENIZER_FILE}
    with Annotator.load(folder) as annotator:
        record = annotator.annotate(Article("شهردار کرمان ۴۷ میلیارد تومان خواست."))
    assert record.model == "toy@1.0"
    assert [(span.text, span.label) for span in record.spans] == [
        ("شهردار", "TTL"),
        ("کرمان", "LOC"),
        ("۴۷ میلیارد تومان", "MON"),
    ]
    assert sorted(path.name for path in folder.parent.iterdir()) == ["toy"]


def test_both_forms_are_scored_by_label_in_manifest_and_card(exported: tuple[Path, Exported]) -> None:
    folder, done = exported
    assert done.fp32[MICRO].f1 == done.int8[MICRO].f1 == 1.0
    scores = read_manifest(folder).scores["dev"]
    for form in ("fp32", "int8"):
        assert {label: score["f1"] for label, score in scores[form].items()} == {
            "micro": 1.0, "TTL": 1.0, "LOC": 1.0, "MON": 1.0,
        }  # fmt: skip
    card = (folder / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "# toy@1.0" in card
    assert "| toy sentences | tests | none |" in card
    assert "| MON | 1.000 | 1.000 | 15 |" in card


def test_the_model_is_int8_and_names_no_source_line(exported: tuple[Path, Exported]) -> None:
    model = onnx.load(exported[0] / MODEL_FILE)
    assert {"MatMulInteger", "DynamicQuantizeLinear"} & {node.op_type for node in model.graph.node} or any(
        "Quantize" in node.op_type or "Integer" in node.op_type for node in model.graph.node
    )
    assert not any(node.doc_string for node in model.graph.node)
    content = (exported[0] / MODEL_FILE).read_bytes()
    assert b"site-packages" not in content
    assert b"/tmp/" not in content
    for path in exported[0].rglob("*.json"):
        assert "/tmp/" not in path.read_text(encoding="utf-8"), path.name


def test_sums_and_biases_stay_apart_where_that_is_faster(exported: tuple[Path, Exported]) -> None:
    folder, _ = exported
    kinds = {node.op_type for node in onnx.load(folder / MODEL_FILE).graph.node}
    assert {"LayerNormalization", "Gelu"} <= kinds
    assert not {"SkipLayerNormalization", "BiasGelu"} & kinds


@pytest.mark.parametrize("name", [MODEL_FILE, TOKENIZER_FILE])
def test_a_folder_that_was_tampered_with_is_refused_by_name(
    name: str, exported: tuple[Path, Exported], tmp_path: Path
) -> None:
    folder = shutil.copytree(exported[0], tmp_path / "copy")
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(MismatchError, match=rf"copy/{name} has sha256"):
        Annotator.load(folder)


def test_the_checkpoint_is_half_precision_and_training_goes_on_from_it(
    exported: tuple[Path, Exported], recipe: Recipe, corpora: Path, tmp_path: Path
) -> None:
    weights = load_file(exported[0] / CHECKPOINT / "model.safetensors")
    assert {each.dtype for each in weights.values()} == {torch.float16}
    assert load_model(str(exported[0] / CHECKPOINT), TAGS).dtype == torch.float32
    stage = dataclasses.replace(recipe.stages[0], epochs=1, learning_rate=1e-5)
    again = dataclasses.replace(recipe, encoder=str(exported[0] / CHECKPOINT), stages=(stage,))
    best = finetune(again, corpora=corpora, gold=tmp_path, output=tmp_path)
    assert json.loads((best.parent / "done.json").read_text())["eval_f1"] == 1.0


def test_a_model_that_loses_too_much_to_int8_is_not_written(
    checkpoint: Path, recipe: Recipe, dev: Sequence[Example], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / "kept").touch()
    calls = iter([{MICRO: Score(1000, 1000, 900)}, {MICRO: Score(1000, 1000, 890)}])
    monkeypatch.setattr(module, "_scores", lambda *_: next(calls))
    with pytest.raises(GateError, match=r"costs 1\.00 points of F1 .*0\.9000 to 0\.8900"):
        export(checkpoint, recipe, dev, tmp_path / "toy")
    assert [path.name for path in tmp_path.rglob("*")] == ["toy", "kept"]


def test_the_gate_allows_three_tenths_of_a_point_and_names_the_labels() -> None:
    before = {MICRO: Score(1000, 1000, 900), "PER": Score(500, 500, 450), "LOC": Score(500, 500, 450)}
    check_quantization(before, {**before, MICRO: Score(1000, 1000, 898)})
    after = {MICRO: Score(1000, 1000, 890), "PER": Score(500, 500, 451), "LOC": Score(500, 500, 439)}
    with pytest.raises(GateError, match=r"0\.3 are allowed\. It costs most on: LOC 0\.900 to 0\.878"):
        check_quantization(before, after)


def test_on_a_few_articles_the_gate_allows_one_span() -> None:
    check_quantization({MICRO: Score(40, 40, 30)}, {MICRO: Score(40, 40, 29)})
    with pytest.raises(GateError):
        check_quantization({MICRO: Score(40, 40, 30)}, {MICRO: Score(40, 40, 28)})


def test_a_checkpoint_with_another_head_is_refused(
    compact: Path, checkpoint: Path, recipe: Recipe, dev: Sequence[Example], tmp_path: Path
) -> None:
    with pytest.raises(MismatchError, match="no classifier over the 31 tags"):
        export(compact, recipe, dev, tmp_path / "model")
    with pytest.raises(MismatchError, match="no classifier over the 3 tags"):
        export(checkpoint, dataclasses.replace(recipe, labels=("LOC",)), dev, tmp_path / "model")
    with pytest.raises(ModelNotFoundError, match="no checkpoint at"):
        export(tmp_path / "none", recipe, dev, tmp_path / "model")
    assert not list(tmp_path.iterdir())


def test_a_folder_is_replaced_as_a_whole(tmp_path: Path) -> None:
    built, folder = tmp_path / "work" / "built", tmp_path / "models" / "toy"
    for place, name in ((built, "new"), (folder, "old"), (folder.with_name(".toy.new"), "left by a kill")):
        place.mkdir(parents=True)
        (place / name).touch()
    replace_folder(built, folder)
    assert [path.name for path in folder.iterdir()] == ["new"]
    assert [path.name for path in folder.parent.iterdir()] == ["toy"]
    assert not built.exists()
