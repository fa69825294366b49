"""What the booth's screen shows, as plain values: the window paints a ``DeskView`` and nothing else.

Texts are phrases in the officer's language already; the window adds none of its own. Signs are named, never drawn here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from checkpoint_app.verdict import Advice, Outcome, Sign

if TYPE_CHECKING:
    from checkpoint_app.booth.view.consignment import ConsignmentView
    from checkpoint_app.booth.view.listing import ListingView, RulesView


class Stage(StrEnum):
    """Which of the screen's arrangements is up. FORM replaces the centre by a form (unlock, sign-in, by hand)."""

    FORM = "form"
    EMPTY = "empty"
    ENCOUNTER = "encounter"
    COMPARE = "compare"
    CASES = "cases"
    HISTORY = "history"
    CARGO = "cargo"
    ARRIVALS = "arrivals"
    INSPECTIONS = "inspections"
    RULES = "rules"


class Action(StrEnum):
    """What a key asks for. The window maps keys to these; the booth decides what they do at this moment."""

    DIRECTION = "direction"
    CORRECT = "correct"
    AS_READ = "as_read"
    REREAD = "reread"
    LET_PASS = "let_pass"
    COMPARE = "compare"
    REFER = "refer"
    CARGO = "cargo"
    PROTECT = "protect"
    SECOND = "second"
    OFFICER = "officer"
    DRILL = "drill"
    HISTORY = "history"
    PREVIOUS = "previous"
    SAME_PERSON = "same_person"
    NOT_SAME_PERSON = "not_same_person"
    FIND = "find"
    LISTS = "lists"
    CONFIRM = "confirm"
    CLOSE = "close"
    TAKE_CASE = "take_case"
    CHOOSE = "choose"
    SLIP = "slip"
    STICK_TAKE = "stick_take"
    STICK_WRITE = "stick_write"
    ARRIVALS = "arrivals"
    INSPECTIONS = "inspections"
    RULES = "rules"
    SEEN = "seen"


class KeyState(StrEnum):
    """How a key stands: MAIN carries the accent, OFF stays in its place but muted."""

    PLAIN = "plain"
    MAIN = "main"
    OFF = "off"


class Mark(StrEnum):
    """The mark at the right of a field: digit right, digit wrong, not read, read in doubt, confirmed by eye, corrected
    by hand, or none exists.
    """

    NONE = "none"
    TICK = "tick"
    WRONG = "wrong"
    UNREAD = "unread"
    DOUBT = "doubt"
    CONFIRMED = "confirmed"
    BY_HAND = "by_hand"


class AgeLook(StrEnum):
    """How an age is drawn: plain, framed chip with a clock, hatched chip."""

    PLAIN = "plain"
    AS_OF = "as_of"
    TOO_OLD = "too_old"


class Sound(StrEnum):
    """Sounds of the booth."""

    PROCEED = "proceed"
    LOOK = "look"
    REFER = "refer"
    INCOMPLETE = "incomplete"
    REFUSED_KEY = "refused_key"
    LATE_HIT = "late_hit"


@dataclass(frozen=True, slots=True)
class LineView:
    """The line's dot and words; ``up`` fills the dot. ``detail`` is the whole sentence: since when, why, what next."""

    up: bool
    text: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TopBarView:
    """Post, lane, direction, officer, clock and line. ``direction_in`` True is entry."""

    post: str
    lane: str
    direction_in: bool
    entry_word: str
    exit_word: str
    officer: str
    clock: str
    line: LineView


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the document's picture, in fractions of its width and height."""

    x: float
    y: float
    width: float
    height: float
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field of the document: label, value, mark, and the words behind the mark."""

    label: str
    value: str
    mark: Mark = Mark.NONE
    mark_text: str = ""


@dataclass(frozen=True, slots=True)
class DocumentView:
    """The document pane. ``image`` is an encoded picture (PNG or JPEG) or None; ``state`` is a phrase or empty."""

    title: str
    state: str
    image: bytes | None
    boxes: tuple[Box, ...]
    mrz: tuple[str, ...]
    fields: tuple[FieldRow, ...]
    image_name: str


@dataclass(frozen=True, slots=True)
class PersonView:
    """The person panel: family name bold, given names below, one line of facts, one of history here."""

    family_name: str
    given_names: str
    facts: str
    history: str
    portrait: bytes | None = None


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One row of the checks. ``waiting`` holds the place of an answer that has not come; then outcome is None."""

    name: str
    outcome: Outcome | None
    source: str
    age: str
    age_look: AgeLook = AgeLook.PLAIN
    detail: str = ""
    key_cap: str = ""
    accessible: str = ""

    @property
    def waiting(self) -> bool:
        """Whether the answer has not come yet."""
        return self.outcome is None


@dataclass(frozen=True, slots=True)
class ChecksView:
    """The checks in their fixed order, with the count above that adds up, and a foot line on the centre.

    ``terse``: no row has a second line; what it would tell stands in its tip and elsewhere on the screen.
    """

    title: str
    count: str
    rows: tuple[CheckRow, ...]
    centre: str
    terse: bool = False


@dataclass(frozen=True, slots=True)
class AdviceView:
    """The advice banner; ``advice`` None means none yet and ``word`` then says so."""

    advice: Advice | None
    word: str
    line: str = ""
    as_of: str = ""


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """A reason with its sign, a numbered step, or a line led by a symbol (an ``Outcome`` value, or ``clock``).

    ``strong``: it says in short what the others tell one by one.
    """

    text: str
    sign: Sign | None = None
    number: str = ""
    symbol: str = ""
    strong: bool = False


@dataclass(frozen=True, slots=True)
class StripView:
    """A line of the zone, or a stretch of one, as a picture (JPEG) with the characters that were read in it.

    ``centres`` has the middle of each character, in fractions of the picture's width; ``doubts`` are those in doubt
    (from 0, of ``text``), and ``said`` tells of each of them for whoever cannot see the frame.
    """

    image: bytes
    text: str
    centres: tuple[float, ...]
    doubts: tuple[int, ...] = ()
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PanelSection:
    """A headed part of the right panel: strip of the zone, bold line, rows, plain and muted lines, each optional.

    ``bars`` are fractions 0..1, one for each of the first plain lines, below which it is drawn.
    """

    head: str
    count: str = ""
    bold: str = ""
    rows: tuple[ReasonRow, ...] = ()
    lines: tuple[str, ...] = ()
    muted: tuple[str, ...] = ()
    table: tuple[tuple[str, str, str], ...] = ()
    strip: StripView | None = None
    bars: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Likeness:
    """The likeness bar of compare: fractions 0..1 for value and threshold, with their words."""

    value: float
    threshold: float
    value_text: str
    threshold_text: str


@dataclass(frozen=True, slots=True)
class CompareRow:
    """One fact side by side. ``*_marks`` are (start, end) ranges of differing letters; empty text with its own word.

    ``sign_text`` is the sign as a word, for screen readers. ``wide``: the entry's value takes both columns.
    """

    label: str
    left: str
    right: str
    sign: Sign
    left_marks: tuple[tuple[int, int], ...] = ()
    right_marks: tuple[tuple[int, int], ...] = ()
    left_missing: bool = False
    right_missing: bool = False
    sign_text: str = ""
    wide: bool = False


@dataclass(frozen=True, slots=True)
class CompareView:
    """Traveller and entry side by side. ``back`` is the word beside the F6 cap; ``no_picture`` the word for none."""

    title: str
    count: str
    back: str
    left_head: str
    right_head: str
    no_picture: str
    rows: tuple[CompareRow, ...]
    likeness: Likeness | None


class FieldKind(StrEnum):
    """What a form field takes. ZONE are lines that were read, below their pictures, to be typed over."""

    TEXT = "text"
    SECRET = "secret"
    MRZ = "mrz"
    ZONE = "zone"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form. ``mark_text`` tells about the value while it is typed (check digits)."""

    name: str
    label: str
    value: str
    kind: FieldKind = FieldKind.TEXT
    mark: Mark = Mark.NONE
    mark_text: str = ""
    choices: tuple[str, ...] = ()
    strips: tuple[StripView, ...] = ()


@dataclass(frozen=True, slots=True)
class FormView:
    """A form in the centre (unlock, sign-in, by hand) or in the right panel (reason). ``submit`` names its key."""

    name: str
    title: str
    hint: str
    fields: tuple[FormField, ...]
    submit: str
    fault: str = ""


@dataclass(frozen=True, slots=True)
class DeviceView:
    """A device on the empty desk, with its state in a word. ``attention``: it should work and does not."""

    name: str
    state: str
    ready: bool
    attention: bool = False


@dataclass(frozen=True, slots=True)
class EmptyDeskView:
    """The empty desk: the large line, the line below, and the devices. No traveller's name is ever on it.

    ``notice`` is a late hit that nobody has yet, with the key that shows it. ``goods``: the lane serves goods.
    """

    title: str
    hint: str
    devices: tuple[DeviceView, ...]
    notice: str = ""
    notice_cap: str = ""
    goods: bool = False


class CaseMark(StrEnum):
    """The circle before a case's state: open, half, dotted, ticked."""

    NEW = "new"
    TAKEN = "taken"
    WAITS = "waits"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case of the list. ``unowned`` makes the owner's words bold; ``urgent`` frames the time left as a chip."""

    advice: Advice
    name: str
    kind: str
    mark: CaseMark
    state: str
    owner: str
    unowned: bool
    time_left: str
    urgent: bool
    accessible: str


@dataclass(frozen=True, slots=True)
class CaseTab:
    """A choice of which cases are listed, with its count in the words."""

    text: str
    active: bool


@dataclass(frozen=True, slots=True)
class CasesView:
    """The list of cases: at most 7 rows of the page shown; ``page`` says which where there are more.

    ``heads`` are the four column heads; ``empty`` the line shown instead of rows; ``selected`` counts from 0, -1
    where there is none; ``find`` is the word beside Ctrl+K, or empty.
    """

    title: str
    tabs: tuple[CaseTab, ...]
    heads: tuple[str, str, str, str]
    rows: tuple[CaseRow, ...]
    selected: int
    page: str = ""
    empty: str = ""
    find: str = ""


@dataclass(frozen=True, slots=True)
class HistoryDay:
    """A day of the year: its share without a line, 0 to 1, and the share that was cut on purpose.

    ``known``: something was recorded by then; ``today`` is framed.
    """

    share: float
    drill: float
    known: bool
    today: bool = False


@dataclass(frozen=True, slots=True)
class HistoryMonth:
    """A row of the year: its name, the days 1 to 31 (None: outside), what was lost in words, and all of it as told."""

    label: str
    days: tuple[HistoryDay | None, ...]
    total: str
    accessible: str


@dataclass(frozen=True, slots=True)
class HistoryView:
    """A year without and with a line: a row a month, the oldest first; ``legend`` names outage, drill, unrecorded."""

    title: str
    months: tuple[HistoryMonth, ...]
    legend: tuple[str, str, str]
    empty: str = ""


@dataclass(frozen=True, slots=True)
class KeyView:
    """A key of the key bar. ``hint`` stands beside the cap; ``icon`` is one of shield, equal, differs or empty."""

    action: Action
    cap: str
    word: str
    state: KeyState = KeyState.PLAIN
    hint: str = ""
    icon: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class MessageView:
    """The one message of the message bar. ``symbol``: envelope, tick, clock, or attention."""

    text: str
    symbol: str = "envelope"
    cap: str = ""
    action: Action | None = None


@dataclass(frozen=True, slots=True)
class StatusItem:
    """A part of the status at the right of the message bar; bold when it is not normal."""

    text: str
    bold: bool = False
    cap: str = ""


@dataclass(frozen=True, slots=True)
class DeskView:
    """Everything on the screen. While a reason is asked, ``panel_form`` stands in the right panel."""

    stage: Stage
    language: str
    bar: TopBarView
    advice: AdviceView
    panel: tuple[PanelSection, ...]
    keys: tuple[KeyView, ...]
    message: MessageView
    status: tuple[StatusItem, ...]
    document: DocumentView | None = None
    person: PersonView | None = None
    checks: ChecksView | None = None
    compare: CompareView | None = None
    form: FormView | None = None
    panel_form: FormView | None = None
    desk: EmptyDeskView | None = None
    cases: CasesView | None = None
    history: HistoryView | None = None
    consignment: ConsignmentView | None = None
    listing: ListingView | None = None
    rules: RulesView | None = None
    announcements: tuple[str, ...] = field(default=())
