"""Mutants: small defects put into a room one at a time, to see whether its tests notice.

    python -m tests.mutants --room documents --count 20 --seed 1

Works on a copy of the tree in a temporary folder, never in the checkout. Only what the room's tests execute is
changed, and never a docstring, a message, an annotation or a decorator, so that a survivor is (nearly always) a gap
in the tests. A mutant with which pytest can't even collect the tests proves nothing: it is "not valid", and another
takes its turn. Prints a table; exit code 1 when a mutant survives, 2 when the tests fail without any mutant, before or
after, or the copy is no longer whole.
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from coverage import CoverageData

ROOT = Path(__file__).resolve().parent.parent
COPIED = ("checkpoint_app", "docs", "resources", "tests", "pyproject.toml")

PARTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "booth": (
        ("gate.py", "checks.py", "signed.py", "status.py", "present"),
        ("test_gate.py", "test_checks.py", "test_signed.py", "test_status.py", "present"),
    )
}
"""Rooms of which only a part is pure: that part, and the tests that hold it without a store, a child or a window."""

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.BitXor: ast.BitOr,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: the file (relative), the place in its UTF-8 bytes, and the texts before and after."""

    file: Path
    line: int
    start: int
    end: int
    before: str
    after: str

    def apply(self, source: bytes) -> bytes:
        """Return ``source`` with the change made."""
        return source[: self.start] + self.after.encode() + source[self.end :]


def mutants_of(file: Path, source: bytes, executed: set[int]) -> list[Mutant]:
    """Return every mutant of the statements of ``source`` that stand on lines in ``executed``."""
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found = []
    for node in _changeable(ast.parse(source)):
        if node.lineno not in executed or node.end_lineno is None or node.end_col_offset is None:
            continue
        start, end = starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset
        before = source[start:end].decode()
        found += [Mutant(file, node.lineno, start, end, before, after) for after in _variants(node)]
    return found


def _changeable(tree: ast.AST) -> Iterator[ast.expr | ast.Return]:
    """Walk the tree without docstrings, annotations, decorators, `__all__`, raised errors, log calls and f-strings.

    The keyword ``strict`` of zip stays too: it only guards against a defect elsewhere.
    """
    for name, value in ast.iter_fields(tree):
        if name in ("annotation", "returns", "decorator_list", "type_params"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or _is_talk(child):
                continue
            if isinstance(child, ast.expr | ast.Return):
                yield child
            yield from _changeable(child)


def _is_talk(node: ast.AST) -> bool:
    """Tell whether a node only speaks to people or tools: changing it changes no behaviour that a test should pin."""
    if isinstance(node, ast.Raise | ast.JoinedStr):
        return True
    if isinstance(node, ast.keyword):
        return node.arg == "strict"
    if isinstance(node, ast.Expr):
        call = node.value
        logs = isinstance(call, ast.Call) and ast.unparse(call.func).startswith(("log.", "logging.", "warnings."))
        return logs or isinstance(call, ast.Constant)
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"


def _variants(node: ast.expr | ast.Return) -> list[str]:
    """Return the texts that may take the node's place."""
    match node:
        case ast.Return(value=value) if value is not None and not _is_falsy(value):
            return ["return None"]
        case ast.Compare():
            return [
                _with(node, ops=[*node.ops[:place], other(), *node.ops[place + 1 :]])
                for place, op in enumerate(node.ops)
                for other in _COMPARISONS[type(op)]
            ]
        case ast.BinOp() if type(node.op) in _OPERATORS:
            return [_with(node, op=_OPERATORS[type(node.op)]())]
        case ast.BoolOp():
            return [_with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())]
        case ast.UnaryOp(op=ast.Not()):
            return [f"({ast.unparse(node.operand)})"]
        case ast.IfExp():
            return [_with(node, test=ast.UnaryOp(ast.Not(), node.test))]
        case ast.Constant():
            return [repr(value) for value in _constants(node.value)]
    return []


def _with(node: ast.expr, **changes: object) -> str:
    changed = copy.copy(node)
    for name, value in changes.items():
        setattr(changed, name, value)
    return f"({ast.unparse(changed)})"


def _is_falsy(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and not node.value


def _constants(value: object) -> list[object]:
    """Return other values for a constant; texts with a blank are messages and stay."""
    match value:
        case bool():
            return [not value]
        case int() | float():
            return [value + 1, value - 1]
        case str() if " " not in value:
            return [value + "X" if value else "X"]
        case bytes():
            return [value + b"X"]
    return []


PYTEST = "import sys, pytest; sys.exit(100 + pytest.main(sys.argv[1:]))"
"""Runs pytest with exit codes of its own: 1 is also what Python says where pytest itself is not to be found."""
PASSED, FAILED = 100, 101


class Fate(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    SURVIVED = "SURVIVED"
    NOT_VALID = "not valid"


class CopyError(Exception):
    """The copy is no longer whole: what its tests say is worth nothing."""


def fate_of(exit_code: int | None) -> Fate:
    """Tell from the exit code of ``PYTEST``; None is a run that took too long, which is noticed too.

    Only FAILED (tests ran, and one failed) is a kill: the others tell of imports, usage, or no tests at all.
    """
    if exit_code is None or exit_code == FAILED:
        return Fate.KILLED
    return Fate.SURVIVED if exit_code == PASSED else Fate.NOT_VALID


class Copy:
    """A copy of the tree in a temporary folder, where mutants are put in and the tests of one room are run."""

    def __init__(self, folder: Path, room: str) -> None:
        self.folder = folder
        self.room = room
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, folder / name)
        self._files = [path for name in COPIED for path in (folder / name, *(folder / name).rglob("*"))]

    def executed_lines(self, timeout: float) -> dict[Path, set[int]] | None:
        """Run the tests without mutant, under coverage; return the lines executed by file, or None if tests fail."""
        data, plain = self.folder / "coverage.data", self.folder / "coverage.ini"
        plain.touch()
        options = [
            "run",
            f"--rcfile={plain}",
            f"--data-file={data}",
            f"--source={self.folder / 'checkpoint_app' / self.room}",
        ]
        if self._run(["-m", "coverage", *options, "-m", "pytest", *self._pytest()], timeout) != 0:
            return None
        measured = CoverageData(basename=str(data))
        measured.read()
        names = [(Path(name).relative_to(self.folder), name) for name in sorted(measured.measured_files())]
        lines = {path: set(measured.lines(name) or ()) for path, name in names if self._is_pure(path)}
        return {path: executed for path, executed in lines.items() if executed}

    def fate(self, mutant: Mutant, timeout: float) -> Fate:
        """Put the mutant in, run the tests, and take it out again. Raises CopyError."""
        path = self.folder / mutant.file
        try:
            source = path.read_bytes()
            path.write_bytes(mutant.apply(source))
            fate = fate_of(self._run(["-c", PYTEST, *self._pytest()], timeout))
            path.write_bytes(source)
        except OSError as error:
            raise CopyError(f"{self.folder} is no longer whole; run again") from error
        if not all(kept.exists() for kept in self._files):
            raise CopyError(f"{self.folder} is no longer whole; run again")
        return fate

    def passes(self, timeout: float) -> bool:
        """Tell whether the tests pass as the copy is."""
        return self._run(["-c", PYTEST, *self._pytest()], timeout) == PASSED

    def _is_pure(self, path: Path) -> bool:
        inside = path.relative_to("checkpoint_app", self.room)
        return self.room not in PARTS or inside.parts[0] in PARTS[self.room][0]

    def _pytest(self) -> list[str]:
        tests = PARTS[self.room][1] if self.room in PARTS else ("",)
        return ["-x", "-q", "--no-header", "--hypothesis-seed=0", *(f"tests/{self.room}/{name}" for name in tests)]

    def _run(self, arguments: list[str], timeout: float) -> int | None:
        # No bytecode: two mutants of one size within a second would share it.
        surroundings = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(self.folder)}
        child = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=surroundings,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            return child.wait(timeout)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            return None


def chosen(candidates: list[Mutant], count: int, seed: int) -> list[Mutant]:
    """Choose ``count`` mutants by ``seed``, at most one a place; fewer where there are not as many places.

    A greater count begins with the choice of a smaller one.
    """
    dice = random.Random(seed)
    places: dict[tuple[Path, int, int], list[Mutant]] = {}
    for mutant in candidates:
        places.setdefault((mutant.file, mutant.start, mutant.end), []).append(mutant)
    keys = sorted(places)
    dice.shuffle(keys)
    return [dice.choice(places[key]) for key in keys[:count]]


def report(number: int, mutant: Mutant, fate: Fate, seconds: float) -> None:
    """Print one row of the table."""
    place = f"{mutant.file.relative_to('checkpoint_app')}:{mutant.line}"
    texts = " → ".join(" ".join(text.split())[:60] for text in (mutant.before, mutant.after))
    print(f"{number:3}  {fate:9}  {seconds:5.1f} s  {place:34}  {texts}", flush=True)


def main() -> int:
    """Run the tool; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__.splitlines()[0])
    parser.add_argument("--room", required=True, choices=sorted(_rooms()))
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--timeout", type=float, default=300, help="seconds for one run of the room's tests")
    args = parser.parse_args()
    os.nice(10)
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        tree = Copy(Path(folder).resolve(), args.room)
        began = time.monotonic()
        executed = tree.executed_lines(args.timeout)
        if executed is None:
            print(
                f"the tests of {args.room} fail, or take over {args.timeout:.0f} s, without any mutant", file=sys.stderr
            )
            return 2
        limit = min(args.timeout, 10 + 4 * (time.monotonic() - began))
        candidates = [
            mutant
            for file, lines in sorted(executed.items())
            for mutant in mutants_of(file, (tree.folder / file).read_bytes(), lines)
        ]
        try:
            fates = judged(tree, candidates, args, limit)
        except CopyError as error:
            print(error, file=sys.stderr)
            return 2
    killed, survived = fates.count(Fate.KILLED), fates.count(Fate.SURVIVED)
    print(
        f"{args.room}: {killed} of {killed + survived} killed, {fates.count(Fate.NOT_VALID)} not valid, "
        f"seed {args.seed}, {len(candidates)} possible mutants"
    )
    return 1 if survived else 0


def judged(tree: Copy, candidates: list[Mutant], args: argparse.Namespace, limit: float) -> list[Fate]:
    """Try mutants in the order of the seed until as many as asked for were valid. Raises CopyError."""
    fates: list[Fate] = []
    for number, mutant in enumerate(chosen(candidates, len(candidates), args.seed), start=1):
        if len(fates) - fates.count(Fate.NOT_VALID) == args.count:
            break
        began = time.monotonic()
        fates.append(tree.fate(mutant, limit))
        report(number, mutant, fates[-1], time.monotonic() - began)
    if not tree.passes(args.timeout):
        raise CopyError("the tests fail without any mutant by now: something else changed; run again")
    return fates


def _rooms() -> set[str]:
    return {path.name for path in (ROOT / "tests").iterdir() if (ROOT / "checkpoint_app" / path.name).is_dir()}


if __name__ == "__main__":
    sys.exit(main())
