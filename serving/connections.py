"""One HTTP connection: uvicorn's, with the limits on slow clients that uvicorn has no settings for.

It is the protocol on h11, which bounds the size of a head; the one on httptools does not.
"""

from __future__ import annotations

import asyncio
import json
import math
import socket
import struct
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Literal

import h11
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send
from uvicorn import Config
from uvicorn.protocols.http.h11_impl import STATUS_PHRASES, H11Protocol, RequestResponseCycle
from uvicorn.server import ServerState

from serving.problems import MEDIA_TYPE, Problem, ProblemError
from serving.settings import Settings

#: Bytes of a request line with its headers, and of what else h11 must hold before it makes sense.
HEAD_BYTES: Final = 16 * 1024

#: Seconds a refused client has to read why, before the connection is gone.
LAST_SECONDS: Final = 2.0

CLOSE: Final = (b"connection", b"close")

INVALID: Final = Problem(
    "invalid-http", f"What was received is not a request of HTTP/1.1, or its head has more than {HEAD_BYTES:,} bytes."
)

#: ``head``: the head of a request is due. ``work``: a request is in work. ``idle``: kept alive between requests.
#: ``rest``: answered, but the body has not ended. ``last``: refused; what still comes is not looked at.
Phase = Literal["head", "work", "idle", "rest", "last"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a client may take; see the settings of the same names."""

    header_seconds: float = 10.0
    body_seconds: float = 30.0
    keep_alive_seconds: float = 75.0
    connections: int = 1000

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """Return the limits in *settings*."""
        return cls(
            settings.header_seconds, settings.body_seconds, settings.keep_alive_seconds, settings.max_connections
        )

    def seconds(self, phase: Phase) -> float:
        """How long a connection may stay in *phase*."""
        match phase:
            case "head" | "rest":
                return self.header_seconds
            case "idle":
                return self.keep_alive_seconds
            case "last":
                return LAST_SECONDS
        return math.inf  # a request in work has a deadline of its own


class State(ServerState):
    """What the connections of a server share: its limits, how many it serves, whether it is about to stop."""

    def __init__(self, limits: Limits) -> None:
        super().__init__()
        self.limits = limits
        self.served = 0
        self.leaving = False


class Connection(H11Protocol):
    """A connection that :meth:`check`, called about once a second, ends when its client is too slow.

    A client too slow with the head of a request gets the problem ``request-timeout``; so does one that pauses in a
    body, through the application, which stops waiting for it. One that does not read its answer, or sends without end
    what nobody reads, is cut off. A connection beyond the limit gets ``overloaded`` at once.
    """

    server_state: State

    def __init__(
        self,
        config: Config,
        server_state: State,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.app = self._run
        self._limits = server_state.limits
        self._counted = False
        self._refused = False
        self._phase: Phase = "head"
        self._since = self._moved = self.loop.time()
        self._unsent = 0

    # From the transport

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if hasattr(transport, "max_size"):  # asyncio's; a read of 256 KiB may hold as many as 43,000 chunks
            transport.max_size = 16 * 1024
        state, allowed = self.server_state, self._limits.connections
        if state.served < allowed:
            state.served += 1
            self._counted = True
        elif len(self.connections) <= 2 * allowed:
            detail = f"There are {allowed:,} connections, which is the limit; try again in 1 s, and use fewer."
            self._refuse(Problem("overloaded", detail, limit=allowed), {"Retry-After": "1"})
        else:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        del self.app  # a circle, which only the garbage collector would find
        self.server_state.served -= self._counted
        self._counted = False

    def data_received(self, data: bytes) -> None:
        if not self._refused:
            super().data_received(data)
            self._enter()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._unset_keepalive_if_required()  # its clock would go on where the next request has begun
        self._enter()

    def send_400_response(self, msg: str) -> None:
        self._refuse(INVALID)

    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing: a request to upgrade may be ignored, and a line in the log for each would help nobody."""

    # From the server

    def check(self, now: float) -> None:
        """End the connection if its client has been too slow."""
        if self._stalled(now):
            self.cut_off()
        elif now - self._since > self._limits.seconds(self._phase):
            match self._phase:
                case "head":
                    self._end_head()
                case "idle":
                    self.transport.close()
                case _:
                    self.cut_off()

    def leave(self, now: float, quiet: float) -> None:
        """Close the connection if nothing has come for *quiet* seconds that would have to be answered."""
        untouched = self._phase == "head" and not self._has_bytes()
        if (untouched or self._phase == "idle") and now - self._since >= quiet:
            self.transport.close()

    def cut_off(self) -> None:
        """End the connection at once, without what the system still holds to be sent; without this it would go on."""
        found: socket.socket = self.transport.get_extra_info("socket")
        with suppress(OSError):
            found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    # The application

    async def _run(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application, which is not kept waiting for a body, and ends the connection when the server stops."""
        cycle, seconds, late = self.cycle, self._limits.body_seconds, False

        async def receive_in_time() -> Message:
            nonlocal late
            if not cycle.more_body:  # what is left is only to learn that the client went away
                return await receive()
            try:
                async with asyncio.timeout(seconds):
                    return await receive()
            except TimeoutError:
                late = True
                detail = f"No more of the body arrived for {seconds:g} s; send it without pauses."
                raise ProblemError(Problem("request-timeout", detail)) from None

        async def send_and_close(message: Message) -> None:
            # Closed with a body under way, the client might be told of that before it has read the answer.
            ends = late or (self.server_state.leaving and not cycle.more_body)
            if ends and message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), CLOSE]}
            await send(message)
            if cycle.disconnected and message.get("more_body"):  # uvicorn drops it: whoever makes more should stop
                raise ClientDisconnect

        await self.config.loaded_app(scope, receive_in_time, send_and_close)

    # What the connection waits for

    def _enter(self) -> None:
        phase = self._next_phase()
        if phase != self._phase:
            self._phase, self._since = phase, self.loop.time()

    def _next_phase(self) -> Phase:
        if self._refused:
            return "last"
        if self.conn.their_state is h11.IDLE:
            return "idle" if self._cycle and not self._has_bytes() else "head"
        if self._cycle and self._cycle.response_complete and self.conn.their_state is h11.SEND_BODY:
            return "rest"
        return "work"

    @property
    def _cycle(self) -> RequestResponseCycle | None:
        return self.cycle  # of which uvicorn does not say that there may be none

    def _has_bytes(self) -> bool:
        return bool(self.conn.trailing_data[0])

    def _stalled(self, now: float) -> bool:
        """Whether the client has long read nothing of what waits to be sent."""
        unsent = self.transport.get_write_buffer_size()
        if not unsent or unsent != self._unsent:
            self._unsent, self._moved = unsent, now
        return now - self._moved > self._limits.body_seconds

    def _end_head(self) -> None:
        if self._has_bytes():
            detail = f"The head of the request was not complete after {self._limits.header_seconds:g} s."
            self._refuse(Problem("request-timeout", detail))
        else:
            self.transport.close()  # an answer to nothing would be taken for the answer to what comes next

    def _refuse(self, problem: Problem, headers: Mapping[str, str] | None = None) -> None:
        """Answer with *problem* in the place of the application, and read no more.

        The connection is only half closed, or the client could be told of that before it has read the answer.
        """
        if self.transport.is_closing():
            return
        self._refused = True
        self._enter()
        if self._cycle and not self._cycle.response_complete:  # nothing can be sent on this connection any more
            self._cycle.disconnected = True
            self._cycle.message_event.set()
            if self._cycle.response_started:
                return self.transport.close()
        self.transport.write(_written(problem, headers or {}))
        self.transport.write_eof()


def _written(problem: Problem, headers: Mapping[str, str]) -> bytes:
    body = json.dumps(problem.to_dict(), ensure_ascii=False, separators=(",", ":")).encode()
    lines = [
        f"HTTP/1.1 {problem.status} {STATUS_PHRASES[problem.status].decode()}",
        f"content-type: {MEDIA_TYPE}",
        f"content-length: {len(body)}",
        "connection: close",
        *(f"{name.lower()}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body
