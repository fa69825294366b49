"""How a booth opens: by passphrase, by a key in memory only, on a disk put back, twice at once."""

from __future__ import annotations

import shutil
from pathlib import Path

from checkpoint_app.booth.record.signed_objects import put_small
from checkpoint_app.booth.view.screen import Stage
from checkpoint_app.risk.draw import commit_of
from checkpoint_app.store import Store, memory_key
from checkpoint_app.store.draws import CENTRE, SeedRow
from checkpoint_app.store.trust import put_trust
from tests.booth.desk.test_desk import KLARA
from tests.booth.helpers import Booth, FakeClock, Publisher, make_booth


def test_key_in_memory_only_is_told_on_the_screen(tmp_path: Path) -> None:
    publisher, clock, key = Publisher(), FakeClock(), memory_key()
    with Store.create(tmp_path / "data", key, booth="test-1", clock=clock) as store:
        put_trust(store, publisher.trust(), 1)
        put_small(store, publisher.policy(), publisher.trust())
        put_small(store, publisher.officers(), publisher.trust())
    booth = Booth(tmp_path, clock, publisher)
    try:
        booth.desk.opening.open_with(key)
        booth.until(lambda v: v.form and v.form.name == "sign_in")
        view = booth.sign_in()
        assert "memory only" in view.message.text
        assert any("lost at power-off" in line for section in view.panel for line in section.lines)
    finally:
        booth.close()


def test_enter_without_a_passphrase_asks_again(tmp_path: Path) -> None:
    publisher, clock = make_booth(tmp_path, persons=None, numbers=None)
    booth = Booth(tmp_path, clock, publisher)
    try:
        booth.desk.opening.start()
        booth.until(lambda v: v.form and v.form.name == "unlock")
        booth.desk.submit()
        assert booth.view.form.fault
        assert booth.settle().form.name == "unlock"
        booth.unlock()
    finally:
        booth.close()


def test_second_window_on_the_same_booth_says_so(tmp_path: Path) -> None:
    publisher, clock = make_booth(tmp_path, persons=None, numbers=None)
    first, second = Booth(tmp_path, clock, publisher), Booth(tmp_path, clock, publisher)
    try:
        first.unlock()
        second.desk.opening.start()
        second.until(lambda v: v.form and v.form.name == "unlock")
        second.desk.edit("passphrase", "correct horse battery")
        second.desk.submit()
        view = second.until(lambda v: v.form and v.form.name == "stopped")
        assert "another window" in view.form.fault
        assert first.sign_in().stage is Stage.EMPTY
    finally:
        first.close()
        second.close()


def test_database_put_back_is_told_and_work_goes_on(tmp_path: Path) -> None:
    publisher, clock = make_booth(tmp_path)
    booth = Booth(tmp_path, clock, publisher)
    booth.open()
    seed, today = bytes(range(32)), clock.now().astimezone().date()
    booth._ask(lambda records: records.store.draws.keep(SeedRow(commit_of(seed), today, seed, CENTRE)))
    booth.close()
    saved = tmp_path / "saved.db"
    shutil.copy(tmp_path / "data" / "booth.db", saved)
    booth = Booth(tmp_path, clock, publisher)
    booth.open()
    booth.type(*KLARA)
    booth.let_pass()
    booth.close()
    shutil.copy(saved, tmp_path / "data" / "booth.db")
    booth = Booth(tmp_path, clock, publisher)
    try:
        booth.unlock()
        assert "earlier state" in booth.view.message.text
        assert booth.last_body("started")["rolled_back"] is True
        assert booth.last_body("draw_revealed")["seed"] == seed.hex()  # what it drew was seen: it draws nothing more
        booth.sign_in()
        booth.type(*KLARA)
        booth.let_pass()
    finally:
        booth.close()


def test_empty_home_says_that_the_booth_is_not_enrolled(tmp_path: Path) -> None:
    booth = Booth(tmp_path, FakeClock(), Publisher())
    try:
        booth.desk.opening.start()
        assert "not enrolled" in booth.until(lambda v: v.form and v.form.name == "not_set_up").form.title
    finally:
        booth.close()
