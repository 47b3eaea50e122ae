"""spaCy: a folder of DocBin files, whose documents hold the text exactly and the spans as entities."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from raqam.formats.kinds import Annotated, Format, load
from raqam.formats.sentences import words

#: A file ends with so many documents, or once their texts hold so many characters: whichever comes first.
FILE_DOCS: Final = 1_000
FILE_CHARACTERS: Final = 4_000_000

#: Where ``Doc.user_data`` keeps what spaCy has no place for.
KEY: Final = "raqam"


class DocBinWriter:
    """Writes files of documents into *folder*, which does not exist yet; only those of one are held in memory."""

    def __init__(self, folder: Path) -> None:
        self._library = load("spacy.tokens", Format.SPACY)
        self._vocabularies = load("spacy.vocab", Format.SPACY)
        self._folder = folder
        self._files = 0
        folder.mkdir()
        self._begin()

    def write(self, items: Sequence[Annotated]) -> None:
        for item in items:
            self._docs.add(self._doc(item))
            self._characters += len(item.article.text)
            if len(self._docs) == FILE_DOCS or self._characters >= FILE_CHARACTERS:
                self._flush()

    def close(self) -> None:
        if len(self._docs) or not self._files:
            self._flush()

    def _begin(self) -> None:
        """Begin a file, with words of its own: a vocabulary keeps every word it ever saw."""
        self._vocabulary = self._vocabularies.Vocab()
        self._docs: Any = self._library.DocBin(attrs=["ENT_IOB", "ENT_TYPE"], store_user_data=True)
        self._characters = 0

    def _flush(self) -> None:
        (self._folder / f"{self._files:05}.spacy").write_bytes(self._docs.to_bytes())
        self._files += 1
        self._begin()

    def _doc(self, item: Annotated) -> Any:
        text, record = item.article.text, item.record
        edges = frozenset(edge for span in record.spans for edge in (span.start, span.end))
        tokens = list(_tokens(text, edges))
        pieces, spaces = [text[start:end] for start, end, _ in tokens], [space for _, _, space in tokens]
        doc = self._library.Doc(self._vocabulary, words=pieces, spaces=spaces)
        first = {start: index for index, (start, _, _) in enumerate(tokens)}
        last = {end: index + 1 for index, (_, end, _) in enumerate(tokens)}
        doc.ents = [
            self._library.Span(doc, first[span.start], last[span.end], label=span.label) for span in record.spans
        ]
        published = None if item.article.published is None else item.article.published.isoformat()
        doc.user_data[KEY] = {**record.to_dict(), "published": published}
        return doc


def _tokens(text: str, edges: frozenset[int]) -> Iterator[tuple[int, int, bool]]:
    """Every character of *text* in a token, or as the one space that may follow a token and belongs to none.

    Other white space, and a space that follows none, is a token of its own.
    """
    at = 0
    held: tuple[int, int] | None = None
    for start, end in [*words(text, 0, len(text), edges), (len(text), len(text))]:
        space = held is not None and at < start and text[at] == " "
        if held is not None:
            yield *held, space
        if at + space < start:
            yield at + space, start, False
        held, at = (start, end), end
