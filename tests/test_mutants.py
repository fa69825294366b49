"""The mutation tool changes what it should, leaves what it should, and chooses by its seed."""

from pathlib import Path

import pytest

from tests import mutants
from tests.mutants import Copy, CopyError, Fate, Mutant, chosen, fate_of, mutants_of

SOURCE = '''\
"""A module's words."""
__all__ = ["f"]
LIMIT = 7


@decorated(1)
def f(a: int = 3, *, b: "str" = "ü") -> "int":
    """A function's words."""
    log.info("said", 5)
    if not a < LIMIT and b == "x":
        raise ValueError("no", 6)
    for one, two in zip(a, b, strict=True):
        return one + two if one else f"{one}8"
    return None
'''


def texts(executed: set[int]) -> set[tuple[str, str]]:
    return {(m.before, m.after) for m in mutants_of(Path("m.py"), SOURCE.encode(), executed)}


def test_what_is_changed() -> None:
    assert texts(set(range(1, 20))) == {
        ("7", "8"),
        ("7", "6"),
        ("3", "4"),
        ("3", "2"),
        ('"ü"', "'üX'"),
        ('not a < LIMIT and b == "x"', "(not a < LIMIT or b == 'x')"),
        ("not a < LIMIT", "(a < LIMIT)"),
        ("a < LIMIT", "(a <= LIMIT)"),
        ("a < LIMIT", "(a >= LIMIT)"),
        ('b == "x"', "(b != 'x')"),
        ('"x"', "'xX'"),
        ('return one + two if one else f"{one}8"', "return None"),
        ('one + two if one else f"{one}8"', "(one + two if not one else f'{one}8')"),
        ("one + two", "(one - two)"),
    }


def test_only_lines_that_tests_execute_are_changed() -> None:
    assert texts({3}) == {("7", "8"), ("7", "6")}
    assert texts(set()) == set()


def test_a_change_stands_where_it_belongs() -> None:
    for mutant in mutants_of(Path("m.py"), SOURCE.encode(), set(range(1, 20))):
        changed = mutant.apply(SOURCE.encode()).decode()
        assert changed != SOURCE
        assert changed.count("\n") == SOURCE.count("\n")
        compile(changed, "m.py", "exec")
        assert changed.splitlines()[: mutant.line - 1] == SOURCE.splitlines()[: mutant.line - 1]


def test_choice_follows_the_seed_and_takes_each_place_once() -> None:
    every = [Mutant(Path("m.py"), 1, place, place + 1, "1", after) for place in range(30) for after in ("0", "2")]
    assert chosen(every, 10, 1) == chosen(every, 10, 1)
    assert chosen(every, 10, 1) != chosen(every, 10, 2)
    assert len({mutant.start for mutant in chosen(every, 100, 3)}) == 30


def test_a_greater_choice_begins_with_the_smaller_one() -> None:
    every = [Mutant(Path("m.py"), 1, place, place + 1, "1", after) for place in range(30) for after in ("0", "2")]
    assert chosen(every, 20, 1)[:10] == chosen(every, 10, 1)


def test_only_a_test_that_ran_and_failed_kills() -> None:
    fates = {code: fate_of(code) for code in (None, 0, 1, 2, -9, *range(100, 106))}
    assert fates.pop(None) is fates.pop(101) is Fate.KILLED
    assert fates.pop(100) is Fate.SURVIVED
    assert set(fates.values()) == {Fate.NOT_VALID}


def tiny_copy(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Copy:
    """A project of one room, one module and one test."""
    tree = {
        "checkpoint_app/__init__.py": "",
        "checkpoint_app/room/one.py": "LIMIT = 7\nTABLE = (1, 2)[1]\n",
        "tests/room/test_one.py": "from checkpoint_app.room.one import LIMIT\ndef test_it():\n    assert LIMIT > 6\n",
        "pyproject.toml": "",
    }
    for name, text in tree.items():
        path = folder / "root" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setattr(mutants, "ROOT", folder / "root")
    monkeypatch.setattr(mutants, "COPIED", ("checkpoint_app", "tests", "pyproject.toml"))
    (folder / "copy").mkdir()
    return Copy(folder / "copy", "room")


def test_fates_in_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tiny_copy(tmp_path, monkeypatch)
    file = Path("checkpoint_app/room/one.py")
    assert copy.fate(Mutant(file, 1, 8, 9, "7", "6"), 60) is Fate.KILLED
    assert copy.fate(Mutant(file, 1, 8, 9, "7", "8"), 60) is Fate.SURVIVED
    assert copy.fate(Mutant(file, 2, 25, 26, "1", "2"), 60) is Fate.NOT_VALID  # the module can't be imported
    assert (tmp_path / "copy" / file).read_text() == (tmp_path / "root" / file).read_text()
    assert copy.passes(60)


def test_without_pytest_nothing_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tiny_copy(tmp_path, monkeypatch)
    (tmp_path / "copy" / "pytest.py").write_text("raise ModuleNotFoundError('gone')")
    assert copy.fate(Mutant(Path("checkpoint_app/room/one.py"), 1, 8, 9, "7", "6"), 60) is Fate.NOT_VALID
    assert not copy.passes(60)


@pytest.mark.parametrize("lost", ["checkpoint_app/room/one.py", "pyproject.toml"])
def test_a_vanished_copy_kills_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: str) -> None:
    copy = tiny_copy(tmp_path, monkeypatch)
    (tmp_path / "copy" / lost).unlink()
    with pytest.raises(CopyError, match="no longer whole"):
        copy.fate(Mutant(Path("checkpoint_app/room/one.py"), 1, 8, 9, "7", "6"), 60)
