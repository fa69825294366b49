"""A traveller made ready for the search: folded tokens with their weights, in one or several readings of the name.

A name may be written joined (YANDONG) or apart (YAN DONG), in the list or in the document. Each reading that the list's
vocabulary makes possible is compared as a form of its own.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from checkpoint_app.screening.dates import Birth, read_birth
from checkpoint_app.screening.entry import Subject
from checkpoint_app.screening.evidence import TokenEvidence, Weigher
from checkpoint_app.screening.fold import (
    fold,
    fold_nationality,
    fold_number,
    fold_state,
    is_married_form,
    is_servant,
    servant_of,
)
from checkpoint_app.screening.mandarin import mandarin_keys
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
    phrases: Mapping[int, float]

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
    state, sex = fold_nationality(subject.nationality), subject.sex.strip().upper()
    as_printed = _Reading(fold(subject.family_name), fold(subject.given_names))
    others = itertools.chain(_joined(as_printed, vocabulary), _servants(as_printed), _parted(as_printed, vocabulary))
    readings = [as_printed, *itertools.islice(others, MOST_FORMS - 1)]
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
        phrases=weigher.phrases,
    )


def _form(reading: _Reading, subject: Subject, state: str, weigher: Weigher) -> Form:
    tokens = []
    for given, texts in ((False, reading.family), (True, reading.given)):
        cut_field = subject.name_truncated and (given or not reading.given or len(subject.family_name) >= _LONG_FAMILY)
        for place, text in enumerate(texts):
            cut = cut_field and place == len(texts) - 1
            if (cut and len(text) < LEAST_FOR_PREFIX) or (subject.name_truncated and len(text) == 1):
                continue  # the first letters of a cut name say nothing, for or against (Doc 9303-3 §4.6 has initials)
            tokens.append(QueryToken(text, given, cut, weigher.token(text, state, cut)))
    made = frozenset(reading.made)
    return Form(tuple(tokens), JOINED if made else 0.0, not reading.given or not reading.family, made)


def _joined(reading: _Reading, vocabulary: Vocabulary) -> Iterator[_Reading]:
    family, given = reading.family, reading.given
    for begin, end in _runs(len(given)):
        if _known(one := "".join(given[begin:end]), vocabulary):
            yield _Reading(family, (*given[:begin], one, *given[end:]), (one,))
    for begin, end in _runs(len(family)):
        if _known(one := "".join(family[begin:end]), vocabulary):
            yield _Reading((*family[:begin], one, *family[end:]), given, (one,))
    if family and given:
        for whole in ("".join(family + given), "".join(given + family)):
            if _known(whole, vocabulary):
                yield _Reading((whole,), (), (whole,))


def _runs(count: int) -> list[tuple[int, int]]:
    """Return which tokens of a field of ``count`` may be one: all of them, or two neighbours."""
    pairs = [(at, at + 2) for at in range(count - 1)]
    return pairs if count <= 2 else [(0, count), *pairs]


def _servants(reading: _Reading) -> Iterator[_Reading]:
    """Yield the readings in which ABDUL at the end of one field belongs to the name that the other begins with."""
    family, given = reading.family, reading.given
    if family and given and is_servant(family[-1], given[0]):
        one = servant_of(given[0])
        yield _Reading(family[:-1], (one, *given[1:]), (one,))
    if family and given and is_servant(given[-1], family[0]):
        one = servant_of(family[0])
        yield _Reading((one, *family[1:]), given[:-1], (one,))


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
    # ZEDONG is TSE TUNG in the other romanisation of Chinese.
    known = _known if mandarin_keys(token) else _is_listed
    return [(a, b) for a, b in halves if known(a, vocabulary) and known(b, vocabulary)]


def _is_listed(token: str, vocabulary: Vocabulary) -> bool:
    return vocabulary.number(token) >= 0
