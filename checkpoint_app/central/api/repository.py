"""Routes: the repository's files, whole or in part, and the keys that open them."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from checkpoint_app.central import identity
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.central.grants import grants_for
from checkpoint_app.central.requests import authenticated, centre_of, reply
from checkpoint_app.central.schema import BYTES, replies
from checkpoint_app.central.transactions import retried
from checkpoint_app.wire import packing
from checkpoint_app.wire.api import GRANTS, JSON, METADATA, TARGETS, Grants

router = APIRouter()

CHUNK_BYTES = 64 * 1024
_METADATA_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\.json")
_TARGET_PATH = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)/([0-9a-f]{64})\.\1(\.list|-[0-9]+-[0-9]+\.delta)")
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


def _files(content_type: str) -> dict[int | str, dict[str, Any]]:
    """Return the ``responses`` of a route that serves files of this type, whole or in part."""
    found = replies(None, 401, 403, 404, 413, 416)
    content: dict[str, Any] = {content_type: {}}
    found[200]["content"] = content
    found[206] = {"description": "The part of the file that was asked for.", "content": content}
    found[304] = {"description": "The booth has it already (If-None-Match)."}
    return found


@router.get(METADATA + "{name}", response_class=Response, responses=_files(JSON))
async def metadata(request: Request, name: str) -> Response:
    """Return a file of the repository's metadata (The Update Framework, version 1.0.31), compressed where asked for."""
    centre = await _confirmed(request)
    if not _METADATA_NAME.fullmatch(name):
        raise _no_such_file()
    path = centre.folder / "repository" / "metadata" / name
    if packing.ENCODING in request.headers.get("accept-encoding", "") and "range" not in request.headers:
        return await run_in_threadpool(_packed, path)
    return await _file(request, path, None, JSON)


@router.get(TARGETS + "{path:path}", response_class=Response, responses=_files(BYTES))
async def target(request: Request, path: str) -> Response:
    """Return a sealed package or delta, whole or the part that ``Range`` asks for."""
    centre = await _confirmed(request)
    match = _TARGET_PATH.fullmatch(path)
    if not match:
        raise _no_such_file()
    return await _file(request, centre.folder / "repository" / "targets" / path, match[2], BYTES)


@router.get(GRANTS, responses=replies(Grants, 401, 403, 413))
async def grants(request: Request) -> Response:
    """Return the keys of what is published, wrapped to the booth that asks."""
    caller, _body = await authenticated(request)
    centre = centre_of(request)

    def found() -> Grants:
        stated = retried(centre, lambda connection: identity.exchange_statement(centre, connection))
        return replace(grants_for(centre, caller.booth, caller.exchange_key, centre.now()), exchange=stated)

    return reply(await run_in_threadpool(found))


@dataclass(frozen=True, slots=True)
class _Opened:
    """An open file: its size, and a strong validator (RFC 9110 §8.8.3) of its content."""

    file: BinaryIO
    size: int
    etag: str


def _packed(path: Path) -> Response:
    """Return metadata compressed: its digests aside it is the same words again and again."""
    with _open(path, None).file as file:
        file.seek(0)
        data = packing.pack(file.read())
    headers = {"Content-Encoding": packing.ENCODING, "Cache-Control": "no-store"}
    return Response(data, headers=headers, media_type=JSON)


async def _confirmed(request: Request) -> Centre:
    await authenticated(request)
    return centre_of(request)


async def _file(request: Request, path: Path, digest: str | None, media_type: str) -> Response:
    """Return the file at ``path``; ``digest`` is its SHA-256 where that is known, else it is found."""
    opened = await run_in_threadpool(_open, path, digest)
    headers = {"ETag": opened.etag, "Accept-Ranges": "bytes", "Cache-Control": "no-store"}
    try:
        if opened.etag in request.headers.get("if-none-match", "").replace(" ", "").split(","):
            opened.file.close()
            return Response(status_code=304, headers=headers)
        part = _part(request, opened)
    except BaseException:
        opened.file.close()
        raise
    first, end, status = (0, opened.size, 200) if part is None else (*part, 206)
    headers["Content-Length"] = str(end - first)
    if part is not None:
        headers["Content-Range"] = f"bytes {first}-{end - 1}/{opened.size}"
    return StreamingResponse(_chunks(opened.file, first, end), status, headers, media_type)


def _open(path: Path, digest: str | None) -> _Opened:
    try:
        file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb")
    except OSError as error:
        raise _no_such_file() from error
    found = digest or hashlib.file_digest(file, "sha256").hexdigest()
    return _Opened(file, os.fstat(file.fileno()).st_size, f'"{found}"')


def _part(request: Request, opened: _Opened) -> tuple[int, int] | None:
    """Return first and end of the one range asked for (RFC 9110 §14.2), or None for the whole. Raises CentreError.

    A form that is not understood, several ranges, and a part of what has changed since (``If-Range``) get the whole.
    """
    match = _RANGE.fullmatch(request.headers.get("range", "").strip())
    if not match or match[0] == "bytes=-" or request.headers.get("if-range", opened.etag) != opened.etag:
        return None
    if match[1]:
        first, end = int(match[1]), min(int(match[2]) + 1, opened.size) if match[2] else opened.size
        if match[2] and int(match[2]) < first:
            return None
    else:
        first, end = max(0, opened.size - int(match[2])), opened.size
    if first >= end:
        raise CentreError("range_outside", f"the file has {opened.size} bytes; ask for a part of it", 416)
    return first, end


async def _chunks(file: BinaryIO, first: int, end: int) -> AsyncIterator[bytes]:
    """Yield the bytes from ``first`` up to ``end``, a chunk in memory at a time."""
    with file:
        await run_in_threadpool(file.seek, first)
        left = end - first
        while left:
            data = await run_in_threadpool(file.read, min(left, CHUNK_BYTES))
            if not data:
                return
            left -= len(data)
            yield data


def _no_such_file() -> CentreError:
    return CentreError("no_such_file", "the repository has no such file", 404)
