"""spaCy: DocBin files, by themselves, in a folder or in a zip.

Only the columns of tokens that spans need are read, in Python: spaCy's own reader fills structures of C with whatever
a file says, which a file from elsewhere must not do.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from raqam.formats.docbin import KEY
from raqam.formats.kinds import Format, load
from raqam.formats.reading.drafts import Draft, Drawn, Read, RefusedError, Rejection
from raqam.formats.reading.editing import rematch
from raqam.formats.reading.files import Files
from raqam.formats.reading.records import attempt

_BEGIN, _INSIDE = 3, 1
_DAMAGED: Final = "It is no file of DocBin, or it is damaged."


def read_docbin(files: Files) -> Iterator[Read | Rejection]:
    """The documents of each file, in their order."""
    for name in [name for name in files.names if len(files.names) == 1 or name.endswith(".spacy")]:
        try:
            documents = _documents(files, name)
        except RefusedError as error:
            yield Rejection(name or "the file", str(error))
            continue
        for at, document in enumerate(documents):
            yield attempt(f"{name}[{at}]" if name else f"document {at}", _draft, *document)


def _documents(files: Files, name: str) -> list[tuple[list[tuple[str, bool, int, str]], Any]]:
    """The tokens of each document (word, whether a space follows, code of IOB, label), and its user data."""
    library, attributes = load("srsly", Format.SPACY), load("spacy.attrs", Format.SPACY).IDS
    content = _unpacked(files, files.read(name))
    try:
        packed = library.msgpack_loads(content)
        words = load("spacy.strings", Format.SPACY).StringStore(packed["strings"])
        columns = [list(packed["attrs"]).index(attributes[each]) for each in ("ORTH", "ENT_IOB", "ENT_TYPE")]
        tokens = memoryview(packed["tokens"]).cast("Q").tolist()
        spaces = memoryview(packed["spaces"]).cast("?").tolist()
        lengths = memoryview(packed["lengths"]).cast("i").tolist()
        width = len(packed["attrs"])
        users = [library.msgpack_loads(each, use_list=False) if each else None for each in packed.get("user_data", ())]
        if len(spaces) * width != len(tokens) or sum(lengths) != len(spaces) or min(lengths, default=0) < 0:
            raise RefusedError(_DAMAGED)
        rows = [tuple(tokens[at * width + column] for column in columns) for at in range(len(spaces))]
        both = zip(rows, spaces, strict=True)
        found = [(words[word], space, iob, words[label]) for (word, iob, label), space in both]
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, RecursionError, MemoryError, AttributeError):
        raise RefusedError(_DAMAGED) from None
    return list(_cut(found, lengths, users))


def _unpacked(files: Files, content: bytes) -> bytes:
    """The inflated *content*, which counts to what the files may have."""
    inflate = zlib.decompressobj()
    try:
        found = inflate.decompress(content, 0 if files.left is None else files.left + 1)
    except zlib.error:
        raise RefusedError(_DAMAGED) from None
    files.take(len(found))
    if not inflate.eof:
        raise RefusedError(_DAMAGED)
    return found


def _cut(tokens: Sequence[Any], lengths: Sequence[int], users: Sequence[Any]) -> Iterator[tuple[list[Any], Any]]:
    at = 0
    for number, length in enumerate(lengths):
        yield list(tokens[at : at + length]), users[number] if number < len(users) else None
        at += length


def _draft(tokens: Sequence[tuple[str, bool, int, str]], user: Any) -> Draft:
    pieces: list[str] = []
    drawn: list[list[Any]] = []
    at = 0
    inside = False
    for word, space, iob, label in tokens:
        if iob == _BEGIN:
            drawn.append([at, at + len(word), label])
        elif iob == _INSIDE and inside and drawn[-1][2] == label:
            drawn[-1][1] = at + len(word)
        elif iob == _INSIDE:
            drawn.append([at, at + len(word), label])
        inside = iob in (_BEGIN, _INSIDE)
        pieces.append(f"{word} " if space else word)
        at += len(pieces[-1])
    known = user.get(KEY) if isinstance(user, Mapping) else None
    about = known if isinstance(known, Mapping) else {}
    draft = Draft("".join(pieces), [Drawn(*each) for each in drawn], about.get("id"), about.get("published"),
                  about.get("model"))  # fmt: skip
    return rematch(draft, about or None)
