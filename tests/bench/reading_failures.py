"""What went wrong while reading: confusions by character, field and kind of picture; a picture for each failure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path

import cv2
import numpy as np

from checkpoint_app.documents import Format, digit_spans, field_spans
from checkpoint_app.readers.reading import Reading
from tests.bench.reading_cases import Case

Failure = tuple[Case, Reading | None]
_STRIP_WIDTH, _TEXT_HEIGHT = 1400, 26
_INK, _WRONG, _DOUBT = (40, 40, 40), (30, 30, 220), (0, 140, 230)


def write(folder: Path, failures: Sequence[Failure]) -> None:
    """Write failures.tsv, confusions.tsv and a picture of each failure into ``folder``, which is emptied first."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in (*folder.glob("*.png"), *folder.glob("*.tsv")):
        old.unlink()
    _write_list(folder / "failures.tsv", failures)
    _write_confusions(folder / "confusions.tsv", failures)
    for case, reading in failures:
        cv2.imwrite(str(folder / f"{case.group}-{case.path.stem}.png"), _picture(case, reading))


def confusions(failures: Sequence[Failure]) -> Counter[tuple[str, str, str, str]]:
    """Count (truth, read, field, kind of picture) over the failures that have the right number of characters."""
    found: Counter[tuple[str, str, str, str]] = Counter()
    for case, reading in failures:
        for line, column in _differing(case, reading):
            assert reading is not None
            field = _field_at(case, line, column)
            found[case.truth[line][column], reading.lines[line][column], field, case.kind] += 1
    return found


def _differing(case: Case, reading: Reading | None) -> Iterator[tuple[int, int]]:
    lines = reading.lines if reading else ()
    if [len(line) for line in lines] != [len(line) for line in case.truth]:
        return
    for number, (truth, read) in enumerate(zip(case.truth, lines, strict=True)):
        yield from ((number, column) for column, (a, b) in enumerate(zip(truth, read, strict=True)) if a != b)


def _field_at(case: Case, line: int, column: int) -> str:
    format_ = Format(case.format)
    spans = [*field_spans(format_), *digit_spans(format_)]
    inside = (s.field for s in spans if s.line == line + 1 and s.first <= column + 1 <= s.last)
    return next(inside, "filler")


def _write_confusions(path: Path, failures: Sequence[Failure]) -> None:
    with path.open("w", encoding="utf-8") as file:
        print("truth", "read", "field", "pictures", "count", sep="\t", file=file)
        for (truth, read, field, kind), count in confusions(failures).most_common():
            print(truth, read, field, kind, count, sep="\t", file=file)


def _write_list(path: Path, failures: Sequence[Failure]) -> None:
    with path.open("w", encoding="utf-8") as file:
        print("picture", "format", "truth", "read", "valid", "doubtful", "faults", sep="\t", file=file)
        for case, reading in failures:
            mrz = reading.mrz if reading else None
            faults = ",".join(f"{fault.field}:{fault.code}" for fault in mrz.faults) if mrz else ""
            doubtful = ",".join(f"{line + 1}:{column + 1}" for line, column in reading.doubtful) if reading else ""
            valid = bool(reading and reading.valid)
            read = "|".join(reading.lines) if reading else ""
            print(case.name, case.format, "|".join(case.truth), read, valid, doubtful, faults, sep="\t", file=file)


def _picture(case: Case, reading: Reading | None) -> np.ndarray:
    """Return the lines as seen with truth and reading below each, or the page where no line was found."""
    if reading is None:
        return np.full((_TEXT_HEIGHT, _STRIP_WIDTH, 3), 255, np.uint8)
    if not reading.strips:
        shown = cv2.imdecode(np.frombuffer(reading.preview, np.uint8), cv2.IMREAD_COLOR)
        return np.asarray(shown)
    parts: list[np.ndarray] = []
    texts = zip_longest(case.truth, reading.lines, fillvalue="")
    for number, (strip, (truth, read)) in enumerate(zip(reading.strips, texts, strict=False)):
        seen = cv2.imdecode(np.frombuffer(strip.jpeg, np.uint8), cv2.IMREAD_COLOR)
        seen = np.asarray(cv2.resize(seen, (_STRIP_WIDTH, 56)))
        doubtful = {column for line, column in reading.doubtful if line == number}
        wrong = {column for column, (a, b) in enumerate(zip_longest(truth, read)) if a != b}
        parts += [seen, _text(truth, strip.centres, {}), _text(read, strip.centres, _colours(wrong, doubtful))]
    return np.vstack(parts)


def _colours(wrong: set[int], doubtful: set[int]) -> dict[int, tuple[int, int, int]]:
    return dict.fromkeys(doubtful, _DOUBT) | dict.fromkeys(wrong, _WRONG)


def _text(text: str, centres: Sequence[float], colours: dict[int, tuple[int, int, int]]) -> np.ndarray:
    canvas = np.full((_TEXT_HEIGHT, _STRIP_WIDTH, 3), 255, np.uint8)
    for column, (character, at) in enumerate(zip(text, centres, strict=False)):
        place = (round(at * _STRIP_WIDTH) - 7, _TEXT_HEIGHT - 7)
        cv2.putText(canvas, character, place, cv2.FONT_HERSHEY_DUPLEX, 0.6, colours.get(column, _INK), 1, cv2.LINE_AA)
    return canvas
