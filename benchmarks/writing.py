"""Whether the way a text is written matters: F1 on annotated articles as they are, and written as other sites would.

Every non-joiner lost; every non-joiner a space; Arabic letters and Latin digits; a few spaces lost. The
spans move along with their text.

Needs articles that the model was not trained on, as JSON lines with ``text`` and ``spans``::

    python -m benchmarks.writing DIR/dev.jsonl
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from benchmarks.report import table
from raqam import Annotator, RaqamError
from raqam.labels import CODES, FIGURES
from training.augmentation import Way, apply, drop_joiners, lose_spaces, space_joiners
from training.evaluation import Score, evaluate
from training.examples import Example, read_path

#: Labels of figures and of when: what the exact values are read from.
NUMBERS: Final = (*sorted(FIGURES), "DAT", "TIM")
_ARABIC: Final = str.maketrans("یک۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "يك01234567890123456789")


def arabic_latin(text: str, _: random.Random) -> list[str]:
    """Arabic ي and ك, and Latin digits."""
    return [character.translate(_ARABIC) for character in text]


WAYS: Final[dict[str, Way]] = {
    "as they are": lambda text, _: list(text),
    "without non-joiners": drop_joiners,
    "with spaces for non-joiners": space_joiners,
    "with Arabic ي and ك and Latin digits": arabic_latin,
    "with a few spaces lost": lose_spaces,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one table."""
    options = argparse.ArgumentParser(
        prog="python -m benchmarks.writing",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    options.add_argument("paths", nargs="+", type=Path, help="annotated articles, as JSON lines or a folder of gold")
    options.add_argument("--model", type=Path, default=None, help="a model folder; the default model otherwise")
    found = options.parse_args(arguments)
    try:
        examples = [example for path in found.paths for example in read_path(path)]
        with Annotator.load(found.model) as annotator:
            name = annotator.model
            scores = {way: evaluate(annotator, written(examples, how)) for way, how in WAYS.items()}
    except RaqamError as error:
        print(error, file=sys.stderr)
        return 2
    plain = next(iter(scores.values()))
    rows = [
        (way, *(shown(of(found)) for of in SUMS.values()), f"{100 * (found['micro'].f1 - plain['micro'].f1):+.2f}")
        for way, found in scores.items()
    ]
    print(table(["written", *SUMS, "difference"], rows))
    print(f"\nStrict F1 in percent on {len(examples)} articles; figures are {', '.join(NUMBERS)}; {name}.")
    return 0


def written(examples: Sequence[Example], way: Way) -> list[Example]:
    """*examples* written in one *way*, always the same."""
    found = []
    for number, example in enumerate(examples):
        text, spans = apply(way(example.text, random.Random(number)), example.spans)
        found.append(Example(text, tuple(spans)))
    return found


def figures(scores: dict[str, Score]) -> Score:
    """The sum of *scores* over :data:`NUMBERS`."""
    kept = [scores[label] for label in NUMBERS if label in scores]
    return Score(*(sum(getattr(each, name) for each in kept) for name in ("gold", "found", "both")))


def shown(score: Score) -> str:
    """The F1 of *score* in percent."""
    return f"{100 * score.f1:.2f}"


SUMS: Final[dict[str, Callable[[dict[str, Score]], Score]]] = {
    f"all {len(CODES)} labels": lambda scores: scores["micro"],
    "figures": figures,
}


if __name__ == "__main__":
    sys.exit(main())
