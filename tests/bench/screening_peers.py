"""Simple ways to screen, on the same lists in the same run: each a score by name, with the same points for the date.

An equal document number is a hit for all of them. Recall is measured on the reference list of 10,000, time also on
200,000 persons.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from checkpoint_app.screening.dates import Birth, pack, read_birth
from checkpoint_app.screening.entry import Entry, Subject
from checkpoint_app.screening.fold import fold, fold_number
from checkpoint_app.screening.persons import DOCUMENT_SCORE
from tests.bench.screening_measure import Screened, progress, recalls, sample, times
from tests.bench.screening_people import Case, dev10k, generated, read_cases, read_list

TIMED, TIMED_LONG = 500, 60
_TRIGRAM_ROWS = 200

Points = npt.NDArray[np.float64]


class Peer(Protocol):
    """A peer's way to compare a name with all those of a list."""

    name: str

    def points(self, family: str, given: str) -> Points:
        """Return points of 0 to 100, one a listed name."""
        ...


class Listed:
    """The names of a list, one a row, with whose it is and when that person was born."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        rows = [
            (place, " ".join(sorted(fold(f"{n.family} {n.given}")))) for place, e in enumerate(entries) for n in e.names
        ]
        self.names = [name for _, name in rows]
        self.owner = np.array([place for place, _ in rows])
        births = [next((p[0] for d in e.birth_dates if (p := pack(d))), 0) for e in entries]
        self.births = np.array(births)[self.owner]
        self.numbers = {fold_number(d.number): place for place, e in enumerate(entries) for d in e.documents}
        self.ids = {entry.id: place for place, entry in enumerate(entries)}

    def points(self, peer: Peer, subject: Subject) -> Points:
        """Return a peer's points for a traveller, one a listed name."""
        points = peer.points(subject.family_name, subject.given_names)
        points = points + date_points(read_birth(subject.birth), self.births)
        points[self.owner == self.numbers.get(fold_number(subject.document_number), -1)] += DOCUMENT_SCORE
        return points


class TokenSort:
    """rapidfuzz's ratio over sorted tokens, every name compared."""

    name = "token_sort"

    def __init__(self, listed: Listed) -> None:
        self._names = listed.names

    def points(self, family: str, given: str) -> Points:
        """Return the ratios."""
        stated = " ".join(sorted(fold(f"{family} {given}")))
        ratios = process.cdist([stated], self._names, scorer=fuzz.ratio, dtype=np.uint8, workers=1)[0]
        return np.asarray(ratios, np.float64)


class Trigrams:
    """SQLite's FTS5 with its trigram tokenizer: of the best rows by bm25, shared trigrams over all trigrams."""

    name = "fts5_trigram"

    def __init__(self, listed: Listed) -> None:
        self._grams = [_trigrams(name) for name in listed.names]
        self._base = sqlite3.connect(":memory:")
        self._base.execute("create virtual table names using fts5(name, tokenize='trigram')")
        rows = ((place + 1, f" {name} ") for place, name in enumerate(listed.names))
        self._base.executemany("insert into names(rowid, name) values (?, ?)", rows)

    def points(self, family: str, given: str) -> Points:
        """Return the shares; 0 for all but the best rows."""
        points = np.zeros(len(self._grams))
        stated = _trigrams(" ".join(sorted(fold(f"{family} {given}"))))
        asked = " OR ".join(f'"{gram}"' for gram in sorted(stated))
        query = "select rowid from names where names match ? order by bm25(names) limit ?"
        for (row,) in self._base.execute(query, (asked, _TRIGRAM_ROWS)) if stated else ():
            listed = self._grams[row - 1]
            points[row - 1] = 100 * len(stated & listed) / len(stated | listed)
        return points


class Soundex:
    """Soundex of every token: shared codes over all codes."""

    name = "soundex"

    def __init__(self, listed: Listed) -> None:
        postings: dict[str, list[int]] = defaultdict(list)
        sizes = []
        for place, name in enumerate(listed.names):
            codes = {soundex(token) for token in name.split()}
            sizes.append(len(codes))
            for code in codes:
                postings[code].append(place)
        self._postings = {code: np.array(places) for code, places in postings.items()}
        self._sizes = np.array(sizes)

    def points(self, family: str, given: str) -> Points:
        """Return the shares of codes."""
        stated = {soundex(token) for token in fold(f"{family} {given}")}
        shared = np.zeros(len(self._sizes))
        for code in stated:
            if code in self._postings:
                shared[self._postings[code]] += 1
        return np.asarray(100 * shared / np.maximum(1, self._sizes + len(stated) - shared), np.float64)


PEERS = (TokenSort, Trigrams, Soundex)
_CODES = {
    letter: code for code, letters in enumerate(("BFPV", "CGJKQSXZ", "DT", "L", "MN", "R"), 1) for letter in letters
}


def _trigrams(name: str) -> frozenset[str]:
    return frozenset(f" {name} "[at : at + 3] for at in range(len(name)))


def soundex(token: str) -> str:
    """Return the American Soundex of an upper-case token."""
    codes = [str(_CODES.get(letter, "")) for letter in token if letter not in "HW"]
    joined = "".join(a for a, b in zip(codes, ["", *codes], strict=False) if a != b)
    rest = joined[1:] if token[0] in _CODES else joined
    return f"{token[:1]}{rest}000"[:4]


def peers() -> dict[str, float]:
    """Return each peer's recalls on the reference list, and its milliseconds there and on 200,000 persons."""
    cases = list(read_cases(dev10k()))
    listed = Listed(list(read_list(dev10k())))
    figures = {}
    for kind in PEERS:
        peer = kind(listed)
        run = _screen(listed, peer, cases)
        figures |= {
            f"peer.{peer.name}_and_date_{name}": value for name, value in recalls(run).items() if "recall" in name
        }
        figures |= _timed(listed, peer, cases, "10k", TIMED)
    folder = generated(200_000, 100_000, 4)
    long, cases = Listed(list(read_list(folder))), list(read_cases(folder))
    for kind in PEERS:
        figures |= _timed(long, kind(long), cases, "200k", TIMED_LONG)
    return figures


def _screen(listed: Listed, peer: Peer, cases: Sequence[Case]) -> Screened:
    found, top = np.zeros(len(cases)), np.zeros(len(cases))
    for place, case in progress(cases, peer.name):
        points = listed.points(peer, case.subject)
        top[place] = points.max()
        if case.expected is not None:
            found[place] = points[listed.owner == listed.ids[case.expected]].max()
    return Screened(cases, found, top)


def _timed(listed: Listed, peer: Peer, cases: Sequence[Case], size: str, count: int) -> dict[str, float]:
    timed = times(lambda subject: listed.points(peer, subject), sample(cases, count))
    return {f"peer.{peer.name}_and_date_{size}_{name}": timed[name] for name in ("ms_median", "ms_p99")}


def date_points(birth: Birth, births: npt.NDArray[np.int64]) -> Points:
    """Return points by rule of thumb, the best of four sets tried: day 20, year 10 or 5, unknown 0, other -20."""
    if not birth.years:
        return np.zeros(len(births))
    same_year = np.isin(births // 10_000, birth.years)
    next_year = np.isin(births // 10_000, [year + step for year in birth.years for step in (-1, 1)])
    in_part = (birth.day == 0) | (births % 100 == 0)
    same_day = same_year & (births % 10_000 == 100 * birth.month + birth.day)
    cases = [births == 0, same_day, same_year & in_part, same_year, next_year]
    return np.select(cases, [0.0, 20.0, 10.0, 5.0, 0.0], default=-20.0)
