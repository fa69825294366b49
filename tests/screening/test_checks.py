"""Each check: every outcome, every reason why it was not done, and that nothing in doubt or broken ends in clear."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from checkpoint_app.documents import Format, Mrz, PartialDate, Sex, TravelDocument
from checkpoint_app.screening import ENGINE, ListedMatch
from checkpoint_app.screening.checks import (
    BOOTH_ENGINE,
    THIS_BOOTH,
    Examination,
    LoadedList,
    Prior,
    facts_of,
    run_checks,
    settled,
    subject_of,
)
from checkpoint_app.screening.entry import DocumentCategory, Subject
from checkpoint_app.verdict import (
    Advice,
    Agreement,
    Answer,
    Candidate,
    Check,
    Finding,
    NotDone,
    Outcome,
    Policy,
    Requirement,
    Source,
    fold,
)
from tests.booth.states import AGREEMENT, NOW, POLICY, candidate, mrz, source, spoilt

CHECK_DIGIT_OF_NUMBER = (2, 10)
PRIOR = Prior("Rumichaca", "s.muster", datetime(2026, 11, 2, 8, tzinfo=UTC), datetime(2027, 11, 2, 8, tzinfo=UTC))


@dataclass
class Persons:
    found: tuple[Candidate, ...] = ()
    asked: list[Subject] = field(default_factory=list)

    def screen(self, subject: Subject, limit: int = 10, *, hits_only: bool = False) -> tuple[Candidate, ...]:
        self.asked.append(subject)
        return self.found


@dataclass
class Numbers:
    found: tuple[ListedMatch, ...] = ()
    asked: list[tuple[str, str]] = field(default_factory=list)

    def look_up(self, number: str, issuer: str) -> tuple[ListedMatch, ...]:
        self.asked.append((number, issuer))
        return self.found


class Broken:
    def screen(self, subject: Subject, limit: int = 10, *, hits_only: bool = False) -> tuple[Candidate, ...]:
        raise ZeroDivisionError(f"at {subject.family_name}")


def persons(*found: Candidate, **changes: object) -> LoadedList:
    made = LoadedList("persons", source(), AGREEMENT, persons=Persons(found))
    return replace(made, **changes)  # type: ignore[arg-type]


def numbers(*found: ListedMatch, **changes: object) -> LoadedList:
    made = LoadedList("documents", source("INTL", 2), AGREEMENT, numbers=Numbers(found))
    return replace(made, **changes)  # type: ignore[arg-type]


def listed(exact: bool = True, category: DocumentCategory = DocumentCategory.STOLEN) -> ListedMatch:
    return ListedMatch(category, exact, issuer_matched=True)


def asking(check: Check, name: str = "") -> Policy:
    return replace(POLICY, required=(Requirement(check, name),), optional=())


def run(
    policy: Policy,
    *lists: LoadedList,
    read: Mrz | None = None,
    doubtful: bool = False,
    cleared: frozenset[str] = frozenset(),
) -> tuple[Answer, ...]:
    examined = Examination(read or mrz(), doubtful, NOW)
    return run_checks(examined, policy, lists, lambda name, one: PRIOR if f"{name}/{one.entry_id}" in cleared else None)


def one(*args: object, **kwargs: object) -> Answer:
    (answer,) = run(*args, **kwargs)  # type: ignore[arg-type]
    return answer


# -- the whole --------------------------------------------------------------------------------------------------------


def test_answers_come_in_the_order_of_the_policy_and_all_clear_proceeds() -> None:
    answers = run(POLICY, numbers(), persons())
    assert [answer.check for answer in answers] == [Check.DOCUMENT, Check.LOST_STOLEN, Check.WANTED, Check.FACE]
    assert [answer.outcome for answer in answers] == [Outcome.CLEAR] * 3 + [Outcome.NOT_CHECKED]
    assert fold(answers, POLICY, NOW).advice is Advice.PROCEED


def test_every_answer_names_source_and_engine_and_time() -> None:
    """Invariant 6."""
    answers = run(POLICY, numbers(listed()), persons(candidate()))
    assert [answer.source for answer in answers] == [THIS_BOOTH, source("INTL", 2), source(), THIS_BOOTH]
    assert {answer.answered_at for answer in answers} == {NOW}
    assert BOOTH_ENGINE == THIS_BOOTH.engine == "booth/1"
    assert THIS_BOOTH.version == 0


@pytest.mark.parametrize(
    ("check", "why"),
    [(Check.RISK, NotDone.NOT_INSTALLED), (Check.FACE, NotDone.NO_DEVICE), (Check.CHIP, NotDone.NO_DEVICE)],
)
def test_checks_that_this_booth_does_not_have(check: Check, why: NotDone) -> None:
    assert one(asking(check)) == Answer(check, Outcome.NOT_CHECKED, THIS_BOOTH, NOW, not_done=why)


def test_a_check_that_breaks_costs_its_own_answer_only(caplog: pytest.LogCaptureFixture) -> None:
    """Invariant 7; what broke is logged without the person."""
    with caplog.at_level(logging.ERROR):
        answers = run(POLICY, numbers(), persons(persons=Broken()))
    broken = answers[2]
    assert (broken.check, broken.not_done, broken.source) == (Check.WANTED, NotDone.CHECK_FAILED, source())
    assert [answer.outcome for answer in answers[:2]] == [Outcome.CLEAR] * 2
    assert fold(answers, POLICY, NOW).advice is Advice.INCOMPLETE
    assert "ZeroDivisionError" in caplog.text
    assert "ERIKSSON" not in caplog.text


# -- lists ------------------------------------------------------------------------------------------------------------


def test_no_list_is_told_with_the_name_asked_for() -> None:
    for check in (Check.WANTED, Check.LOST_STOLEN):
        answer = one(asking(check, "NONE"), numbers(), persons())
        assert (answer.not_done, answer.source) == (NotDone.NO_LIST, Source("NONE", 0, ENGINE))


def test_a_list_of_the_other_kind_is_not_asked() -> None:
    assert one(asking(Check.WANTED), numbers()).not_done is NotDone.NO_LIST
    assert one(asking(Check.LOST_STOLEN), persons()).not_done is NotDone.NO_LIST


def test_without_a_name_every_list_of_the_kind_answers() -> None:
    other = persons(source=source("PER"))
    assert [answer.source.name for answer in run(asking(Check.WANTED), persons(), other)] == ["ECU", "PER"]
    assert [answer.source.name for answer in run(asking(Check.WANTED, "PER"), persons(), other)] == ["PER"]


@pytest.mark.parametrize("bar", [NotDone.LIST_LOADING, NotDone.LIST_UNREADABLE])
def test_a_list_with_a_bar_is_not_asked(bar: NotDone) -> None:
    barred = persons(candidate(), bar=bar)
    assert one(asking(Check.WANTED), barred).not_done is bar
    assert barred.persons.asked == []


def test_a_list_without_a_date_or_without_content_is_unreadable() -> None:
    undated = persons(source=source(issued_at=None))
    assert one(asking(Check.WANTED), undated).not_done is NotDone.LIST_UNREADABLE
    assert one(asking(Check.WANTED), persons(persons=None)).not_done is NotDone.LIST_UNREADABLE


@pytest.mark.parametrize("check", [Check.WANTED, Check.LOST_STOLEN])
def test_an_ended_agreement_is_not_consulted(check: Check) -> None:
    """Invariant 9: not even to say that nothing was found."""
    over = Agreement("Over", NOW - timedelta(days=30), NOW)
    lists = (numbers(listed(), agreement=over), persons(candidate(), agreement=over))
    assert one(asking(check), *lists).not_done is NotDone.AGREEMENT_ENDED
    assert lists[0].numbers.asked == lists[1].persons.asked == []
    later = Agreement("Later", NOW + timedelta(seconds=1), NOW + timedelta(days=1))
    assert one(asking(Check.WANTED), persons(agreement=later)).not_done is NotDone.AGREEMENT_NOT_BEGUN


@pytest.mark.parametrize(("hours", "not_done"), [(24 * 7, None), (24 * 7 + 0.01, NotDone.LIST_TOO_OLD)])
def test_a_list_is_asked_up_to_its_limit(hours: float, not_done: NotDone | None) -> None:
    old = persons(source=source(hours=hours))
    assert one(asking(Check.WANTED), old).not_done is not_done
    assert len(old.persons.asked) == (not_done is None)


# -- document ---------------------------------------------------------------------------------------------------------


def test_findings_of_the_document_go_by_policy() -> None:
    expired = one(asking(Check.DOCUMENT), read=mrz(expiry_date=PartialDate("250101")))
    assert (expired.outcome, expired.findings) == (
        Outcome.NOTE,
        (Finding("document.expired", {"date": "2025-01-01"}),),
    )
    wrong = one(asking(Check.DOCUMENT), read=spoilt(*CHECK_DIGIT_OF_NUMBER, "1"))
    assert wrong.outcome is Outcome.HIT
    assert {"code": wrong.findings[0].code, **wrong.findings[0].params}["field"] == "document_number"
    assert wrong.source == THIS_BOOTH


def test_a_reading_in_doubt_is_a_finding_whatever_else_is_found() -> None:
    doubtful = one(asking(Check.DOCUMENT), doubtful=True)
    assert doubtful.findings == (Finding("document.read_doubtful"),)
    assert doubtful.outcome is Outcome.NOTE
    both = one(asking(Check.DOCUMENT), doubtful=True, read=mrz(expiry_date=PartialDate("250101")))
    assert [found.code for found in both.findings] == ["document.expired", "document.read_doubtful"]


# -- lost and stolen --------------------------------------------------------------------------------------------------


def test_number_is_asked_with_its_issuer() -> None:
    asked = numbers()
    assert one(asking(Check.LOST_STOLEN), asked).outcome is Outcome.CLEAR
    no_issuer = replace(mrz(), document=replace(mrz().document, issuer=None))
    one(asking(Check.LOST_STOLEN), asked, read=no_issuer)
    assert asked.numbers.asked == [("L898902C3", "UTO"), ("L898902C3", "")]


def test_listed_number_is_a_hit_and_a_possible_one_goes_by_policy() -> None:
    found = one(asking(Check.LOST_STOLEN), numbers(listed()))
    params = {"category": "stolen", "number": "L898902C3"}
    assert (found.outcome, found.findings) == (Outcome.HIT, (Finding("lost_stolen.listed", params),))
    perhaps = one(asking(Check.LOST_STOLEN), numbers(listed(False, DocumentCategory.LOST)))
    assert (perhaps.outcome, perhaps.findings) == (
        Outcome.NOTE,
        (Finding("lost_stolen.possible", params | {"category": "lost"}),),
    )


@pytest.mark.parametrize("number", [None, ""])
def test_without_a_number_nothing_was_looked_up(number: str | None) -> None:
    asked = numbers()
    without = replace(mrz(), document=replace(mrz().document, document_number=number))
    assert one(asking(Check.LOST_STOLEN), asked, read=without).not_done is NotDone.FIELD_MISSING
    assert asked.numbers.asked == []


def test_a_number_in_doubt_is_never_clear_and_a_hit_on_it_stays_a_hit() -> None:
    """Invariant 7."""
    doubt = spoilt(*CHECK_DIGIT_OF_NUMBER, "1")
    assert one(asking(Check.LOST_STOLEN), numbers(), read=doubt).not_done is NotDone.DOCUMENT_UNREADABLE
    assert one(asking(Check.LOST_STOLEN), numbers(listed()), read=doubt).outcome is Outcome.HIT
    other = spoilt(2, 20, "1")
    assert {fault.field for fault in other.faults} == {"birth_date", "composite"}
    assert one(asking(Check.LOST_STOLEN), numbers(), read=other).outcome is Outcome.CLEAR


def test_a_list_that_breaks_costs_no_hit_of_another_list() -> None:
    other = replace(source(), name="PER")
    answers = run(asking(Check.WANTED), persons(persons=Broken()), persons(candidate(), source=other))
    assert [(answer.source.name, answer.outcome) for answer in answers] == [
        ("ECU", Outcome.NOT_CHECKED),
        ("PER", Outcome.HIT),
    ]
    assert fold(answers, asking(Check.WANTED), NOW).advice is Advice.REFER


# -- wanted -----------------------------------------------------------------------------------------------------------


def test_candidates_from_the_threshold_on_are_a_hit() -> None:
    best, border, below = candidate("A"), candidate("B", 6_000), candidate("C", 5_999)
    answer = one(asking(Check.WANTED), persons(best, border, below))
    assert answer.outcome is Outcome.HIT
    assert answer.findings == (Finding("wanted.match", {"count": "2"}),)
    assert answer.candidates == (best, border)
    assert one(asking(Check.WANTED), persons(below)).outcome is Outcome.CLEAR


def test_cleared_before_goes_by_policy_and_comes_last() -> None:
    """Invariant 13: it holds for this list and this candidate only."""
    first, second = candidate("A"), candidate("B", 7_000)
    told = {"post": "Rumichaca", "by": "s.muster", "at": "2026-11-02T08:00:00Z", "until": "2027-11-02T08:00:00Z"}
    noted = Finding("wanted.cleared_before", {"entry": first.caption} | told)
    only = one(asking(Check.WANTED), persons(first), cleared=frozenset({"ECU/A"}))
    assert (only.outcome, only.findings, only.candidates) == (Outcome.NOTE, (noted,), (first,))
    both = one(asking(Check.WANTED), persons(first, second), cleared=frozenset({"ECU/A"}))
    assert (both.outcome, both.candidates) == (Outcome.HIT, (second, first))
    assert both.findings == (Finding("wanted.match", {"count": "1"}), noted)
    assert one(asking(Check.WANTED), persons(first), cleared=frozenset({"PER/A"})).outcome is Outcome.HIT


def test_settled_counts_each_decision_once_however_often_it_is_taken_in() -> None:
    """Invariant 13 against the centre's answer, and 7: a second time must not take the next candidate's place."""
    policy = asking(Check.WANTED)
    given = one(policy, persons(candidate("A"), candidate("B", 7_000)))
    first = settled(given, policy, lambda _list, found: PRIOR if found.entry_id == "A" else None)
    assert first == one(policy, persons(candidate("A"), candidate("B", 7_000)), cleared=frozenset({"ECU/A"}))
    assert settled(first, policy, lambda _list, found: PRIOR if found.entry_id == "A" else None) == first
    both = settled(first, policy, lambda _list, _found: PRIOR)
    assert (both.outcome, len(both.findings), len(both.candidates)) == (Outcome.NOTE, 2, 2)
    assert settled(both, policy, lambda _list, _found: PRIOR) == both


def test_settled_opens_again_what_is_not_decided_any_more_and_keeps_what_is_not_shown() -> None:
    policy = asking(Check.WANTED)
    noted = one(policy, persons(candidate("A")), cleared=frozenset({"ECU/A"}))
    again = settled(noted, policy, lambda _list, _found: None)
    assert (again.outcome, again.findings) == (Outcome.HIT, (Finding("wanted.match", {"count": "1"}),))
    many = replace(again, findings=(Finding("wanted.match", {"count": "12"}), Finding("wanted.alias")))
    left = settled(many, policy, lambda _list, _found: PRIOR)
    assert left.outcome is Outcome.HIT
    assert [finding.params.get("count", "") for finding in left.findings] == ["11", "", ""]
    assert left.findings[-1] == Finding("wanted.alias")
    assert settled(left, policy, lambda _list, _found: PRIOR) == left  # eleven are open still, of which none is shown
    assert (
        settled(replace(left, findings=left.findings[:1]), policy, lambda _list, _found: PRIOR).outcome is Outcome.HIT
    )


def test_without_a_name_nobody_was_looked_for() -> None:
    asked = persons()
    bare = Mrz((), TravelDocument(Format.TD3, birth_date=PartialDate("740812")), (), ())
    assert one(asking(Check.WANTED), asked, read=bare).not_done is NotDone.FIELD_MISSING
    assert asked.persons.asked == []


def test_a_document_number_alone_is_a_hit_but_never_clear() -> None:
    nameless = replace(mrz(), document=replace(mrz().document, family_name=None, given_names=None))
    assert one(asking(Check.WANTED), persons(candidate()), read=nameless).outcome is Outcome.HIT
    assert one(asking(Check.WANTED), persons(), read=nameless).not_done is NotDone.FIELD_MISSING


def test_a_birth_date_in_doubt_or_missing_is_never_clear_and_a_hit_stays_a_hit() -> None:
    """Invariant 7."""
    doubt = spoilt(2, 20, "1")
    unborn = replace(mrz(), document=replace(mrz().document, birth_date=None))
    unknown = mrz(birth_date=PartialDate("<<<<<<"))
    assert unknown.valid
    for read in (doubt, unborn, unknown):
        assert one(asking(Check.WANTED), persons(), read=read).not_done is NotDone.DOCUMENT_UNREADABLE
        assert one(asking(Check.WANTED), persons(candidate("C", 5_999)), read=read).not_done is not None
        assert one(asking(Check.WANTED), persons(candidate()), read=read).outcome is Outcome.HIT
    for read in (spoilt(*CHECK_DIGIT_OF_NUMBER, "1"), mrz(birth_date=PartialDate("74<<<<"))):
        assert one(asking(Check.WANTED), persons(), read=read).outcome is Outcome.CLEAR


@pytest.mark.parametrize("part", ["family_name", "given_names"])
def test_a_part_of_the_name_that_could_not_be_read_is_never_clear(part: str) -> None:
    """Invariant 7: half a name finds nobody. A name of one part only is whole: then the other is empty, not unread."""
    unread = replace(mrz(), document=replace(mrz().document, **{part: None}))
    assert one(asking(Check.WANTED), persons(), read=unread).not_done is NotDone.DOCUMENT_UNREADABLE
    assert one(asking(Check.WANTED), persons(candidate()), read=unread).outcome is Outcome.HIT
    foreign = replace(mrz(), document=replace(mrz().document, **{part: "Νίκος"}))
    assert one(asking(Check.WANTED), persons(), read=foreign).not_done is NotDone.DOCUMENT_UNREADABLE
    assert one(asking(Check.WANTED), persons(candidate()), read=foreign).outcome is Outcome.HIT
    alone = replace(mrz(), document=replace(mrz().document, **{part: ""}))
    assert one(asking(Check.WANTED), persons(), read=alone).outcome is Outcome.CLEAR


# -- what is compared -------------------------------------------------------------------------------------------------


def test_subject_of_a_whole_and_of_a_bare_zone() -> None:
    assert subject_of(mrz()) == Subject(
        family_name="ERIKSSON",
        given_names="ANNA MARIA",
        name_truncated=False,
        birth="740812",
        sex="F",
        nationality="UTO",
        document_number="L898902C3",
        issuer="UTO",
    )
    for name in ("family_name", "given_names"):
        bare = Mrz((), TravelDocument(Format.TD3, name_truncated=True, **{name: "ANNA"}), (), ())
        empty = Subject("", "", True, "", "", "", "", "")
        assert subject_of(bare) == replace(empty, **{name: "ANNA"})
    assert subject_of(Mrz((), TravelDocument(Format.TD3), (), ())) is None


def test_facts_are_those_that_the_zone_states() -> None:
    assert facts_of(mrz()) == {
        "family_name": "ERIKSSON",
        "given_names": "ANNA MARIA",
        "birth_date": "1974-08-12",
        "sex": "F",
        "nationality": "UTO",
        "document_number": "L898902C3",
    }
    some = TravelDocument(Format.TD3, family_name="ANNA", sex=Sex.UNSPECIFIED, birth_date=PartialDate("<<<<<<"))
    assert facts_of(Mrz((), some, (), ())) == {"family_name": "ANNA"}


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (None, None, ""),
        ("AB12345678", None, "AB12345678"),
        ("7", "12345678<X", "12345678"),
        ("1234567", None, ""),  # too short: an office, an older number
        ("OFFICEONE", None, ""),  # no number at all
    ],
)
def test_the_personal_number_is_what_the_optional_data_can_hold_of_one(
    first: str | None, second: str | None, expected: str
) -> None:
    document = replace(mrz().document, optional_data=first, optional_data_2=second)
    subject = subject_of(Mrz((), document, (), ()))
    assert subject is not None
    assert subject.personal_number == expected
