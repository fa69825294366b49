"""The slip's bytes: one size, every refusal, altered at every byte; and its text, as readers type it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.wire import slip as slips
from checkpoint_app.wire.booths import KnownBooth
from checkpoint_app.wire.slip import (
    AHEAD,
    Decided,
    SlipDecision,
    SlipResult,
    SlipVerdict,
    check_slip,
    key_id,
    mark_of,
    pseudonym,
    write_slip,
)
from checkpoint_app.wire.slip_text import PREFIX, SLIP_BYTES, TEXT_LENGTH, claims_slip, read_slip_text, slip_text

NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)
DAY = timedelta(hours=24)
MRZ = ("P<UTOMUSTER<<EVA<<<<<<<<<<<<<<<<<<<<<<<<<<<<", "X1234567<4UTO8001014F3001019<<<<<<<<<<<<<<04")
OTHER = (MRZ[0], MRZ[1].replace("X1", "X2"))
KEY, STRANGER = (Ed25519PrivateKey.from_private_bytes(bytes((n,)) * 32) for n in (1, 2))
RAW = KEY.public_key().public_bytes_raw()
BOOTH = KnownBooth("rumichaca-3", "Rumichaca", RAW, b"\x02" * 32, NOW - 30 * DAY)
OFFICER = pseudonym(b"\x03" * 32, "o.muster")
DECIDED = Decided(MRZ, NOW, SlipDecision.LET_PASS, True, 7, OFFICER)
SLIP = write_slip(DECIDED, KEY, b"\x04" * 16)


def check(data: bytes = SLIP, now: datetime = NOW, booths: tuple[KnownBooth, ...] = (BOOTH,)) -> SlipResult:
    return check_slip(data, MRZ, booths, now, DAY)


def test_a_good_slip_tells_what_where_and_when() -> None:
    result = check()
    assert (result.verdict, result.booth, result.post) == (SlipVerdict.GOOD, "rumichaca-3", "Rumichaca")
    assert result.good
    assert result.slip is not None
    said = result.slip
    assert (said.at, said.decision, said.direction_in, said.policy_version) == (NOW, SlipDecision.LET_PASS, True, 7)
    assert (said.officer, said.nonce, said.key_id) == (OFFICER, b"\x04" * 16, key_id(RAW))


@given(
    mrz=st.lists(st.text("ABC019<", min_size=30, max_size=44), min_size=1, max_size=3).map(tuple),
    at=st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31)).map(lambda at: at.replace(tzinfo=UTC)),  # noqa: DTZ001
    decision=st.sampled_from(SlipDecision),
    direction_in=st.booleans(),
    policy=st.integers(0, 1 << 40),
    officer=st.text(max_size=200),
)
def test_each_slip_has_one_size_and_says_what_was_decided(
    mrz: tuple[str, ...], at: datetime, decision: SlipDecision, direction_in: bool, policy: int, officer: str
) -> None:
    data = write_slip(Decided(mrz, at, decision, direction_in, policy, pseudonym(b"k" * 32, officer)), KEY)
    assert len(data) == SLIP_BYTES
    assert len(slip_text(data)) == TEXT_LENGTH
    result = check_slip(data, mrz, (BOOTH,), at, DAY)
    assert result.good
    assert result.slip is not None
    assert result.slip.at == at.replace(microsecond=0)
    assert (result.slip.decision, result.slip.direction_in) == (decision, direction_in)
    assert result.slip.policy_version == min(policy, (1 << 32) - 1)


@pytest.mark.parametrize("place", range(SLIP_BYTES))
def test_a_slip_changed_at_any_byte_is_refused(place: int) -> None:
    expected = {0: SlipVerdict.NOT_A_SLIP} | dict.fromkeys(range(1, 9), SlipVerdict.UNKNOWN_BOOTH)
    for bit in range(8):
        changed = bytearray(SLIP)
        changed[place] ^= 1 << bit
        result = check(bytes(changed))
        assert result == SlipResult(expected.get(place, SlipVerdict.ALTERED))  # and nothing that it says is told


def test_a_slip_of_another_document_is_refused() -> None:
    for mrz in (OTHER, MRZ[:1], (), (MRZ[0] + MRZ[1],), (MRZ[1], MRZ[0])):
        assert check_slip(SLIP, mrz, (BOOTH,), NOW, DAY).verdict is SlipVerdict.OTHER_DOCUMENT


@given(line=st.integers(0, 1), place=st.integers(0, 43), sign=st.sampled_from("ABX019<"))
def test_one_other_character_of_the_zone_is_another_document(line: int, place: int, sign: str) -> None:
    lines = list(MRZ)
    lines[line] = lines[line][:place] + sign + lines[line][place + 1 :]
    same = tuple(lines) == MRZ
    assert check_slip(SLIP, lines, (BOOTH,), NOW, DAY).good is same


def test_a_slip_is_believed_until_the_policys_time_is_over_and_not_before_it_was_signed() -> None:
    assert check(now=NOW + DAY).good
    assert check(now=NOW + DAY + timedelta(seconds=1)).verdict is SlipVerdict.TOO_OLD
    assert check(now=NOW - AHEAD).good
    assert check(now=NOW - AHEAD - timedelta(seconds=1)).verdict is SlipVerdict.FUTURE


def test_a_slip_of_2106_is_of_2106() -> None:
    """Four bytes of seconds end there, and signed ones in 2038."""
    for year in (2038, 2106, 2500):
        at = datetime(year, 3, 1, tzinfo=UTC)
        data = write_slip(replace(DECIDED, at=at), KEY)
        assert check(data, now=at).good
        assert check(data).verdict is SlipVerdict.FUTURE


def test_nobody_but_a_booth_of_the_list_signs_slips() -> None:
    assert check(write_slip(DECIDED, STRANGER)).verdict is SlipVerdict.UNKNOWN_BOOTH
    assert check(booths=()).verdict is SlipVerdict.UNKNOWN_BOOTH
    named = write_slip(DECIDED, STRANGER)[:1] + SLIP[1:9] + write_slip(DECIDED, STRANGER)[9:]
    assert check(named).verdict is SlipVerdict.ALTERED


def test_a_revoked_booths_slips_are_refused_whenever_they_say_they_were_signed() -> None:
    revoked = replace(BOOTH, revoked_at=NOW + timedelta(hours=1))
    result = check(booths=(revoked,), now=NOW + timedelta(hours=2))
    assert (result.verdict, result.post) == (SlipVerdict.REVOKED_BOOTH, "Rumichaca")
    assert check(booths=(revoked,)).verdict is SlipVerdict.REVOKED_BOOTH


def test_a_key_that_was_replaced_signs_no_more() -> None:
    replaced = replace(BOOTH, signing_key=STRANGER.public_key().public_bytes_raw(), earlier_keys=(RAW,))
    assert check(booths=(replaced,)).verdict is SlipVerdict.REVOKED_BOOTH
    assert check(write_slip(DECIDED, STRANGER), booths=(replaced,)).good


def test_a_key_that_two_booths_have_is_believed_only_while_both_are_let_in() -> None:
    twin = replace(BOOTH, name="twin")
    assert check(booths=(BOOTH, twin)).good
    for pair in ((BOOTH, replace(twin, revoked_at=NOW)), (replace(twin, revoked_at=NOW), BOOTH)):
        assert check(booths=pair).verdict is SlipVerdict.REVOKED_BOOTH


def test_a_key_under_which_anybody_signs_signs_no_slip() -> None:
    weak = bytes(31) + b"\x80"
    booth = replace(BOOTH, signing_key=weak)
    forged = SLIP[:1] + key_id(weak) + SLIP[9:60] + weak + bytes(32)
    assert check(forged, booths=(booth,)).verdict is SlipVerdict.ALTERED


@pytest.mark.parametrize("data", [b"", SLIP[:-1], SLIP + b"\x00", b"\x02" + SLIP[1:], bytes(SLIP_BYTES)])
def test_what_is_no_slip_is_said_to_be_none(data: bytes) -> None:
    assert check(data) == SlipResult(SlipVerdict.NOT_A_SLIP)


@pytest.mark.parametrize(("place", "value"), [(14, 0), (14, 3), (15, 2), (9, 0xFF)])
def test_what_a_newer_version_signs_is_not_guessed_at(place: int, value: int) -> None:
    """The signature holds, and what it says is not known here: decision, direction, a year beyond all calendars."""
    body = bytearray(SLIP[:60])
    body[place] = value
    data = bytes(body) + KEY.sign(b"checkpoint slip 1\x00" + bytes(body))
    assert check(data) == SlipResult(SlipVerdict.NOT_A_SLIP)


@given(st.binary(max_size=2 * SLIP_BYTES))
def test_any_bytes_get_an_answer(data: bytes) -> None:
    assert not check(data).good
    assert not check(SLIP[:9] + data).good


def test_two_slips_of_one_document_share_nothing_but_when_and_where() -> None:
    one, two = write_slip(DECIDED, KEY), write_slip(DECIDED, KEY)
    assert one[28:44] != two[28:44]
    assert one[44:60] != two[44:60]
    assert mark_of(one[28:44], MRZ) == one[44:60]  # whoever has slip and document can tell that they belong together


def test_an_officer_has_another_name_each_shift() -> None:
    assert len({pseudonym(key, name) for key in (b"a" * 32, b"b" * 32) for name in ("o.muster", "s.muster")}) == 4
    assert pseudonym(b"a" * 32, "o.muster") == pseudonym(b"a" * 32, "o.muster")


@pytest.mark.parametrize(
    "changes", [{"officer": b"short"}, {"mrz": ()}, {"at": datetime(1969, 12, 31, tzinfo=UTC)}]
)  # fmt: skip
def test_a_slip_of_nothing_is_not_written(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="slip"):
        write_slip(replace(DECIDED, **changes), KEY)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="slip"):
        write_slip(DECIDED, KEY, b"short")


def test_the_marks_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []
    monkeypatch.setattr(slips.hmac, "compare_digest", lambda a, b: compared.append((a, b)) or a == b)  # type: ignore[func-returns-value]
    assert check().good
    assert [len(one) for one in compared[0]] == [16, 16]


# -- its text ---------------------------------------------------------------------------------------------------------


def test_the_text_is_letters_and_digits_that_survive_caps_lock() -> None:
    text = slip_text(SLIP)
    assert (len(text), text.isalnum(), text.isascii(), text.upper()) == (TEXT_LENGTH, True, True, text)
    for typed in (text, text.lower(), text.swapcase(), f" {text}\r\n"):
        assert read_slip_text(typed) == SLIP
        assert claims_slip(typed)


@given(st.binary(min_size=SLIP_BYTES, max_size=SLIP_BYTES))
def test_each_slip_has_one_text(data: bytes) -> None:
    text = slip_text(data)
    assert read_slip_text(text) == data
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    others = [text[:-1] + sign for sign in last if sign != text[-1]]
    assert data not in {read_slip_text(other) for other in others}


@pytest.mark.parametrize(
    "text",
    ["", PREFIX, slip_text(SLIP)[:-1], slip_text(SLIP) + "A", slip_text(SLIP)[:-1] + "1", "X" + slip_text(SLIP)[1:],
     slip_text(SLIP)[:-1] + "É", slip_text(SLIP)[:-1] + "=", "ß" * TEXT_LENGTH, PREFIX + "ı" * 199],
)  # fmt: skip
def test_any_other_text_is_no_slip(text: str) -> None:
    assert read_slip_text(text) is None


@given(st.text(max_size=2 * TEXT_LENGTH))
def test_any_text_gets_an_answer(text: str) -> None:
    assert read_slip_text(text) is None
    assert read_slip_text(PREFIX + text) is None or len(text.strip()) == 199
