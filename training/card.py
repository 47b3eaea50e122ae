"""The card of a model folder, written from its manifest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from raqam.labels import LABELS
from raqam.manifest import Manifest

CARD_FILE: Final = "MODEL_CARD.md"


def render(manifest: Manifest) -> str:
    """The card as Markdown: what the model is, what it was trained on and with which terms, how good it is."""
    parts = [
        _head(manifest),
        _labels(manifest),
        _made(manifest),
        _data(manifest.data),
        _scores(manifest.scores),
        _use(),
    ]
    return "\n".join(part for part in parts if part)


def _head(manifest: Manifest) -> str:
    return f"""# {manifest.id}

A token classifier for Persian provincial and economic news. It marks {len(manifest.labels)} kinds of spans; it runs on
a processor with onnxruntime and tokenizers alone. Windows of {manifest.window} tokens that share about
{manifest.overlap}; text as normalizer {manifest.normalizer} of Raqam gives it. Made {manifest.created}.

`model.int8.onnx` is the model (weights int8 per channel, activations quantized at run time), `tokenizer.json` its
tokenizer, `checkpoint/` the same model in fp16 for training on; `manifest.json` has the sha256 of each.
"""


def _labels(manifest: Manifest) -> str:
    rows = [f"| {label.code} | {label.meaning} |" for label in LABELS if label.code in manifest.labels]
    return "\n".join(["## Labels\n", "| label | marks |", "|---|---|", *rows, ""])


def _made(manifest: Manifest) -> str:
    recipe = f"training/configs/{manifest.name}.toml"
    return f"""## Made with

`{recipe}`, from a folder of corpora laid out as it names them; a version raised by `make train` went on from there.

```sh
python -m training encoder
python -m training pretrain training/configs/pretrain.toml --corpora DIR
python -m training pretrain training/configs/pretrain-2.toml --corpora DIR -o runs/pretrain-2
python -m training finetune {recipe} --corpora DIR
python -m training export {recipe} runs/{manifest.name}/stage-2/best --corpora DIR
```
"""


def _data(data: Iterable[Mapping[str, Any]]) -> str:
    rows = [f"| {each.get('name', '')} | {each.get('use', '')} | {each.get('terms', '')} |" for each in data]
    head = ["## Data and its terms\n", "None of the data is part of Raqam; the terms bind whoever trains on it.\n"]
    return "\n".join([*head, "| data | used for | terms |", "|---|---|---|", *rows, ""]) if rows else ""


def _scores(scores: Mapping[str, Any]) -> str:
    return "\n".join(_table(name, forms) for name, forms in scores.items())


def _table(name: str, forms: Mapping[str, Any]) -> str:
    """One table a set: a row a label, the F1 of each form of the model."""
    names = list(forms)
    labels = list(dict.fromkeys(label for form in forms.values() for label in form))
    head = [f"## Scores on {name}: strict span F1\n", f"| label | {' | '.join(names)} | gold spans |"]
    rows = []
    for label in labels:
        cells = [forms[form].get(label, {}) for form in names]
        shown = " | ".join(f"{cell.get('f1', 0):.3f}" for cell in cells)
        rows.append(f"| {label} | {shown} | {cells[0].get('gold', 0)} |")
    return "\n".join([*head, f"|---|{'---|' * (len(names) + 1)}", *rows, ""])


def _use() -> str:
    return """## Intended use and limits

For finding who, where, when and how much in Persian news, to be checked by a reader before a decision rests on it. It
saw news of Iranian agencies of the last two decades: other kinds of text, poetry, colloquial writing and transcripts,
are outside of what it was measured on. Long names of events, plans and facilities, and indicators, are its weakest
labels. A score is the geometric mean of the model's probabilities over the tokens of a span, not a calibrated
chance of being right. Persons named in news are marked as such; do not use it to profile private persons.
"""
