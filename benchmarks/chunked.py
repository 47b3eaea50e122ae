"""A body of 100 MB: it is refused while it is read, and no more than one limit of it is ever in memory.

Sent in chunks without a length, as one JSON body and as one endless line of NDJSON, and with its length announced.
``--clients`` do so at the same time, and each may cost one limit of ``RAQAM_MAX_BODY_BYTES``; the slack above that is
for buffers of sockets and what the allocator keeps. A client that is refused stops sending, but for the deaf one,
which goes on until it has sent all or the connection is closed. Of NDJSON the line is refused, but not the stream:
other lines may follow, and all of it is read.

Run from the root of a checkout::

    python -m benchmarks.chunked
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from benchmarks.load import (
    JSON,
    NDJSON,
    Bar,
    Server,
    closed_loop,
    conclude,
    json_body,
    parser,
    read_body,
    read_head,
    served,
)
from benchmarks.report import seed_texts
from benchmarks.service import StartError
from raqam import ModelError

LIMIT: Final = 8 * 1024 * 1024
SLACK: Final = 8.0  # MB, for each client
PIECE: Final = b"a" * 65_536


@dataclass(frozen=True, slots=True)
class Way:
    """How a body is sent: its type, whether its length is announced, and whether the answer stops it."""

    kind: str = JSON
    announced: bool = False
    deaf: bool = False

    @property
    def whole(self) -> bool:
        """Whether all of it is sent: by one who does not listen, and in a stream, where other lines may follow."""
        return self.deaf or self.kind == NDJSON


WAYS: Final = {
    "JSON": Way(),
    "NDJSON": Way(NDJSON),
    "JSON with its length": Way(announced=True),
    "JSON, deaf": Way(deaf=True),
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """What became of one body: the status, the bytes that were sent until then, and the seconds."""

    status: int
    body: bytes
    sent: int
    seconds: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print the bars; 1 where one is missed."""
    options = parser("chunked", __doc__, seconds=60, clients=1)
    options.add_argument("--megabytes", type=int, default=100, metavar="MB", help="of the body (default: 100)")
    found = options.parse_args(arguments)
    bars: list[Bar] = []
    try:
        with served(found.model, max_body_bytes=LIMIT) as server:
            asyncio.run(closed_loop(server.port, 2, [(json_body(text), JSON) for text in seed_texts()], found.seconds))
            for name in WAYS:
                bars += asyncio.run(measure(server, name, found.megabytes * 1_000_000, found.clients, found.seconds))
    except (ModelError, StartError) as error:
        print(error, file=sys.stderr)
        return 2
    return conclude(bars, f"{found.megabytes} MB, {found.clients} at the same time, a limit of {LIMIT / 1e6:.1f} MB")


async def measure(server: Server, name: str, size: int, clients: int, seconds: float) -> list[Bar]:
    """Send *size* bytes the way *name* says, *clients* times at once, and look at the answers and at the memory."""
    server.forget_highest()
    before = server.resident()
    async with asyncio.timeout(seconds):
        refusals = await asyncio.gather(*(send(server.port, WAYS[name], size) for _ in range(clients)))
    growth = server.resident("VmHWM") - before
    room = clients * (LIMIT / 1e6 + SLACK)
    kinds = {describe(refusal) for refusal in refusals}
    slowest, most = max(refusal.seconds for refusal in refusals), max(refusal.sent for refusal in refusals)
    measured = f"{', '.join(sorted(kinds))} after {most / 1e6:.1f} MB and {slowest:.2f} s"
    early = not WAYS[name].whole
    bar = "413, before all was sent" if early else "413"
    return [
        Bar(f"{name}: answer", bar, measured, kinds == {"413"} and (most < size or not early)),
        Bar(f"{name}: growth of memory", f"≤ {room:.1f} MB", f"{growth:.1f} MB", growth <= room),
    ]


def describe(refusal: Refusal) -> str:
    """The status; for a stream of lines, which has begun with 200, that of the error in its only line."""
    if refusal.status == 200 and b"/problems/body-too-large" in refusal.body:
        return "413"
    return str(refusal.status or "no answer")


async def send(port: int, way: Way, size: int) -> Refusal:
    """Send a body of *size* bytes, the beginning of one long string, until the answer is there."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    length = f"Content-Length: {size}" if way.announced else "Transfer-Encoding: chunked"
    writer.write(f"POST /annotate HTTP/1.1\r\nHost: a\r\nContent-Type: {way.kind}\r\n{length}\r\n\r\n".encode("ascii"))
    began, sent = time.perf_counter(), 0
    answer = asyncio.create_task(_answer(reader))
    try:
        while sent < size and (way.deaf or not answer.done()):
            piece = PIECE if sent else b'{"text": "' + PIECE[10:]
            writer.write(piece if way.announced else f"{len(piece):x}\r\n".encode("ascii") + piece + b"\r\n")
            sent += len(piece)
            await writer.drain()
            await asyncio.sleep(0)  # drain alone does not let the answer be read
        if not way.announced and sent >= size:
            writer.write(b"0\r\n\r\n")
    except ConnectionError:
        pass  # closed while we were writing; the answer may be there
    status, body = await answer
    seconds = time.perf_counter() - began
    with suppress(ConnectionError):
        writer.close()
        await writer.wait_closed()
    return Refusal(status, body, sent, seconds)


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """The status and the body, or 0 and nothing where the connection ends before them."""
    try:
        status, headers = await read_head(reader)
    except (ConnectionError, asyncio.IncompleteReadError):
        return 0, b""
    try:
        return status, await read_body(reader, headers)
    except (ConnectionError, asyncio.IncompleteReadError):
        return status, b""


if __name__ == "__main__":
    sys.exit(main())
