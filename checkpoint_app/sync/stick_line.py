"""A bundle from the centre as if it were the line: the parts of a round ask it, and get what the bundle has.

So whatever comes by hand goes through the same code, and the same proofs, as what comes by a line.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar, cast
from urllib.parse import parse_qs, unquote, urlsplit

from checkpoint_app.store.trusted_time import Clock
from checkpoint_app.sync.carried import Carried, Lying
from checkpoint_app.sync.enrolled import Enrolled
from checkpoint_app.sync.errors import LineCode, LineError
from checkpoint_app.sync.line import BYTES_WITHIN_S, WITHIN_S, Got, Line, Signer
from checkpoint_app.sync.transport import Transport
from checkpoint_app.wire.api import ACKNOWLEDGEMENT, ENROLMENT, GRANTS, INBOX, METADATA, TARGETS
from checkpoint_app.wire.bundle_parts import DIGEST_BYTES, BundleError
from checkpoint_app.wire.canonical import MAX_INTEGER
from checkpoint_app.wire.case import Inbox

T = TypeVar("T")
Came = Callable[[int], None]


class StickLine(Line):
    """Answers from ``carried``, packages from ``targets``. What the bundle has not is as if nothing were new.

    ``came`` hears how many bytes of packages were read. From another than the centre (``of_centre`` is False) a package
    is proven where it lies before a byte is taken: what was brought of it before must not be spoilt. A file that ends
    too early, or a stick that is pulled, is a line that was cut off.
    """

    def __init__(
        self,
        enrolled: Enrolled,
        identity: Signer,
        clock: Clock,
        carried: Carried,
        targets: Mapping[str, Lying],
        came: Came,
        *,
        of_centre: bool = True,
    ) -> None:
        super().__init__(enrolled, identity, clock, cast("Transport", _NoTransport()))
        self._carried = carried
        self._targets = targets
        self._came = came
        self._of_centre = of_centre
        self.fault: BundleError | None = None

    def get(
        self,
        cls: type[T],
        path: str,
        *,
        most: int,  # noqa: ARG002  bounded when the bundle was looked into
        within_s: float = WITHIN_S,  # noqa: ARG002  a file makes nobody wait
        etag: str = "",  # noqa: ARG002  what is there is given
    ) -> Got[T]:
        """Return the ``cls`` of the bundle that a centre would have at ``path``; None where nothing in it is new."""
        parts, values = urlsplit(path), self._carried
        known: dict[str, Callable[[], object]] = {
            ENROLMENT: lambda: values.enrolment,
            ACKNOWLEDGEMENT: lambda: values.acknowledgement,
            GRANTS: lambda: values.grants,
            INBOX: lambda: self._inbox(parse_qs(parts.query)),
        }
        found = known[parts.path]() if parts.path in known else None
        return Got(found if isinstance(found, cls) else None, "")

    def carries(self, sha256: str) -> bool:
        """Tell whether the bundle has the package of this digest, or its beginning."""
        return sha256 in self._targets

    def get_bytes(
        self,
        path: str,
        most: int,
        start: int = 0,
        *,
        within_s: float = BYTES_WITHIN_S,  # noqa: ARG002
    ) -> Iterator[bytes]:
        """Yield the bytes of the metadata or package that ``path`` names, from ``start`` on."""
        if path.startswith(METADATA):
            data = self._metadata(path.removeprefix(METADATA))
            if len(data) > most:
                raise LineError(LineCode.TOO_LARGE)
            yield data[start:]
            return
        yield from self._package(path.removeprefix(TARGETS), most, start)

    def _metadata(self, name: str) -> bytes:
        first, dot, rest = name.removesuffix(".json").partition(".")
        version, role = (int(first), rest) if dot and first.isdecimal() else (None, name.removesuffix(".json"))
        data = self._carried.metadata.find(unquote(role), version)
        if data is None:
            raise LineError(LineCode.NOT_FOUND, status=404)
        return data

    def _package(self, path: str, most: int, start: int) -> Iterator[bytes]:
        digest = path.rpartition("/")[2].partition(".")[0]
        lying = self._targets.get(digest)
        if lying is None:
            raise LineError(LineCode.REFUSED_REQUEST, "the bundle does not have it")
        if lying.part.size - DIGEST_BYTES - start > most:
            raise LineError(LineCode.TOO_LARGE)
        try:
            if not self._of_centre and not _is_whole(lying, digest):
                raise LineError(LineCode.REFUSED_REQUEST, "what the bundle has under its digest is another")
            for piece in lying.reader.chunks(lying.part, DIGEST_BYTES + start):
                self._came(len(piece))
                yield piece
        except BundleError as error:
            self.fault = error
            raise LineError(LineCode.SERVER_FAULT, "the bundle ends too early") from error

    def _inbox(self, query: Mapping[str, list[str]]) -> Inbox | None:
        """Return the page that goes on after the number asked for; None where the bundle has nothing after it."""
        after = int(query["after"][0])
        for page in self._carried.inboxes:
            skip = after + 1 - _first_number(page)
            if 0 <= skip < len(page.items):
                return Inbox(page.booth, page.last, page.items[skip:])
        return None


def _is_whole(lying: Lying, digest: str) -> bool:
    """Tell whether a package is the one of its digest. Raises BundleError where it is cut off."""
    found = hashlib.sha256()
    for piece in lying.reader.chunks(lying.part, DIGEST_BYTES):
        found.update(piece)
    return found.hexdigest() == digest


def _first_number(page: Inbox) -> int:
    """Return the number that the first item of ``page`` says it has; it is proven when it is read."""
    try:
        number = json.loads(page.items[0].text)["number"]
    except (IndexError, ValueError, TypeError, KeyError, RecursionError):
        number = None
    return number if type(number) is int else MAX_INTEGER


class _NoTransport:
    """Stands where a connection would be; there is none."""

    was_kept = False

    def send(self, *_asked: Any) -> Any:
        """Refuse."""
        raise LineError(LineCode.CLOSED)

    def close(self) -> None:
        """Nothing is open."""
