"""Workers: processes that share one copy of the lists, replaced when they die, switched while requests go on."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from checkpoint_app.central import turns, workers
from checkpoint_app.central.answering import Lists
from checkpoint_app.central.centre import Centre, CentreError
from checkpoint_app.central.jobs import Answered, Asked, Kind
from checkpoint_app.central.shared import Shared, SharedWriter, shared_of
from checkpoint_app.central.turns import Turns
from checkpoint_app.central.workers import Pool
from checkpoint_app.verdict import NotDone
from checkpoint_app.wire.canonical import canonical_bytes, read_canonical
from checkpoint_app.wire.plain import from_plain, to_plain
from checkpoint_app.wire.question import Question, Reply
from checkpoint_app.wire.screening import ScreeningSubject, SubjectAnswers
from tests.central.chains import zone
from tests.central.listed import EJEMPLO, MUSTER, STOLEN, publish, publish_policy

one_database = pytest.mark.parametrize("centre", ["sqlcipher"], indirect=True)


def lists_of(centre: Centre) -> Lists:
    publish(centre, "ECU", [MUSTER, EJEMPLO])
    publish(centre, "INTL", [STOLEN])
    publish(centre, "SECRETUM", [replace(MUSTER, id="HIDDEN-7")], silent=True)
    publish_policy(centre)
    lists = Lists(centre)
    lists.refresh()
    return lists


@contextlib.asynccontextmanager
async def running(lists: Lists, count: int) -> AsyncIterator[Pool]:
    pool = Pool(lists, count)
    await pool.start()
    try:
        yield pool
    finally:
        await pool.stop()


def question(centre: Centre, booth: str = "demo-3") -> Asked:
    body = canonical_bytes(to_plain(Question(booth, "e-1", zone(), doubtful=False, direction_in=True)))
    return Asked(Kind.QUESTION, booth, centre.now(), 1, body)


def subjects(centre: Centre, count: int, booth: str = "demo-3") -> Asked:
    some = tuple(ScreeningSubject(str(n), mrz=zone()) for n in range(count))
    return Asked(Kind.SUBJECTS, booth, centre.now(), count, canonical_bytes(to_plain(some)))


async def ask(pool: Pool, asked: Asked) -> Answered:
    async with pool.generation() as generation:
        return await pool.ask(asked, generation)


def reply_of(answered: Answered) -> Reply:
    return from_plain(Reply, read_canonical(answered.body, 1 << 20))


def of_subjects(answered: Answered) -> tuple[SubjectAnswers, ...]:
    return from_plain(tuple[SubjectAnswers, ...], read_canonical(answered.body, 1 << 20))


async def until(is_so, seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while not is_so():
            await asyncio.sleep(0.01)


@one_database
def test_a_worker_answers_as_this_process_does(centre: Centre) -> None:
    lists = lists_of(centre)

    async def both() -> None:
        async with running(lists, 2) as there, running(lists, 0) as here:
            lists.changed = lambda: None
            for asked in (question(centre), subjects(centre, 7)):
                local = await ask(here, asked)
                assert await ask(there, asked) == local
                assert b"HIDDEN" not in local.body
            assert [one.place for one in local.silent] == list(range(7))
            with pytest.raises(CentreError) as caught:
                await ask(there, replace(question(centre), booth="demo-4"))
            assert (caught.value.code, caught.value.status) == ("other_booth", 403)

    asyncio.run(both())


@one_database
def test_new_versions_are_switched_in_while_requests_go_on(centre: Centre) -> None:
    lists = lists_of(centre)

    async def going_on() -> list[list[set[int]]]:
        askers: list[list[set[int]]] = [[], []]

        async def go_on(pool: Pool, seen: list[set[int]]) -> None:
            while not seen or seen[-1] != {4}:
                async with pool.generation() as generation:
                    found = await asyncio.gather(*(pool.ask(subjects(centre, 2), generation) for _ in range(3)))
                answers = [answer for one in found for each in of_subjects(one) for answer in each.answers]
                assert not {one.not_done for one in answers} & set(NotDone)
                seen.append({one.source.version for one in answers if one.source.name == "ECU"})

        async with running(lists, 2) as pool:
            asking = asyncio.gather(*(go_on(pool, seen) for seen in askers))
            await until(lambda: all(len(seen) > 1 for seen in askers))
            for version in (2, 3, 4):
                publish(centre, "ECU", [MUSTER], version)
                await asyncio.to_thread(lists.refresh)
            async with asyncio.timeout(30):
                await asking
        return askers

    for seen in asyncio.run(going_on()):
        assert all(len(versions) == 1 for versions in seen)  # never two versions in one request
        assert seen[0] == {1}
        assert [max(one) for one in seen] == sorted(max(one) for one in seen)  # a later request, no older version


@one_database
def test_what_a_dying_worker_had_is_answered_by_another(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    lists = lists_of(centre)

    async def dies_under_it(pool: Pool, asked: Asked) -> tuple[Answered | CentreError, int, int]:
        (pid,) = pool.pids
        os.kill(pid, signal.SIGSTOP)
        asking = asyncio.ensure_future(ask(pool, asked))
        await asyncio.sleep(0.1)
        assert not asking.done()
        os.kill(pid, signal.SIGKILL)
        try:
            answer: Answered | CentreError = await asking
        except CentreError as error:
            answer = error
        await until(lambda: pool.pids and pool.pids != (pid,))
        return answer, pid, pool.pids[0]

    async def scene() -> None:
        async with running(lists, 1) as pool:
            await until(lambda: pool.pids)
            expected = await ask(pool, question(centre))
            answer, before, after = await dies_under_it(pool, question(centre))
            assert answer == expected
            assert before != after
            monkeypatch.setattr(workers, "MOST_TRIES", 1)
            refused, _before, _after = await dies_under_it(pool, question(centre))
            assert isinstance(refused, CentreError)
            assert (refused.code, refused.status) == ("busy", 503)
            assert await ask(pool, question(centre)) == expected
            (last,) = pool.pids
        with pytest.raises(ProcessLookupError):
            os.kill(last, 0)

    asyncio.run(scene())


@one_database
def test_a_worker_that_does_not_answer_is_ended(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    lists = lists_of(centre)

    async def scene() -> None:
        async with running(lists, 1) as pool:
            await until(lambda: pool.pids)
            (pid,) = pool.pids
            monkeypatch.setattr("checkpoint_app.central.replica.ANSWER_WITHIN_S", 0.2)
            os.kill(pid, signal.SIGSTOP)
            asking = asyncio.ensure_future(ask(pool, question(centre)))
            await until(lambda: pool.pids != (pid,))
            monkeypatch.setattr("checkpoint_app.central.replica.ANSWER_WITHIN_S", 20.0)
            assert reply_of(await asking).encounter_id == "e-1"

    asyncio.run(scene())


@one_database
def test_a_question_goes_before_a_list_and_too_much_is_refused(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    lists = lists_of(centre)
    monkeypatch.setattr(workers, "HERE", 1)
    done: list[str] = []

    async def noted(pool: Pool, name: str, asked: Asked) -> None:
        await ask(pool, asked)
        done.append(name)

    async def scene() -> None:
        async with running(lists, 0) as pool:
            await until(pool._ready.is_set)
            pieces = [asyncio.ensure_future(noted(pool, f"a{n}", subjects(centre, 10, "a"))) for n in range(9)]
            pieces.append(asyncio.ensure_future(noted(pool, "b", subjects(centre, 10, "b"))))
            pieces.append(asyncio.ensure_future(noted(pool, "question", question(centre, "c"))))
            await asyncio.sleep(0)
            with pytest.raises(CentreError) as caught:
                pool.check("a", turns.MOST_OF_BOOTH)
            assert (caught.value.code, caught.value.status) == ("busy", 503)
            pool.check("d", 10)
            await asyncio.gather(*pieces)

    asyncio.run(scene())
    assert done.index("question") <= 1  # what was begun is done first
    assert done.index("b") <= 3
    assert [name for name in done if name.startswith("a")] == [f"a{n}" for n in range(9)]


@one_database
def test_at_the_end_whoever_waits_is_told(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    lists = lists_of(centre)

    async def scene() -> list[object]:
        pool = Pool(lists, 1)
        await pool.start()
        await until(lambda: pool.pids)
        os.kill(pool.pids[0], signal.SIGSTOP)
        asking = [asyncio.ensure_future(ask(pool, question(centre))) for _ in range(2)]
        await asyncio.sleep(0.05)
        await pool.stop()
        return await asyncio.gather(*asking, return_exceptions=True)

    assert [getattr(one, "code", one) for one in asyncio.run(scene())] == ["busy", "busy"]


def test_booths_take_turns_and_each_has_its_bound() -> None:
    waiting: Turns[str] = Turns()
    for n in range(3):
        waiting.put("a", 1, f"a{n}", urgent=False)
    waiting.put("b", 1, "b0", urgent=False)
    waiting.put("c", 1, "c?", urgent=True)
    assert [waiting.pop() for _ in range(5)] == ["c?", "a0", "b0", "a1", "a2"]
    assert not waiting
    waiting.put("a", turns.MOST_OF_BOOTH, "all", urgent=False)
    with pytest.raises(CentreError):
        waiting.check("a", 1, urgent=False)
    waiting.check("b", 1, urgent=False)
    waiting.check("a", 1, urgent=True)
    waiting.pop()
    waiting.check("a", turns.MOST_OF_BOOTH, urgent=False)
    with pytest.raises(IndexError):
        waiting.pop()


def test_a_memory_is_filled_once_and_nobody_can_change_it() -> None:
    writer = SharedWriter()
    for name, piece in (("a", b"12"), ("a", b"3"), ("b", b"")):
        writer.add(name, piece)
    with pytest.raises(ValueError, match="in parts"):
        writer.add("a", b"4")
    memory = writer.finish()
    assert {name: bytes(data) for name, data in memory.sections.items()} == {"a": b"123", "b": b""}
    assert all(begin % 64 == 0 for _name, begin, _length in memory.places)
    for change in (lambda: os.write(memory.descriptor, b"x"), lambda: os.ftruncate(memory.descriptor, 0)):
        with pytest.raises(PermissionError):
            change()
    again = Shared(os.dup(memory.descriptor), memory.places)
    assert bytes(again.sections["a"]) == b"123"
    with pytest.raises(OSError, match="outside"):
        Shared(os.dup(memory.descriptor), (("a", 0, 1 << 20),))
    kept = again.sections["a"]
    del again
    assert bytes(kept) == b"123"
    assert shared_of([]).sections == {}
