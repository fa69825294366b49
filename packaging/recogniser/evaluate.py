"""Measures the line recogniser beside the general one, on the same strips in the same run.

    PYTHONPATH=. python packaging/recogniser/evaluate.py --lines 60 [--pictures FOLDER] [--model FILE]

On drawn lines, one way of spoiling at a time: share of wrong characters (edits of the plain decoding) and of wrong
lines. On pictures with truth (FOLDER/MANIFEST.tsv): share of wrong cells once each line has its number of cells, and
which characters are taken for which.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import cv2
import numpy as np
from degrade import Dials, random_dials
from lines import Print, random_print
from rapidfuzz.distance import Levenshtein
from samples import line

from checkpoint_app.readers.recogniser.grid import fit_cells
from checkpoint_app.readers.recogniser.models import DETECTOR, RECOGNISER, Floats, OnnxNetwork, Pixels
from checkpoint_app.readers.recogniser.ocrb import OcrbRecogniser
from checkpoint_app.readers.recogniser.pages import open_pages
from checkpoint_app.readers.recogniser.recognise import ALPHABET, Recogniser, cut_out, peaks
from checkpoint_app.readers.recogniser.zone import ZoneReader

Reader = Callable[[Pixels], Floats]
_CLEAN = Dials()
_PLAIN = Print("OCRB.otf+OCRBS.otf")
_CASES: dict[str, tuple[Print, Dials]] = {
    "clean": (_PLAIN, _CLEAN),
    "seen 20 px": (_PLAIN, replace(_CLEAN, seen=20)),
    "seen 12 px": (_PLAIN, replace(_CLEAN, seen=12)),
    "seen 9 px": (_PLAIN, replace(_CLEAN, seen=9)),
    "blur 0.08": (_PLAIN, replace(_CLEAN, blur=0.08)),
    "blur 0.12": (_PLAIN, replace(_CLEAN, blur=0.12)),
    "defocus 0.14": (_PLAIN, replace(_CLEAN, defocus=0.14)),
    "motion 0.25": (_PLAIN, replace(_CLEAN, motion=0.25)),
    "noise 25": (_PLAIN, replace(_CLEAN, noise=25, seen=24)),
    "jpeg 20": (_PLAIN, replace(_CLEAN, jpeg=20, seen=20)),
    "contrast 0.2": (_PLAIN, replace(_CLEAN, contrast=0.2, noise=4)),
    "shadow": (_PLAIN, replace(_CLEAN, shadow=0.9)),
    "ground 0.7": (_PLAIN, replace(_CLEAN, ground=0.7)),
    "stamp 0.7": (_PLAIN, replace(_CLEAN, stamp=0.7)),
    "foil 0.5": (_PLAIN, replace(_CLEAN, foil=0.5)),
    "turn 0.3 deg, curve": (_PLAIN, replace(_CLEAN, turn=0.3, curve=0.1)),
    "growth 0.25": (_PLAIN, replace(_CLEAN, growth=0.25)),
    "strip tight": (_PLAIN, replace(_CLEAN, across=1.08)),
    "strip wide, off": (_PLAIN, replace(_CLEAN, across=2.0, off=0.12)),
    "pale fillers": (replace(_PLAIN, pale=0.35), replace(_CLEAN, contrast=0.6, noise=5)),
    "bold": (replace(_PLAIN, weight=1.0, bleed=1.2), _CLEAN),
    "thin": (replace(_PLAIN, weight=-0.8), replace(_CLEAN, seen=24)),
    "dot matrix": (replace(_PLAIN, dots=4.5), _CLEAN),
    "other font": (Print("DejaVuSansMono.ttf"), _CLEAN),
}


@dataclass(slots=True)
class Count:
    """What one reader got wrong."""

    characters: int = 0
    wrong: int = 0
    lines: int = 0
    wrong_lines: int = 0
    cpu_s: float = 0.0
    taken: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, text: str, wrong: int) -> None:
        """Count one line."""
        self.characters += len(text)
        self.lines += 1
        self.wrong += wrong
        self.wrong_lines += wrong > 0

    def __str__(self) -> str:
        return f"{self.wrong / max(1, self.characters):7.2%} {self.wrong_lines / max(1, self.lines):7.1%}"


def plain(reader: Reader, strip: Pixels) -> str:
    """Return the plain decoding of a strip."""
    return "".join(ALPHABET[peak.character] for peak in peaks(reader(strip)))


def drawn(readers: Mapping[str, Reader], lines: int) -> None:
    """Print errors on drawn lines, case by case; the last row is everything at random, as in training."""
    print(f"{'spoiled by':22}" + "".join(f"{name + ': chars':>18} lines" for name in readers))
    for number, (case, (how, dials)) in enumerate({**_CASES, "random": (_PLAIN, _CLEAN)}.items()):
        rng = np.random.default_rng([2026, number])
        counts = {name: Count() for name in readers}
        for _ in range(lines if case != "random" else 4 * lines):
            if case == "random":
                how, dials = random_print(rng), random_dials(rng)  # noqa: PLW2901
            strip, text = line(rng, how, dials)
            for name, reader in readers.items():
                counts[name].add(text, Levenshtein.distance(text, plain(reader, strip.pixels)))
        print(f"{case:22}" + "".join(f"{count!s:>24}" for count in counts.values()), flush=True)


def strips(folder: Path) -> Iterator[tuple[str, Pixels, str]]:
    """Yield group, strip and truth of each line that the present pipeline finds in the pictures of ``folder``."""
    finder = ZoneReader(OnnxNetwork(DETECTOR, 1), Recogniser(OnnxNetwork(RECOGNISER, 1)))
    with (folder / "MANIFEST.tsv").open(encoding="utf-8") as rows:
        for row in csv.DictReader(rows, delimiter="\t", quoting=csv.QUOTE_NONE):
            group, truth = row["path"].split("/")[0], row["truth"].split("|")
            if group not in {"real", "synth"} or row["truth"] == "-":
                continue
            picture = open_pages((folder / row["path"]).read_bytes()).page(0)
            zone = finder.read(picture, date(2026, 11, 27), 6.0)
            if zone is None or [len(text) for text in zone.decision.mrz.lines] != [len(text) for text in truth]:
                continue
            pairs = zip("".join(zone.decision.mrz.lines), "".join(truth), strict=True)
            if np.mean([a == b for a, b in pairs]) < 0.6:
                continue
            for found, text in zip(zone.lines, truth, strict=True):
                yield group, cut_out(picture, found.box, found.turn), text


def pictured(readers: Mapping[str, Reader], folder: Path) -> None:
    """Print errors on the strips of real and synthetic pictures, and what is taken for what."""
    counts: dict[str, dict[str, Count]] = {}
    for group, strip, text in strips(folder):
        for name, reader in readers.items():
            count = counts.setdefault(group, {}).setdefault(name, Count())
            start = time.process_time()
            steps = reader(strip)
            count.cpu_s += time.process_time() - start
            cells = fit_cells(steps, peaks(steps), len(text))
            said = "" if cells is None else "".join(ALPHABET[best] for best in cells.likelihood.argmax(axis=1))
            wrong = [(meant, read) for meant, read in zip(text, said, strict=False) if meant != read]
            count.taken.update(wrong)
            count.add(text, len(wrong) if said else len(text))
    for group, by_name in counts.items():
        for name, count in by_name.items():
            often = ", ".join(f"{a}→{b} {times}" for (a, b), times in count.taken.most_common(14))
            each = count.cpu_s / count.lines * 1000
            print(f"{group} {name}: cells, lines wrong {count} of {count.lines} lines, {each:.1f} ms a line; {often}")


def main() -> None:
    """Measure as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=60, help="drawn lines for each way of spoiling")
    parser.add_argument("--pictures", type=Path)
    parser.add_argument("--model", type=Path, help="another file than the shipped one")
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    own = OcrbRecogniser(OnnxNetwork(str(asked.model.resolve()), 1)) if asked.model else OcrbRecogniser.load()
    readers: dict[str, Reader] = {"own": own, "general": Recogniser(OnnxNetwork(RECOGNISER, 1))}
    if asked.lines:
        drawn(readers, asked.lines)
    if asked.pictures:
        pictured(readers, asked.pictures)


if __name__ == "__main__":
    main()
