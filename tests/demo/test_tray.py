"""The tray: its stories are true on any day, and its zones say what the documents say."""

import pytest

from checkpoint_app.demo.lists import LISTED_ERIKSON, STOLEN_NUMBER, listed_numbers, watchlist
from checkpoint_app.demo.messages import sheet
from checkpoint_app.demo.tray import absent, riders, tray
from checkpoint_app.documents import Format, parse_mrz
from checkpoint_app.verdict import Advice
from tests.demo.helpers import DAYS, TODAY, decoded

NAMES = ("1-clear", "2-name-hit", "3-stolen", "4-check-digit", "5-expired", "6-card", "7-hard", "8-visa", "9-altered")


def item(today, name):
    return next(one for one in tray(today) if one.name == name)


def test_the_tray_has_a_story_each():
    items = tray(TODAY)
    assert tuple(one.name for one in items) == NAMES
    assert len({one.story for one in items}) == len({one.seed for one in items}) == len(items)


@pytest.mark.parametrize("today", DAYS)
def test_the_zone_says_what_the_document_says(today):
    for one in tray(today):
        mrz = parse_mrz(one.lines, today=today)
        assert mrz.document == one.document
        assert mrz.valid == (one.name != "4-check-digit")


@pytest.mark.parametrize("today", DAYS)
def test_only_the_expired_one_has_expired(today):
    for one in tray(today):
        expired = one.document.expiry_date.as_date() < today
        assert expired == (one.name == "5-expired")


@pytest.mark.parametrize("today", DAYS)
def test_the_altered_date_breaks_its_own_digit_and_the_composite(today):
    forged = item(today, "4-check-digit")
    faults = {(fault.field, fault.code) for fault in parse_mrz(forged.lines, today=today).faults}
    assert faults == {("expiry_date", "check_digit"), ("composite", "check_digit")}


def test_the_name_hit_is_one_letter_off_and_born_on_another_day():
    document = item(TODAY, "2-name-hit").document
    listed = LISTED_ERIKSON.names[0]
    assert document.family_name.replace("SS", "S", 1) == listed.family
    assert document.given_names.replace("NN", "N", 1) == "ANA MARIA"
    assert str(document.birth_date)[:7] == LISTED_ERIKSON.birth_dates[0].first[:7]
    assert str(document.birth_date) != LISTED_ERIKSON.birth_dates[0].first
    assert LISTED_ERIKSON.nationalities == ("ECU",)
    assert document.nationality == "UTO"


def test_the_stolen_one_carries_the_listed_number():
    document = item(TODAY, "3-stolen").document
    assert (document.document_number, document.issuer) == (STOLEN_NUMBER.number, STOLEN_NUMBER.issuer)


def test_formats_and_advice():
    items = {one.name: one for one in tray(TODAY)}
    assert items["6-card"].document.format is Format.TD1
    assert items["8-visa"].document.format is Format.MRVA
    assert [one.expected[0] for one in items.values()] == [
        Advice.PROCEED,
        Advice.REFER,
        Advice.REFER,
        Advice.REFER,
        Advice.LOOK,
        Advice.PROCEED,
        Advice.PROCEED,
        Advice.PROCEED,
        Advice.REFER,
    ]
    assert items["7-hard"].hardness == max(one.hardness for one in items.values())


def test_the_altered_one_differs_from_its_print_in_one_digit_of_the_number():
    one = item(TODAY, "9-altered")
    zone, printed = one.document.document_number, one.printed.document_number
    assert [(a, b) for a, b in zip(zone, printed, strict=True) if a != b] == [("6", "0")]
    assert parse_mrz(one.lines, today=TODAY).valid


def test_pictures_are_drawn_once():
    one = tray(TODAY)[0]
    assert one.image() is tray(TODAY)[0].image()


@pytest.mark.parametrize("today", DAYS)
def test_travellers_of_the_bus_are_sound_and_unlike_everybody_else(today):
    people = [one.document for one in riders(today)] + [absent(today)]
    for item in riders(today):
        mrz = parse_mrz(item.lines, today=today)
        assert (mrz.document, mrz.valid) == (item.document, True)
    everybody = people + [one.document for one in tray(today)]
    assert (
        len({one.document_number for one in everybody}) == len({one.family_name for one in everybody}) == len(everybody)
    )
    assert all(today < one.expiry_date.as_date() for one in people)


def test_travellers_of_the_bus_are_on_no_list():
    people = [*(one.document for one in riders(TODAY)), absent(TODAY)]
    listed = {part for entry in watchlist() for name in entry.names for part in name.family.split()}
    assert not listed & {part for one in people for part in one.family_name.split()}
    assert not {one.number for one in listed_numbers()} & {one.document_number for one in people}


def test_a_message_has_a_picture_that_stands_for_it():
    assert decoded(sheet("UNA:+.? '\nFTX+AAA+++VIÑEDOS".encode("latin-1"))).shape == (620, 880, 3)
