"""The likeliest name field that keeps the rules of ICAO Doc 9303-3 §4.6 (Viterbi over a small grammar).

Parts of letters with single fillers between them, ``<<`` once between the identifiers, and from ``<<<`` on nothing but
fillers: weak fillers at the end that were read as C, K, S or X are set right by that rule alone.
"""

from __future__ import annotations

import numpy as np

from checkpoint_app.readers.recogniser.evidence import PLACE, Doubles
from checkpoint_app.readers.recogniser.recognise import ALPHABET

_LETTERS = np.array([PLACE[character] for character in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"])
_FILLER = PLACE["<"]
# State → states before it. Letters of the primary identifier, one filler in it, the second filler of `<<`,
# letters of the secondary identifier, one filler in it, and the fillers of the end.
_PRIMARY, _GAP, _SPLIT, _SECONDARY, _SECOND_GAP, _END = range(6)
_BEFORE = {
    _PRIMARY: (_PRIMARY, _GAP),
    _GAP: (_PRIMARY,),
    _SPLIT: (_GAP,),
    _SECONDARY: (_SPLIT, _SECONDARY, _SECOND_GAP),
    _SECOND_GAP: (_SECONDARY,),
    _END: (_SPLIT, _SECOND_GAP, _END),
}
_LETTER_STATES = (_PRIMARY, _SECONDARY)


def best_name(evidence: Doubles) -> list[int]:
    """Return the place in ALPHABET of each cell of the likeliest name; ``evidence`` (cells, 37) are log-likelihoods."""
    letters = _LETTERS[evidence[:, _LETTERS].argmax(axis=1)]
    rows = np.arange(len(evidence))
    emission = np.empty((len(evidence), len(_BEFORE)))
    for state in _BEFORE:
        emission[:, state] = evidence[rows, letters] if state in _LETTER_STATES else evidence[:, _FILLER]
    score = np.full(len(_BEFORE), -np.inf)
    score[_PRIMARY] = emission[0, _PRIMARY]
    back = np.zeros((len(evidence), len(_BEFORE)), dtype=np.int64)
    for row in rows[1:]:
        now = np.empty(len(_BEFORE))
        for state, before in _BEFORE.items():
            source = max(before, key=lambda s: score[s])
            now[state] = score[source] + emission[row, state]
            back[row, state] = source
        score = now
    state = int(score.argmax())
    chosen: list[int] = []
    for row in rows[::-1]:
        chosen.append(int(letters[row]) if state in _LETTER_STATES else _FILLER)
        state = int(back[row, state])
    return chosen[::-1]


def text(places: list[int]) -> str:
    """Return the characters at ``places`` of ALPHABET."""
    return "".join(ALPHABET[place] for place in places)
