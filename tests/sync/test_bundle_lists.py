"""One stick serves a post: the booth that it reaches carries lists on to the others, with a letter to each."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from checkpoint_app.booth.record.records import Records
from checkpoint_app.central import booths, publishing
from checkpoint_app.store import letters
from checkpoint_app.store.letters import keep_letter, letter_to, lettered
from checkpoint_app.sync.bundle_down import Imported, import_bundle
from checkpoint_app.sync.bundle_lists import export_lists
from checkpoint_app.sync.bundle_up import Exported, NoBundleError
from checkpoint_app.wire.bundle import Address, BundleKind, begin_bundle, open_bundle
from checkpoint_app.wire.bundle_parts import BundleCode, BundleError, PartKind
from tests.central.helpers import START
from tests.central.publishing_helpers import NUMBERS, OWN, bring, bring_policy, persons
from tests.sync.by_hand import HandBooth, Hands, hands
from tests.sync.test_bundle_down import publish_big


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Hands]:
    with hands(tmp_path) as found:
        bring(found.centre, OWN)
        bring(found.centre, NUMBERS)
        bring_policy(found.centre)
        found.booth("booth-1")
        found.booth("booth-2")
        publishing.publish(found.centre)
        yield found


def carry(post: Hands, sender: HandBooth, to: str = "booth-2", *, knowing: bool = False) -> Path:
    """Write the lists of ``sender`` for another booth; ``knowing`` by its list of booths."""
    path = post.folder / "stick" / "across.bundle"
    known = Records(sender.store).booths() if knowing else ()
    export_lists(sender.on_store, to, path, sender.inbox, sender.metadata, known=known)
    return path


def exported(post: Hands, sender: HandBooth) -> Exported:
    """Write the lists of ``sender`` for booth-2 and return what went."""
    path = post.folder / "stick" / "across.bundle"
    return export_lists(sender.on_store, "booth-2", path, sender.inbox, sender.metadata)


def take(booth: HandBooth, path: Path) -> Imported:
    """Import a bundle as a booth does that has its list of booths."""
    with path.open("rb") as file:
        known = Records(booth.store).booths()
        return import_bundle(file, booth.on_store, booth.inbox, booth.metadata, known=known, clock=booth.clock)


def test_the_other_booth_gets_lists_keys_and_its_own_receipts(post: Hands) -> None:
    one, two = post.booth("booth-1"), post.booth("booth-2")
    two.write(2)
    two.send()
    done = one.take(post.bring("booth-1"))
    assert done.letters == 1
    one.apply()
    came = two.take(carry(post, one))
    assert (came.faults, came.damaged, came.acknowledged) == ([], "", 2)
    assert two.apply().items() >= {"ECU": 1, "INTL": 1, "policy": 1, "booths": 1}.items()
    assert two.store.leases.ends()
    assert one.store.leases.ends()


def test_lists_that_are_newer_than_the_letter_come_with_it(post: Hands) -> None:
    one, two = post.booth("booth-1"), post.booth("booth-2")
    one.take(post.bring("booth-1"))
    post.clock.move(hours=1)
    bring(post.centre, OWN, persons(21))
    publishing.publish(post.centre)
    one.take(post.bring("booth-1"))
    letter = letter_to(one.store, "booth-2")
    assert letter is not None
    one.take(post.bring("booth-1"))
    one.apply()
    came = two.take(carry(post, one))
    assert came.faults == []
    assert two.apply()["ECU"] == 2


def test_a_list_that_is_here_only_as_changes_is_named(post: Hands) -> None:
    """It lives on here from an older package; another booth that has none of it can't."""
    one = post.booth("booth-1")
    post.booth("booth-2")
    one.take(post.bring("booth-1"))
    one.apply()
    assert exported(post, one).not_whole == ()
    (one.inbox / "ECU.list").unlink()
    assert exported(post, one).not_whole == ("ECU",)


def test_a_letter_is_sealed_to_its_reader_and_the_newest_is_kept(post: Hands) -> None:
    one, two = post.booth("booth-1"), post.booth("booth-2")
    older = post.bring("booth-1", "older.bundle")
    post.clock.move(hours=1)
    one.take(post.bring("booth-1"))
    letter = letter_to(one.store, "booth-2")
    assert letter is not None
    with pytest.raises(BundleError) as caught:
        open_bundle(io.BytesIO(letter), one.store.identity.exchange_key)
    assert caught.value.code is BundleCode.OTHER_RECEIVER
    assert open_bundle(io.BytesIO(letter), two.store.identity.exchange_key)[0].receiver == "booth-2"
    assert one.take(older).letters == 0
    assert letter_to(one.store, "booth-2") == letter
    assert lettered(one.store) == ["booth-2"]


def test_letters_are_bounded(post: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    store = post.booth().store
    monkeypatch.setattr(letters, "MOST_LETTERS", 2)
    assert [keep_letter(store, f"booth-{n}", START, b"x") for n in range(4)] == [True, True, False, False]


def test_only_booths_of_the_post_get_letters(post: Hands) -> None:
    post.booth("booth-far", "Huaquillas")
    one = post.booth("booth-1")
    one.take(post.bring("booth-1"))
    assert lettered(one.store) == ["booth-2"]
    booths.revoke(post.centre, "booth-2")
    assert one.take(post.bring("booth-1", "later.bundle")).letters == 0


def test_a_booth_whose_key_is_not_known_is_told_of_in_one_line(post: Hands) -> None:
    one = post.booth("booth-1")
    with pytest.raises(NoBundleError, match="not known here"):
        carry(post, one, "booth-9")
    with pytest.raises(NoBundleError, match="this booth itself"):
        carry(post, one, "booth-1")
    one.take(post.bring("booth-1"))
    with pytest.raises(NoBundleError, match="not known here"):
        carry(post, one, "booth-9")
    assert not (post.folder / "stick" / "across.bundle").exists()


def test_without_lists_there_is_nothing_to_carry(post: Hands) -> None:
    one = post.booth("booth-1")
    keep_letter(one.store, "booth-2", START, post.bring("booth-2").read_bytes())
    with pytest.raises(NoBundleError, match="nothing to carry"):
        carry(post, one)


def test_a_booth_that_is_revoked_neither_gets_nor_gives(post: Hands) -> None:
    one, two = post.booth("booth-1"), post.booth("booth-2")
    one.take(post.bring("booth-1"))
    one.apply()
    path = carry(post, one, knowing=True)
    booths.revoke(post.centre, "booth-1")
    post.clock.move(hours=1)
    publishing.publish(post.centre)
    two.take(post.bring("booth-2"))
    two.apply()
    with pytest.raises(BundleError) as caught:
        take(two, path)
    assert caught.value.code is BundleCode.OTHER_SENDER
    with pytest.raises(NoBundleError, match="in no more"):
        carry(post, two, "booth-1", knowing=True)


def test_without_a_letter_only_what_needs_no_key_comes(post: Hands) -> None:
    one, two = post.booth("booth-1"), post.booth("booth-2")
    one.take(post.bring("booth-1"))
    one.apply()
    letter = letter_to(one.store, "booth-2")
    assert letter is not None
    one.store._db.execute("DELETE FROM signed_objects WHERE kind = 'letter'")
    came = two.take(carry(post, one, knowing=True))
    assert {code for _part, code in came.faults} == {"no_grant"}
    assert {"policy", "booths"} <= {listed.name for listed in came.brought}
    assert two.apply()["policy"] == 1
    assert not two.store.leases.ends()


def test_a_letter_that_the_centre_did_not_write_is_not_taken(post: Hands) -> None:
    one, two = post.booth("booth-1"), post.booth("booth-2")
    one.take(post.bring("booth-1"))
    one.apply()
    across = carry(post, one)  # signed by a booth, not by the centre
    two.write(1)
    two.take(across)
    keep_letter(one.store, "booth-2", post.clock.now().replace(year=2030), across.read_bytes())
    came = two.take(carry(post, one))
    assert ("letter", "other_sender") in came.faults
    assert came.acknowledged is None


def test_what_another_booth_gives_spoils_nothing_that_was_brought_before(post: Hands) -> None:
    """The package is not what its digest says: all that had come of it over a slow line would be for nothing."""
    one, two = post.booth("booth-1"), post.booth("booth-2")
    publish_big(post)
    one.take(post.bring("booth-1"))
    two.send()
    half = post.bring("booth-2")
    whole = half.read_bytes()
    half.write_bytes(whole[: len(whole) * 7 // 10])
    two.take(half)
    (begun,) = two.metadata.rglob("BIG.*.part")
    size = begun.stat().st_size
    (package,) = one.inbox.glob("BIG*.list")
    true = package.read_bytes()
    path, to = post.folder / "stick" / "false.bundle", Address("booth-2", two.store.identity.exchange_public_bytes)
    with path.open("wb") as file:
        signer = one.store.identity.signing_key
        _header, parts = begin_bundle(file, BundleKind.LISTS, "booth-1", signer, to, post.clock.now())
        for each in one.metadata.rglob("*.json"):
            parts.add(PartKind.METADATA, each.read_bytes())
        parts.add(PartKind.TARGET, hashlib.sha256(true).digest() + bytes(len(true)))
        parts.close()
    false = take(two, path)
    assert ("BIG" in {one.name for one in false.brought}, begun.stat().st_size) == (False, size)
    half.write_bytes(whole)
    assert "BIG" in {one.name for one in two.take(half).brought}
