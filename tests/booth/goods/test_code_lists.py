"""Lists of codes at the desk: loaded beside, held against what a message says, and answered anew when they change."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from checkpoint_app.booth.lists.list_updates import Outcome, apply_inbox
from checkpoint_app.booth.record.records import Records
from checkpoint_app.booth.record.signed_objects import put_small
from checkpoint_app.cargo.values import Goods
from checkpoint_app.store import Store, open_passphrase_key
from checkpoint_app.store.errors import OlderVersionError
from checkpoint_app.store.trust import put_trust
from checkpoint_app.verdict import Check, Finding
from checkpoint_app.wire.codes import write_codes
from checkpoint_app.wire.header import ListKind, WrongKeyError
from checkpoint_app.wire.package import write_package
from checkpoint_app.wire.sealing import new_key
from tests.booth.cargo_samples import CARGO_POLICY, CargoBooth, Messages, consignment, message
from tests.booth.helpers import PASSPHRASE, START, make_booth

UN, BANANAS, WOOD = b"un,class\n1830,8\n", b"hscode\n080390\n", b"hscode\n4407\n"
ACID = message(consignment(goods=(Goods("SULPHURIC ACID UN 1830", ("080390",)),)))


class Post:
    """A post that trusts both lists of codes, and its booth."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.publisher, self.clock = make_booth(folder, policy=CARGO_POLICY, numbers=None)
        with self.store() as store:
            names = dict.fromkeys(("un-numbers", "hs", "imdg"), self.publisher.key.public_key())
            put_trust(store, self.publisher.trust() | names, 2)

    def store(self) -> Store:
        folder = self.folder / "data"
        return Store.open(folder, open_passphrase_key(folder, PASSPHRASE), clock=self.clock)

    def package(self, name: str, data: bytes, version: int = 1, **how: Any) -> bytes:
        """Return a list as the centre would sign it."""
        file = io.BytesIO()
        records = [] if how.get("withdrawn") else write_codes(data)
        write_package(
            file, records, self.publisher.key, name=name, kind=ListKind.CODES, version=version, originator="ECU",
            issued_at=START, **how,
        )  # fmt: skip
        return file.getvalue()

    def lay(self, name: str, data: bytes, version: int = 1, **how: Any) -> None:
        """Lay a list into the inbox."""
        (self.folder / "inbox" / f"{name}-{version}.list").write_bytes(self.package(name, data, version, **how))

    def booth(self) -> CargoBooth:
        return CargoBooth(self.folder, self.clock, self.publisher, Messages())


@pytest.fixture
def post(tmp_path: Path) -> Post:
    return Post(tmp_path)


@pytest.fixture
def booths(post: Post) -> Iterator[Callable[[], CargoBooth]]:
    opened: list[CargoBooth] = []

    def make() -> CargoBooth:
        opened.append(post.booth())
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def loaded(booth: CargoBooth, *marks: tuple[str, int]) -> None:
    """Wait until just these lists are loaded."""
    coding = booth.desk._cargo.coding
    booth.until(lambda _v: sorted((name, version) for name, version, _digest in coding._loaded) == sorted(marks))


def found(booth: CargoBooth) -> set[tuple[str, tuple[str, ...]]]:
    """What the message said against itself, with its params in the order of their names."""
    encounter = booth.desk._core.state.encounter
    assert encounter is not None
    findings: list[Finding] = [one for answer in encounter.answers for one in answer.findings]
    return {(one.code, tuple(value for _name, value in sorted(one.params.items()))) for one in findings}


UNDECLARED, WITH_CLASS = ("message.undeclared_un", ("", "1830")), ("message.undeclared_un", ("8", "1830"))
UNKNOWN = ("message.unknown_code", ("080390",))


def test_what_a_message_says_is_held_against_the_lists(post: Post, booths: Callable[[], CargoBooth]) -> None:
    booth = booths()
    booth.open()
    post.lay("un-numbers", UN)
    post.lay("hs", WOOD)
    booth.desk._keeping.look()
    loaded(booth, ("hs", 1), ("un-numbers", 1))
    assert booth.kinds().count("codes_applied") == 2
    view = booth.view
    assert {row[1:] for section in view.panel for row in section.table} >= {
        ("hs 1", "do not age"),
        ("un-numbers 1", "do not age"),
    }
    booth.lay(ACID)
    view = booth.on_desk()
    assert found(booth) >= {WITH_CLASS, UNKNOWN}
    answers = booth.desk._core.state.encounter.answers
    sources = {finding.code: one.source for one in answers for finding in one.findings}  # invariant 6
    assert (sources[UNKNOWN[0]].name, sources[UNKNOWN[0]].version, sources[UNKNOWN[0]].engine) == ("hs", 1, "codes/1")
    assert (sources[WITH_CLASS[0]].name, sources[WITH_CLASS[0]].version) == ("un-numbers", 1)
    assert {"hs 1", "un-numbers 1"} <= {row.source for row in view.checks.rows}

    again = booth.again()
    try:  # kept: a booth that opens has them without a line
        again.open()
        loaded(again, ("hs", 1), ("un-numbers", 1))
        again.until(lambda _v: again.desk._core.state.encounter is not None and WITH_CLASS in found(again))
    finally:
        again.close()


def test_without_lists_nothing_is_found_that_needs_them(booths: Callable[[], CargoBooth]) -> None:
    booth = booths()
    booth.open()
    booth.lay(ACID)
    booth.on_desk()
    assert UNDECLARED in found(booth)
    assert not any(code == "message.unknown_code" for code, _params in found(booth))
    assert {one.source.version for one in booth.desk._core.state.encounter.answers if one.check is Check.MESSAGE} == {0}


def test_what_is_on_the_desk_is_answered_anew(post: Post, booths: Callable[[], CargoBooth]) -> None:
    booth = booths()
    booth.open()
    booth.lay(ACID)
    booth.on_desk()
    post.lay("hs", WOOD)
    booth.desk._keeping.look()
    booth.until(lambda _v: UNKNOWN in found(booth))
    post.lay("hs", BANANAS, 2)
    booth.desk._keeping.look()
    loaded(booth, ("hs", 2))
    booth.until(lambda v: v.advice.advice is not None and UNKNOWN not in found(booth))
    post.lay("hs", WOOD, 3)
    booth.desk._keeping.look()
    booth.until(lambda _v: UNKNOWN in found(booth))
    post.lay("hs", b"", 4, withdrawn=True)
    booth.desk._keeping.look()
    loaded(booth)
    booth.until(lambda v: v.advice.advice is not None and UNKNOWN not in found(booth))
    answered = booth.kinds().count("encounter_answered")
    booth.desk._cargo.coding.load()  # nothing new: nothing is asked again
    loaded(booth)
    assert booth.kinds().count("encounter_answered") == answered


def test_a_bad_list_is_refused_in_words_and_the_one_in_force_serves(
    post: Post, booths: Callable[[], CargoBooth]
) -> None:
    booth = booths()
    booth.open()
    post.lay("hs", WOOD)
    booth.desk._keeping.look()
    loaded(booth, ("hs", 1))
    post.lay("hs", UN, 2)
    booth.desk._keeping.look()
    view = booth.until(lambda v: "table of codes" in v.message.text)
    assert "refused" in view.message.text.lower()
    assert booth.versions()["hs"] == 1
    booth.lay(ACID)
    booth.on_desk()
    assert UNKNOWN in found(booth)


def test_rules_read_what_was_found_in_the_goods(post: Post, booths: Callable[[], CargoBooth]) -> None:
    booth = booths()
    booth.open()
    fields = []
    consult = booth.desk._ruling.consult
    booth.desk._ruling.consult = lambda known, *rest: fields.append(known) or consult(known, *rest)  # type: ignore[method-assign, func-returns-value]
    booth.lay(ACID)
    booth.on_desk()
    assert fields[0]["cargo.undeclared_un"] is True


def test_a_list_of_codes_is_public_newer_and_one_of_two(post: Post) -> None:
    with post.store() as store:
        trust = post.publisher.trust() | dict.fromkeys(("hs", "imdg"), post.publisher.key.public_key())
        put_small(store, post.package("hs", WOOD, 2), trust)
        with pytest.raises(OlderVersionError):
            put_small(store, post.package("hs", BANANAS), trust)
        key = new_key()
        with pytest.raises(WrongKeyError):  # its lease would end, and with it what is public
            put_small(store, post.package("hs", BANANAS, 3, content_key=key), trust, key)
        post.lay("imdg", UN)
        assert Outcome("imdg", 1, "other_kind") in apply_inbox(Records(store), post.folder / "inbox")
        assert [(one.name, one.version, one.data) for one in Records(store).codes()] == [("hs", 2, WOOD)]
