"""The thin adapter over CEL (cel-expr-python): compile a condition, know what it reads, evaluate it in three values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from cel_expr_python import cel

from checkpoint_app.risk.catalogue import Catalogue, FieldType, catalogue
from checkpoint_app.risk.faults import Code

MOST_CHARACTERS = 500  # of one expression

_TYPES = {
    FieldType.STRING: cel.Type.STRING,
    FieldType.INT: cel.Type.INT,
    FieldType.DOUBLE: cel.Type.DOUBLE,
    FieldType.BOOL: cel.Type.BOOL,
    FieldType.STRINGS: cel.Type.List(cel.Type.STRING),
}
# A message quotes the expression after " | ": only the lines of the compiler itself are looked at.
_ERROR = re.compile(r"^(?:INVALID_ARGUMENT: )?ERROR: <input>:-?\d+:-?\d+: (.*)$", re.MULTILINE)
_CODES = (
    ("undeclared reference", Code.UNKNOWN_FIELD),
    ("found no matching overload", Code.TYPE_ERROR),
    ("expression of type", Code.TYPE_ERROR),
)
_BAD_PATTERN = "INVALID_ARGUMENT: invalid regular expression"
_SAMPLES: tuple[Mapping[FieldType, object], ...] = (
    {},
    dict(zip(FieldType, ("", 0, 0.0, False, [""]), strict=True)),
    dict(zip(FieldType, ("A", 1, 1.0, True, ["A"]), strict=True)),
)


class CelError(Exception):
    """The expression cannot be used; ``codes`` say why."""

    def __init__(self, codes: tuple[Code, ...]) -> None:
        super().__init__(", ".join(codes))
        self.codes = codes


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled condition and the fields that it reads, in alphabetical order."""

    reads: tuple[str, ...]
    _expression: Any = field(repr=False, compare=False)

    def truth(self, activation: object) -> bool | None:
        """Return what the condition comes to for a subject; None: unknown.

        An error is a value of the library, and a text that Python would take as true; an overrun is raised.
        """
        try:
            value = self._expression.eval(activation).plain_value()
        except (RuntimeError, ValueError):
            return None
        return value if value is True or value is False else None


class Language:
    """CEL over the fields of one catalogue, each declared by its whole dotted name: a misspelt one does not compile."""

    def __init__(self, fields: Catalogue) -> None:
        self._types = fields.types
        self._env = cel.NewEnv(variables={name: _TYPES[kind] for name, kind in fields.types.items()})
        self._samples = tuple(
            self.activation({name: sample[kind] for name, kind in fields.types.items() if kind in sample})
            for sample in _SAMPLES
        )

    def activation(self, received: Mapping[str, object]) -> object:
        """Return the values of one subject, made once and used for all conditions; they are of the declared types."""
        return self._env.Activation(dict(received))

    def compile(self, expression: str) -> Program:
        """Compile a condition; raises CelError with every code that applies."""
        if len(expression) > MOST_CHARACTERS:
            raise CelError((Code.SYNTAX_ERROR,))
        try:
            compiled = self._env.compile(expression)
        except TypeError as error:  # half a surrogate pair: no text
            raise CelError((Code.SYNTAX_ERROR,)) from error
        except RuntimeError as error:
            raise CelError(_codes(str(error))) from error
        if compiled.return_type() != cel.Type.BOOL:
            raise CelError((Code.NOT_BOOLEAN,))
        for sample in self._samples:
            _try(compiled, sample)
        return Program(tuple(sorted(_referenced(compiled.serialize()) & self._types.keys())), compiled)


@cache
def language(name: str) -> Language:
    """Return the language over the catalogue called ``name``; raises ValueError if there is none."""
    fields = catalogue(name)
    if fields is None:
        raise ValueError(f"no catalogue of fields {name}")
    return Language(fields)


def _codes(message: str) -> tuple[Code, ...]:
    return tuple(sorted({_code(line) for line in _ERROR.findall(message)})) or (Code.SYNTAX_ERROR,)


def _code(line: str) -> Code:
    return next((code for start, code in _CODES if line.startswith(start)), Code.SYNTAX_ERROR)


def _try(compiled: Any, activation: object) -> None:
    """Refuse what compiles and can never work: a loop that overruns whoever the subject is, a broken pattern."""
    try:
        value = compiled.eval(activation).plain_value()
    except (RuntimeError, ValueError) as error:
        raise CelError((Code.TEST_FAILED,)) from error
    if isinstance(value, str) and value.startswith(_BAD_PATTERN):
        raise CelError((Code.SYNTAX_ERROR,))


def _referenced(serialized: bytes) -> set[str]:
    """Return the names that a checked expression refers to: those of fields, and of functions.

    Read from cel.expr.CheckedExpr (checked.proto of cel-spec, inside google.protobuf.Any): reference_map is field 2,
    the value of its entries field 2, the name in it field 1. So texts and comments of the expression cannot deceive.
    """
    names = set()
    for number, checked in _parts(serialized):
        for inner, entry in _parts(checked) if number == 2 else ():
            for key, reference in _parts(entry) if inner == 2 else ():
                names |= {name.decode() for one, name in _parts(reference) if key == 2 and one == 1}
    return names


def _parts(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (field number, content) of the fields of a protocol buffer that hold bytes; numbers are passed over."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        length, at = _varint(message, at)
        if tag & 7 == 2:
            yield tag >> 3, message[at : at + length]
            at += length


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
