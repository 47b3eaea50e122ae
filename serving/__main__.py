"""``python -m serving``: the service on one port, until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import logging
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from pydantic import ValidationError

from raqam import Annotator, ModelError
from serving import keys, logs
from serving.app import create_app
from serving.corrections import command as corrections
from serving.corrections.comparison import check_other
from serving.corrections.database import DatabaseSettingError
from serving.server import WAITING, Server
from serving.service import load
from serving.settings import Settings, describe, explain
from serving.telemetry import TelemetryError
from serving.workers import Workers, end_with

logger = logging.getLogger("raqam.serving")

CANNOT_START: Final = 2

#: What is set of the allocator of glibc, by the numbers of ``malloc.h``. It makes up to eight arenas a core, and what
#: is freed in one is not used by another; and once something large was freed, it takes the like from the heap, where
#: what lies above keeps it from being given back. Memory would go on growing for hours under texts of all lengths.
_ARENA_MAX: Final = (-8, 2)
_MMAP_THRESHOLD: Final = (-3, 256 * 1024)  # bytes from which an allocation is given back whole when it is freed

#: How long a thread of the engine may keep the interpreter from the event loop, where a refusal takes less than that.
_SWITCH_SECONDS: Final = 0.0005


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM; what keeps the service from starting is one sentence, and 2 is returned."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["keys"]:
        return keys.main(arguments[1:])
    if arguments[:1] == ["corrections"]:
        return corrections.main(arguments[1:])
    options = _parser().parse_args(arguments)
    sys.setswitchinterval(_SWITCH_SECONDS)
    _set_allocator()
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until it can be obeyed; the default is to end the process
    with suppress(KeyboardInterrupt):  # before the server handles it
        return _run(options.worker)
    return 128 + signal.SIGINT


def _set_allocator() -> None:
    """Have memory given back that is not used any more, where the allocator is that of glibc."""
    with suppress(OSError, AttributeError):
        for parameter in (_ARENA_MAX, _MMAP_THRESHOLD):
            ctypes.CDLL("libc.so.6").mallopt(*parameter)


def _run(worker: Sequence[int] | None) -> int:
    try:
        settings = Settings()
        logs.configure(settings)
        if worker is not None:
            return _work(settings, *map(_inherited, worker))
        keys.check_access(settings)
        check_other(settings)
        listener = listen(settings.host, settings.port)
        if settings.workers > 1:
            workers = Workers(settings, listener, lambda model: announce(settings, model, listener))
            return asyncio.run(workers.run())
        serve(settings, load(settings), listener)
    except ValidationError as error:
        return _cannot_start(explain(error))
    except (OSError, ModelError, keys.AccessError, TelemetryError, DatabaseSettingError) as error:
        return _cannot_start(str(error))
    return 0


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens on *host* and *port*; raises OSError with a sentence that names both.

    It is taken before the model is loaded, so that no other service can take it in the meantime.
    """
    # asyncio turns Nagle's delay of 40 ms off only where the protocol is named, which create_server does not do.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(WAITING)
    except OSError as error:
        listener.close()
        reason = error.strerror or str(error)
        advice = "Choose others with RAQAM_HOST and RAQAM_PORT, or a port with make serve PORT=9000."
        raise OSError(f"Cannot listen on {host} port {port}: {reason}. {advice}") from error
    return listener


def serve(settings: Settings, annotator: Annotator, listener: socket.socket) -> None:
    """Answer requests on *listener* until a signal to stop; see :class:`serving.server.Server`."""
    app = create_app(settings, annotator)
    announce(settings, annotator.model, listener)  # connections made from now on wait until the model is warm
    Server(app, settings).run([listener])


def announce(settings: Settings, model: str, listener: socket.socket) -> None:
    """Say on the standard error what is served where."""
    host, port = listener.getsockname()[:2]
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    if settings.log_format == "json":  # of which every line is read by a program
        logger.info("Raqam serves %s on http://%s", model, place)
    else:
        print(f"Raqam serves {model} on http://{place} (Ctrl-C stops it)", file=sys.stderr, flush=True)


def _work(settings: Settings, listener: socket.socket, parent: socket.socket) -> int:
    """Serve as one of several workers, and tell the parent when that has begun. Ctrl-C is for the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with(parent)
    annotator = load(settings)
    app = create_app(settings, annotator)
    Server(app, settings, started=lambda: parent.sendall(annotator.model.encode()), shared=True).run([listener])
    return 0


def _inherited(file: int) -> socket.socket:
    found = socket.socket(fileno=file)
    found.set_inheritable(False)
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m serving",
        description="Serve POST /annotate over HTTP. Settings are variables of the environment:\n\n" + describe(),
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    # The port and the connection to the parent, as open files: how a worker is started.
    parser.add_argument("--worker", nargs=2, type=int, metavar=("PORT", "PARENT"), help=argparse.SUPPRESS)
    return parser


_EPILOG: Final = """\
One process runs the model on RAQAM_THREADS threads and so uses all cores. More workers help only where one process
cannot: with many cores, when parsing and writing JSON, which takes one core, keeps the model waiting. Every worker has
a model in memory, a queue of RAQAM_QUEUE_TOKENS and RAQAM_MAX_CONNECTIONS connections of its own; the cores are divided
among them where RAQAM_THREADS is not set.

signals:
  SIGTERM, SIGINT  stop: no new articles, then what was admitted is answered; a second one ends the service at once
  SIGHUP           load the model anew from RAQAM_MODEL; if that fails, the one that is served stays

example:
  RAQAM_PORT=9000 python -m serving"""


def _cannot_start(sentence: str) -> int:
    print(f"raqam: {' '.join(sentence.split())}", file=sys.stderr)
    return CANNOT_START


if __name__ == "__main__":
    sys.exit(main())
