"""Statements: what the centre says, provably, to one booth or in a bundle."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.wire.canonical import canonical_bytes
from checkpoint_app.wire.delivery import Acknowledgement
from checkpoint_app.wire.plain import to_plain
from checkpoint_app.wire.statement import MAX_STATEMENT_BYTES, Statement, StatementError, read_statement, state
from tests.wire.helpers import PUBLISHER as CENTRE
from tests.wire.helpers import STRANGER

VALUE = Acknowledgement("demo-3", 1, 57, "ab" * 32, (3, 5), datetime(2026, 11, 27, 9, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Note:
    """Another thing to state."""

    text: str


def test_a_statement_reads_back():
    statement = state(VALUE, CENTRE)
    assert read_statement(Acknowledgement, statement, CENTRE.public_key()) == VALUE
    assert statement.kind == "Acknowledgement"
    assert statement.text.encode() == canonical_bytes(to_plain(VALUE))


def test_the_form_that_is_signed_stays_for_ever():
    statement = state(Note("Señor"), CENTRE)
    signed = b'checkpoint statement 1\x00Note\x00{"text":"Se\xc3\xb1or"}'
    assert CENTRE.public_key().verify(statement.signature, signed) is None


def test_only_the_centres_own_key_states():
    with pytest.raises(StatementError):
        read_statement(Note, state(Note("a"), STRANGER), CENTRE.public_key())


def test_a_statement_is_of_the_kind_that_was_signed():
    @dataclass(frozen=True, slots=True)
    class Other:
        text: str

    statement = state(Note("a"), CENTRE)
    with pytest.raises(StatementError):
        read_statement(Other, statement, CENTRE.public_key())
    with pytest.raises(StatementError):
        read_statement(Other, replace(statement, kind="Other"), CENTRE.public_key())


def test_a_text_that_this_centre_signed_but_that_is_no_value_is_refused():
    for text in ('{"text":1}', "[]", '{ "text":"a"}', ""):
        signature = CENTRE.sign(b"checkpoint statement 1\x00Note\x00" + text.encode())
        with pytest.raises(StatementError) as caught:
            read_statement(Note, Statement("Note", text, signature), CENTRE.public_key())
        assert text == "" or text not in str(caught.value)


def test_the_length_is_bounded():
    over = len('{"text":""}')
    statement = state(Note("a" * (MAX_STATEMENT_BYTES - over)), CENTRE)
    assert read_statement(Note, statement, CENTRE.public_key())
    with pytest.raises(StatementError):
        read_statement(Note, state(Note("a" * (MAX_STATEMENT_BYTES - over + 1)), CENTRE), CENTRE.public_key())


@given(st.text(), st.binary(max_size=80))
def test_whatever_text_comes_it_is_refused(text, signature):
    with pytest.raises(StatementError):
        read_statement(Note, Statement("Note", text, signature), CENTRE.public_key())


@given(st.data())
def test_no_changed_text_passes(data):
    statement = state(Note("a note"), CENTRE)
    place = data.draw(st.integers(0, len(statement.text) - 1))
    changed = statement.text[:place] + data.draw(st.characters()) + statement.text[place + 1 :]
    if changed != statement.text:
        with pytest.raises(StatementError):
            read_statement(Note, replace(statement, text=changed), CENTRE.public_key())
