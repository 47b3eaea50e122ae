"""The errors Raqam raises, all of them sentences a user can act on.

::

    RaqamError
    ├── InputError          something that was sent in is wrong; names the field
    │   ├── TextError       the text: not a string, blank, too long, lone surrogates
    │   ├── PublishedError  the publication date
    │   └── SourceError     a file or a row of one, named by path and line
    └── ModelError          a model folder cannot be used; names the folder
        ├── ModelNotFoundError
        ├── ManifestError   manifest.json is absent, unreadable or of another format
        └── MismatchError   a file, label set, tokenizer or normalizer is not the one the manifest names

The core knows nothing of HTTP or exit codes: the edges map these classes with one table each.
"""

from __future__ import annotations


class RaqamError(Exception):
    """Base of every error Raqam raises on purpose."""


class InputError(RaqamError):
    """Something the caller sent is wrong.

    ``field`` is the name of the offending field of the record (``text``, ``published``, ``id``); ``reason`` is a
    stable, lower-case code such as ``blank`` or ``too_long``.
    """

    def __init__(self, message: str, *, field: str, reason: str) -> None:
        super().__init__(message)
        self.field = field
        self.reason = reason


class TextError(InputError):
    """The text cannot be annotated: not a string, blank, too long, or not valid Unicode."""

    def __init__(self, message: str, *, reason: str) -> None:
        super().__init__(message, field="text", reason=reason)


class PublishedError(InputError):
    """The publication date is not an ISO 8601 calendar date."""

    def __init__(self, message: str) -> None:
        super().__init__(message, field="published", reason="not_a_date")


class SourceError(InputError):
    """An input file, or one row of it, cannot be read. The message names the path and, where known, the line."""

    def __init__(self, message: str, *, reason: str, field: str = "source") -> None:
        super().__init__(message, field=field, reason=reason)


class ModelError(RaqamError):
    """A model folder cannot be used."""


class ModelNotFoundError(ModelError):
    """There is no model folder at the given path."""


class ManifestError(ModelError):
    """``manifest.json`` is absent, is not JSON, lacks a field or has a format this version does not read."""


class MismatchError(ModelError):
    """What lies in the folder, or what this version of Raqam does, is not what the manifest says."""
