"""`POST /v1/screenings`: people on their way, each answered by itself, on record once, and never by a silent list."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest
import requests
from fastapi import FastAPI
from sqlalchemy import func, select

from checkpoint_app.central import acts, alarms, cases, database
from checkpoint_app.central.app import make_app
from checkpoint_app.central.background import Background, background_of
from checkpoint_app.central.centre import Centre
from checkpoint_app.central.screenings import PIECE
from checkpoint_app.verdict import Check, Outcome
from checkpoint_app.wire.api import INBOX, QUESTIONS, SCREENINGS
from checkpoint_app.wire.canonical import canonical_bytes, read_canonical
from checkpoint_app.wire.case import CaseKind, Inbox
from checkpoint_app.wire.enrolment import BoothState
from checkpoint_app.wire.plain import from_plain, to_plain
from checkpoint_app.wire.question import Question, Reply
from checkpoint_app.wire.screening import (
    MAX_SCREENED_BYTES,
    MAX_SUBJECTS,
    Purpose,
    Screened,
    Screening,
    ScreeningSubject,
)
from tests.central.chains import zone
from tests.central.helpers import AUDIENCE, FakeBooth, enrolled, serve
from tests.central.listed import EJEMPLO, MUSTER, STOLEN, publish, publish_policy

ID = "11111111-2222-4333-8444-555555555555"
WANTED = ScreeningSubject("1A", family_name="Muster", given_names="Erika", birth_date="1974-08-12", sex="F",
                          nationality="UTO", document_number="X7654321", issuer="UTO")  # fmt: skip
NOBODY = ScreeningSubject("1B", family_name="Harmlos", given_names="Anna", birth_date="1990-02-03",
                          document_number="Y0000007")  # fmt: skip
STOLEN_BOOK = replace(NOBODY, ref="2A", document_number=STOLEN.number, issuer="UTO")
BY_ZONE = ScreeningSubject("2B", mrz=zone())


@pytest.fixture
def app(centre: Centre) -> FastAPI:
    publish(centre, "ECU", [MUSTER, EJEMPLO], 5)
    publish(centre, "INTL", [STOLEN], 7)
    publish_policy(centre)
    app = make_app(centre, AUDIENCE)
    background_of(app).lists.refresh()
    return app


@pytest.fixture
def booth(centre: Centre, app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeBooth]:
    monkeypatch.setattr(Background, "start", lambda _self: None)
    with serve(app) as base:
        yield enrolled(centre, "demo-3", base=base)


def screening(*subjects: ScreeningSubject, under: str = ID) -> Screening:
    return Screening(under, Purpose.PASSENGER_LIST, subjects)


def ask(booth: FakeBooth, *subjects: ScreeningSubject, under: str = ID) -> Screened:
    return read(booth.request("POST", SCREENINGS, screening(*subjects, under=under)))


def read(response: requests.Response) -> Screened:
    assert response.status_code == 200, response.text
    return from_plain(Screened, read_canonical(response.content, MAX_SCREENED_BYTES))


def refusal(response: requests.Response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


def outcomes(screened: Screened) -> dict[str, dict[str, str]]:
    return {one.ref: {a.source.name: str(a.outcome) for a in one.answers} for one in screened.subjects}


def records(centre: Centre) -> list[acts.Act]:
    with centre.begin() as connection:
        acts.verify(connection)
        return [one for one in acts.all(connection) if one.what == "people screened"]


def test_each_subject_is_answered_by_every_list(centre: Centre, booth: FakeBooth) -> None:
    screened = ask(booth, WANTED, NOBODY, STOLEN_BOOK, BY_ZONE)
    assert (screened.id, screened.answered_at) == (ID, centre.now())
    assert outcomes(screened) == {
        "1A": {"INTL": "clear", "ECU": "hit"},
        "1B": {"INTL": "clear", "ECU": "clear"},
        "2A": {"INTL": "hit", "ECU": "clear"},
        "2B": {"INTL": "hit", "ECU": "hit"},
    }
    lost, wanted = screened.subjects[0].answers
    assert (lost.check, wanted.check) == (Check.LOST_STOLEN, Check.WANTED)
    assert (wanted.source.version, wanted.source.issued_at is not None) == (5, True)
    assert wanted.candidates[0].entry_id == "ECU-1"
    assert wanted.candidates[0].reasons


def test_a_zone_is_answered_as_the_same_zone_at_a_desk(booth: FakeBooth) -> None:
    question = Question("demo-3", "e-1", zone(), doubtful=False, direction_in=True)
    reply = from_plain(Reply, read_canonical(booth.request("POST", QUESTIONS, question).content, 1 << 20))
    assert ask(booth, BY_ZONE).subjects[0].answers == reply.answers


def test_many_come_back_in_their_order_and_alike_each_time(booth: FakeBooth) -> None:
    many = [replace((WANTED, NOBODY, BY_ZONE)[n % 3], ref=str(n)) for n in range(5 * PIECE + 3)]
    first = booth.request("POST", SCREENINGS, screening(*many))
    assert [one.ref for one in read(first).subjects] == [one.ref for one in many]
    again = booth.request("POST", SCREENINGS, screening(*many))
    assert again.content == first.content


@pytest.mark.parametrize(
    ("field", "bad"),
    [
        ("mrz", replace(BY_ZONE, mrz=("MUSTER",))),
        ("mrz", replace(BY_ZONE, sex="F")),
        ("family_name", replace(WANTED, family_name="X" * 201)),
        ("family_name", replace(WANTED, family_name="12<<")),
        ("family_name", ScreeningSubject("x", birth_date="1974-08-12")),
        ("given_names", replace(WANTED, given_names="Erika\n")),
        ("birth_date", replace(WANTED, birth_date="12.08.1974")),
        ("birth_date", replace(WANTED, birth_date="1974-02-30")),
        ("birth_date", replace(WANTED, birth_date="2999-01-01")),
        ("sex", replace(WANTED, sex="female")),
        ("nationality", replace(WANTED, nationality="Utopia")),
        ("document_number", replace(WANTED, document_number="№ 7")),
        ("issuer", replace(WANTED, issuer="uto")),
    ],
)
@pytest.mark.parametrize("centre", ["sqlcipher"], indirect=True)
def test_a_bad_subject_is_refused_by_the_name_of_its_field_and_the_others_are_answered(
    booth: FakeBooth, field: str, bad: ScreeningSubject
) -> None:
    first, second = ask(booth, replace(bad, ref="bad"), WANTED).subjects
    assert (first.refused, first.answers) == (field, ())
    assert (second.refused, [one.outcome for one in second.answers]) == ("", [Outcome.CLEAR, Outcome.HIT])


def test_what_is_not_stated_is_never_clear(booth: FakeBooth) -> None:
    undated, unnamed = replace(NOBODY, birth_date=""), replace(NOBODY, family_name="", given_names="", ref="2")
    no_number = replace(NOBODY, document_number="", ref="3")
    assert outcomes(ask(booth, undated, unnamed, no_number)) == {
        "1B": {"INTL": "clear", "ECU": "not_checked"},
        "2": {"INTL": "clear", "ECU": "not_checked"},
        "3": {"INTL": "not_checked", "ECU": "clear"},
    }


@pytest.mark.parametrize("centre", ["sqlcipher"], indirect=True)
def test_a_request_out_of_form_is_refused_whole(centre: Centre, booth: FakeBooth) -> None:
    plain = to_plain(screening(WANTED, NOBODY))
    for change in (
        {"id": "no uuid"},
        {"purpose": "Erika Muster"},
        {"subjects": []},
        {"subjects": [to_plain(WANTED), to_plain(WANTED)]},
        {"subjects": [{**to_plain(WANTED), "ref": ""}]},
        {"subjects": [{**to_plain(WANTED), "sex": 1}]},
        {"subjects": [to_plain(replace(NOBODY, ref=str(n))) for n in range(MAX_SUBJECTS + 1)]},
        {"more": 1},
    ):
        response = booth.request("POST", SCREENINGS, canonical_bytes({**plain, **change}))
        assert refusal(response) == (422, "malformed")
        assert "MUSTER" not in response.text.upper()
    assert refusal(booth.request("POST", SCREENINGS, b"x" * (1 << 20))) == (413, "too_large")
    assert records(centre) == []


def test_only_a_confirmed_booth_may_ask(centre: Centre, booth: FakeBooth) -> None:
    pending = enrolled(centre, "demo-4", BoothState.PENDING, base=booth.base)
    assert refusal(pending.request("POST", SCREENINGS, screening(WANTED))) == (403, "booth_pending")
    body = canonical_bytes(to_plain(screening(WANTED)))
    assert requests.post(booth.base + SCREENINGS, data=body, timeout=10).status_code == 401
    token = booth.token("POST", SCREENINGS, body)
    sent = {"Authorization": f"Booth {token}"}
    assert requests.post(booth.base + SCREENINGS, data=body, headers=sent, timeout=10).status_code == 200
    again = requests.post(booth.base + SCREENINGS, data=body, headers=sent, timeout=10)
    assert refusal(again) == (401, "token_used")


def test_each_access_is_on_record_once_with_nobody_named(centre: Centre, booth: FakeBooth) -> None:
    ask(booth, WANTED, NOBODY)
    ask(booth, WANTED, NOBODY)  # the reply was lost
    other = str(uuid.uuid4())
    ask(booth, WANTED, under=other)
    first, second = records(centre)
    assert (first.who, first.about) == (
        "demo-3",
        {"id": ID, "purpose": "passenger_list", "subjects": 2, "versions": "ECU 5, INTL 7, policy 1"},
    )
    assert (second.about["id"], second.about["subjects"]) == (other, 1)
    assert "MUSTER" not in json.dumps([dict(one.about) for one in records(centre)]).upper()
    assert refusal(booth.request("POST", SCREENINGS, screening(NOBODY))) == (409, "screening_other")
    assert len(records(centre)) == 2


def test_the_same_request_against_newer_versions_is_on_record_anew(
    centre: Centre, app: FastAPI, booth: FakeBooth
) -> None:
    assert outcomes(ask(booth, WANTED))["1A"]["ECU"] == "hit"
    publish(centre, "ECU", [EJEMPLO], 6)
    background_of(app).lists.refresh()
    assert outcomes(ask(booth, WANTED))["1A"]["ECU"] == "clear"
    assert [one.about["versions"] for one in records(centre)] == ["ECU 5, INTL 7, policy 1", "ECU 6, INTL 7, policy 1"]


def test_a_silent_hit_is_a_case_at_the_centre_and_nothing_in_the_reply(
    centre: Centre, app: FastAPI, booth: FakeBooth
) -> None:
    plain = booth.request("POST", SCREENINGS, screening(NOBODY, BY_ZONE))
    publish(centre, "SECRETUM", [replace(MUSTER, id="HIDDEN-7")], 3, silent=True)
    background_of(app).lists.refresh()
    silent = booth.request("POST", SCREENINGS, screening(NOBODY, BY_ZONE))
    assert silent.content == plain.content
    other = str(uuid.uuid4())
    ask(booth, NOBODY, BY_ZONE, under=other)
    ask(booth, NOBODY, BY_ZONE, under=other)
    with centre.begin() as connection:
        (line,) = cases.all_cases(connection)
        assert connection.scalar(select(func.count()).select_from(database.inbox)) == 0
        assert alarms.all(connection) == []
    _line, case = cases.show(centre, line.case_id)
    assert (case.kind, case.family_name, case.encounter_id) == (CaseKind.ON_THE_WAY, "MUSTER", f"{other} 2B")
    assert [one.candidates[0].entry_id for one in case.found] == ["HIDDEN-7"]
    inbox = booth.request("GET", INBOX)
    assert from_plain(Inbox, read_canonical(inbox.content, 1 << 20)).items == ()


def test_without_a_policy_nobody_is_screened(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Background, "start", lambda _self: None)
    with serve(make_app(centre, AUDIENCE)) as base:
        booth = enrolled(centre, "demo-3", base=base)
        response = booth.request("POST", SCREENINGS, screening(WANTED))
    assert (refusal(response), response.headers["retry-after"]) == ((503, "no_policy"), "5")


@pytest.mark.parametrize("ref", ["a\x00b", "\x1b[2J", "\u202e", "a\nb"])
def test_a_ref_that_cannot_be_kept_is_refused_whether_somebody_is_on_a_silent_list_or_not(
    centre: Centre, app: FastAPI, booth: FakeBooth, ref: str
) -> None:
    publish(centre, "SECRETUM", [replace(MUSTER, id="HIDDEN-7")], 3, silent=True)
    background_of(app).lists.refresh()
    for subject in (BY_ZONE, NOBODY):
        body = canonical_bytes(to_plain(screening(subject)) | {"subjects": [to_plain(replace(subject, ref=ref))]})
        assert refusal(booth.request("POST", SCREENINGS, body)) == (422, "malformed")
