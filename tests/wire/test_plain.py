from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.documents.values import Format, PartialDate, Sex, TravelDocument
from checkpoint_app.screening.entry import Entry, ListedDate, ListedDocument, Name
from checkpoint_app.verdict import (
    Advice,
    Answer,
    Candidate,
    Check,
    Finding,
    NotDone,
    Outcome,
    Policy,
    Reason,
    Requirement,
    Sign,
    Source,
    Verdict,
)
from checkpoint_app.wire.canonical import canonical_bytes, read_canonical
from checkpoint_app.wire.plain import PlainError, from_plain, to_plain

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, slots=True)
class Inner:
    count: int
    word: str = "none"


@dataclass(frozen=True, slots=True)
class Everything:
    text: str
    flag: bool
    count: int
    colour: Colour
    moment: datetime
    day: date
    age: timedelta
    raw: bytes
    maybe: Inner | None
    many: tuple[Inner, ...]
    pair: tuple[int, str]
    table: Mapping[str, Inner]
    figures: Mapping[str, int | str] = field(default_factory=dict)


MOMENTS = st.datetimes(timezones=st.just(UTC))
INNERS = st.builds(Inner, st.integers(), st.text())
EVERYTHING = st.builds(
    Everything,
    st.text(),
    st.booleans(),
    st.integers(),
    st.sampled_from(Colour),
    MOMENTS,
    st.dates(),
    st.integers(-(10**9), 10**9).map(lambda s: timedelta(seconds=s)),
    st.binary(),
    st.none() | INNERS,
    st.lists(INNERS, max_size=3).map(tuple),
    st.tuples(st.integers(), st.text()),
    st.dictionaries(st.text(), INNERS, max_size=3),
    st.dictionaries(st.text(), st.integers() | st.text(), max_size=3),
)
GOOD = Everything(
    "t", True, 3, Colour.RED, NOW, date(2026, 1, 2), timedelta(hours=1), b"\xff\x00", None, (Inner(1),), (1, "a"), {}
)


@given(EVERYTHING)
def test_round_trip(value):
    plain = to_plain(value)
    assert from_plain(Everything, plain) == value
    assert to_plain(from_plain(Everything, plain)) == plain


def test_the_plain_forms():
    assert to_plain(GOOD) == {
        "text": "t",
        "flag": True,
        "count": 3,
        "colour": "red",
        "moment": "2026-11-24T08:00:00.000000Z",
        "day": "2026-01-02",
        "age": 3600,
        "raw": "_wA",
        "maybe": None,
        "many": [{"count": 1, "word": "none"}],
        "pair": [1, "a"],
        "table": {},
        "figures": {},
    }
    assert type(to_plain(GOOD)["colour"]) is str


def test_values_of_the_rooms_survive_their_canonical_bytes():
    source = Source("ecu", 88, "screening 1", NOW, "ECU", "EC-US", NOW + timedelta(days=3), ("LE-ONLY",))
    candidate = Candidate("L1", "0" * 64, "X", 19500, 9400, (Reason(Sign.NEAR, "name", {"a": "b"}),), {"sex": "M"})
    values = [
        Answer(Check.WANTED, Outcome.HIT, source, NOW, None, (Finding("name"),), (candidate,)),
        Answer(Check.FACE, Outcome.NOT_CHECKED, Source("face", 0, ""), NOW, NotDone.NO_DEVICE),
        Verdict(Advice.REFER, "post", 3, NOW, 1, 0, 2, 1, (Requirement(Check.WANTED, "ecu"),)),
        Policy("post", 3, NOW, (Requirement(Check.DOCUMENT),), MappingProxyType({"expired": Outcome.NOTE})),
        TravelDocument(Format.TD3, "P", birth_date=PartialDate("74<<<<", 1974), sex=Sex.UNSPECIFIED),
        Entry("L1", "Person", (Name("MORÁN"),), (ListedDate("1974", "1975"),), documents=(ListedDocument("A1"),)),
    ]
    for value in values:
        data = canonical_bytes(to_plain(value))
        assert from_plain(type(value), read_canonical(data, 1 << 16)) == value


def test_other_time_zones_are_written_in_utc():
    quito = datetime(2026, 11, 24, 3, tzinfo=timezone(timedelta(hours=-5)))
    assert to_plain(quito) == "2026-11-24T08:00:00.000000Z"


def test_a_list_of_values_and_a_type_that_is_no_dataclass():
    assert to_plain((Inner(1), Inner(2, "b"))) == [{"count": 1, "word": "none"}, {"count": 2, "word": "b"}]
    assert from_plain(tuple[Inner, ...], [{"count": 1}]) == (Inner(1),)


@pytest.mark.parametrize(
    ("name", "value", "path"),
    [
        ("text", 1, "Everything.text"),
        ("flag", 1, "Everything.flag"),
        ("count", True, "Everything.count"),
        ("count", "3", "Everything.count"),
        ("colour", "blue", "Everything.colour"),
        ("colour", None, "Everything.colour"),
        ("moment", "2026-11-24T08:00:00Z", "Everything.moment"),
        ("moment", "2026-11-24T08:00:00.000000+00:00", "Everything.moment"),
        ("moment", "2026-11-24T08:00:00.000000", "Everything.moment"),
        ("moment", "2026-13-24T08:00:00.000000Z", "Everything.moment"),
        ("moment", 7, "Everything.moment"),
        ("day", "20260102", "Everything.day"),
        ("age", 1.5, "Everything.age"),
        ("age", 10**20, "Everything.age"),
        ("raw", "_wA=", "Everything.raw"),
        ("raw", "_wB", "Everything.raw"),
        ("raw", "é", "Everything.raw"),
        ("raw", "_", "Everything.raw"),
        ("maybe", [], "Everything.maybe"),
        ("many", {}, "Everything.many"),
        ("many", [{"count": 1}, {"count": ""}], r"Everything.many\[1\].count"),
        ("pair", [1], "Everything.pair"),
        ("pair", [1, 2], "Everything.pair"),
        ("table", [], "Everything.table"),
        ("table", {"k": {"word": "x"}}, r"Everything.table.\*.count: missing"),
        ("table", {1: {"count": 1}}, "Everything.table"),
        ("figures", {"k": 1.5}, r"Everything.figures.\*"),
        ("figures", {"k": True}, r"Everything.figures.\*"),
    ],
)
def test_what_does_not_fit_is_refused_by_the_fields_name(name, value, path):
    with pytest.raises(PlainError, match=rf"^{path}"):
        from_plain(Everything, to_plain(GOOD) | {name: value})


def test_unknown_and_missing_fields():
    with pytest.raises(PlainError, match=r"^Inner\.count: missing"):
        from_plain(Inner, {"word": "x"})
    with pytest.raises(PlainError, match="Inner does not know"):
        from_plain(Inner, {"count": 1, "other": 2})
    with pytest.raises(PlainError, match="expected a mapping"):
        from_plain(Inner, [1])
    assert from_plain(Inner, {"count": 1}) == Inner(1)


def test_the_rules_of_a_class_hold_when_it_is_read():
    plain = to_plain(Answer(Check.WANTED, Outcome.CLEAR, Source("ecu", 1, ""), NOW))
    with pytest.raises(PlainError, match="names a reason"):
        from_plain(Answer, plain | {"outcome": "not_checked"})


def test_errors_do_not_repeat_the_value():
    with pytest.raises(PlainError) as caught:
        from_plain(Everything, to_plain(GOOD) | {"colour": "GUZMAN"})
    assert "GUZMAN" not in str(caught.value)


@pytest.mark.parametrize(
    "value",
    [1.5, {1}, datetime(2026, 1, 1), timedelta(milliseconds=1), {1: 2}, object()],  # noqa: DTZ001
)
def test_values_without_a_plain_form(value):
    with pytest.raises(PlainError):
        to_plain(value)


def test_types_without_a_plain_form():
    for cls in (float, list, set[int], dict[int, str], bytes | str, str | Inner):
        with pytest.raises(PlainError):
            from_plain(cls, None)
