"""The enrolment code, what it proves, and what two people compare."""

import hashlib
import hmac
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.wire.canonical import canonical_bytes
from checkpoint_app.wire.enrolment import (
    CODE_LIFETIME,
    MOST_TRIES,
    Anchors,
    BoothKeys,
    CodeError,
    EnrolmentCode,
    EnrolmentRequest,
    proves_code,
    request_enrolment,
)
from checkpoint_app.wire.plain import to_plain

ANCHORS = Anchors("-----BEGIN CERTIFICATE-----\n", '{"signed":{}}', b"k" * 32)
KEYS = BoothKeys("demo-3", b"s" * 32, b"x" * 32)
CODE = EnrolmentCode(bytes(range(16)), bytes(range(16, 32)))
WRITTEN = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

codes = st.builds(EnrolmentCode, st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16))


def characters(text: str) -> str:
    return text.replace("-", "")


@given(codes)
def test_a_code_reads_back(code):
    assert EnrolmentCode.from_text(code.to_text()) == code


@given(codes, st.randoms(use_true_random=False))
def test_a_code_may_be_typed_as_it_comes(code, dice):
    typed = "".join(
        dice.choice([one, one.lower()]) + dice.choice(["", "", " ", "-", "\t"]) for one in characters(code.to_text())
    )
    assert EnrolmentCode.from_text(f"  {typed}\n") == code


@given(codes)
def test_the_letters_that_are_taken_for_digits_are_read_as_them(code):
    text = code.to_text()
    assert not set("OILU") & set(text)
    for zero, one in (("O", "I"), ("o", "l"), ("0", "L"), ("O", "i")):
        assert EnrolmentCode.from_text(text.replace("0", zero).replace("1", one)) == code


@given(codes, st.integers(0, 55), st.sampled_from(WRITTEN))
def test_any_one_mistyped_character_is_noticed(code, place, typed):
    text = characters(code.to_text())
    changed = text[:place] + typed + text[place + 1 :]
    if changed == text:
        return
    with pytest.raises(CodeError, match="a character is wrong"):
        EnrolmentCode.from_text(changed)


@given(codes, st.integers(0, 54))
def test_two_neighbours_exchanged_are_noticed(code, place):
    text = characters(code.to_text())
    changed = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    if changed == text:
        return
    with pytest.raises(CodeError):
        EnrolmentCode.from_text(changed)


@given(codes, st.integers(0, 55))
def test_a_character_too_few_or_too_many_is_told_by_number(code, place):
    text = characters(code.to_text())
    with pytest.raises(CodeError, match="56 characters, not 55"):
        EnrolmentCode.from_text(text[:place] + text[place + 1 :])
    with pytest.raises(CodeError, match="56 characters, not 57"):
        EnrolmentCode.from_text(text[:place] + text[place] + text[place:])


@pytest.mark.parametrize("typed", ["U", "u", "*", "é", "ß", "ﬁ", "０", "=", "\u212a", "İ", "\ud800"])
def test_a_character_that_no_code_has_is_refused(typed):
    text = characters(CODE.to_text())
    for place in (0, 20, 55):
        with pytest.raises(CodeError):
            EnrolmentCode.from_text(text[:place] + typed + text[place + 1 :])


@given(st.text())
def test_whatever_is_typed_only_a_code_error_comes_of_it(text):
    with pytest.raises(CodeError):
        EnrolmentCode.from_text(text)


def test_the_written_form_stays_for_ever():
    """Base32 of secret, anchors and check, in the alphabet without I, L, O and U; groups of four."""
    data = CODE.secret + CODE.anchors
    check = hashlib.sha256(b"checkpoint code check 1\x00" + data).digest()[:3]
    number = int.from_bytes(data + check)
    text = "".join(WRITTEN[number >> shift & 31] for shift in range(275, -1, -5))
    assert characters(CODE.to_text()) == text
    groups = CODE.to_text().split("-")
    assert [len(group) for group in groups] == [4] * 14


def test_a_new_code_is_fresh_and_holds_the_anchors():
    first, second = EnrolmentCode.new(ANCHORS), EnrolmentCode.new(ANCHORS)
    assert first.secret != second.secret
    assert len(first.secret) == 16
    assert first.anchors == second.anchors == ANCHORS.digest
    assert timedelta(hours=1) == CODE_LIFETIME
    assert MOST_TRIES == 5


def test_the_id_of_a_code_does_not_give_it_away():
    assert CODE.id == hashlib.sha256(b"checkpoint code id 1\x00" + CODE.secret).hexdigest()[:32]
    assert CODE.id != replace(CODE, secret=b"z" * 16).id
    assert CODE.secret.hex() not in CODE.id
    assert "secret" not in repr(CODE)


def test_anchors_are_told_apart_by_each_part():
    digest = hashlib.sha256(b"checkpoint anchors 1\x00" + canonical_bytes(to_plain(ANCHORS))).digest()
    assert ANCHORS.digest == digest[:16]
    others = [replace(ANCHORS, ca="x"), replace(ANCHORS, root="x"), replace(ANCHORS, key=b"l" * 32)]
    assert len({one.digest for one in (ANCHORS, *others)}) == 4


def test_a_fingerprint_is_twenty_digits_in_five_groups_over_name_and_keys():
    digest = hashlib.sha256(b"checkpoint booth keys 1\x00" + canonical_bytes(to_plain(KEYS))).hexdigest().upper()
    assert KEYS.fingerprint == "-".join(digest[at : at + 4] for at in (0, 4, 8, 12, 16))
    others = [replace(KEYS, booth="demo-4"), replace(KEYS, signing=b"t" * 32), replace(KEYS, exchange=b"y" * 32)]
    assert len({one.fingerprint for one in (KEYS, *others)}) == 4


def test_a_request_proves_the_code_it_was_made_with():
    request = request_enrolment(CODE, KEYS)
    assert (request.keys, request.code_id) == (KEYS, CODE.id)
    assert proves_code(request, CODE)
    message = b"checkpoint enrolment 1\x00" + CODE.anchors + canonical_bytes(to_plain(KEYS))
    assert request.mac == hmac.digest(CODE.secret, message, "sha256")


@pytest.mark.parametrize(
    ("request_changes", "code_changes"),
    [
        ({"keys": replace(KEYS, booth="demo-4")}, {}),
        ({"keys": replace(KEYS, signing=b"t" * 32)}, {}),
        ({"keys": replace(KEYS, exchange=b"y" * 32)}, {}),
        ({"mac": b""}, {}),
        ({"mac": b"0" * 32}, {}),
        ({}, {"secret": b"z" * 16}),
        ({}, {"anchors": b"z" * 16}),
    ],
)
def test_a_request_proves_no_other_code_keys_or_anchors(request_changes, code_changes):
    request = replace(request_enrolment(CODE, KEYS), **request_changes)
    assert not proves_code(request, replace(CODE, **code_changes))


@given(codes, st.binary(max_size=40))
def test_no_guessed_proof_is_one(code, mac):
    assert not proves_code(EnrolmentRequest(KEYS, code.id, mac), code)
