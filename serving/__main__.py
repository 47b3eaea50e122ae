"""``python -m serving``: the service on one port, until it is told to stop."""

from __future__ import annotations

import argparse
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import uvicorn
from pydantic import ValidationError

from raqam import Annotator, ModelError
from serving.app import create_app
from serving.service import load
from serving.settings import Settings, describe, explain

CANNOT_START: Final = 2
_WAITING: Final = 2048  # connections that wait to be accepted


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM; what keeps the service from starting is one sentence, and 2 is returned."""
    _parser().parse_args(arguments)
    try:
        settings = Settings()
        listener = listen(settings.host, settings.port)
        annotator = load(settings)
    except ValidationError as error:
        return _cannot_start(explain(error))
    except (OSError, ModelError) as error:
        return _cannot_start(str(error))
    serve(settings, annotator, listener)
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
        listener.listen(_WAITING)
    except OSError as error:
        listener.close()
        reason = error.strerror or str(error)
        advice = "Choose others with RAQAM_HOST and RAQAM_PORT, or a port with make serve PORT=9000."
        raise OSError(f"Cannot listen on {host} port {port}: {reason}. {advice}") from error
    return listener


def serve(settings: Settings, annotator: Annotator, listener: socket.socket) -> None:
    """Answer requests on *listener* until a signal to stop; requests that have begun get ten seconds to end."""
    host, port = listener.getsockname()[:2]
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    print(f"Raqam serves {annotator.model} on http://{place} (Ctrl-C stops it)", file=sys.stderr, flush=True)
    app = create_app(settings, annotator)
    config = uvicorn.Config(
        app, lifespan="on", log_level=settings.log_level, server_header=False, timeout_graceful_shutdown=10
    )
    with suppress(KeyboardInterrupt):  # uvicorn has shut down and passes the signal on
        uvicorn.Server(config).run(sockets=[listener])


def _parser() -> argparse.ArgumentParser:
    return argparse.ArgumentParser(
        prog="python -m serving",
        description="Serve POST /annotate over HTTP. Settings are variables of the environment:\n\n" + describe(),
        epilog="example:\n  RAQAM_PORT=9000 python -m serving",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _cannot_start(sentence: str) -> int:
    print(f"raqam: {' '.join(sentence.split())}", file=sys.stderr)
    return CANNOT_START


if __name__ == "__main__":
    sys.exit(main())
