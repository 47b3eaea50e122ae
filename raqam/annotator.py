"""The annotator: articles in, records out, by the one model it was loaded with."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Final, Generic, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from raqam.batching import ALONE, Batching, group
from raqam.decoding import Decoder, TagSpan
from raqam.errors import ModelNotFoundError
from raqam.facts import link
from raqam.figures import join_parts, read_values
from raqam.labels import FIGURES
from raqam.manifest import MODEL_FILE, SPECIAL_TOKENS, TOKENIZER_FILE, Manifest, read_manifest, verify
from raqam.model import OnnxModel, log_softmax
from raqam.records import Article, Record, Span, check_text
from raqam.text import NormalizedText, normalize
from raqam.tokens import Tokenizer, Tokens
from raqam.windows import Window, cut, stitch

ENVIRONMENT: Final = "RAQAM_MODEL"
DEFAULT_MODEL: Final = Path("models", "compact")

#: Where Linux says how much of the processors a container may use.
_QUOTA_FILE: Final = Path("/sys/fs/cgroup/cpu.max")

_MARKS: Final = "،؛:,;"

#: Words that lead to the next one, in both ways of writing their letters.
_LEADING: Final = frozenset(["در", "از", "به", "با", "و", "که", "كه", "را", "بر", "برای", "براي"])
_LONGEST: Final = max(map(len, _LEADING))
_AND: Final = "و"
_SPELLED: Final = 2  # letters of a word that may spell a name, with what is behind it: «ب ام و»

#: Articles whose windows are held in memory together: enough to keep every thread at work.
_TOGETHER: Final = 64

#: Characters of such articles, where they are long.
_CHARACTERS: Final = 65_536

Other = TypeVar("Other")


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """An article on its way through the model: its tokens, the windows they are cut into, and the row of each window.

    ``rows`` are the ids of the windows between the special tokens, int64, *Shape:* (tokens,) each.
    """

    article: Article
    text: NormalizedText
    tokens: Tokens
    windows: tuple[Window, ...]
    rows: tuple[NDArray[np.int64], ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an article in :meth:`Annotator.stream`: its record, or why there is none; and its tokens."""

    article: Article
    result: Record | Exception
    tokens: int


@dataclass(slots=True, eq=False)
class _Flight(Generic[Other]):
    """Articles whose windows are on their way, in order; anything else stands for itself."""

    items: list[tuple[Article, Prepared | Exception] | Other]
    blocks: list[Future[NDArray[np.float32]]]  # of the batches
    places: list[tuple[int, int]]  # of each window, in the order of the articles: its batch, and where in it


class Annotator:
    """Annotates articles with the model of one folder; the same article gives the same record in any company.

    Thread-safe. Use :meth:`load`. As a context manager, or with :meth:`close`, it gives its threads back; so it does
    when nothing refers to it any more.
    """

    def __init__(
        self,
        manifest: Manifest,
        tokenizer: Tokenizer,
        model: OnnxModel,
        *,
        threads: int = 1,
        batching: Batching = ALONE,
    ) -> None:
        self.manifest = manifest
        self._tokenizer = tokenizer
        self._model = model
        self._decoder = Decoder(manifest.tags)
        self._batching = batching
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="raqam")

    @classmethod
    def load(
        cls,
        folder: Path | None = None,
        *,
        threads: int | None = None,
        batching: Batching = ALONE,
    ) -> Self:
        """Load and verify the model in *folder*; None is the one :func:`find_model` finds.

        *threads* windows run side by side, each on one thread; None is the number of processors this process may
        use. Raises :class:`ModelError`: the folder is absent, its manifest cannot be read, or a file is not the one
        it names.
        """
        folder = find_model() if folder is None else Path(folder)
        threads = _processors() if threads is None else threads
        try:
            manifest = read_manifest(folder)
            verify(folder, manifest)
            tokenizer = Tokenizer.load(folder / TOKENIZER_FILE)
            model = OnnxModel(folder / MODEL_FILE)
        except OSError as error:
            raise ModelNotFoundError(f"The model in {folder} cannot be read: {error.strerror}.") from error
        model.check(pieces=tokenizer.size, tags=len(manifest.tags), window=manifest.window)
        return cls(manifest, tokenizer, model, threads=threads, batching=batching)

    @property
    def threads(self) -> int:
        """How many windows run side by side."""
        return self._threads

    @property
    def model(self) -> str:
        """The model as its records name it: ``NAME@VERSION``."""
        return self.manifest.id

    def annotate(self, article: Article) -> Record:
        """Return the record of *article*; raises :class:`TextError` if its text cannot be annotated."""
        return self._annotate([article])[0]

    def annotate_many(self, articles: Sequence[Article]) -> list[Record]:
        """Return the records of *articles*, in their order, each the same as :meth:`annotate` gives.

        Raises :class:`TextError` before any work if one of the texts cannot be annotated.
        """
        for article in articles:
            check_text(article.text)
        parts = (articles[at : at + _TOGETHER] for at in range(0, len(articles), _TOGETHER))
        return [record for part in parts for record in self._annotate(part)]

    def stream(self, items: Iterable[Article | Other]) -> Iterator[Outcome | Other]:
        """Yield what becomes of each article of *items*, in their order; what is no article passes in its place.

        While some articles are run, the next are read from *items* and tokenized, and those before are decoded: the
        threads are never without work, and memory does not depend on how many articles there are. An exception over
        one article is its outcome, and the others go on.
        """
        flying: deque[_Flight[Other]] = deque()
        try:
            for wave in _waves(items):
                flying.append(self._launch(wave))
                if len(flying) == 2:  # one is run while the other is made or finished
                    yield from self._land(flying.popleft())
            while flying:
                yield from self._land(flying.popleft())
        finally:
            for flight in flying:
                for future in flight.blocks:
                    future.cancel()

    def _launch(self, wave: Sequence[Article | Other]) -> _Flight[Other]:
        items = [(item, self._prepared(item)) if isinstance(item, Article) else item for item in wave]
        flight: _Flight[Other] = _Flight(items, [], [])
        rows = [row for prepared in _prepared_of(flight) for row in prepared.rows]
        places: dict[int, tuple[int, int]] = {}
        for batch in group([len(row) for row in rows], self._batching):
            places.update({at: (len(flight.blocks), place) for place, at in enumerate(batch)})
            flight.blocks.append(self._pool.submit(self.run, [rows[at] for at in batch]))
        flight.places += [places[at] for at in range(len(rows))]
        return flight

    def _land(self, flight: _Flight[Other]) -> Iterator[Outcome | Other]:
        places = iter(flight.places)
        for item in flight.items:
            if not isinstance(item, tuple):
                yield item
            elif isinstance(item[1], Exception):
                yield Outcome(item[0], item[1], 0)
            else:
                mine = list(islice(places, len(item[1].rows)))
                yield self._outcome(item[1], [(flight.blocks[batch], at) for batch, at in mine])

    def _outcome(self, prepared: Prepared, blocks: Sequence[tuple[Future[NDArray[np.float32]], int]]) -> Outcome:
        try:
            result: Record | Exception = self.finish(prepared, [future.result()[at] for future, at in blocks])
        except Exception as error:
            result = error
        return Outcome(prepared.article, result, sum(map(len, prepared.rows)))

    def _prepared(self, article: Article) -> Prepared | Exception:
        try:
            return self.prepare(article)
        except Exception as error:
            return error

    def close(self) -> None:
        """Give the threads back. The annotator cannot be used afterwards."""
        self._pool.shutdown()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def prepare(self, article: Article) -> Prepared:
        """The first of the three steps of :meth:`annotate`, for callers who run many articles side by side themselves.

        Raises :class:`TextError` if the text cannot be annotated.
        """
        text = normalize(check_text(article.text))
        tokens = self._tokenizer.encode(text)
        windows = cut(tokens.breaks, self.manifest.window - SPECIAL_TOKENS, self.manifest.overlap)
        return Prepared(article, text, tokens, windows, tuple(self._row(tokens, window) for window in windows))

    def run(self, rows: Sequence[NDArray[np.int64]]) -> NDArray[np.float32]:
        """The second: the log-probabilities of the tags for *rows*, all of one length, on the caller's thread.

        *Shape:* (len(rows), length - 2, tags), without the special tokens. Rows that are run together may differ in the
        last digits from the same rows alone: see :class:`Batching`.
        """
        ids = np.stack(rows)
        return log_softmax(self._model.run(ids, np.ones_like(ids)))[:, 1:-1]

    def finish(self, prepared: Prepared, blocks: Sequence[NDArray[np.float32]]) -> Record:
        """The third: the record of *prepared*, from what :meth:`run` gave for each of its rows."""
        article, tokens = prepared.article, prepared.tokens
        if not len(tokens):
            return Record(article.id, self.model, ())
        found = self._decoder.decode(stitch(len(tokens), prepared.windows, blocks), tokens.joined)
        placed = join_parts(article.text, _placed(found, tokens, article.text))
        spans = read_values(prepared.text, list(placed), article.published)
        return Record(article.id, self.model, tuple(spans), link(article.text, spans))

    def _annotate(self, articles: Sequence[Article]) -> list[Record]:
        prepared = [self.prepare(article) for article in articles]
        blocks = iter(self._run([row for each in prepared for row in each.rows]))
        return [self.finish(each, list(islice(blocks, len(each.rows)))) for each in prepared]

    def _row(self, tokens: Tokens, window: Window) -> NDArray[np.int64]:
        """The ids of *window* between the special tokens. *Shape:* (len(window) + 2,)."""
        ids = tokens.ids[window.start : window.end]
        return np.concatenate(([self._tokenizer.bos], ids, [self._tokenizer.eos]), dtype=np.int64)

    def _run(self, rows: Sequence[NDArray[np.int64]]) -> list[NDArray[np.float32]]:
        """The log-probabilities of each of *rows*, without special tokens. *Shape:* (len(row) - 2, tags)."""
        batches = group([len(row) for row in rows], self._batching)
        results = self._in_turn([[rows[at] for at in batch] for batch in batches])
        found: dict[int, NDArray[np.float32]] = {}
        for batch, blocks in zip(batches, results, strict=True):
            found.update(zip(batch, blocks, strict=True))
        return [found[at] for at in range(len(rows))]

    def _in_turn(self, batches: Iterable[list[NDArray[np.int64]]]) -> Iterator[NDArray[np.float32]]:
        """Run *batches* on the pool, in order, two for each thread in flight.

        No more, so that an article of hundreds of windows does not keep other callers waiting behind all of them.
        """
        flying: deque[Future[NDArray[np.float32]]] = deque()
        for batch in batches:
            if len(flying) == 2 * self._threads:
                yield flying.popleft().result()
            flying.append(self._pool.submit(self.run, batch))
        while flying:
            yield flying.popleft().result()


def _waves(items: Iterable[Article | Other]) -> Iterator[list[Article | Other]]:
    """Cut *items* into lists of :data:`_TOGETHER` that end once they hold :data:`_CHARACTERS`."""
    wave: list[Article | Other] = []
    characters = 0
    for item in items:
        wave.append(item)
        characters += len(item.text) if isinstance(item, Article) else 0
        if len(wave) == _TOGETHER or characters >= _CHARACTERS:
            yield wave
            wave, characters = [], 0
    if wave:
        yield wave


def _prepared_of(flight: _Flight[Other]) -> Iterator[Prepared]:
    return (item[1] for item in flight.items if isinstance(item, tuple) and isinstance(item[1], Prepared))


def find_model() -> Path:
    """Return the folder that ``$RAQAM_MODEL`` names, else ``models/compact`` of the checkout or the current directory.

    Raises :class:`ModelNotFoundError` with what to do about it.
    """
    if named := os.environ.get(ENVIRONMENT):
        if not Path(named).is_dir():
            raise ModelNotFoundError(f"There is no model folder at {named}, which ${ENVIRONMENT} names.")
        return Path(named)
    places = [Path(__file__).resolve().parent.parent / DEFAULT_MODEL, Path.cwd() / DEFAULT_MODEL]
    for place in places:
        if place.is_dir():
            return place
    raise ModelNotFoundError(
        f"There is no model folder at {' or '.join(map(str, dict.fromkeys(places)))}. "
        f"Name one with --model or in ${ENVIRONMENT}, or run from a checkout of Raqam, which has one."
    )


def _placed(found: Iterable[TagSpan], tokens: Tokens, text: str) -> Iterable[Span]:
    """The spans of *text* at those of *tokens*, without white space at their edges; they never overlap.

    A character that stands for several, such as ﷼, can give tokens to two spans: it goes to the first.
    """
    free = 0
    for span in found:
        place = max(free, int(tokens.starts[span.first])), int(tokens.ends[span.last])
        start, end = _trimmed(text, *place, leading=span.code not in FIGURES)
        if start < end:
            yield Span(start, end, span.code, text[start:end], span.score)
            free = end


def _trimmed(text: str, start: int, end: int, *, leading: bool = True) -> tuple[int, int]:
    r"""The range without white space, commas and colons at its edges, or a preposition or conjunction at its end.

    What such a word leads to is not in the span, so it is no part of the name either. It stays where *leading* is
    false, where it is the whole range, and as the «و» of «ب ام و».

    >>> _trimmed(" \nقم ", 0, 5)
    (2, 4)
    >>> text = "سهم صنعت در تولید"
    >>> text[slice(*_trimmed(text, 0, 11))]
    'سهم صنعت'
    """
    while start < end and _is_edge(text[start]):
        start += 1
    while start < end:
        if _is_edge(text[end - 1]):
            end -= 1
            continue
        word = end
        while word > start and end - word <= _LONGEST and not text[word - 1].isspace():
            word -= 1
        if not leading or word == start or text[word:end] not in _LEADING:
            break
        if text[word:end] == _AND and _is_spelled(text, start, word):
            break
        end = word
    return start, end


def _is_spelled(text: str, start: int, end: int) -> bool:
    """Whether the word before the white space that ends at *end* is as short as a letter's name."""
    while end > start and text[end - 1].isspace():
        end -= 1
    first = max(start, end - _SPELLED - 1)
    return end - first <= _SPELLED or any(character.isspace() for character in text[first:end])


def _is_edge(character: str) -> bool:
    return character.isspace() or character in _MARKS


def _processors() -> int:
    """The processors this process may use: those it is bound to, and no more than the quota of its container."""
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(bound, quota(_QUOTA_FILE) or bound)


def quota(path: Path) -> int | None:
    """The processors that a control group's ``cpu.max`` grants, at least 1; None where it sets no limit."""
    try:
        granted, period = path.read_text(encoding="ascii").split()
        return None if granted == "max" else max(1, int(granted) // int(period))
    except (OSError, ValueError):
        return None
