"""What the command line says of the inputs: the names of their columns, their encoding, their delimiter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from raqam.errors import SourceError
from raqam.readers.encodings import check_encoding
from raqam.readers.names import shown

FIELDS: Final = ("id", "text", "published")

#: What a record or a gold article has besides: annotated articles can be annotated again, by this model. The last
#: is what pandas calls an index without a name.
IGNORED: Final = frozenset({"spans", "facts", "model", "__index_level_0__"})

_DELIMITERS: Final = {"tab": "\t", r"\t": "\t"}


@dataclass(frozen=True, slots=True)
class Options:
    r"""How the inputs are to be read; None is the default of each, or what the input itself tells.

    ``text``, ``id`` and ``published`` are the names of columns or fields. Where one is given, columns that are not
    known are passed over instead of refused. ``delimiter`` is one character, or ``tab``.

    Raises :class:`SourceError`: the encoding is unknown, or the delimiter is none.

    >>> Options(delimiter="tab").separator
    '\t'
    """

    text: str | None = None
    id: str | None = None
    published: str | None = None
    encoding: str | None = None
    delimiter: str | None = None

    def __post_init__(self) -> None:
        if self.encoding is not None:
            check_encoding(self.encoding)
        separator = self.separator
        if separator is not None and (len(separator) != 1 or separator in '"\r\n' or separator > "\ud7ff"):
            why = f"the delimiter must be one character such as , or ; or tab, not {shown(separator)!r}."
            raise SourceError(why[0].upper() + why[1:], reason="delimiter", field="delimiter")

    @property
    def separator(self) -> str | None:
        """The delimiter as the character it is."""
        return None if self.delimiter is None else _DELIMITERS.get(self.delimiter, self.delimiter)

    @property
    def lenient(self) -> bool:
        """Whether columns that are not known are passed over."""
        return (self.text, self.id, self.published) != (None, None, None)

    def names(self) -> Mapping[str, str]:
        """The name in the input of each field of an article.

        >>> Options(text="متن").names()
        {'id': 'id', 'text': 'متن', 'published': 'published'}
        """
        given = {"id": self.id, "text": self.text, "published": self.published}
        return {field: given[field] or field for field in FIELDS}

    def pick(self, values: Mapping[str, object]) -> Mapping[str, object]:
        """The fields of an article among *values*; raises :class:`SourceError` for an unknown one or no text."""
        self.refuse_unknown(values, "field")
        names = self.names()
        if names["text"] not in values:
            raise SourceError(f"'{shown(names['text'])}' is missing.", reason="missing", field="text")
        return {field: values.get(name) for field, name in names.items()}

    def columns(self, found: Sequence[str]) -> Mapping[str, int]:
        """Where among the columns *found* each field of an article stands.

        Raises :class:`SourceError`: no column of texts, one that is not known, or one that is there twice.
        """
        names = self.names()
        listed = shown(",".join(found))
        if names["text"] not in found:
            why = f"there is no column '{shown(names['text'])}' in the header ({listed[:100]})."
            raise SourceError(why, reason="missing", field="text")
        self.refuse_unknown(found, "column")
        read = [name for name in found if name in names.values()] if self.lenient else found
        if len(set(read)) < len(read):
            raise SourceError(f"a column is named twice in the header ({listed[:100]}).", reason="duplicate")
        return {field: found.index(name) for field, name in names.items() if name in found}

    def refuse_unknown(self, found: Iterable[str], kind: str) -> None:
        """Raise :class:`SourceError` for the first name in *found* that is neither read nor known to be ignored."""
        if self.lenient:
            return
        for name in found:
            if name not in FIELDS and name not in IGNORED:
                message = f"unknown {kind} '{shown(name)[:40]}'; allowed are {', '.join(FIELDS)}."
                raise SourceError(message, reason="unknown_field", field=name)


DEFAULTS: Final = Options()
