"""Questions and the inbox: only what the centre signed, for this booth, in its order, and once."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

import pytest

from checkpoint_app.store import Store
from checkpoint_app.sync.ask import ask
from checkpoint_app.sync.errors import LineCode, LineError
from checkpoint_app.sync.inbox import read_inbox
from checkpoint_app.sync.line import Line
from checkpoint_app.wire import api
from checkpoint_app.wire.case import CaseState
from checkpoint_app.wire.event import EventKind
from checkpoint_app.wire.question import KnownHit, Question, Reply
from tests.sync.fake_centre import FakeCentre, _ok, served
from tests.sync.helpers import BOOTH, directly, lined, stored
from tests.sync.proxy import Fault, proxied

QUESTION = Question(BOOTH, "00000000-0000-4000-8000-000000000001", ("P<UTOMUSTER<<EJEMPLO",), False, True)


@contextmanager
def at_work() -> Iterator[tuple[FakeCentre, Store, Line]]:
    centre = FakeCentre()
    with stored() as store, served(centre) as port, lined(centre, port, store.identity) as line:
        yield centre, store, line


def refused(line: Line, store: Store) -> LineCode:
    with pytest.raises(LineError) as caught:
        read_inbox(line, directly(store))
    assert not caught.value.ends_round
    return caught.value.code


def test_a_case_is_in_the_journal_once():
    with at_work() as (centre, store, line):
        sent = centre.send_case(BOOTH)
        assert read_inbox(line, directly(store)) == [sent]
        assert read_inbox(line, directly(store)) == []
        kinds = [event.header.kind for event in store.journal.events()]
        assert kinds == [EventKind.CASE_RECEIVED]
        assert [row.case for row in store.cases.all()] == [sent]
        assert store.cases.last_number() == 1


def test_a_change_of_state_comes_as_the_same_case_under_a_new_number():
    with at_work() as (centre, store, line):
        centre.send_case(BOOTH, case_id="case-1")
        centre.send_case(BOOTH, case_id="case-1", state=CaseState.TAKEN, owner="officer-2")
        assert [case.number for case in read_inbox(line, directly(store))] == [1, 2]
        [row] = store.cases.all()
        assert (row.case.state, row.case.owner) == (CaseState.TAKEN, "officer-2")


def test_what_did_not_change_is_asked_by_its_etag():
    with at_work() as (centre, store, line):
        assert read_inbox(line, directly(store)) == []
        assert "If-None-Match" not in centre.headers
        assert read_inbox(line, directly(store)) == []
        assert centre.headers["If-None-Match"] == '"0"'
        centre.send_case(BOOTH)
        assert len(read_inbox(line, directly(store))) == 1
        assert centre.headers["If-None-Match"] == '"0"'
        assert read_inbox(line, directly(store)) == []
        assert "If-None-Match" not in centre.headers  # what came was another answer than the one to this question


def test_the_last_item_is_named_by_its_digest_also_when_its_body_was_erased():
    with at_work() as (centre, store, line):
        centre.send_case(BOOTH)
        assert len(read_inbox(line, directly(store))) == 1
        digest = hashlib.sha256(centre.booths[BOOTH].inbox[0].text.encode()).hexdigest()
        for _ in range(2):
            assert read_inbox(line, directly(store)) == []
            assert centre.requests[-1][1] == f"{api.INBOX}?seen={digest}&after=1"
            store.journal.erase_body(1)


def test_cases_that_could_not_be_written_down_come_again(monkeypatch):
    with at_work() as (centre, store, line):
        centre.send_case(BOOTH)
        centre.send_case(BOOTH)
        real, calls = store.journal.append, []

        def fail_at_the_second(kind, body):
            calls.append(kind)
            if len(calls) == 2:
                raise OSError("the disk is gone")
            return real(kind, body)

        monkeypatch.setattr(store.journal, "append", fail_at_the_second)
        with pytest.raises(OSError, match="gone"):
            read_inbox(line, directly(store))
        assert store.cases.last_number() == 0  # all of a page or none
        monkeypatch.undo()
        assert [case.number for case in read_inbox(line, directly(store))] == [1, 2]


def test_a_case_that_another_key_signed_is_refused():
    with at_work() as (centre, store, line):
        centre.key = FakeCentre().key
        centre.send_case(BOOTH)
        assert refused(line, store) is LineCode.NOT_SIGNED
        assert store.cases.last_number() == 0


@pytest.mark.parametrize("changes", [{"booth": "booth-2"}, {"number": 2}, {"number": 7}])
def test_a_case_of_another_booth_or_out_of_its_order_is_refused(changes):
    with at_work() as (centre, store, line):
        centre.send_case(BOOTH, **changes)
        assert refused(line, store) is LineCode.MALFORMED
        assert store.cases.last_number() == 0


def test_an_inbox_of_another_booth_is_refused():
    with at_work() as (centre, store, line):
        centre.know("booth-2", store.identity.public_key)
        centre.send_case("booth-2", 1)
        real = centre._confirmed
        centre._confirmed = lambda booth, known, *rest: real("booth-2", centre.booths["booth-2"], *rest)
        assert refused(line, store) is LineCode.MALFORMED


def test_an_inbox_that_lost_cases_is_told():
    with at_work() as (centre, store, line):
        centre.send_case(BOOTH)
        read_inbox(line, directly(store))
        centre.booths[BOOTH].inbox.clear()
        assert refused(line, store) is LineCode.MALFORMED


# -- questions --------------------------------------------------------------------------------------------------------


def test_the_reply_is_to_the_question():
    with at_work() as (_centre, _store, line):
        assert ask(line, QUESTION, 2.0).encounter_id == QUESTION.encounter_id


def test_an_answer_to_another_question_is_refused():
    with at_work() as (centre, _store, line):
        centre.override[api.QUESTIONS] = _ok(Reply("another", (), (), centre.clock.now()))
        with pytest.raises(LineError) as caught:
            ask(line, QUESTION, 2.0)
        assert caught.value.code is LineCode.MALFORMED


def test_a_question_larger_than_any_is_not_sent():
    with at_work() as (centre, _store, line):
        hits = tuple(KnownHit("list", 1, "x" * 100) for _ in range(1000))
        question = Question(BOOTH, "e", (), False, True, hits)
        with pytest.raises(LineError) as caught:
            ask(line, question, 2.0)
        assert caught.value.code is LineCode.TOO_LARGE
        assert centre.requests == []


def test_an_answer_that_does_not_come_is_not_waited_for():
    centre = FakeCentre()
    with served(centre) as port, proxied(port) as proxy:
        proxy.fault = Fault(mute=True)
        with lined(centre, proxy.port) as line:
            began = monotonic()
            with pytest.raises(LineError) as caught:
                ask(line, QUESTION, 0.3)
            assert caught.value.code is LineCode.TIMED_OUT
            assert monotonic() - began < 1.5
