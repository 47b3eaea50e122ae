"""Why a source cannot be read: because of the file, or because of the machine that reads it."""

from __future__ import annotations

import errno
from typing import Final

from raqam.errors import SourceError
from raqam.readers.archives import DamagedError

MACHINE: Final = frozenset({"machine", "missing_package"})
"""The reasons that say nothing of the file: another try, or another machine, may read what this one could not."""

_OF_THE_MACHINE: Final = frozenset(
    {
        errno.EAGAIN,
        errno.EDQUOT,
        errno.EHOSTDOWN,
        errno.EHOSTUNREACH,
        errno.EIO,
        errno.EMFILE,
        errno.ENETDOWN,
        errno.ENETUNREACH,
        errno.ENFILE,
        errno.ENOBUFS,
        errno.ENODEV,
        errno.ENOLCK,
        errno.ENOMEM,
        errno.ENOSPC,
        errno.ENOTCONN,
        errno.ENXIO,
        errno.EROFS,
        errno.ESTALE,
        errno.ETIMEDOUT,
    }
)


def unreadable(error: OSError | MemoryError) -> SourceError:
    """The sentence for what the system, or an archive, says of a source."""
    if isinstance(error, MemoryError):
        return SourceError("cannot be read: there is not enough memory.", reason="machine")
    if isinstance(error, DamagedError):
        return SourceError(str(error), reason="damaged")
    reason = "machine" if error.errno in _OF_THE_MACHINE else "unreadable"
    return SourceError(f"cannot be read: {error.strerror or error}.", reason=reason)
