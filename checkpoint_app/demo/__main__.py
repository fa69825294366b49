"""`make demo`: a booth with synthetic lists and specimen documents, on the display, or played on a virtual one."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from checkpoint_app.booth.sticks.removable_media import STICKS
from checkpoint_app.confined.hardening import harden
from checkpoint_app.demo.booth import PASSPHRASE, DemoBooth, open_booth, prepare, sync
from checkpoint_app.demo.centre import DemoCentreError
from checkpoint_app.demo.messages import bus_list, container_manifest, sheet
from checkpoint_app.demo.policy import BOOTH, OFFICERS
from checkpoint_app.demo.tray import TrayItem, absent, riders, tray
from checkpoint_app.store import StoreError

if TYPE_CHECKING:
    from checkpoint_app.demo.play import Play

Post = Callable[[Callable[[], None]], None]
SIZE = (1280, 800)
CHECKS = (
    "document, lost and stolen, wanted, printed page, rules (what hit, what could not be evaluated), stay, carrier's "
    "list, lot, face, chip"
)


def main() -> int:
    """Run the demonstration and return its exit code."""
    harden()
    parser = argparse.ArgumentParser(prog="python -m checkpoint_app.demo", description=__doc__)
    parser.add_argument("--home", type=Path, default=Path("build/demo"), help="where the demo booth lives")
    parser.add_argument("--play", action="store_true", help="play the Encounters by key presses, save pictures, end")
    parser.add_argument("--language", choices=("es", "en"), default="es")
    parser.add_argument("--palette", choices=("day", "night", "contrast"), default="day")
    args = parser.parse_args()
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return _on_virtual_display()
    began = time.monotonic()
    try:
        booth = prepare(args.home.resolve())
    except (StoreError, DemoCentreError) as error:
        print(f"demo: {args.home}: {error}", file=sys.stderr)
        return 2
    print(
        f"demo centre and booth ready in {time.monotonic() - began:.1f} s: {args.home}"
        " (all people and lists are synthetic)"
    )
    try:
        return _play(booth, args) if args.play else _show(booth, args)
    finally:
        booth.centre.stop()


def _on_virtual_display() -> int:
    """Start the same under a virtual display and play it there."""
    if shutil.which("xvfb-run") is None:
        print(
            "demo: no display, and no virtual one: install the Debian package xvfb (make setup does)", file=sys.stderr
        )
        return 2
    server = ["xvfb-run", "--auto-servernum", "--server-args=-screen 0 1280x800x24 -nolisten tcp"]
    arguments = sys.argv[1:] if "--play" in sys.argv else [*sys.argv[1:], "--play"]
    return subprocess.run([*server, sys.executable, "-m", "checkpoint_app.demo", *arguments], check=False).returncode


def _show(booth: DemoBooth, args: argparse.Namespace) -> int:
    from checkpoint_app.commands.booth import desk_factory
    from checkpoint_app.ui.app import run
    from checkpoint_app.ui.tray import Sample, Tray

    officer = OFFICERS[0]
    print(f"passphrase: {PASSPHRASE}\nofficer: {officer.id}   PIN: {officer.pin}   (told openly: demo only)")
    make = desk_factory(booth.places, args.language)
    windows = []

    def with_tray(post: Post):  # type: ignore[no-untyped-def]  # noqa: ANN202 - the desk that `run` asks for
        desk = make(post)
        draw = drawer(args.home)
        documents = [*tray(_today()), *riders(_today())]
        samples = [Sample(item.name, item.story, draw(item)) for item in documents]
        samples += [Sample(name, story, data, sheet(data)) for name, story, data in _messages()]
        windows.append(Tray(samples, "checkpoint demo: sample documents", desk.drop))
        windows[0].show()
        return desk

    return run(with_tray, palette=args.palette, size=SIZE, title="checkpoint demo")


def _messages() -> list[tuple[str, str, bytes]]:
    """Return what carriers send, made for this moment: name, story, message."""
    now, (listed, _other) = datetime.now(UTC), riders(_today())
    return [
        ("12-manifest", "a container manifest, two consignments (F8)", container_manifest(now)),
        ("13-bus", "the passenger list of a bus", bus_list((listed.document, absent(_today())), now)),
    ]


def _play(booth: DemoBooth, args: argparse.Namespace) -> int:
    from checkpoint_app.commands.booth import desk_factory
    from checkpoint_app.demo.play import PLAYED, TITLE, Play, table
    from checkpoint_app.ui.app import run
    from checkpoint_app.ui.stage import close_window, save_picture

    pictures = args.home.resolve() / "screens"
    shutil.rmtree(pictures, ignore_errors=True)
    pictures.mkdir()
    stick = _stick(args.home.resolve())
    items = tuple(item for item in tray(_today()) if item.name in PLAYED)
    on_bus = riders(_today())
    make = desk_factory(booth.places, args.language)
    plays: list[Play] = []

    def played(post: Post):  # type: ignore[no-untyped-def]  # noqa: ANN202 - the desk that `run` asks for
        desk = make(post)
        play = Play(
            booth,
            pictures,
            post,
            image=drawer(args.home),
            save=save_picture,
            drop=lambda data: desk.drop(data, "laid down"),
            end=close_window,
            stick=stick,
            language=args.language,
        )
        plays.append(play)
        desk.on_view(play.hands.played.show)
        threading.Thread(target=play.run, args=(items, on_bus), name="play", daemon=True).start()
        return desk

    code = run(played, palette=args.palette, size=SIZE, title=TITLE)
    play = plays[0]
    print(table(play.rows))
    print(f"checks: {CHECKS}\n        (= clear, ! note, X hit, ? not done and said why)")
    print(f"{len(list(pictures.glob('*.png')))} pictures of the screen in {pictures}")
    if play.failure is not None:
        print(f"demo: {play.failure}", file=sys.stderr)
        return 1
    if unplanned := [row.item for row in play.rows if not row.as_planned]:
        print(f"demo: another advice than the story plans: {', '.join(unplanned)}", file=sys.stderr)
        return 1
    return _told_delivery(booth, play, args) or code


def _stick(home: Path) -> Path:
    """Return a folder that stands for a stick, which is not in yet: the window looks into it as into a real one."""
    stick = home / "stick"
    for left in (stick, stick.with_name(f"{stick.name}-away")):
        shutil.rmtree(left, ignore_errors=True)
    os.environ[STICKS] = str(stick)
    return stick


def _told_delivery(booth: DemoBooth, play: Play, args: argparse.Namespace) -> int:
    """Compare what the booth recorded with what the centre stored, tell it, and return 1 where they differ."""
    from checkpoint_app.demo.hands import PlayError
    from checkpoint_app.demo.lot import audited, close_day
    from checkpoint_app.demo.measured import measured
    from checkpoint_app.demo.remote import told_afterwards, told_table

    with open_booth(booth.places.data) as store:
        lot = close_day(store)
    sync(args.home.resolve())  # the window's own end is an event too, or a list that came into force at the last moment
    with open_booth(booth.places.data) as store:
        head = store.journal.head()
        try:
            afterwards = told_afterwards(store, booth.centre, play.remote.began_at)
            told = [*play.remote.rows, *afterwards, *play.bus.rows, *play.goods.rows, *lot, *audited(booth.centre)]
            told += measured(booth.centre)
        except (PlayError, DemoCentreError) as error:
            print(f"demo: {error}", file=sys.stderr)
            return 1
        acknowledged = store.delivery.acknowledged().seq
    stored = next(one["events"] for one in booth.centre.booths() if one["name"] == BOOTH)
    audit = booth.centre.command("audit").splitlines()
    print(f"delivered: {head.seq} events recorded here, {acknowledged} acknowledged, {stored} held by the centre")
    print(next((line for line in audit if line.startswith(f"booth {BOOTH}")), "audit: no word on the booth"))
    print(f"late hit: {play.late_hit}")
    print(told_table(told))
    if not head.seq == acknowledged == stored:
        print("demo: what was recorded and what was delivered differ", file=sys.stderr)
        return 1
    return 0


def drawer(home: Path) -> Callable[[TrayItem], bytes]:
    """Return what gives an item's picture: drawn once a day, then kept with the demo."""
    kept = home.resolve() / "specimens"
    kept.mkdir(parents=True, exist_ok=True)

    def image(item: TrayItem) -> bytes:
        path = kept / f"{_today():%Y%m%d}-{item.name}.jpg"
        if not path.exists():
            path.write_bytes(item.image())
        return path.read_bytes()

    return image


def _today() -> date:
    return datetime.now(UTC).date()


if __name__ == "__main__":
    sys.exit(main())
