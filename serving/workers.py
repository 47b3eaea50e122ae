"""Several processes on one port: each serves by itself, with a model and a queue of its own.

All accept from the one socket that the parent opened, so that no connection is lost where a worker ends.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import Final

from prometheus_client import multiprocess

from serving.metrics import SHARED_FOLDER
from serving.server import refuse_connections
from serving.settings import PREFIX, Settings

logger = logging.getLogger("raqam.serving")

_PAUSE_SECONDS: Final = 1.0  # before a worker that died is replaced


class Workers:
    """Starts ``settings.workers`` workers, replaces those that die, and passes signals on to them.

    *announce* is called with the name of the model once the first worker serves; the others are started then, so that
    what keeps a worker from starting is said once.
    """

    def __init__(self, settings: Settings, listener: socket.socket, announce: Callable[[str], None]) -> None:
        self._settings, self._listener, self._announce = settings, listener, announce
        self._processes: set[asyncio.subprocess.Process] = set()
        self._go_on = asyncio.Event()  # the first worker serves, or none ever will
        self._stopping = False
        self._status = 0

    async def run(self) -> int:
        """Return when all workers have ended, with 0, or with the status of a worker that could not even start."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGHUP, self._pass_on, signal.SIGHUP)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._told_to_stop, number)
        with tempfile.TemporaryDirectory(prefix="raqam-metrics-") as folder:
            await asyncio.gather(self._keep(folder), *(self._follow(folder) for _ in range(self._settings.workers - 1)))
        return self._status

    async def _follow(self, folder: str) -> None:
        await self._go_on.wait()
        await self._keep(folder)

    async def _keep(self, folder: str) -> None:
        """Have one worker run until the service is stopped."""
        while not self._stopping:
            ours, theirs = socket.socketpair()
            with ours:
                process = await self._start(theirs, folder)
                self._processes.add(process)
                self._keep_up(process)
                await self._wait(process, ours)
                self._processes.discard(process)
                multiprocess.mark_process_dead(process.pid, folder)  # type: ignore[no-untyped-call]

    def _keep_up(self, process: asyncio.subprocess.Process) -> None:
        if self._stopping:  # since a moment ago, while it was started
            process.terminate()

    async def _start(self, theirs: socket.socket, folder: str) -> asyncio.subprocess.Process:
        threads = self._settings.threads or max(1, (os.cpu_count() or 1) // self._settings.workers)
        environment = {**os.environ, SHARED_FOLDER: folder, f"{PREFIX}THREADS": str(threads)}
        files = (self._listener.fileno(), theirs.fileno())
        with theirs:
            return await asyncio.create_subprocess_exec(
                sys.executable, "-m", "serving", "--worker", *map(str, files), pass_fds=files, env=environment
            )

    async def _wait(self, process: asyncio.subprocess.Process, ours: socket.socket) -> None:
        """Return when *process* has ended; what it says on *ours* is the name of its model, once it serves."""
        ours.setblocking(False)
        model = await asyncio.get_running_loop().sock_recv(ours, 1000)
        if model and not self._go_on.is_set():
            self._go_on.set()
            self._announce(model.decode())
        status = await process.wait()
        if self._stopping:
            return
        if not self._go_on.is_set():  # it has said why
            self._status = status
            self._stop()
        else:
            logger.error("Worker %d ended with status %d; another is started.", process.pid, status)
            await asyncio.sleep(_PAUSE_SECONDS)

    def _told_to_stop(self, number: signal.Signals) -> None:
        if self._stopping:
            self._pass_on(signal.SIGKILL)
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        self._stop()

    def _stop(self) -> None:
        self._stopping = True
        self._go_on.set()
        self._pass_on(signal.SIGTERM)
        asyncio.get_running_loop().call_later(self._settings.grace_seconds, self._close_port)

    def _close_port(self) -> None:
        """Let no more connections begin, just before the workers take those that have, and close the port."""
        refuse_connections(self._listener)
        self._listener.close()

    def _pass_on(self, number: signal.Signals) -> None:
        for process in self._processes:
            with suppress(ProcessLookupError):
                process.send_signal(number)


def end_with(parent: socket.socket) -> None:
    """Have this worker stop, as after SIGTERM, when the process at the other end of *parent* is gone."""

    def wait() -> None:
        parent.recv(1)
        os.kill(os.getpid(), signal.SIGTERM)

    Thread(target=wait, name="raqam-parent", daemon=True).start()
