"""One that answers by the lists in force: a process of its own (`screener`), or threads of this one."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from starlette.concurrency import run_in_threadpool

from checkpoint_app.central import frames
from checkpoint_app.central.centre import CentreError
from checkpoint_app.central.frames import Kind, Lists, Memory, Refusal, listed
from checkpoint_app.central.held import InForce
from checkpoint_app.central.jobs import Answered, Asked, answered, to_request
from checkpoint_app.central.shared import Shared
from checkpoint_app.confined import Limits
from checkpoint_app.wire.canonical import CanonicalError, canonical_bytes, read_canonical
from checkpoint_app.wire.plain import PlainError, from_plain, to_plain

LIMITS = Limits(memory_bytes=64 << 30, open_files=1024)
"""What a worker maps of shared lists counts as its memory too."""
LOAD_WITHIN_S = 300.0
ANSWER_WITHIN_S = 20.0
_ENVIRONMENT = {"MALLOC_ARENA_MAX": "2", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "LC_ALL": "C.UTF-8"}


class ReplicaError(Exception):
    """A worker is not to be used any more: it ended, or does not answer. The message is nothing personal."""


@dataclass(frozen=True, eq=False)
class Generation:
    """What is in force from one moment to the next; ``memories`` by the lists' names, each with its number."""

    number: int
    in_force: InForce
    memories: Mapping[str, tuple[int, Shared]]


class Replica(Protocol):
    """Answers by the generations that it has loaded. One thing at a time."""

    generations: frozenset[int]
    pid: int

    async def start(self) -> None:
        """Begin. Raises OSError."""

    async def load(self, one: Generation, oldest: int) -> None:
        """Load a generation; those before ``oldest`` are asked for no more. Raises ReplicaError."""

    async def ask(self, asked: Asked, generation: int) -> Answered:
        """Return the answer of a generation. Raises CentreError, ReplicaError."""

    async def end(self) -> None:
        """End it, at once."""


class Here:
    """Answers in a thread of this process."""

    def __init__(self) -> None:
        self.generations: frozenset[int] = frozenset()
        self.pid = 0
        self._loaded: dict[int, InForce] = {}

    async def start(self) -> None:
        """Begin: there is nothing to start."""

    async def load(self, one: Generation, oldest: int) -> None:
        """Take what this process has loaded."""
        self._loaded = {number: held for number, held in self._loaded.items() if number >= oldest}
        self._loaded[one.number] = one.in_force
        self.generations = frozenset(self._loaded)

    async def ask(self, asked: Asked, generation: int) -> Answered:
        """Return the answer. Raises CentreError, ReplicaError."""
        try:
            return await run_in_threadpool(answered, asked, self._loaded[generation])
        except CentreError:
            raise
        except Exception as error:
            raise ReplicaError(type(error).__name__) from error

    async def end(self) -> None:
        """End: there is nothing to end."""


class Process:
    """A worker process. It is ended whenever it does not do what it should."""

    def __init__(self) -> None:
        self.generations: frozenset[int] = frozenset()
        self.pid = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._memories: set[int] = set()

    async def start(self) -> None:
        """Start the process. It inherits nothing but its socket. Raises OSError."""
        self._line, theirs = socket.socketpair()
        self._line.setblocking(False)
        path = os.pathsep.join(part for part in sys.path if part)
        module = [sys.executable, "-P", "-s", "-B", "-m", "checkpoint_app.central.screener"]
        with theirs:
            self._process = subprocess.Popen(
                [*module, str(theirs.fileno()), str(os.getpid()), LIMITS.to_text()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # a traceback may quote a person
                pass_fds=(theirs.fileno(),),
                cwd="/",
                env={**_ENVIRONMENT, "PYTHONPATH": path},
                start_new_session=True,
            )
        self.pid = self._process.pid

    async def load(self, one: Generation, oldest: int) -> None:
        """Hand over the memories that are new. Raises ReplicaError."""
        new = {number: memory for number, memory in one.memories.values() if number not in self._memories}
        if len(new) > frames.MOST_DESCRIPTORS:
            raise ReplicaError("too many lists are new")
        numbers = {name: number for name, (number, _memory) in one.memories.items()}
        every = tuple(listed(held, numbers.get(name, 0)) for name, held in one.in_force.held.items())
        memories = tuple(Memory(number, memory.places) for number, memory in new.items())
        told = Lists(one.number, oldest, one.in_force.policy, every, memories)
        descriptors = [memory.descriptor for memory in new.values()]
        kind, _body = await self._call(Kind.LISTS, canonical_bytes(to_plain(told)), LOAD_WITHIN_S, descriptors)
        if kind is not Kind.READY:
            raise ReplicaError("it answered out of form")
        self._memories = {number for number, _memory in one.memories.values()}
        self.generations = frozenset({one.number, *(n for n in self.generations if n >= oldest)})

    async def ask(self, asked: Asked, generation: int) -> Answered:
        """Return the answer. Raises CentreError, ReplicaError."""
        kind, body = await self._call(Kind.ASK, to_request(asked, generation), ANSWER_WITHIN_S)
        try:
            if kind is Kind.ANSWER:
                return Answered.from_bytes(body)
            refusal = from_plain(Refusal, read_canonical(body, frames.MOST_BYTES))
        except (CanonicalError, PlainError) as error:
            raise ReplicaError("it answered out of form") from error
        raise CentreError(refusal.code, refusal.message, refusal.status)

    async def end(self) -> None:
        """Kill the process and wait for its end."""
        if self._line is not None:
            self._line.close()
        if self._process is not None:
            self._process.kill()
            await asyncio.to_thread(self._process.wait)

    async def _call(
        self, kind: Kind, body: bytes, within_s: float, descriptors: list[int] | None = None
    ) -> tuple[Kind, bytes]:
        loop, line = asyncio.get_running_loop(), self._line
        if line is None:
            raise ReplicaError("it is not started")
        try:
            async with asyncio.timeout(within_s):
                head = frames.pack(kind, len(body))
                if descriptors:  # it waits for nothing, since nothing is under way: the few bytes go at once
                    socket.send_fds(line, [head], descriptors)
                    await loop.sock_sendall(line, body)
                else:
                    await loop.sock_sendall(line, head + body)
                answer, length = frames.unpack(await self._exactly(line, frames.HEADER.size))
                return answer, await self._exactly(line, length)
        except TimeoutError as error:
            raise ReplicaError(f"no answer in {within_s:.0f} s") from error
        except (OSError, ValueError) as error:
            raise ReplicaError(f"{type(error).__name__}, exit {self._process and self._process.poll()}") from error

    async def _exactly(self, line: socket.socket, length: int) -> bytes:
        loop, data = asyncio.get_running_loop(), bytearray(length)
        view = memoryview(data)
        while view:
            count = await loop.sock_recv_into(line, view)
            if not count:
                raise ValueError("it closed its line")
            view = view[count:]
        return bytes(data)
