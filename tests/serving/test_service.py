from __future__ import annotations

from threading import Barrier, BrokenBarrierError

import anyio
import pytest

from serving.metrics import Metrics
from serving.service import READERS, SHORT_BODY, Service
from serving.settings import Settings


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_few_bodies_are_read_at_the_same_time() -> None:
    service, barrier = Service(Settings(), Metrics()), Barrier(READERS + 1)

    def read(body: bytes, settings: Settings) -> None:
        barrier.wait(0.2)  # is passed only by more readers at once than there should be

    async def refused() -> None:
        with pytest.raises(BrokenBarrierError):
            await service.read(read, b"", SHORT_BODY + 1)

    async with anyio.create_task_group() as group:
        for _ in range(2 * READERS):
            group.start_soon(refused)
