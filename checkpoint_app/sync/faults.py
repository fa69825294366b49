"""What an exception of sockets, TLS, `http.client`, `urllib3` or `requests` means on the line."""

from __future__ import annotations

import errno
import http.client
import socket
import ssl
from collections.abc import Iterator

import requests
import urllib3.exceptions

from checkpoint_app.sync.errors import LineCode, LineError

_HOST_FAULTS = frozenset({62, 64})  # X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH
_TIMEOUTS = (TimeoutError, requests.Timeout, urllib3.exceptions.TimeoutError)
_CUTS = (
    ConnectionError,
    http.client.RemoteDisconnected,
    http.client.IncompleteRead,
    urllib3.exceptions.IncompleteRead,
    ssl.SSLEOFError,
    ssl.SSLZeroReturnError,
)
_MALFORMED = (http.client.HTTPException, urllib3.exceptions.InvalidChunkLength, urllib3.exceptions.DecodeError)
_ERRNOS = {
    errno.ECONNREFUSED: LineCode.REFUSED,
    errno.ENETUNREACH: LineCode.UNREACHABLE,
    errno.EHOSTUNREACH: LineCode.UNREACHABLE,
    errno.ENETDOWN: LineCode.UNREACHABLE,
    errno.EHOSTDOWN: LineCode.UNREACHABLE,
    errno.EADDRNOTAVAIL: LineCode.UNREACHABLE,
    errno.EACCES: LineCode.UNREACHABLE,
    errno.EPERM: LineCode.UNREACHABLE,
    errno.EINVAL: LineCode.UNREACHABLE,
    errno.ETIMEDOUT: LineCode.TIMED_OUT,
}
_ENDS = frozenset({"UNEXPECTED_EOF_WHILE_READING"})  # a cut, which Python 3.13 does not always call SSLEOFError
_MOST_CAUSES = 32


def code_of_fault(error: BaseException) -> LineCode:
    """Return the word for ``error``, by the root among its causes: the libraries wrap one in another."""
    causes = list(_causes(error))
    for cause in causes:
        code = _own(cause)
        if code is not None:
            return code
    for kinds, code in ((_TIMEOUTS, LineCode.TIMED_OUT), (_CUTS, LineCode.CUT_OFF), (_MALFORMED, LineCode.MALFORMED)):
        if any(isinstance(cause, kinds) for cause in causes):
            return code
    return LineCode.TLS if any(_is_of_tls(cause) for cause in causes) else LineCode.CUT_OFF


def _own(cause: BaseException) -> LineCode | None:
    """Return the word for a cause that alone tells it."""
    if isinstance(cause, LineError):
        return cause.code
    if isinstance(cause, ssl.SSLCertVerificationError):
        return LineCode.WRONG_HOST if cause.verify_code in _HOST_FAULTS else LineCode.WRONG_CENTRE
    if isinstance(cause, socket.gaierror):
        return LineCode.NAME_NOT_FOUND
    if isinstance(cause, OSError) and not isinstance(cause, ssl.SSLError | requests.RequestException):
        return _ERRNOS.get(cause.errno or 0)
    return None


def _is_of_tls(cause: BaseException) -> bool:
    """Tell whether TLS itself failed: OpenSSL also reports in its name what the system's calls tell it, and an end."""
    return isinstance(cause, ssl.SSLError) and cause.library not in (None, "SYS") and cause.reason not in _ENDS


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield ``error`` and what is behind it: its cause, its context, and the exceptions among its arguments."""
    queue, seen = [error], set[int]()
    while queue and len(seen) < _MOST_CAUSES:
        cause = queue.pop(0)
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        behind = [*cause.args, cause.__cause__, cause.__context__, getattr(cause, "reason", None)]
        queue += [one for one in behind if isinstance(one, BaseException)]
