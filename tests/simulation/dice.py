"""What a run may not take from the machine: random bytes, threads, children. A seed decides, and one thread works."""

from __future__ import annotations

import os
import random
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

import anyio.to_thread

from checkpoint_app.booth.lists import list_updates, segment_build
from checkpoint_app.central import acts, targets
from checkpoint_app.confined import ConfinedRefusedError, RefusalError
from checkpoint_app.store.reserve import Reserve
from checkpoint_app.sync import deliver
from tests.simulation.disks import hooked

SMALL_RESERVE = 4096
WORTH = 1
"""Lists are so small here that a delta is never a third of one."""
BATCH_BYTES = 3000
"""So small that a few Encounters are more than one batch, and hits go ahead of the chain."""


class Inline:
    """What builds segments, without a child: the same handler, called at once."""

    def call(self, request: bytes, *_how: Any) -> bytes:
        try:
            return segment_build.build(request)
        except RefusalError as error:
            raise ConfinedRefusedError(error.code) from error

    def close(self) -> None:
        """Nothing is kept."""


async def _at_once(work: Callable[..., Any], *args: Any, **_how: Any) -> Any:
    return work(*args)


@contextmanager
def one_thread() -> Iterator[None]:
    """Let nothing be done beside: the work of threads and children is done where it is asked for."""
    with ExitStack() as stack:
        stack.enter_context(hooked())
        stack.enter_context(mock.patch.object(anyio.to_thread, "run_sync", _at_once))
        stack.enter_context(mock.patch.object(list_updates, "new_builder", Inline))
        stack.enter_context(mock.patch.object(acts, "who", return_value="a.muster"))
        stack.enter_context(mock.patch.object(targets, "WORTH", WORTH))
        stack.enter_context(mock.patch.object(deliver, "BATCH_BYTES", BATCH_BYTES))
        stack.enter_context(mock.patch.object(Reserve.__init__, "__defaults__", (SMALL_RESERVE,)))
        yield


@contextmanager
def dice(seed: int) -> Iterator[None]:
    """Let all random bytes of the block follow from ``seed``."""
    source = random.Random(f"bytes {seed}")

    def new_id() -> uuid.UUID:
        return uuid.UUID(int=source.getrandbits(128), version=4)

    with ExitStack() as stack:
        for place, name in ((os, "urandom"), (random, "_urandom")):
            stack.enter_context(mock.patch.object(place, name, source.randbytes))
        stack.enter_context(mock.patch.object(uuid, "uuid4", new_id))
        yield
