"""What a check says: its answer, with source, findings, candidates and, where it was not done, the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Check(StrEnum):
    """The checks that a post's policy can ask for; the second group is of consignments alone."""

    DOCUMENT = "document"
    VISUAL = "visual"
    LOST_STOLEN = "lost_stolen"
    WANTED = "wanted"
    RISK = "risk"
    STAY = "stay"
    MANIFEST = "manifest"
    DRAW = "draw"
    FACE = "face"
    CHIP = "chip"

    MESSAGE = "message"
    PARTIES = "parties"
    EQUIPMENT = "equipment"
    SEALS = "seals"


class Outcome(StrEnum):
    """The four things an answer can say."""

    CLEAR = "clear"
    NOTE = "note"
    HIT = "hit"
    NOT_CHECKED = "not_checked"


class NotDone(StrEnum):
    """Why a check was not done. Never to be read as "nothing found"."""

    NO_ANSWER = "no_answer"
    NO_LIST = "no_list"
    LIST_LOADING = "list_loading"
    LIST_TOO_OLD = "list_too_old"
    LIST_UNREADABLE = "list_unreadable"
    AGREEMENT_ENDED = "agreement_ended"
    AGREEMENT_NOT_BEGUN = "agreement_not_begun"
    LEASE_ENDED = "lease_ended"
    FIELD_MISSING = "field_missing"
    DOCUMENT_UNREADABLE = "document_unreadable"
    NOT_INSTALLED = "not_installed"
    NO_DEVICE = "no_device"
    NO_PICTURE = "no_picture"
    PRINT_UNREAD = "print_unread"
    TOO_SLOW = "too_slow"
    CHECK_FAILED = "check_failed"
    NO_RULES = "no_rules"
    NOT_EVALUATED = "not_evaluated"
    NO_MANIFEST = "no_manifest"
    NO_HISTORY = "no_history"
    NOT_SEEN = "not_seen"


class Sign(StrEnum):
    """How one fact of the traveller stands to the same fact of an entry."""

    SAME = "same"
    NEAR = "near"
    DIFFERS = "differs"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Source:
    """What a check consulted: a list, a rule set or the post itself.

    ``issued_at`` (UTC) is the moment the originator vouches for; None for the post's own live checks.
    ``engine`` names the code that answered, with its version.
    """

    name: str
    version: int
    engine: str
    issued_at: datetime | None = None
    originator: str = ""
    agreement: str = ""
    agreement_ends_at: datetime | None = None
    handling: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """One fact for or against a candidate: ``code`` is looked up in the words of a language, ``params`` fill it."""

    sign: Sign
    code: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that may be the traveller. Scores are thousandths of the list's one score scale, so that bytes agree.

    ``entry_digest`` is SHA-256 (hex) of the entry as it was compared: a decision "not the same person" holds while
    it stays the same. ``facts`` are the entry's own values for comparison (family_name, given_names, birth_date …).
    """

    entry_id: str
    entry_digest: str
    caption: str
    score: int
    threshold: int
    reasons: tuple[Reason, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    handling: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """Something found: its ``code`` decides by policy whether it is a note or a hit."""

    code: str
    params: Mapping[str, str] = field(default_factory=dict)


class Truth(StrEnum):
    """What a condition of a rule came to. UNKNOWN is never false: what it reads was not received."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Condition:
    """One named condition of a rule: its sentence, what it came to, and the fields that it reads and nobody sent."""

    name: str
    says: str
    value: Truth
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleMatch:
    """A rule that found something, or could not be evaluated, with every one of its conditions.

    ``action`` is inform, refer or inspect, ``question`` what the officer asks or looks at. ``suspended``: it may only
    inform, until its approver answers.
    """

    rule: str
    version: int
    title: str
    action: str
    question: str
    conditions: tuple[Condition, ...]
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of one check against one source.

    Exactly the answers that are NOT_CHECKED carry ``not_done``; only NOTE and HIT carry findings that matter. ``rules``
    are, of a rule set, those that found something (NOTE, HIT) or the first that could not be evaluated (NOT_CHECKED);
    ``of`` is how many rules the answer stands for.
    """

    check: Check
    outcome: Outcome
    source: Source
    answered_at: datetime
    not_done: NotDone | None = None
    findings: tuple[Finding, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    rules: tuple[RuleMatch, ...] = ()
    of: int = 0

    def __post_init__(self) -> None:
        if (self.outcome is Outcome.NOT_CHECKED) != (self.not_done is not None):
            raise ValueError("an answer names a reason exactly when the check was not done")
        if self.outcome in (Outcome.NOTE, Outcome.HIT) and not self.findings:
            raise ValueError("a note or a hit names its finding")
