"""The server: uvicorn's, with connections of our own, told by signals to stop or to load the model anew."""

from __future__ import annotations

import asyncio
import ctypes
import logging
import signal
import socket
import struct
import sys
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from threading import current_thread, main_thread
from typing import Any, Final

import uvicorn
from fastapi import FastAPI

from serving.connections import HEAD_BYTES, Connection, Limits, State
from serving.logs import log_mistake, loop_mistake
from serving.service import ReloadError
from serving.settings import Settings

logger = logging.getLogger("raqam.serving")

WAITING: Final = 2048  # connections that wait to be accepted

#: How often connections are looked at, at least; more often where a limit is shorter than some seconds.
_CHECK_SECONDS: Final = 1.0

#: How long a connection without a request is listened to after the port is closed: one may be on its way.
_QUIET_SECONDS: Final = 0.25

#: How long connections that have begun to be made may take to be complete, before the port is closed.
_HANDSHAKE_SECONDS: Final = 0.1
_STEP_SECONDS: Final = 0.02

_OTHER_FILES: Final = 128  # that a process opens beside its connections


class Server(uvicorn.Server):
    """Serves *app*, made by :func:`serving.app.create_app`, on the sockets that :meth:`run` is given.

    SIGTERM and SIGINT stop it: ``/readyz`` says so, new articles are refused, and every answer closes its connection.
    After a grace, in which load balancers notice (none after SIGINT, which is Ctrl-C), the port is closed. What was
    admitted is answered, within ``drain_seconds`` of the signal. A second signal ends the process at once; SIGHUP loads
    the model anew. *started* is called once the port is served; *shared* says that other workers accept from the same
    sockets.
    """

    server_state: State

    def __init__(
        self, app: FastAPI, settings: Settings, *, started: Callable[[], None] = lambda: None, shared: bool = False
    ) -> None:
        config = uvicorn.Config(
            app,
            loop="asyncio",
            http=Connection,
            ws="none",
            lifespan="on",
            log_config=None,  # see serving.logs
            access_log=False,
            server_header=False,
            backlog=1,  # accepted at a time, so that workers share connections; startup sets the length of the queue
            h11_max_incomplete_event_size=HEAD_BYTES,
        )
        super().__init__(config)
        self.server_state = State(Limits.of(settings))
        self._app, self._service = app, app.state.service
        self._settings, self._grace, self._tell_started = settings, 0.0, started
        self._shared = shared
        allow_files(settings.max_connections)
        self._background: set[asyncio.Task[None]] = set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Load what is not loaded yet, and listen."""
        asyncio.get_running_loop().set_exception_handler(loop_mistake)
        await super().startup(sockets)
        for listener in sockets or ():
            listener.listen(WAITING)
        self._in_background(self._check())
        self._tell_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Finish what was admitted, as the class says, and end the application."""
        until = asyncio.get_running_loop().time() + self._settings.drain_seconds
        self._leave()
        await asyncio.sleep(min(self._grace, self._settings.drain_seconds))
        for listener in () if self._shared else sockets or ():
            refuse_connections(listener)
        await asyncio.sleep(_HANDSHAKE_SECONDS)
        self._close_port(sockets or ())
        try:
            async with asyncio.timeout_at(until):
                await self._drained()
        except TimeoutError:
            self._cut_off()
        for task in self._background:
            task.cancel()
        await self.lifespan.shutdown()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle signals in the event loop, at the end of which they do again what they did."""
        if current_thread() is main_thread() and sys.platform != "win32":
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGINT):
                if signal.getsignal(number) is not signal.SIG_IGN:  # as a worker does with SIGINT
                    loop.add_signal_handler(number, self._told_to_stop, number)
            loop.add_signal_handler(signal.SIGHUP, self._told_to_reload)
            yield
        else:
            with super().capture_signals():
                yield

    def _told_to_stop(self, number: signal.Signals) -> None:
        if self.should_exit:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        logger.info("Stopping after %s; a second one ends the process at once.", number.name)
        self._grace = self._settings.grace_seconds if number == signal.SIGTERM else 0.0
        self.should_exit = True
        self._leave()

    def _leave(self) -> None:
        self.server_state.leaving = True
        self._service.stop()

    def _told_to_reload(self) -> None:
        self._in_background(self._reload())

    async def _reload(self) -> None:
        try:
            if (keys := self._app.state.keys) is not None:
                keys.reload()
            with suppress(ReloadError):  # which the service has logged
                await self._service.reload()
        except Exception as error:
            log_mistake(error)

    async def _check(self) -> None:
        """End connections whose clients are too slow, for as long as the server runs."""
        loop, limits = asyncio.get_running_loop(), self.server_state.limits
        pause = min(_CHECK_SECONDS, limits.header_seconds / 4, limits.body_seconds / 4)
        while True:
            await asyncio.sleep(pause)
            now = loop.time()
            for connection in self._connections():
                connection.check(now)

    def _close_port(self, listeners: Sequence[socket.socket]) -> None:
        """Close *listeners*, having taken the connections that wait on them: the system would reset those."""
        loop = asyncio.get_running_loop()
        for listener in listeners:
            with suppress(BlockingIOError):
                while True:
                    waiting, _ = listener.accept()
                    waiting.setblocking(False)
                    self._in_background(self._connect(loop, waiting))
        for server in self.servers:
            server.close()
        for listener in listeners:
            listener.close()

    async def _connect(self, loop: asyncio.AbstractEventLoop, waiting: socket.socket) -> None:
        make = partial(
            Connection,
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
            _loop=loop,
        )
        await loop.connect_accepted_socket(make, waiting)

    async def _drained(self) -> None:
        """Return when every request is answered and every connection closed."""
        loop, state = asyncio.get_running_loop(), self.server_state
        quiet = loop.time() + _QUIET_SECONDS
        while (now := loop.time()) < quiet or state.connections or state.tasks:
            for connection in self._connections():
                connection.leave(now, _QUIET_SECONDS)
            await asyncio.sleep(_STEP_SECONDS)

    def _cut_off(self) -> None:
        state = self.server_state
        if state.tasks:
            logger.error(
                "%d requests were not answered within %g s and are cut off.",
                len(state.tasks),
                self._settings.drain_seconds,
            )
        for task in state.tasks:
            task.cancel()
        for connection in self._connections():
            connection.cut_off()

    def _connections(self) -> list[Connection]:
        return [each for each in self.server_state.connections if isinstance(each, Connection)]

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)


def allow_files(connections: int) -> None:
    """Let this process open as many files as so many *connections* need, those to be refused included, if it may.

    Without this the limit is often 1,024; beyond it no connection is accepted at all.
    """
    if sys.platform != "win32":
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        needed = 2 * connections + _OTHER_FILES
        if hard != resource.RLIM_INFINITY:
            needed = min(needed, hard)
        if soft != resource.RLIM_INFINITY and soft < needed:
            resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def refuse_connections(listener: socket.socket) -> None:
    """Let no more connections to *listener* begin, in whatever process it is open; those that have can be accepted.

    A socket that is closed resets the connections on which ``accept`` was not called, and there is no other moment
    between the last ``accept`` and the end. On Linux a filter can drop the packets that ask for a connection (SYN);
    elsewhere this does nothing.
    """
    if sys.platform == "linux":
        code = (ctypes.c_char * (8 * len(_DROP_SYN))).from_buffer_copy(b"".join(_DROP_SYN))
        with suppress(OSError):
            listener.setsockopt(
                socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("HP", len(_DROP_SYN), ctypes.addressof(code))
            )


_SO_ATTACH_FILTER: Final = 26

#: As for tcpdump: load the byte of flags of the TCP header; if SYN is set, keep 0 bytes of the packet, else all.
_DROP_SYN: Final = tuple(
    struct.pack("HBBI", *instruction)
    for instruction in ((0x30, 0, 0, 13), (0x45, 0, 1, 0x02), (0x06, 0, 0, 0), (0x06, 0, 0, 0xFFFFFFFF))
)
