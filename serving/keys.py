"""Keys of the service: how they look, the file of their hashes, and ``python -m serving keys`` to make them.

A key is ``raqam_``, a public id of 8 characters, ``_``, 43 random letters and digits (256 bits), and a checksum of 8
that lets a typing error, or a scanner for leaked secrets, be told from a key without asking the service. The file has
no key, only the SHA-256 of each. Slow hashes such as scrypt protect passwords, which can be guessed from a list; 256
random bits cannot, whatever a guess costs, and a slow hash for every request would only serve those who want to
overload the service.
"""

from __future__ import annotations

import argparse
import hmac
import ipaddress
import logging
import re
import secrets
import string
import sys
import time
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal, get_args

from serving.settings import Settings

logger = logging.getLogger("raqam.keys")

#: ``annotate`` may use the model; ``correct`` may also see and correct what is kept; ``admin`` may also replace the
#: model. Each may do what those before it may.
Scope = Literal["annotate", "correct", "admin"]
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)

PREFIX: Final = "raqam_"
ALGORITHM: Final = "sha256"
_ID_LETTERS: Final = string.ascii_lowercase + string.digits
_SECRET_LETTERS: Final = string.ascii_letters + string.digits
_ID_LENGTH, _SECRET_LENGTH = 8, 43  # 43 of 62 letters are 256 bits
_KEY: Final = re.compile(rb"(raqam_([0-9a-z]{8})_[0-9A-Za-z]{43})([0-9a-f]{8})")
_ID: Final = re.compile(rf"[0-9a-z]{{{_ID_LENGTH}}}")
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_SECONDS: Final = 1.0  # between two looks at the file


class AccessError(Exception):
    """The service cannot start as its settings say: a sentence on its keys."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key as the file has it: all of it but the key. *digest* is the SHA-256 of the whole key."""

    id: str
    scope: Scope
    digest: bytes
    comment: str = ""

    def allows(self, scope: Scope) -> bool:
        """Whether this key may do what *scope* stands for."""
        return SCOPES.index(self.scope) >= SCOPES.index(scope)

    def line(self) -> str:
        """The key's line of the file."""
        return f"{self.id} {self.scope} {ALGORITHM} {self.digest.hex()} {self.comment}".rstrip()


#: Compared with where nobody has the id, so that an unknown id takes as long as a known one.
_NOBODY: Final = Key("", "annotate", secrets.token_bytes(32))


class Keys:
    """The keys of a file, which is read again when it changes; raises :class:`AccessError` if it cannot be used.

    A change is noticed within a second. Where the changed file cannot be used, the keys before it stay, and the log
    says why; where it has no key any more, nobody is let in.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._state, self._keys = _state(path), read(path)
        self._looked = time.monotonic()
        if not self._keys:
            raise AccessError(f"{path} has no key; make one with: python -m serving keys new --scope annotate")

    def find(self, sent: bytes) -> Key | None:
        """Return the key that *sent* is, or None; it takes the same time however much of *sent* is right."""
        self._follow()
        key = self._keys.get(sent[len(PREFIX) : len(PREFIX) + _ID_LENGTH].decode("latin-1"), _NOBODY)
        same = hmac.compare_digest(sha256(sent).digest(), key.digest)
        return key if same and key is not _NOBODY else None

    def reload(self) -> bool:
        """Read the file again, whether it changed or not; False, and the keys stay, where it cannot be used."""
        self._looked, self._state = time.monotonic(), _state(self._path)
        try:
            self._keys = read(self._path)
        except AccessError as error:
            logger.error("The keys were not read again, and those before stay: %s", error)
            return False
        logger.info("Read %d keys from %s.", len(self._keys), self._path)
        return True

    def _follow(self) -> None:
        if time.monotonic() - self._looked >= _SECONDS:
            self._looked = time.monotonic()
            if _state(self._path) != self._state:
                self.reload()


def create(scope: Scope, comment: str = "") -> tuple[str, Key]:
    """Return a new key, which is nowhere else, and what of it goes into the file.

    >>> text, key = create("annotate", "the newsroom")
    >>> well_formed(text.encode()), text.split("_")[1] == key.id, text in key.line()
    (True, True, False)
    """
    id_ = _random(_ID_LETTERS, _ID_LENGTH)
    start = f"{PREFIX}{id_}_{_random(_SECRET_LETTERS, _SECRET_LENGTH)}"
    text = start + checksum(start.encode())
    return text, Key(id_, scope, sha256(text.encode()).digest(), " ".join(comment.split()))


def checksum(start: bytes) -> str:
    """Return the last 8 characters of the key that begins with *start*.

    >>> checksum(b"raqam_abcdefgh_")
    'cb0b8c81'
    """
    return f"{zlib.crc32(start):08x}"


def well_formed(sent: bytes) -> bool:
    """Whether *sent* is of the form of a key, its checksum included; anybody can find that out."""
    found = _KEY.fullmatch(sent)
    return found is not None and checksum(found[1]) == found[3].decode()


def read(path: Path) -> Mapping[str, Key]:
    """Return the keys of the file *path* by their ids; raises :class:`AccessError` with the line that is wrong.

    A line is ``ID SCOPE sha256 HASH COMMENT``; blank lines, and those that begin with ``#``, say nothing.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as error:
        raise AccessError(
            f"The file of keys {path} cannot be read: {error.strerror or type(error).__name__}."
        ) from None
    except UnicodeDecodeError:
        raise AccessError(f"The file of keys {path} is not UTF-8.") from None
    keys: dict[str, Key] = {}
    for number, line in enumerate(lines, start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            key = _parse(line, f"{path}, line {number}")
            if key.id in keys:
                raise AccessError(f"{path}, line {number}: the id {key.id} is there twice; every key has its own.")
            keys[key.id] = key
    return keys


def check_access(settings: Settings) -> None:
    """Raise :class:`AccessError` where the service would be open to others without having been told so.

    Also where its file of keys cannot be used.
    """
    if settings.api_keys is not None:
        Keys(settings.api_keys)
    elif not is_loopback(settings.host) and not settings.allow_open:
        raise AccessError(
            f"Without keys the service answers this machine alone, and {settings.host} can be reached from others. "
            "Name a file of keys with RAQAM_API_KEYS (python -m serving keys new makes one), "
            "or serve everybody with RAQAM_ALLOW_OPEN=true."
        )


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach *host*.

    >>> [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "news.example")]
    [True, True, True, False, False]
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def main(arguments: Sequence[str] | None = None) -> int:
    """``python -m serving keys new``: print the line for the file, and on stderr, this once, the key."""
    options = _parser().parse_args(arguments)
    text, key = create(options.scope, options.comment)
    print(f"The key, which is shown this once:\n\n  {text}\n\nThe line for the file of keys:", file=sys.stderr)
    print(key.line(), flush=True)
    return 0


def _parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(prog="python -m serving keys", description="The keys of the service.")
    new = found.add_subparsers(required=True, metavar="COMMAND").add_parser(
        "new",
        help="make a key",
        description="Make a key. It is written to stderr and kept nowhere; the line for the file goes to stdout.",
        epilog='example:\n  python -m serving keys new --scope annotate --comment "the newsroom" >> keys.txt',
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    new.add_argument(
        "--scope",
        choices=SCOPES,
        required=True,
        help="correct may also see and correct what is kept; admin may also replace the model",
    )
    new.add_argument("--comment", default="", metavar="TEXT", help="whose key it is, for who reads the file")
    return found


def _parse(line: str, place: str) -> Key:
    id_, scope, algorithm, digest, comment = [*line.split(maxsplit=4), "", "", "", ""][:5]
    if not _ID.fullmatch(id_):
        raise AccessError(f"{place}: the id must be {_ID_LENGTH} of a-z and 0-9, as python -m serving keys new has it.")
    if scope not in SCOPES:
        raise AccessError(f"{place}: the scope must be {', '.join(SCOPES[:-1])} or {SCOPES[-1]}.")
    if algorithm != ALGORITHM or not _HASH.fullmatch(digest):
        raise AccessError(f"{place}: after the scope there must be '{ALGORITHM}' and its 64 digits, not a key.")
    return Key(id_, SCOPES[SCOPES.index(scope)], bytes.fromhex(digest), comment.strip())


def _random(letters: str, length: int) -> str:
    return "".join(secrets.choice(letters) for _ in range(length))


def _state(path: Path) -> tuple[int, int, int] | None:
    """What tells one version of the file from another; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
