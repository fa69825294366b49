"""Names of synthetic persons, combined at random from the pools in `resources/demo/names.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from random import Random

from checkpoint_app.resources import resource_path

_VOWELS = "aeiouáéíóú"


@dataclass(frozen=True, slots=True)
class Invented:
    """A person who does not exist. ``sex`` is M or F, ``nationality`` an ICAO three-letter code."""

    family: str
    given: str
    sex: str
    nationality: str
    birth_place: str


class Pool:
    """Names of which the earlier are drawn more often, as in life."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = tuple(names)
        self._weights = tuple(accumulate(1 / (rank + 6) for rank in range(len(names))))

    def draw(self, rng: Random) -> str:
        """Return one of the names."""
        return rng.choices(self._names, cum_weights=self._weights)[0]

    def draw_two(self, rng: Random) -> tuple[str, str]:
        """Return two different names."""
        first = self.draw(rng)
        while (second := self.draw(rng)) == first:
            pass
        return first, second


@dataclass(frozen=True, slots=True)
class Culture:
    """The pools of one culture and the form in which it combines them."""

    form: Callable[[Culture, str, Random], tuple[str, str]]
    families: Pool
    given: dict[str, Pool]
    states: tuple[str, ...]
    places: tuple[str, ...]

    def invent(self, rng: Random) -> Invented:
        """Return a person with a name of this culture."""
        sex = "F" if rng.random() < 0.32 else "M"
        family, given = self.form(self, sex, rng)
        return Invented(family, given, sex, rng.choice(self.states), rng.choice(self.places))


def _two_surnames(culture: Culture, sex: str, rng: Random) -> tuple[str, str]:
    return " ".join(culture.families.draw_two(rng)), " ".join(culture.given[sex].draw_two(rng))


def _de_surnames(culture: Culture, sex: str, rng: Random) -> tuple[str, str]:
    mother, father = culture.families.draw_two(rng)
    particle = rng.choice(("da ", "de ", "dos ", "", "", ""))
    given = culture.given[sex].draw_two(rng) if rng.random() < 0.6 else (culture.given[sex].draw(rng),)
    return f"{mother} {particle}{father}", " ".join(given)


def _one_surname(culture: Culture, sex: str, rng: Random) -> tuple[str, str]:
    return culture.families.draw(rng), " ".join(culture.given[sex].draw_two(rng))


def _article_surname(culture: Culture, sex: str, rng: Random) -> tuple[str, str]:
    family = culture.families.draw(rng)
    article = rng.choice(("al-", "Al ", "El ", ""))
    father = culture.given["M"].draw(rng)
    return article + family, f"{culture.given[sex].draw(rng)} {father}"


def _patronymic(culture: Culture, sex: str, rng: Random) -> tuple[str, str]:
    family = culture.families.draw(rng) + ("a" if sex == "F" else "")
    father = culture.given["M"].draw(rng)
    stem = father[:-1] if father.endswith(("ai", "ei")) else father
    ending = ("e" if father.endswith("i") else "o") + ("vna" if sex == "F" else "vich")
    return family, f"{culture.given[sex].draw(rng)} {stem}{ending}"


def _syllables(culture: Culture, sex: str, rng: Random) -> tuple[str, str]:
    first, second = culture.given[sex].draw_two(rng)
    joined = f"{first}'{second}" if second[0] in _VOWELS else first + second
    return culture.families.draw(rng), joined.capitalize()


_FORMS = {
    "two_surnames": _two_surnames,
    "de_surnames": _de_surnames,
    "one_surname": _one_surname,
    "article_surname": _article_surname,
    "patronymic": _patronymic,
    "syllables": _syllables,
}


@cache
def _cultures() -> tuple[tuple[Culture, ...], tuple[int, ...]]:
    with resource_path("demo/names.toml").open("rb") as file:
        tables = tomllib.load(file)
    cultures = tuple(
        Culture(
            form=_FORMS[table["form"]],
            families=Pool(table["families"]),
            given={"F": Pool(table["female"]), "M": Pool(table["male"])},
            states=tuple(table["states"]),
            places=tuple(table["places"]),
        )
        for table in tables.values()
    )
    return cultures, tuple(accumulate(table["weight"] for table in tables.values()))


def invent_person(rng: Random) -> Invented:
    """Return a person of a culture drawn by its weight."""
    cultures, weights = _cultures()
    return rng.choices(cultures, cum_weights=weights)[0].invent(rng)
