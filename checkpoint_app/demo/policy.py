"""The demo post: its policy with the reasons, the agreements its lists rest on, and its officers with their PINs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from checkpoint_app.verdict import Agreement, Check, Lane, LaneKind, Mode, Outcome, Policy, Requirement

POST, LANE, BOOTH = "Paso Los Demo", "3", "demo-3"
WANTED_LIST, NUMBERS_LIST = "ECU", "INTL"
POLICY_NAME, OFFICERS_NAME = "policy", "officers"

# A hit sends the traveller to the second line, a note asks the officer to look; both name what was found, and a person
# decides. What costs an honest traveller minutes and a forger the journey is a hit; what an officer settles at the
# window in seconds is a note. A code without a line here counts as a hit.
OUTCOMES = {
    # A zone whose digits do not fit its fields is misread, misprinted or altered. A misread is cured by reading again
    # (F4) or by hand (F3) before anyone is sent anywhere; what stays is not let pass quietly. The same holds for
    # characters and dates that no issuer prints.
    "document.check_digit": Outcome.HIT,
    "document.characters": Outcome.HIT,
    "document.date": Outcome.HIT,
    "document.born_in_future": Outcome.HIT,
    # No check digit covers codes and sex, so most wrong ones are a letter misread; fantasy states show at a look.
    "document.unknown_code": Outcome.NOTE,
    "document.document_code": Outcome.NOTE,
    "document.sex": Outcome.NOTE,
    "document.filler": Outcome.NOTE,
    # What needs the missing field answers "not checked" itself, and the advice is then incomplete: the truer word.
    "document.missing": Outcome.NOTE,
    # Expired documents are accepted by treaty or decree for some nationalities and for one's own citizens, and people
    # who flee have them too; old cards have no expiry. The officer knows which case it is.
    "document.expired": Outcome.NOTE,
    "document.no_expiry": Outcome.NOTE,
    "document.not_for_travel": Outcome.NOTE,
    # What does not go together may be an old custom of an issuer that our table does not know: the officer looks.
    "document.issued_in_future": Outcome.NOTE,
    "document.valid_too_long": Outcome.NOTE,
    "document.adult_for_child": Outcome.NOTE,
    "document.nationality_differs": Outcome.NOTE,
    "document.number_format": Outcome.NOTE,
    # A seal whose signature is wrong, or a zone that says other things than what its state sealed, was altered.
    "document.seal_wrong": Outcome.HIT,
    "document.seal_differs": Outcome.HIT,
    # Whoever signed is not on the list of signers here: the seal says nothing for the document, nor against it.
    "document.seal_unverified": Outcome.NOTE,
    # A barcode without signature is anybody's print; a boarding pass may lie on the glass by mistake.
    "document.barcode_differs": Outcome.NOTE,
    "document.barcode_broken": Outcome.NOTE,
    "document.boarding_pass_differs": Outcome.NOTE,
    # A slip that is not believed proves nothing against whoever carries it: the officer asks. Most are too old.
    "document.slip_refused": Outcome.NOTE,
    # Every digit fits, but the reader does not vouch for each character: compare with the printed page.
    "document.read_doubtful": Outcome.NOTE,
    # Print that is nearly what the zone says, and is not: one of the two was altered, or the zone misread.
    "visual.differs": Outcome.HIT,
    "lost_stolen.listed": Outcome.HIT,
    # The number differs from a listed one by O for 0 or I for 1 only: look at the print.
    "lost_stolen.possible": Outcome.NOTE,
    "wanted.match": Outcome.HIT,
    # An officer decided before that this traveller is not the entry, and the entry has not changed since.
    "wanted.cleared_before": Outcome.NOTE,
    # A stay is counted from this booth's and other posts' crossings, which may have missed one: the officer asks, and
    # nobody is refused for it.
    "stay.over": Outcome.NOTE,
    "stay.exit_without_entry": Outcome.NOTE,
    "stay.entry_without_exit": Outcome.NOTE,
    # Carriers mistype, and people change seats, names and documents: the officer compares, the rules weigh. What is on
    # the list as stated is told as clear.
    "manifest.as_stated": Outcome.NOTE,
    "manifest.name_differs": Outcome.NOTE,
    "manifest.birth_differs": Outcome.NOTE,
    "manifest.document_differs": Outcome.NOTE,
    "manifest.nationality_differs": Outcome.NOTE,
    "manifest.document_shared": Outcome.NOTE,
    "manifest.not_listed": Outcome.NOTE,
    # The lot speaks against nobody: it only says that this passage is one of those that are looked at.
    "draw.selected": Outcome.NOTE,
    # What a rule does is its owner's and its approver's decision, said in the signed set.
    "risk.inform": Outcome.NOTE,
    "risk.refer": Outcome.HIT,
    "risk.inspect": Outcome.HIT,
    # A message that can't be read in full, or counts otherwise than it says, hides nothing by itself: look at it.
    "message.faults": Outcome.NOTE,
    "message.left_out": Outcome.NOTE,
    "message.counts": Outcome.NOTE,
    # Sums that differ and codes that don't fit the text are slips of the office more often than smuggling.
    "message.house_pieces": Outcome.NOTE,
    "message.house_weight": Outcome.NOTE,
    "message.line_pieces": Outcome.NOTE,
    "message.line_weight": Outcome.NOTE,
    "message.goods_code": Outcome.NOTE,
    "message.unknown_code": Outcome.NOTE,
    "message.unknown_country": Outcome.NOTE,
    # Many honest ways are roundabout; the rules say which are not.
    "message.transshipment": Outcome.NOTE,
    "message.off_rotation": Outcome.NOTE,
    # Dangerous goods that nobody declared can hurt whoever opens them: nobody does before it is cleared up.
    "message.undeclared_un": Outcome.HIT,
    # A digit miscopied, or a scale that is off: the officer compares with the container and weighs again.
    "equipment.check_digit": Outcome.NOTE,
    "equipment.weight": Outcome.NOTE,
    "equipment.verified_weight": Outcome.NOTE,
    # A seal that is gone or another one was opened on the way. One that nobody declared may be a clerk's omission.
    "seals.differ": Outcome.HIT,
    "seals.none": Outcome.HIT,
    "seals.not_declared": Outcome.NOTE,
    "seals.missing": Outcome.NOTE,
    # A party is known by its name alone: it weighs as a wanted person's name does, and a person compares.
    "parties.match": Outcome.HIT,
    "parties.to_order": Outcome.NOTE,
    "parties.unknown_country": Outcome.NOTE,
}

BOTH_PURPOSES = ("border_security", "customs")
LANES = {
    LANE: Lane(LaneKind.PEOPLE, Mode.LAND, BOTH_PURPOSES, draw_per_million=30_000),
    f"{LANE}/{LaneKind.CARGO.value}": Lane(LaneKind.CARGO, Mode.LAND, BOTH_PURPOSES, draw_per_million=100_000),
}
"""The lane serves people or goods. Of a hundred people three are drawn by lot, of a hundred consignments ten."""
STAY_DAYS = {"": 90, "ECU": 0, "COL": 180, "PER": 180}
"""How long a nationality may stay; all others 90 days, one's own citizens without end."""


@dataclass(frozen=True, slots=True)
class DemoOfficer:
    """An officer of the demo post. The PIN stands here for all to read: it opens nothing but a demonstration."""

    id: str
    name: str
    role: str
    pin: str


OFFICERS = (
    DemoOfficer("m.demo", "M. Demo", "officer", "2468"),
    DemoOfficer("r.ejemplo", "R. Ejemplo", "officer", "1357"),
    DemoOfficer("s.muestra", "S. Muestra", "supervisor", "8642"),
)

_OPTIONAL = (Check.VISUAL, Check.RISK, Check.STAY, Check.MANIFEST, Check.DRAW, Check.FACE, Check.CHIP)


def demo_policy(issued_at: datetime, version: int = 7) -> Policy:
    """Return the demo post's policy: document, lost and stolen, and wanted persons must be checked.

    The printed page is compared where it was read. Face and chip are asked for and shown as not done: the demo booth
    has no devices. Of goods, message, parties, containers and seals must be checked; of both, what the rules could not
    evaluate, a stay that no journal knows and a list that has not come are said, and hold nobody up.
    """
    return Policy(
        name=POST,
        version=version,
        issued_at=issued_at,
        required=(
            Requirement(Check.DOCUMENT),
            Requirement(Check.LOST_STOLEN, NUMBERS_LIST),
            Requirement(Check.WANTED, WANTED_LIST),
        ),
        optional=tuple(map(Requirement, _OPTIONAL)),
        outcomes=OUTCOMES,
        cargo_required=(
            Requirement(Check.MESSAGE),
            Requirement(Check.PARTIES, WANTED_LIST),
            Requirement(Check.EQUIPMENT),
            Requirement(Check.SEALS),
        ),
        cargo_optional=(Requirement(Check.RISK), Requirement(Check.DRAW)),
        lanes=LANES,
        stay_days=STAY_DAYS,
    )


def wanted_agreement(now: datetime) -> Agreement:
    """Return the agreement that the list of wanted persons rests on: in force, ending in about two months."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return Agreement("Demo USA-ECU", today - timedelta(days=400), today + timedelta(days=68))


def numbers_agreement(now: datetime) -> Agreement:
    """Return the agreement that the list of lost and stolen documents rests on."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return Agreement("Demo INTL", today - timedelta(days=900), today + timedelta(days=700))
