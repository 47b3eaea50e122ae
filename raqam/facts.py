"""Facts: which indicator each figure measures, told from how they stand in their sentence."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from raqam.records import Fact, Span

_FIGURES: Final = frozenset({"MON", "PCT", "QTY", "CNT", "RNK"})
_SENTENCE_END: Final = re.compile(r"[.!?؟؛](?=\s)|\n")

#: Lengths of time and ages measure an indicator only when they stand right behind it: «مدت ۱۸ ماه».
_DURATIONS: Final = frozenset({"second", "minute", "hour", "day", "night", "week", "month", "season", "year", "decade"})

#: Classifiers: a count with one says less by itself than «۳۰ معدن» and more often has an indicator: «اشتغال ۲۰۰۰ نفر».
_CLASSIFIERS: Final = frozenset({"نفر", "تن", "فقره", "مورد", "واحد", "دستگاه", "شغل"})

# How many characters may stand between a figure and its indicator, by what the figure is.
_AFTER: Final = 2  # «۴۷ درصد سرمایه‌گذاری»: the indicator hangs on the figure
_FAR_AFTER: Final = {"MON": 60, "PCT": 60, "QTY": 20, "CNT": 1, "RNK": 2}
_BEFORE: Final = {"MON": 1000, "PCT": 1000, "QTY": 150, "CNT": 20, "RNK": 10}
_BEFORE_DURATION: Final = 25
_BEFORE_CLASSIFIED: Final = 40


def link(text: str, spans: Sequence[Span]) -> tuple[Fact, ...]:
    """Pair the figures among *spans*, which are in order, with the indicators they measure.

    A figure measures the indicator that hangs on it («۴۷ درصد سرمایه‌گذاری»), else the last one before it in its
    sentence, else the next one behind it, if that is near enough for its kind. Counts name what they count and seldom
    measure anything.

    >>> text = "اعتبارات از ۵ میلیارد تومان به ۷ میلیارد تومان رسید"
    >>> spans = [Span(0, 8, "IND", "", 1), Span(12, 27, "MON", "", 1), Span(31, 46, "MON", "", 1)]
    >>> [fact.to_dict() for fact in link(text, spans)]
    [{'indicator': 0, 'figure': 1}, {'indicator': 0, 'figure': 2}]
    """
    starts = [0, *(match.end() for match in _SENTENCE_END.finditer(text))]
    sentences: dict[int, list[int]] = defaultdict(list)
    for index, span in enumerate(spans):
        if span.label in _FIGURES or span.label == "IND":
            sentences[bisect_right(starts, span.start)].append(index)
    return tuple(fact for sentence in sentences.values() for fact in _facts(sentence, spans))


def _facts(sentence: Sequence[int], spans: Sequence[Span]) -> Iterator[Fact]:
    """The facts of the figures of one *sentence*."""
    before: int | None = None
    for at, index in enumerate(sentence):
        if spans[index].label == "IND":
            before = index
        elif fact := _fact(at, sentence, before, spans):
            yield fact


def _fact(at: int, sentence: Sequence[int], before: int | None, spans: Sequence[Span]) -> Fact | None:
    """The fact of the figure that is *at* this place of its *sentence*; *before* is the last indicator before it."""
    index = sentence[at]
    figure = spans[index]
    behind = sentence[at + 1] if at + 1 < len(sentence) and spans[sentence[at + 1]].label == "IND" else None
    gap = spans[behind].start - figure.end if behind is not None else 0
    lasting = _is_duration(figure)
    if behind is not None and not lasting and gap <= min(_AFTER, _FAR_AFTER[figure.label]):
        return Fact(behind, index)
    if before is not None and figure.start - spans[before].end <= _reach(figure, before == sentence[at - 1]):
        return Fact(before, index)
    if behind is not None and before is None and not lasting and gap < _FAR_AFTER[figure.label]:
        return Fact(behind, index)
    return None


def _is_duration(figure: Span) -> bool:
    return figure.value is not None and figure.value.get("unit") in _DURATIONS


def _reach(figure: Span, next_to: bool) -> int:
    """How far before *figure* its indicator may end; *next_to*: no other figure stands between the two."""
    if _is_duration(figure):
        return _BEFORE_DURATION
    if figure.label != "CNT":
        return _BEFORE[figure.label]
    if figure.value is not None and figure.value.get("of") in _CLASSIFIERS:
        return _BEFORE_CLASSIFIED
    return _BEFORE["CNT"] if next_to else 0
