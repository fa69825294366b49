"""Whether somebody at the desk is somebody on a list: by number and issuer, else by name and birth date, both.

Pure. A number alone is nobody's: of another issuer it is another document, and where no issuer is stated the name or
the birth date must be the same, too. The order of the list plays no part.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from checkpoint_app.booth.arrivals.passengers import Person, birth_key, is_held, name_keys, number_key
from checkpoint_app.cargo.comparing import plain_number, plain_state
from checkpoint_app.cargo.values import ListedDocument
from checkpoint_app.documents import PartialDate, TravelDocument
from checkpoint_app.risk.names import listed_tokens, names_differ, tokens_of
from checkpoint_app.verdict import Finding

NAME, BIRTH, DOCUMENT, NATIONALITY, SHARED = (
    "manifest.name_differs",
    "manifest.birth_differs",
    "manifest.document_differs",
    "manifest.nationality_differs",
    "manifest.document_shared",
)


class Sureness(IntEnum):
    """How a person was found, the surest first."""

    DOCUMENT_AND_NAME = 0
    DOCUMENT_AND_BIRTH = 1
    DOCUMENT = 2
    NAME_AND_BIRTH = 3


@dataclass(frozen=True, slots=True)
class Traveller:
    """What the document at the desk says; what nobody vouches for is None."""

    number: str | None = None
    issuer: str | None = None
    tokens: tuple[str, ...] | None = None
    birth: PartialDate | None = None
    nationality: str | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """What lines are found by that may be this traveller's."""
        birth = self.birth.as_date() if self.birth is not None else None
        keys = number_key(self.number), birth_key(f"{birth:%Y-%m-%d}" if birth is not None else None)
        return (*(key for key in keys if key), *name_keys(self.tokens or ()))


def traveller_of(document: TravelDocument, in_doubt: Collection[str] = ()) -> Traveller:
    """Return what counts of a document; ``in_doubt`` names its fields that nobody vouches for."""
    unsure = set(in_doubt)
    named = not document.name_truncated and not {"names", "family_name", "given_names"} & unsure
    tokens = tokens_of(document.family_name, document.given_names) if named else None
    return Traveller(
        number=plain_number(document.document_number) or None if "document_number" not in unsure else None,
        issuer=plain_state(document.issuer) if "issuer" not in unsure else None,
        tokens=tuple(tokens) if tokens else None,
        birth=document.birth_date if "birth_date" not in unsure else None,
        nationality=plain_state(document.nationality) if "nationality" not in unsure else None,
    )


def best(traveller: Traveller, people: Iterable[tuple[int, Person]]) -> int | None:
    """Return the place of whom ``traveller`` is, among (place, person); None where they are none of them.

    Of several the surest counts, then the one of whom least differs, then the first place.
    """
    ranked = [
        (sureness, len(differing(traveller, person)), place)
        for place, person in people
        if (sureness := is_found(traveller, person)) is not None
    ]
    return min(ranked)[-1] if ranked else None


def is_found(traveller: Traveller, person: Person) -> Sureness | None:
    """Return how surely ``traveller`` is ``person``; None where they are not."""
    same_name = _is_same_name(traveller, person)
    same_birth = _birth_differs(traveller, person) is False
    issuers = [_same_issuer(traveller, one) for one in person.held if _same_number(traveller, one)]
    unsure = [None for one in person.shared if is_held(one) and _same_number(traveller, one)]
    if True in issuers:
        if same_name:
            return Sureness.DOCUMENT_AND_NAME
        return Sureness.DOCUMENT_AND_BIRTH if same_birth else Sureness.DOCUMENT
    if None in (*issuers, *unsure) and (same_name or same_birth):
        return Sureness.DOCUMENT_AND_NAME if same_name else Sureness.DOCUMENT_AND_BIRTH
    return Sureness.NAME_AND_BIRTH if same_name and same_birth else None


def is_unsettled(traveller: Traveller, person: Person) -> bool:
    """Tell whether the list says too little to part them: no birth date, or no name that can be read."""
    if listed_tokens(person.passenger) is None:
        return _birth_differs(traveller, person) is not True
    return _name_differs(traveller, person) is False and birth_key(person.passenger.birth) is None


def differing(traveller: Traveller, person: Person) -> tuple[Finding, ...]:
    """Return what the list states otherwise than the document; what either leaves open differs from nothing."""
    stated = person.passenger
    found: list[Finding] = []
    if _name_differs(traveller, person):
        found.append(Finding(NAME, {"listed": person.name}))
    if _birth_differs(traveller, person):
        found.append(Finding(BIRTH, {"listed": stated.birth or ""}))
    if traveller.number is not None and person.held and not any(_same_number(traveller, one) for one in person.held):
        found.append(Finding(DOCUMENT, {"listed": person.document}))
    listed = plain_state(stated.nationality)
    if listed is not None and traveller.nationality is not None and listed != traveller.nationality:
        found.append(Finding(NATIONALITY, {"listed": stated.nationality or ""}))
    return tuple(found)


def sharing(person: Person, others: Sequence[Person]) -> int:
    """Return how many of ``others`` bear a document of ``person``'s: number and issuer, where both state one."""
    return sum(any(_same(mine, theirs) for mine in person.held for theirs in other.held) for other in others)


def _same(one: ListedDocument, other: ListedDocument) -> bool:
    issuers = plain_state(one.issuer), plain_state(other.issuer)
    return plain_number(one.number) == plain_number(other.number) and (None in issuers or issuers[0] == issuers[1])


def _same_number(traveller: Traveller, document: ListedDocument) -> bool:
    return traveller.number is not None and traveller.number == plain_number(document.number)


def _same_issuer(traveller: Traveller, document: ListedDocument) -> bool | None:
    issuer = plain_state(document.issuer)
    return None if issuer is None or traveller.issuer is None else issuer == traveller.issuer


def _name_differs(traveller: Traveller, person: Person) -> bool | None:
    return names_differ(traveller.tokens, listed_tokens(person.passenger))


def _is_same_name(traveller: Traveller, person: Person) -> bool:
    """Tell whether the names are one: a single name that both have in common is not enough, unless it is the whole."""
    mine, theirs = traveller.tokens or (), listed_tokens(person.passenger) or ()
    if _name_differs(traveller, person) is not False:
        return False
    return set(mine) == set(theirs) or min(len(set(mine)), len(set(theirs))) > 1


def _birth_differs(traveller: Traveller, person: Person) -> bool | None:
    """Tell whether the birth dates are of two people; None where either does not say the whole date."""
    birth, stated = traveller.birth, person.passenger.birth
    if birth is None or birth.year is None or not stated or birth_key(stated) is None:
        return None
    parts = [int(part) if part.isdecimal() else None for part in stated.split("-")]
    pairs = [(mine, theirs) for mine, theirs in zip((birth.year, birth.month, birth.day), parts, strict=False)]
    if any(mine is not None and theirs is not None and mine != theirs for mine, theirs in pairs):
        return True
    return False if all(None not in pair for pair in pairs) else None
