"""Reads one rule of a set: every fault of it by its code, and the rule where there is none."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from checkpoint_app.risk.catalogue import Catalogue
from checkpoint_app.risk.cel import CelError, Language, Program
from checkpoint_app.risk.evaluating import fold
from checkpoint_app.risk.faults import Code, RuleFault
from checkpoint_app.risk.rules import Action, Match, Rule, RuleCondition, RuleResult, Vector
from checkpoint_app.risk.subjects_file import flatten
from checkpoint_app.verdict import Truth
from checkpoint_app.verdict.lane import Mode

MOST_CONDITIONS = 12
MOST_TESTS = 200
MOST_TEXT = 2_000  # characters of a title, a sentence, a question
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_EXPECTED = {result.value: result for result in RuleResult if result is not RuleResult.NOT_IN_FORCE}
_TRUTHS = {True: Truth.TRUE, False: Truth.FALSE, None: Truth.UNKNOWN}
_Word = TypeVar("_Word", bound=StrEnum)


class RuleReader:
    """Reads one rule and gathers its faults, each code once, with the places where it holds."""

    def __init__(self, plain: object, number: int, catalogue: Catalogue, language: Language) -> None:
        self._plain: Mapping[str, Any] = plain if isinstance(plain, dict) else {}
        self._catalogue = catalogue
        self._language = language
        self._found: dict[Code, list[str]] = {}
        self.id = self._text("id") or f"#{number}"
        self.vectors: tuple[Vector, ...] = ()

    @property
    def faults(self) -> tuple[RuleFault, ...]:
        """What was found wrong so far."""
        return tuple(RuleFault(self.id, code, ", ".join(places)) for code, places in self._found.items())

    def read(self) -> Rule | None:
        """Return the rule; None where it has faults."""
        starts, ends = self._dates()
        owner, approver, second = self._people()
        match = self._word("match", Match, Code.BAD_MATCH)
        conditions = self._conditions()
        self.vectors = self._tests()
        if match is not None and conditions:
            self._run(match, [condition.program for condition in conditions])
        rule = Rule(
            id=self.id,
            version=self._version(),
            title=self._text("title"),
            subject=self._subject(),
            purpose=self._text("purpose"),
            legal_basis=self._text("legal_basis", Code.MISSING_LEGAL_BASIS),
            owner=owner,
            approver=approver,
            second_approver=second,
            starts=starts,
            ends=ends,
            lanes=self._lanes(),
            max_hit_rate=self._max_hit_rate(),
            action=self._word("action", Action, Code.TYPE_ERROR) or Action.INFORM,
            question=self._text("question"),
            match=match or Match.ALL,
            conditions=conditions,
            tests=self.vectors,
        )
        return None if self._found else rule

    def _fault(self, code: Code, where: str) -> None:
        self._found.setdefault(code, []).append(where)

    # -- words, numbers, dates ----------------------------------------------------------------------------------------

    def _text(self, key: str, code: Code = Code.TYPE_ERROR) -> str:
        value = self._plain.get(key)
        if _is_text(value):
            return str(value)
        self._fault(code, key)
        return ""

    def _word(self, key: str, words: type[_Word], code: Code) -> _Word | None:
        value = self._plain.get(key)
        if isinstance(value, str) and value in set(words):
            return words(value)
        self._fault(code, key)
        return None

    def _version(self) -> int:
        value = self._plain.get("version")
        if type(value) is int and value >= 0:
            return value
        self._fault(Code.TYPE_ERROR, "version")
        return 0

    def _subject(self) -> str:
        if self._plain.get("subject") != self._catalogue.subject:
            self._fault(Code.TYPE_ERROR, "subject")
        return self._catalogue.subject

    def _lanes(self) -> tuple[Mode, ...]:
        value = self._plain.get("lanes")
        known = set(Mode)
        if isinstance(value, list) and value and all(isinstance(one, str) and one in known for one in value):
            return tuple(mode for mode in Mode if mode in value)
        self._fault(Code.TYPE_ERROR, "lanes")
        return ()

    def _max_hit_rate(self) -> float:
        value = self._plain.get("max_hit_rate")
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 1:
            return float(value)
        self._fault(Code.BAD_MAX_HIT_RATE, "max_hit_rate")
        return 0.0

    def _dates(self) -> tuple[date, date]:
        starts, ends = (read_day(self._plain.get(key)) for key in ("starts", "ends"))
        if starts is None or ends is None or starts > ends:
            self._fault(Code.BAD_DATES, "starts, ends")
        return starts or date.min, ends or date.min

    def _people(self) -> tuple[str, str, str | None]:
        """Four eyes: an approver who is nobody, or the owner, has approved nothing."""
        owner = self._text("owner", Code.APPROVER_IS_OWNER)
        approver = self._text("approver", Code.APPROVER_IS_OWNER)
        second = self._plain.get("second_approver")
        if second is not None and not isinstance(second, str):
            self._fault(Code.TYPE_ERROR, "second_approver")
            second = None
        if owner and _same(owner, approver):
            self._fault(Code.APPROVER_IS_OWNER, "approver")
        if owner and second is not None and _same(owner, second):
            self._fault(Code.APPROVER_IS_OWNER, "second_approver")
        return owner, approver, second if second and second.strip() else None

    # -- conditions and tests -----------------------------------------------------------------------------------------

    def _conditions(self) -> tuple[RuleCondition, ...]:
        """Return the conditions, none where one of them cannot be used."""
        value = self._plain.get("conditions")
        if not isinstance(value, list) or not 1 <= len(value) <= MOST_CONDITIONS:
            self._fault(Code.NO_CONDITIONS, "conditions")
            return ()
        read = [self._condition(number, plain) for number, plain in enumerate(value, start=1)]
        names = Counter(plain.get("name") for plain in value if isinstance(plain, dict) and _is_text(plain.get("name")))
        for name in (name for name, times in names.items() if times > 1):
            self._fault(Code.DUPLICATE_CONDITION, f"condition {name}")
        conditions = tuple(condition for condition in read if condition is not None)
        return conditions if len(conditions) == len(value) else ()

    def _condition(self, number: int, plain: object) -> RuleCondition | None:
        content: Mapping[str, Any] = plain if isinstance(plain, dict) else {}
        name, says = content.get("name"), content.get("says")
        where = f"condition {name if _is_text(name) else number}"
        if not _is_text(name) or not _is_text(says):
            self._fault(Code.TYPE_ERROR, where)
        program = self._compile(content.get("cel"), where)
        return None if program is None else RuleCondition(str(name), str(content.get("cel")), str(says), program)

    def _compile(self, expression: object, where: str) -> Program | None:
        if not isinstance(expression, str):
            self._fault(Code.SYNTAX_ERROR, where)
            return None
        try:
            return self._language.compile(expression)
        except CelError as error:
            for code in error.codes:
                self._fault(code, where)
            return None

    def _tests(self) -> tuple[Vector, ...]:
        value = self._plain.get("tests", [])
        if not isinstance(value, list) or len(value) > MOST_TESTS:
            self._fault(Code.TEST_FAILED, "tests")
            return ()
        vectors = []
        for number, plain in enumerate(value, start=1):
            content = plain if isinstance(plain, dict) else {}
            subject, expected = content.get("subject"), content.get("expect")
            if isinstance(subject, dict) and isinstance(expected, str) and expected in _EXPECTED:
                fields = {name: one for name, one in flatten(subject).items() if name != "id"}
                vectors.append(Vector(fields, _EXPECTED[expected]))
            else:
                self._fault(Code.TEST_FAILED, f"test {number}")
        return tuple(vectors)

    def _run(self, match: Match, programs: list[Program]) -> None:
        for number, vector in enumerate(self.vectors, start=1):
            activation = self._language.activation(self._catalogue.usable(vector.fields))
            if fold(match, [_TRUTHS[program.truth(activation)] for program in programs]) is not vector.expect:
                self._fault(Code.TEST_FAILED, f"test {number}")


def read_day(value: object) -> date | None:
    """Return the day written YYYY-MM-DD, None for anything else."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _is_text(value: object) -> bool:
    """Tell whether it is a text that can be shown: not blank, bounded, UTF-8, nothing that steers a terminal."""
    if not isinstance(value, str) or not value.strip() or len(value) > MOST_TEXT:
        return False
    return all(one.isprintable() or one in "\n\t" or unicodedata.category(one) == "Zs" for one in value)


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()
