"""Encodings of bytes: told by their mark, by their content, or by name."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import Final

from raqam.errors import SourceError
from raqam.readers.names import shown

SAMPLE: Final = 1 << 16
"""Bytes from the start of a source that its encoding is told by."""

#: The mark of UTF-16 begins that of UTF-32, which comes first.
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_TITLES: Final = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-32-le": "UTF-32",
    "utf-32-be": "UTF-32",
    "cp1256": "Windows-1256",
}

MARK: Final = 4
"""Bytes of the longest mark."""

#: Bytes that are not valid UTF-8 from which another encoding is looked for. Fewer are mistakes in a UTF-8 file.
_ENOUGH: Final = 8

#: What Persian and Arabic texts hold in Windows-1256 above ASCII.
_ARABIC: Final = frozenset(map(chr, range(0x0600, 0x0700))) | frozenset("\u200c\u200d\u200e\u200f\u00a0«»“”‘’–—…•")


@dataclass(frozen=True, slots=True)
class Encoding:
    """An encoding by the name of its codec, how it writes a line end, and the bytes of the mark that it begins with."""

    name: str = "utf-8"
    newline: bytes = b"\n"
    mark: int = 0

    def decode(self, raw: bytes, offset: int) -> str:
        """The text of *raw*, which stands at *offset* of its source.

        The mark is left out. Lone surrogates of UTF-16 pass, for the check of the text to name them. Raises
        :class:`SourceError`, which names the first byte that is not valid and its offset, from 0.
        """
        begin = self.mark if offset == 0 else 0
        try:
            return raw[begin:].decode(self.name, "strict" if len(self.newline) == 1 else "surrogatepass")
        except UnicodeDecodeError as error:
            title = _TITLES.get(self.name, self.name)
            if len(self.newline) > 1:
                raise SourceError(f"not valid {title}: {error.reason}.", reason="undecodable") from error
            at = begin + error.start
            why = f"not valid {title}: byte 0x{raw[at]:02X} at offset {offset + at}; save the text as UTF-8."
            raise SourceError(why, reason="undecodable") from error

    def shape(self, raw: bytes, offset: int) -> str:
        """The text of *raw* where it is not valid: only quotes, delimiters and line ends are sure."""
        return raw[self.mark if offset == 0 else 0 :].decode(self.name, "replace")


def find_encoding(sample: bytes, named: str | None = None) -> Encoding:
    r"""The encoding of what begins with *sample*: the one *named*, else by its mark, else by its content.

    A few bytes that are not valid UTF-8 make no other encoding of it: they cost their rows alone.

    >>> find_encoding("استاندار همدان به معادن كشور رفت".encode("cp1256")).name
    'cp1256'
    """
    if named is not None:
        return _named(named, sample)
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return _encoding(name, len(mark))
    return _encoding(_guessed(sample[:SAMPLE]))


def check_encoding(name: str) -> None:
    """Raise :class:`SourceError` if *name* is not that of an encoding of text that has lines."""
    try:
        codec = codecs.lookup(name).name
        newline = "..\n".encode(codec).removeprefix("..".encode(codec))  # behind the mark, where there is one
    except (LookupError, ValueError, TypeError) as error:  # unknown; not of text; a name with NUL
        known = "utf-8, utf-16, windows-1256 or iso-8859-6"
        why = f"The encoding '{shown(name)[:40]}' is not known; give one such as {known}."
        raise SourceError(why, reason="unknown_encoding", field="encoding") from error
    if newline.strip(b"\0") != b"\n":
        why = f"The encoding '{shown(name)[:40]}' cannot be read line by line; save the text as UTF-8."
        raise SourceError(why, reason="unknown_encoding", field="encoding")


def _named(named: str, sample: bytes) -> Encoding:
    name = codecs.lookup(named).name
    if name in ("utf-16", "utf-32"):
        big = sample.startswith(codecs.BOM_UTF16_BE if name == "utf-16" else codecs.BOM_UTF32_BE)
        name += "-be" if big else "-le"
    name = name.removesuffix("-sig")
    mark = "\N{ZERO WIDTH NO-BREAK SPACE}".encode(name, "ignore")
    return _encoding(name, len(mark) if mark and sample.startswith(mark) else 0)


def _encoding(name: str, mark: int = 0) -> Encoding:
    return Encoding(name, "\n".encode(name), mark)


def _guessed(sample: bytes) -> str:
    """UTF-8; or where most of the sample is something else, Windows-1256, or what charset-normalizer makes of it."""
    if sample.isascii() or not _is_foreign(sample):
        return "utf-8"
    if _is_windows(sample):
        return "cp1256"
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    name = "utf-8" if best is None else codecs.lookup(best.encoding).name
    try:
        check_encoding(name)
    except SourceError:
        return "utf-8"
    return name.removesuffix("-sig")


def _is_windows(sample: bytes) -> bool:
    """Whether *sample* reads as Arabic script in Windows-1256, which short texts are often mistaken for Cyrillic in.

    Cyrillic, Greek, Hebrew and accented Latin all use the bytes that are accented Latin letters there.
    """
    high = [character for character in sample.decode("cp1256") if character >= "\x80"]
    arabic = sum(character in _ARABIC for character in high)
    return arabic >= 0.95 * len(high) and high.count("\N{ARABIC LETTER ALEF}") >= 0.03 * len(high)


def _is_foreign(sample: bytes) -> bool:
    """Whether the bytes above ASCII are rather no UTF-8 than UTF-8."""
    wrong, right = _compared(sample)
    return wrong >= _ENOUGH and wrong > right


def is_doubtful(raw: bytes) -> bool:
    """Whether *raw* alone gives reason to look for an encoding other than UTF-8."""
    if raw.isascii():
        return False
    wrong, right = _compared(raw)
    return wrong > right


def _compared(sample: bytes) -> tuple[int, int]:
    """How many bytes of *sample* are not valid UTF-8, and how many characters above ASCII are."""
    text = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode(sample)
    wrong = sum("\udc80" <= character <= "\udcff" for character in text)
    return wrong, sum(character >= "\x80" for character in text) - wrong
