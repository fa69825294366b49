"""A traveller made ready for the search: folded tokens with their weights, in one or several readings of the name.

A name may be written joined (YANDONG) or apart (YAN DONG), in the list or in the document. Each reading that the list's
vocabulary makes possible is compared as a form of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from checkpoint_app.screening.dates import Birth, read_birth
from checkpoint_app.screening.entry import Subject
from checkpoint_app.screening.evidence import TokenEvidence, Weigher
from checkpoint_app.screening.fold import fold, fold_number, fold_state, is_married_form
from checkpoint_app.screening.vocabulary import LEAST_FOR_PREFIX, Vocabulary

JOINED = 0.5
"""Points that a reading costs that joins or parts what the document shows otherwise."""
MOST_FORMS = 8
_LEAST_SYLLABLE = 2
_LONG_FAMILY = 24
"""From this length on a family name may itself have been cut (a TD1 leaves it 24 characters; Doc 9303-3 §4.6)."""


@dataclass(frozen=True, slots=True)
class QueryToken:
    """A token of the traveller, in the family name (False) or the given names (True)."""

    text: str
    given: bool
    truncated: bool
    evidence: TokenEvidence


@dataclass(frozen=True, slots=True)
class Form:
    """One reading of the traveller's name. ``cost`` is taken off its score.

    ``required`` are the tokens that were joined or parted: a reading that does not find them is none.
    """

    tokens: tuple[QueryToken, ...]
    cost: float
    one_field: bool
    required: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Query:
    """All that the search needs to know about a traveller. ``numbers`` are folded, each with its issuer beside it."""

    forms: tuple[Form, ...]
    birth: Birth
    sex: str
    state: str
    numbers: tuple[str, ...]
    issuers: tuple[str, ...]
    truncated: bool
    married: bool

    @property
    def number(self) -> str:
        """The document number, folded; the personal number where there is no other."""
        return self.numbers[0] if self.numbers else ""

    @property
    def issuer(self) -> str:
        """Who issued the document of ``number``."""
        return self.issuers[0] if self.issuers else ""


@dataclass(frozen=True, slots=True)
class _Reading:
    family: tuple[str, ...]
    given: tuple[str, ...]
    made: tuple[str, ...] = ()


def make_query(subject: Subject, vocabulary: Vocabulary, weigher: Weigher) -> Query:
    """Make a traveller ready."""
    state, sex = fold_state(subject.nationality), subject.sex.strip().upper()
    as_printed = _Reading(fold(subject.family_name), fold(subject.given_names))
    readings = [as_printed, *_joined(as_printed, vocabulary), *_parted(as_printed, vocabulary)][:MOST_FORMS]
    stated = ((subject.document_number, subject.issuer), (subject.personal_number, subject.issuer or state))
    numbers = [(folded, fold_state(issuer)) for number, issuer in stated if (folded := fold_number(number))]
    return Query(
        forms=tuple(_form(reading, subject, state, weigher) for reading in readings),
        birth=read_birth(subject.birth),
        sex=sex,
        state=state,
        numbers=tuple(number for number, _ in numbers),
        issuers=tuple(issuer for _, issuer in numbers),
        truncated=subject.name_truncated,
        married=sex == "F" and is_married_form(subject.family_name),
    )


def _form(reading: _Reading, subject: Subject, state: str, weigher: Weigher) -> Form:
    tokens = []
    for given, texts in ((False, reading.family), (True, reading.given)):
        cut_field = subject.name_truncated and (given or not reading.given or len(subject.family_name) >= _LONG_FAMILY)
        for place, text in enumerate(texts):
            cut = cut_field and place == len(texts) - 1
            if cut and len(text) < LEAST_FOR_PREFIX:
                continue  # one or two letters of a cut name say nothing, for or against
            tokens.append(QueryToken(text, given, cut, weigher.token(text, state, cut)))
    made = frozenset(reading.made)
    return Form(tuple(tokens), JOINED if made else 0.0, not reading.given or not reading.family, made)


def _joined(reading: _Reading, vocabulary: Vocabulary) -> Iterator[_Reading]:
    family, given = reading.family, reading.given
    if len(given) > 1 and _known("".join(given), vocabulary):
        yield _Reading(family, ("".join(given),), ("".join(given),))
    if len(family) > 1 and _known("".join(family), vocabulary):
        yield _Reading(("".join(family),), given, ("".join(family),))
    if family and given:
        for whole in ("".join(family + given), "".join(given + family)):
            if _known(whole, vocabulary):
                yield _Reading((whole,), (), (whole,))


def _known(joined: str, vocabulary: Vocabulary) -> bool:
    """Tell whether the list has the joined token, or its like in the other romanisation of Chinese."""
    return vocabulary.number(joined) >= 0 or bool(vocabulary.same_mandarin(joined))


def _parted(reading: _Reading, vocabulary: Vocabulary) -> Iterator[_Reading]:
    family, given = reading.family, reading.given
    for place, token in enumerate(family):
        for parts in _parts(token, vocabulary):
            yield _Reading((*family[:place], *parts, *family[place + 1 :]), given, parts)
    for place, token in enumerate(given):
        for parts in _parts(token, vocabulary):
            yield _Reading(family, (*given[:place], *parts, *given[place + 1 :]), parts)


def _parts(token: str, vocabulary: Vocabulary) -> list[tuple[str, str]]:
    """Divide a token that the list does not know into two that it knows."""
    if vocabulary.number(token) >= 0:
        return []
    halves = [(token[:at], token[at:]) for at in range(_LEAST_SYLLABLE, len(token) - _LEAST_SYLLABLE + 1)]
    return [(a, b) for a, b in halves if vocabulary.number(a) >= 0 and vocabulary.number(b) >= 0]
