"""Export a fine-tuned checkpoint as a model folder: ONNX, int8, manifest, card, and the checkpoint itself in fp16.

Two gates: the fp32 ONNX file gives the logits of torch within :data:`PARITY`, and quantization to int8 costs at most
:data:`QUANTIZATION_LOSS` of strict micro F1 on the dev set. A model that fails one is not written.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import shutil
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers.fusion_options import FusionOptions
from onnxruntime.transformers.optimizer import optimize_model
from transformers import PreTrainedModel

from raqam import Annotator
from raqam.errors import MismatchError, ModelNotFoundError, RaqamError
from raqam.labels import tags_of
from raqam.manifest import MODEL_FILE, TOKENIZER_FILE, Manifest, read_manifest, write_manifest
from raqam.model import OnnxModel
from raqam.text import NORMALIZER_VERSION
from raqam.tokens import Tokenizer
from training.card import CARD_FILE, render
from training.checkpoints import load_model, load_tokenizer
from training.evaluation import MICRO, Score, evaluate, to_json
from training.examples import Example
from training.recipe import Recipe

PARITY: Final = 1e-3
QUANTIZATION_LOSS: Final = 0.003
CHECKPOINT: Final = "checkpoint"
_OPSET: Final = 17


class GateError(RaqamError):
    """An exported model is not good enough to be written."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A written model folder, and the dev scores of its fp32 and int8 forms."""

    manifest: Manifest
    fp32: dict[str, Score]
    int8: dict[str, Score]


def export(checkpoint: Path, recipe: Recipe, dev: Sequence[Example], folder: Path) -> Exported:
    """Write the model folder of *checkpoint* to *folder*, replacing what is there; raises :class:`GateError`."""
    tags = tags_of(recipe.labels)
    check_tags(checkpoint, tags)
    tokenizer = load_tokenizer(str(checkpoint))
    model = load_model(str(checkpoint), tags, dropout=0.0).eval()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".export-") as place:
        work, built = Path(place), Path(place) / "model"
        built.mkdir()
        to_onnx(model, work / "fp32.onnx")
        check_parity(model, work / "fp32.onnx")
        quantize(model, work / "fp32.onnx", built / MODEL_FILE)
        tokenizer.save(built / TOKENIZER_FILE)
        draft = _manifest(recipe)
        fp32 = _scores(draft, tokenizer, work / "fp32.onnx", dev)
        int8 = _scores(draft, tokenizer, built / MODEL_FILE, dev)
        check_quantization(fp32, int8)
        save_checkpoint(model, tokenizer, checkpoint, built / CHECKPOINT)
        manifest = _finish(built, _manifest(recipe, {"dev": {"fp32": to_json(fp32), "int8": to_json(int8)}}))
        replace_folder(built, folder)
    return Exported(manifest, fp32, int8)


def check_tags(checkpoint: Path, tags: Sequence[str]) -> None:
    """Raise :class:`ModelError` unless *checkpoint* is a classifier over *tags*: another head would be made up."""
    path = checkpoint / "config.json"
    if not path.is_file():
        raise ModelNotFoundError(f"There is no checkpoint at {checkpoint}: it has no config.json.")
    names = json.loads(path.read_text(encoding="utf-8")).get("id2label", {})
    if [names.get(str(k)) for k in range(len(names))] != list(tags):
        raise MismatchError(
            f"The checkpoint {checkpoint} is no classifier over the {len(tags)} tags of the recipe's labels; "
            "fine-tune it by this recipe first."
        )


def to_onnx(model: PreTrainedModel, path: Path) -> None:
    """Write *model* as fp32 ONNX: ``input_ids`` and ``attention_mask`` int64 (batch, tokens) to ``logits``."""
    ids = torch.ones((2, 8), dtype=torch.int64)
    axes = {0: "batch", 1: "tokens"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer warns of constants that do not depend on the input
        torch.onnx.export(
            _Logits(model),
            (ids, torch.ones_like(ids)),
            str(path),
            input_names=["input_ids", "attention_mask"],
            output_names=["logits"],
            dynamic_axes=dict.fromkeys(("input_ids", "attention_mask", "logits"), axes),
            opset_version=_OPSET,
            dynamo=False,
        )


class _Logits(torch.nn.Module):
    """The model with positional inputs and the logits as its only output, as the tracer wants it."""

    def __init__(self, model: PreTrainedModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.model(input_ids=input_ids, attention_mask=attention_mask).logits
        return logits


def parity(model: PreTrainedModel, path: Path, seed: int = 0) -> float:
    """The greatest difference of a logit between torch and the ONNX file at *path*, on random ids of many lengths.

    It is not a number where a logit is not.
    """
    rng = np.random.default_rng(seed)
    session = OnnxModel(path)
    differences = []
    for batch, tokens in ((1, 1), (1, 17), (3, 64), (2, 128)):
        ids = rng.integers(0, model.config.vocab_size, (batch, tokens), dtype=np.int64)
        mask = np.ones_like(ids)
        mask[-1, tokens - tokens // 4 :] = 0
        with torch.no_grad():
            expected = model(input_ids=torch.from_numpy(ids), attention_mask=torch.from_numpy(mask)).logits.numpy()
        differences.append(np.abs(session.run(ids, mask) - expected)[mask == 1].max())
    return float(np.max(differences))


def check_parity(model: PreTrainedModel, path: Path) -> None:
    """Raise :class:`GateError` if torch and ONNX differ by more than :data:`PARITY`."""
    if not (difference := parity(model, path)) <= PARITY:
        raise GateError(f"The ONNX file differs from torch by {difference:.2g} in a logit; {PARITY:.0e} is allowed.")


def quantize(model: PreTrainedModel, source: Path, target: Path) -> None:
    """Fuse the attention, layer-norm and GELU subgraphs of *source*, and quantize it to int8 per channel.

    Sums and biases stay apart from layer norms and GELU: on a processor the fused kernels are slower, and a bias
    becomes a part of the product before it.
    """
    options = FusionOptions("bert")
    options.enable_skip_layer_norm = options.enable_bias_skip_layer_norm = options.enable_bias_gelu = False
    config = model.config
    fused = optimize_model(
        str(source),
        model_type="bert",
        num_heads=config.num_attention_heads,
        hidden_size=config.hidden_size,
        optimization_options=options,
        opt_level=0,
    )
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "fused.onnx"
        fused.save_model_to_file(str(path))
        quantize_dynamic(
            str(path),
            str(target),
            per_channel=True,
            weight_type=QuantType.QInt8,
            extra_options={"MatMulConstBOnly": True, "DefaultTensorType": onnx.TensorProto.FLOAT},
        )
    strip(target)


def strip(path: Path) -> None:
    """Remove names of source lines and the like from the ONNX file at *path*."""
    model = onnx.load(str(path))
    model.doc_string = ""
    for node in model.graph.node:
        node.doc_string = ""
    onnx.save(model, str(path))


def check_quantization(fp32: dict[str, Score], int8: dict[str, Score]) -> None:
    """Raise :class:`GateError` if int8 loses more than :data:`QUANTIZATION_LOSS` of micro F1.

    One span is always allowed: a dev set of a few articles cannot resolve less.
    """
    before, after = fp32[MICRO], int8[MICRO]
    loss, one_span = before.f1 - after.f1, 2 / max(1, before.gold + before.found)
    if loss > (allowed := max(QUANTIZATION_LOSS, one_span)) + 1e-9:
        worst = sorted(fp32, key=lambda label: int8[label].f1 - fp32[label].f1)
        labels = ", ".join(f"{label} {fp32[label].f1:.3f} to {int8[label].f1:.3f}" for label in worst[:5])
        raise GateError(
            f"Quantization costs {100 * loss:.2f} points of F1 on the dev set ({before.f1:.4f} to {after.f1:.4f}); "
            f"{100 * allowed:.1f} are allowed. It costs most on: {labels}."
        )


def save_checkpoint(model: PreTrainedModel, tokenizer: Tokenizer, source: Path, folder: Path) -> None:
    """Write *model* in fp16 with its tokenizer, so that training can go on from it."""
    model.half().save_pretrained(folder)
    model.float()
    tokenizer.save(folder / TOKENIZER_FILE)
    config = source / "tokenizer_config.json"
    if config.is_file():
        shutil.copyfile(config, folder / config.name)


def replace_folder(built: Path, folder: Path) -> None:
    """Put *built* in the place of *folder*; what was there is gone only when the new one is whole and in place."""
    new, old = (folder.with_name(f".{folder.name}.{part}") for part in ("new", "old"))
    shutil.rmtree(new, ignore_errors=True)
    shutil.move(built, new)  # may copy from another file system; the renames below stay in one folder
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def keep_scores(folder: Path, name: str, scores: dict[str, Any]) -> Manifest:
    """Write *scores* on the set *name* into the manifest and the card of the model in *folder*."""
    manifest = read_manifest(folder)
    return _finish(folder, dataclasses.replace(manifest, scores={**manifest.scores, name: scores}))


def _manifest(recipe: Recipe, scores: dict[str, Any] | None = None) -> Manifest:
    return Manifest(
        name=recipe.name,
        version=recipe.version,
        labels=recipe.labels,
        tags=tags_of(recipe.labels),
        normalizer=NORMALIZER_VERSION,
        window=recipe.window,
        overlap=recipe.overlap,
        created=dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        scores=scores or {},
        data=recipe.data,
    )


def _scores(manifest: Manifest, tokenizer: Tokenizer, path: Path, dev: Sequence[Example]) -> dict[str, Score]:
    with Annotator(manifest, tokenizer, OnnxModel(path), threads=2) as annotator:
        return evaluate(annotator, dev, manifest.labels)


def _finish(folder: Path, manifest: Manifest) -> Manifest:
    """Write the card and the manifest; the card is one of the files the manifest lists."""
    (folder / CARD_FILE).write_text(render(manifest), encoding="utf-8")
    return write_manifest(folder, manifest)
