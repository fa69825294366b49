"""The centre's service: one uvicorn under TLS, and the daily renewal of what has an end."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import functools
import logging
import os
import resource
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from typing import cast

import uvicorn

from checkpoint_app.central import connections, identity, publishing, tls
from checkpoint_app.central.app import make_app
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.confined.child import describe

log = logging.getLogger(__name__)

DAY_S = 86_400.0
AGAIN_S = 3600.0
_GRACE_S = 10
_LOCK_FILE = "serve.lock"
_STARTS_WITHIN_S = 60
_LAST_PORT = 65_535
_MOST_FILES = 4096
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class CentreServer:
    """Serves ``centre`` on ``host`` and ``port``; 0 is any free port. ``url`` is known from the start."""

    def __init__(self, centre: Centre, host: str = "127.0.0.1", port: int = 0, workers: int = 0) -> None:
        """Take the address, and renew what has to be. Raises CentreError."""
        self._centre = centre
        renew(centre)
        self._context = tls.server_context(centre)
        app = make_app(centre, identity.audience(centre), workers)
        self._socket = _listening(host, port)
        shown = f"[{host}]" if ":" in host else host
        self.url = f"https://{shown}:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(
            app,
            http=cast("type[asyncio.Protocol]", functools.partial(connections.BoundedProtocol, door=self._socket)),
            ws="none",
            loop="asyncio",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=int(connections.IDLE_S),
            timeout_graceful_shutdown=_GRACE_S,
            ssl_context_factory=lambda _config, _default: self._context,
        )
        self._server = _Server(config)

    def run(self, serving: Callable[[], None]) -> None:
        """Serve until ``stop``, or a signal where this is the main thread; ``serving`` is called once it listens.

        Raises CentreError when it can't start.
        """
        self._server.begun = lambda: self._begin(serving)
        try:
            self._server.run([self._socket])
        except SystemExit as error:  # uvicorn's way to say that the application did not start
            raise CentreError("not_served", "the service does not start; the log says why") from error
        finally:
            self._socket.close()

    def stop(self) -> None:
        """End, after the requests under way."""
        self._server.should_exit = True

    def _begin(self, serving: Callable[[], None]) -> asyncio.Task[None]:
        serving()
        return asyncio.get_running_loop().create_task(self._renew_daily())

    async def _renew_daily(self) -> None:
        pause = DAY_S
        while True:
            await asyncio.sleep(pause)
            try:
                if await asyncio.to_thread(renew, self._centre):
                    tls.load_certificate(self._centre, self._context)
                pause = DAY_S
            except Exception as error:  # noqa: BLE001 - a service goes on; what it could not renew still holds
                log.error("the daily renewal failed: %s", describe(error))  # noqa: TRY400 - no traceback in the log
                pause = AGAIN_S


class _Server(uvicorn.Server):
    """Tells when it has begun, and ends in peace on a signal; uvicorn itself would then die of it."""

    begun: Callable[[], asyncio.Task[None]]
    _beside: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._beside = self.begun()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._beside is not None:
            self._beside.cancel()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {each: signal.signal(each, self.handle_exit) for each in _SIGNALS}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)


def renew(centre: Centre) -> bool:
    """Renew what would soon end: the repository's metadata, the server's certificate. Returns whether the latter.

    Raises CentreError, OSError.
    """
    publishing.renew(centre)
    with centre.begin() as connection:
        return tls.renew(centre, connection)


def serve(centre: Centre, host: str, port: int, workers: int = 0) -> None:
    """Serve until SIGTERM or SIGINT, and say on standard output where. Raises CentreError.

    ``workers``: as for `make_app`.
    """
    _log_lines()
    _open_enough_files()
    with _alone(centre):
        server = CentreServer(centre, host, port, workers)
        server.run(lambda: print(f"serving on {server.url}", flush=True))


@contextlib.contextmanager
def running(centre: Centre, host: str = "127.0.0.1", port: int = 0, workers: int = 0) -> Iterator[str]:
    """Return a block during which ``centre`` is served from a thread; gives its URL. Raises CentreError."""
    server = CentreServer(centre, host, port, workers)
    started, failed = threading.Event(), list[BaseException]()

    def run() -> None:
        try:
            server.run(started.set)
        except BaseException as error:  # noqa: BLE001 - handed to the caller, below
            failed.append(error)
            started.set()

    thread = threading.Thread(target=run, name="central service", daemon=True)
    thread.start()
    try:
        if not started.wait(_STARTS_WITHIN_S) or failed:
            raise CentreError("not_served", "the service does not start; the log says why") from next(
                iter(failed), None
            )
        yield server.url
    finally:
        server.stop()
        thread.join()


def _listening(host: str, port: int) -> connections.Door:
    if not 0 <= port <= _LAST_PORT:
        raise CentreError("address_unusable", f"{host}:{port}: cannot be listened on: ports go from 0 to {_LAST_PORT}")
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        listening = socket.create_server((host, port), family=family, backlog=512)
    except (OSError, UnicodeError) as error:
        words = error.strerror if isinstance(error, OSError) and error.strerror else "no address"
        raise CentreError("address_unusable", f"{host}:{port}: cannot be listened on: {words}") from error
    # Its connections inherit it. asyncio sets it only for sockets that name their protocol, which these do not; without
    # it the second half of each reply waits 40 ms for the other side's acknowledgement of the first.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connections.Door(listening)


def _open_enough_files() -> None:
    """Let all connections that are taken, and what they read, be open at once: a service may begin with less."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < _MOST_FILES:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(_MOST_FILES, hard), hard))


@contextlib.contextmanager
def _alone(centre: Centre) -> Iterator[None]:
    """Let one process serve the folder at a time: two would both screen, and both renew."""
    descriptor = os.open(centre.folder / _LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise CentreError("served_already", f"{centre.folder}: this centre is served already") from error
    finally:
        os.close(descriptor)


class _Lines(logging.Formatter):
    """A log without tracebacks: they could quote a person."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line, with no more of an exception than its type and place."""
        bare = logging.makeLogRecord({**vars(record), "exc_info": None, "exc_text": None, "stack_info": None})
        error = record.exc_info[1] if record.exc_info else None
        line = super().format(bare).replace("\n", " ").rstrip()
        return line if error is None else f"{line} {describe(error)}"


def _log_lines() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(_Lines("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("checkpoint_app.central.building").setLevel(logging.INFO)  # a large list takes its time
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)  # its warnings are lines that anybody can have written
