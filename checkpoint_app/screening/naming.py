"""How two names agree, field by field, in codes: what the score's own alignment of their tokens says.

The points of a field are those of its pairs, less its share of what the name lost: the whole always adds up to the
points of the name, whatever the costs are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from checkpoint_app.screening.query import Query
from checkpoint_app.screening.score import NameEvidence, Pair
from checkpoint_app.screening.vocabulary import LEAST_FOR_EDITS, Likeness

FAMILY, GIVEN, WHOLE = "family_name", "given_name", "name"
FIELDS = (FAMILY, GIVEN, WHOLE)
ALIKE_CODES = (
    "letter_missing", "letter_extra", "letter_differs", "letters_swapped", "letters_differ", "spelling", "near",
    "truncated", "part_missing", "part_differs", "joined", "too_frequent",
)  # fmt: skip
EXACT_CODES = frozenset({"same", "joined", "truncated", "swapped", "divided"})
"""Nothing but the way of writing differs."""
APART_CODES = frozenset({"differs", "part_differs"})
"""Each side has a name that the other has not."""

_BLAME_BOTH, _BLAME_ONE, _BLAME_CROSSED, _BLAME_NO_GIVEN, _BLAME_WEAK, _BLAME_JOINED = 3.0, 1.0, 1.0, 2.5, 3.0, 0.5


@dataclass(frozen=True, slots=True)
class FieldFact:
    """How one field agrees: its ``code``, its share of the name's points, and the letters that show it."""

    key: str
    code: str
    points: float
    left: str = ""
    right: str = ""

    @property
    def agrees(self) -> bool:
        """Whether the field speaks for the match, or would if it were not so frequent a name."""
        if self.code == "too_frequent":
            return True
        return self.code not in APART_CODES and self.code != "unknown" and self.points > 0


@dataclass(frozen=True, slots=True)
class NameFacts:
    """The fields of a name, and what a weak alias costs (0 for any other name). All points add up to the name's."""

    fields: tuple[FieldFact, ...]
    alias_points: float = 0.0


@dataclass(frozen=True, slots=True)
class _Part:
    """One field of both names: how many tokens are left over on either side, and the pairs between."""

    key: str
    stated: int
    listed: int
    pairs: tuple[Pair, ...]
    joined: bool
    places: tuple[tuple[int, ...], tuple[int, ...]]
    """Where the tokens of the field stand on either side."""


def name_facts(query: Query, evidence: NameEvidence, tokens: Sequence[str]) -> NameFacts:
    """Return how the names agree. ``tokens`` is the vocabulary, by the numbers that the listed name holds."""
    parts = _parts(evidence)
    blames = [_blame(part, evidence) for part in parts]
    weak = _BLAME_WEAK if evidence.name.weak else 0.0
    lost = sum(pair.points for pair in evidence.pairs) - evidence.points
    total = sum(blames) + weak
    if not total:
        blames[0], total = 1.0, 1.0
    facts = []
    for part, blame in zip(parts, blames, strict=True):
        points = sum(pair.points for pair in part.pairs) - lost * blame / total
        code = _code(part, query, evidence, tokens)
        facts.append(FieldFact(part.key, code, points, *_letters(part, code, evidence, tokens)))
    return NameFacts(tuple(facts), -lost * weak / total)


def _parts(evidence: NameEvidence) -> list[_Part]:
    """Divide the alignment by field; a name whose parts can't be told apart, or stand crosswise, is one field."""
    form, name = evidence.form, evidence.name
    crossed = any(pair.crossed for pair in evidence.pairs)
    if form.one_field or name.whole or crossed:
        return [_part(WHOLE, evidence, set(range(len(form.tokens))), set(range(len(name.tokens))))]
    parts = []
    for key, is_given in ((FAMILY, False), (GIVEN, True)):
        stated = {place for place, token in enumerate(form.tokens) if token.given == is_given}
        listed = {place for place in range(len(name.tokens)) if (place >= name.families) == is_given}
        parts.append(_part(key, evidence, stated, listed))
    return parts


def _part(key: str, evidence: NameEvidence, stated: set[int], listed: set[int]) -> _Part:
    pairs = tuple(pair for pair in evidence.pairs if pair.stated in stated)
    joined = any(evidence.form.tokens[place].text in evidence.form.required for place in stated)
    places = tuple(sorted(stated)), tuple(sorted(listed))
    return _Part(key, len(stated) - len(pairs), len(listed) - len(pairs), pairs, joined, places)


def _blame(part: _Part, evidence: NameEvidence) -> float:
    """Return the share of a field in what the name lost, as a relative weight."""
    both = min(part.stated, part.listed)
    blame = _BLAME_BOTH * both + _BLAME_ONE * (part.stated + part.listed - 2 * both)
    blame += _BLAME_CROSSED * sum(pair.crossed for pair in part.pairs)
    if part.key == GIVEN and not part.pairs and all(part.places):
        blame += _BLAME_NO_GIVEN
    return blame + (_BLAME_JOINED if part.joined and evidence.form.cost else 0.0)


def _code(part: _Part, query: Query, evidence: NameEvidence, tokens: Sequence[str]) -> str:
    """Name how a field agrees: the weakest agreement in it, or what is left over."""
    if part.stated and part.listed and _alike_left(part, evidence, tokens):
        return "too_frequent"
    if part.key == FAMILY and query.married and part.stated and part.listed:
        return "married"
    if not part.pairs:
        return "differs" if all(part.places) else "unknown"
    if part.stated and part.listed:
        return "part_differs"
    if any(pair.likeness is Likeness.PREFIX for pair in part.pairs):
        return "truncated"
    near = _near(part)
    if near and not part.stated + part.listed and all(pair.crossed for pair in part.pairs):
        return "swapped_like"
    if near:
        return _spelling(near[0], evidence, tokens) if len(near) == 1 and not part.stated + part.listed else "near"
    if part.stated or part.listed:
        return "part_missing"
    return _whole_code(part)


def _alike_left(part: _Part, evidence: NameEvidence, tokens: Sequence[str]) -> bool:
    """Tell whether what is left over on one side is, but for a letter, on the other: too frequent to be counted."""
    used_stated = {pair.stated for pair in evidence.pairs}
    used_listed = {pair.listed for pair in evidence.pairs}
    stated = [evidence.form.tokens[place].text for place in part.places[0] if place not in used_stated]
    listed = [tokens[evidence.name.tokens[place]] for place in part.places[1] if place not in used_listed]
    for text in list(stated):
        most = 1 if len(text) >= LEAST_FOR_EDITS else 0
        like = next((other for other in listed if OSA.distance(text, other, score_cutoff=most) <= most), None)
        if like is not None:
            stated.remove(text)
            listed.remove(like)
    return not (stated and listed)


def _whole_code(part: _Part) -> str:
    """Name a field of which every token stands on both sides, letter for letter."""
    crossed = sum(pair.crossed for pair in part.pairs)
    if crossed:
        return "swapped" if crossed == len(part.pairs) else "divided"
    return "joined" if part.joined else "same"


def _near(part: _Part) -> list[Pair]:
    return [pair for pair in part.pairs if pair.likeness is not Likeness.EXACT]


def _texts(pair: Pair, evidence: NameEvidence, tokens: Sequence[str]) -> tuple[str, str]:
    return evidence.form.tokens[pair.stated].text, tokens[evidence.name.tokens[pair.listed]]


def _spelling(pair: Pair, evidence: NameEvidence, tokens: Sequence[str]) -> str:
    """Name the difference of two near spellings, seen from the document."""
    stated, listed = _texts(pair, evidence, tokens)
    letters = OSA.distance(stated, listed)
    if letters != 1:
        if pair.likeness is Likeness.EDIT:
            return "letters_differ"
        return "spelling" if pair.likeness in (Likeness.SOUND, Likeness.VOWELS) else "near"
    if len(stated) != len(listed):
        return "letter_missing" if len(stated) < len(listed) else "letter_extra"
    return "letters_swapped" if sorted(stated) == sorted(listed) else "letter_differs"


def _letters(part: _Part, code: str, evidence: NameEvidence, tokens: Sequence[str]) -> tuple[str, str]:
    """Return the two tokens that differ, where they are all that differs; else nothing: the whole field is shown."""
    near = _near(part)
    if len(near) != 1 or code not in ALIKE_CODES or part.stated or part.listed or code == "truncated":
        return "", ""
    return _texts(near[0], evidence, tokens)
