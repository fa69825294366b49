"""The mutation tool changes what it should, leaves what it should, and chooses by its seed."""

from pathlib import Path

from tests.mutants import Mutant, chosen, mutants_of

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
