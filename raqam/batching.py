"""Which windows share a run of the model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Batching:
    """How many windows of the same length may share a run: at most *windows*, of at most *tokens* tokens together.

    The default is one window a run. Dynamic int8 quantization takes the scale of its activations from the whole
    batch, so that in company a window's logits change (by up to 0.1, in a batch of 8): with ``windows=1`` an article
    gets the same record whatever it is annotated with, and no token is padding. Windows run side by side instead,
    each on one thread, which on a processor is about as fast. Larger batches are for models in fp32.
    """

    windows: int = 1
    tokens: int = 4096

    def __post_init__(self) -> None:
        if self.windows < 1 or self.tokens < 1:
            raise ValueError(f"A batch holds at least 1 window and 1 token, not {self.windows} and {self.tokens}.")


ALONE: Final = Batching()


def group(lengths: Sequence[int], batching: Batching) -> list[tuple[int, ...]]:
    """Return the indexes of *lengths* in batches, longest first; in a batch all lengths are equal.

    No batch needs padding. The longest come first so that side by side no run is left to finish alone. Each index is
    in exactly one batch; a window longer than the budget of tokens is a batch by itself.

    >>> group([5, 9, 5, 5], Batching(windows=2))
    [(1,), (0, 2), (3,)]
    """
    alike: defaultdict[int, list[int]] = defaultdict(list)
    for index, length in enumerate(lengths):
        alike[length].append(index)
    batches = []
    for length, indexes in sorted(alike.items(), reverse=True):
        size = max(1, min(batching.windows, batching.tokens // max(1, length)))
        batches += [tuple(indexes[at : at + size]) for at in range(0, len(indexes), size)]
    return batches
