"""What can go wrong on the line, as a closed list of words that the screen, the status and the journal use."""

from __future__ import annotations

from enum import StrEnum


class LineCode(StrEnum):
    """Why a request to the centre failed. The words never change; the screen says each in the officer's language."""

    NAME_NOT_FOUND = "name_not_found"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    CUT_OFF = "cut_off"
    CLOSED = "closed"
    TLS = "tls"
    WRONG_CENTRE = "wrong_centre"
    WRONG_HOST = "wrong_host"
    CERTIFICATE_TIME = "certificate_time"
    TOO_LARGE = "too_large"
    MALFORMED = "malformed"
    NOT_SIGNED = "not_signed"
    NOT_FOUND = "not_found"
    SERVER_FAULT = "server_fault"
    CLOCK = "clock"
    TOKEN_REFUSED = "token_refused"  # noqa: S105  a word, no secret
    BOOTH_PENDING = "booth_pending"
    BOOTH_REVOKED = "booth_revoked"
    BOOTH_UNKNOWN = "booth_unknown"
    CODE_REFUSED = "code_refused"
    FORK = "fork"
    GAP = "gap"
    REFUSED_REQUEST = "refused_request"


_SENTENCES = {
    LineCode.NAME_NOT_FOUND: "the centre's name cannot be resolved; check the network and the address",
    LineCode.REFUSED: "nothing listens at the centre's address; the centre is down, or the port is wrong",
    LineCode.UNREACHABLE: "the centre cannot be reached; there is no way to its network",
    LineCode.TIMED_OUT: "the centre did not answer in time",
    LineCode.CUT_OFF: "the line was cut before the answer was whole",
    LineCode.CLOSED: "the line was closed from this side",
    LineCode.TLS: "no secure connection could be agreed with the centre",
    LineCode.WRONG_CENTRE: "this is not the centre that the booth was enrolled with: another authority vouches for it",
    LineCode.WRONG_HOST: "the centre's certificate is for another name than the address",
    LineCode.CERTIFICATE_TIME: "the centre's certificate has ended, or has not begun; the centre must renew it",
    LineCode.TOO_LARGE: "the centre's answer is larger than is ever read",
    LineCode.MALFORMED: "the centre's answer is not in the agreed form",
    LineCode.NOT_SIGNED: "the centre's own key did not sign its answer",
    LineCode.NOT_FOUND: "the centre does not have what was asked for",
    LineCode.SERVER_FAULT: "the centre failed inside; its administrator must look",
    LineCode.CLOCK: "the centre refuses the time of the request, although it was taken from the centre",
    LineCode.TOKEN_REFUSED: "the centre refuses the signature of the request; the booth must be enrolled anew",
    LineCode.BOOTH_PENDING: "the booth waits for the centre's administrator to confirm its key",
    LineCode.BOOTH_REVOKED: "the centre has revoked this booth; ask the administrator",
    LineCode.BOOTH_UNKNOWN: "the centre does not know this booth; it must be enrolled anew",
    LineCode.CODE_REFUSED: "the centre refuses the enrolment code; ask for a new one",
    LineCode.FORK: "the centre holds other events of this booth than the booth itself; a supervisor must look",
    LineCode.GAP: "events between are missing at the centre",
    LineCode.REFUSED_REQUEST: "the centre refuses the request",
}

# Failures of one thing asked for: the next thing may well go, so a round goes on.
_OF_ONE_PART = frozenset(
    {
        LineCode.TOO_LARGE,
        LineCode.MALFORMED,
        LineCode.NOT_SIGNED,
        LineCode.NOT_FOUND,
        LineCode.SERVER_FAULT,
        LineCode.FORK,
        LineCode.GAP,
        LineCode.REFUSED_REQUEST,
    }
)
_NO_CENTRE_BEHIND = frozenset({502, 503, 504})  # a proxy answers for a centre that is away, as in a fail-over
# The one word of a refusal (RFC 9457, `wire.api.Problem.code`) that says more than its HTTP status does.
_OF_PROBLEMS = {
    "token_time": LineCode.CLOCK,
    "booth_pending": LineCode.BOOTH_PENDING,
    "booth_revoked": LineCode.BOOTH_REVOKED,
    "booth_unknown": LineCode.BOOTH_UNKNOWN,
    "fork": LineCode.FORK,
    "gap": LineCode.GAP,
    "too_large": LineCode.TOO_LARGE,
}
_OF_PREFIXES = {"token_": LineCode.TOKEN_REFUSED, "code_": LineCode.CODE_REFUSED}
_MOST_DETAIL = 200


class LineError(Exception):
    """A request to the centre failed. ``status`` is the HTTP status where there was a reply.

    ``detail`` adds what the centre said, one line; neither it nor the message holds anything personal.
    """

    def __init__(self, code: LineCode, detail: str = "", status: int | None = None) -> None:
        self.code = code
        self.detail = "".join(c if c.isprintable() else " " for c in detail)[:_MOST_DETAIL]
        self.status = status
        super().__init__(sentence(code) + (f" ({self.detail})" if self.detail else ""))

    @property
    def ends_round(self) -> bool:
        """Whether nothing else will go either, until the line or the booth's enrolment is mended."""
        return self.code not in _OF_ONE_PART or self.status in _NO_CENTRE_BEHIND


def sentence(code: LineCode) -> str:
    """Return what ``code`` means, with its cure, in English for the command line."""
    return _SENTENCES[code]


def code_of_problem(code: str, status: int) -> LineCode:
    """Return the word for a refusal by its own ``code`` (empty: it had none), else by its HTTP ``status``."""
    if code in _OF_PROBLEMS:
        return _OF_PROBLEMS[code]
    for prefix, meaning in _OF_PREFIXES.items():
        if code.startswith(prefix):
            return meaning
    if status >= 500:
        return LineCode.SERVER_FAULT
    return LineCode.NOT_FOUND if status == 404 else LineCode.REFUSED_REQUEST
