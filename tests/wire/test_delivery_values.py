"""The values of the line, as they travel: each reads back, and what is of another form is refused."""

import contextlib
from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.verdict import Answer, Check, NotDone, Outcome, Source
from checkpoint_app.verdict.raising import Gone
from checkpoint_app.wire import api
from checkpoint_app.wire.api import MAX_PROBLEM_BYTES, Grants, Problem
from checkpoint_app.wire.canonical import canonical_bytes, read_canonical
from checkpoint_app.wire.case import (
    MAX_INBOX_BYTES,
    MOST_ITEMS,
    Case,
    CaseKind,
    CaseOutcome,
    CaseState,
    Inbox,
    SeenList,
)
from checkpoint_app.wire.delivery import (
    BATCH_BYTES,
    BATCH_TEXT_BYTES,
    MAX_BATCH_BYTES,
    MAX_LATE_BODY_BYTES,
    MOST_AHEAD,
    MOST_EARLY,
    MOST_EVENTS,
    MOST_WANTED,
    Acknowledgement,
    Batch,
    Early,
    LateBody,
    Parcel,
)
from checkpoint_app.wire.enrolment import BoothState, EnrolmentReply
from checkpoint_app.wire.event import MAX_BODY_BYTES
from checkpoint_app.wire.header import ListKind
from checkpoint_app.wire.plain import PlainError, from_plain, to_plain
from checkpoint_app.wire.question import MAX_QUESTION_BYTES, MAX_REPLY_BYTES, KnownHit, Question, Reply
from checkpoint_app.wire.repository import (
    BY_HAND,
    CUSTOM,
    GRANT_ENDING,
    ListTarget,
    delta_path,
    path_pattern,
    target_path,
)
from checkpoint_app.wire.statement import MAX_STATEMENT_BYTES, Statement

AT = datetime(2026, 11, 27, 9, 0, 0, 123456, tzinfo=UTC)
ANSWER = Answer(Check.WANTED, Outcome.NOT_CHECKED, Source("ECU", 7, "engine/1", AT), AT, NotDone.LIST_TOO_OLD)
VALUES = [
    Parcel('{"seq":1}', b"s" * 64),
    Parcel('{"seq":1}', b"s" * 64, b"t" * 32, '{"a":"ñ"}'),
    Batch("demo-3", (Parcel("{}", b""), Parcel("[]", b"", b"", ""))),
    Batch("demo-3", ()),
    LateBody("demo-3", 7, b"t" * 32, "{}"),
    LateBody("demo-3", 7, erased=True),
    Early("demo-3", (3, 5), AT),
    Acknowledgement("demo-3", 2, 57, "ab" * 32, (3, 5), AT),
    Question("demo-3", "e-1", ("P<", "X"), True, False, (KnownHit("ECU", 7, "L1"),)),
    Reply("e-1", (ANSWER,), (Gone("ECU", 8, "L1"),), AT),
    Case(
        "c-1", 3, CaseKind.LATE_HIT, "demo-3", "e-1", "MUSTER", "ERIKA", "let_pass", AT, "EC-1", True,
        (ANSWER,), (SeenList("ECU", 0),), AT, AT,
    ),
    Inbox("demo-3", 4, (Statement("Case", "{}", b"s"),)),
    Problem("fork", "one clear line", 409, AT),
    Grants("demo-3", ("{}",)),
    EnrolmentReply("demo-3", BoothState.PENDING, "AB", "Rumichaca", "centre-1", AT),
    ListTarget("ECU", ListKind.PERSONS, 7, AT, "k", "d"),
]  # fmt: skip


def name_of(value: object) -> str:
    return type(value).__name__


@pytest.mark.parametrize("value", VALUES, ids=name_of)
def test_a_value_reads_back_from_its_canonical_bytes(value):
    data = canonical_bytes(to_plain(value))
    assert from_plain(type(value), read_canonical(data, len(data))) == value


@pytest.mark.parametrize("value", VALUES, ids=name_of)
def test_a_field_too_many_or_of_another_type_is_refused(value):
    plain = to_plain(value)
    with pytest.raises(PlainError):
        from_plain(type(value), plain | {"more": 1})
    for field in fields(value):
        wrong = [1.5, {"x": [1]}, [[1]]]
        for other in wrong:
            with pytest.raises(PlainError):
                from_plain(type(value), plain | {field.name: other})


@pytest.mark.parametrize("value", VALUES, ids=name_of)
def test_a_field_that_must_be_given_is_missed(value):
    plain = to_plain(value)
    for field in fields(value):
        less = {name: one for name, one in plain.items() if name != field.name}
        try:
            read = from_plain(type(value), less)
        except PlainError as error:
            assert field.name in str(error)  # noqa: PT017 - either is right, by the field
        else:
            assert getattr(read, field.name) == field.default


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda one: st.lists(one) | st.dictionaries(st.text(), one),
        max_leaves=8,
    )
)
def test_whatever_plain_data_comes_only_a_plain_error_comes_of_it(data):
    for cls in {type(value) for value in VALUES}:
        with contextlib.suppress(PlainError):
            assert isinstance(from_plain(cls, data), cls)


def test_the_largest_late_body_fits_with_its_escapes():
    """A body of a JSON text may double when it is written as a text in JSON: each quote and backslash is escaped."""
    body = '"' + "\\\\" * ((MAX_BODY_BYTES - 2) // 2) + '"'
    data = canonical_bytes(to_plain(LateBody("b" * 64, 2**53 - 1, b"t" * 32, body)))
    assert len(data) <= MAX_LATE_BODY_BYTES
    assert from_plain(LateBody, read_canonical(data, MAX_LATE_BODY_BYTES)).body == body


def test_the_words_of_the_line_stay():
    """Other releases of booth and centre read and write them."""
    assert [*BoothState] == ["pending", "confirmed", "revoked"]
    assert [*CaseKind] == ["late_hit", "on_the_way"]
    own = ["policy", "officers", "signers", "clearances", "booths"]
    assert [*ListKind] == ["persons", "documents", *own, "rules", "codes"]
    assert [*CaseState] == ["new", "taken", "closed"]
    assert [*CaseOutcome] == ["not_same", "same_reported", "passed_on"]
    assert (api.TOKEN_SCHEME, api.TIME_HEADER) == ("Booth", "Centre-Time")
    assert (api.JSON, api.PROBLEM) == ("application/json", "application/problem+json")
    assert [api.ANCHORS, api.ENROLMENTS, api.ENROLMENT, api.METADATA, api.TARGETS, api.GRANTS] == [
        "/v1/anchors",
        "/v1/enrolments",
        "/v1/enrolment",
        "/v1/repository/metadata/",
        "/v1/repository/targets/",
        "/v1/grants",
    ]
    assert [api.ACKNOWLEDGEMENT, api.EVENTS, api.BODIES, api.URGENT, api.QUESTIONS, api.INBOX] == [
        "/v1/acknowledgement",
        "/v1/events",
        "/v1/bodies",
        "/v1/urgent",
        "/v1/questions",
        "/v1/inbox",
    ]


def test_the_bounds_of_the_line_stay():
    assert (BATCH_BYTES, MAX_BATCH_BYTES, MOST_EVENTS, MOST_WANTED) == (65_536, 2_097_152, 500, 100)
    assert (MOST_EARLY, MOST_AHEAD) == (500, 1_000_000)
    assert (BATCH_TEXT_BYTES, MAX_LATE_BODY_BYTES) == (1_048_576, 4_194_304)
    assert (MAX_INBOX_BYTES, MOST_ITEMS, MAX_PROBLEM_BYTES) == (4_194_304, 100, 16_384)
    assert (MAX_QUESTION_BYTES, MAX_REPLY_BYTES, MAX_STATEMENT_BYTES) == (65_536, 524_288, 262_144)


def test_a_list_has_one_place_among_the_targets():
    assert (target_path("ECU"), path_pattern("ECU")) == ("ECU/ECU.list", "ECU/*")
    assert (CUSTOM, GRANT_ENDING) == ("checkpoint", ".grant")
    assert timedelta(days=14) == BY_HAND


def test_a_delta_lies_beside_the_list():
    assert delta_path("ECU", 88, 89) == "ECU/ECU-88-89.delta"
