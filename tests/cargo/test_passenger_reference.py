"""The reference lists of passengers: every field as expected, and cut at every byte."""

from __future__ import annotations

import json

import pytest

from checkpoint_app.cargo.passengers_stream import stream_list
from checkpoint_app.cargo.plain_passengers import list_to_plain
from checkpoint_app.cargo.read import read_message
from checkpoint_app.cargo.segments import split
from checkpoint_app.cargo.values import Passenger, PassengerList, Pnr
from tests.cargo.passenger_messages import part_of
from tests.cargo.truths import differences, folder, truth_of

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def messages():
    """All messages of the folder, by name."""
    place = folder("passengers")
    found = {path: path.read_bytes() for path in sorted(place.iterdir()) if not path.name.endswith(".json")}
    assert len(found) >= 15
    return found


def test_every_field_of_every_message_is_as_expected(messages) -> None:
    wrong = []
    for path, data in messages.items():
        read = read_message(data)
        assert isinstance(read, PassengerList)
        plain = json.loads(json.dumps(list_to_plain(read)))
        wrong += [f"{path.name}{place}" for place in differences(truth_of(path), plain)]
    assert wrong == []


def test_a_stream_says_what_the_whole_says(messages) -> None:
    for path, data in messages.items():
        whole = read_message(data)
        assert isinstance(whole, PassengerList)
        with path.open("rb") as file:
            parts = list(stream_list(file))
        assert tuple(part for part in parts if isinstance(part, Passenger)) == whole.passengers
        assert tuple(part for part in parts if isinstance(part, Pnr)) == whole.pnrs


def test_cut_at_every_byte_each_gives_an_error_or_a_part(messages) -> None:
    for data in messages.values():
        for cut in range(0, len(data), 1 if len(data) < 1500 else 7):
            read = part_of(data[:cut])
            if isinstance(read, str):
                assert read in {"empty", "unknown_kind"}
                continue
            people = len(read.passengers) + sum(len(pnr.passengers) for pnr in read.pnrs)
            named = sum(1 for one in split(data[:cut]).segments if one.tag in {"NAD", "TIF"} and one.get(0) != "MS")
            if read.kind == "PAXLST":
                left_out = sum(1 for fault in read.faults if fault.code == "unknown_role")
                assert people <= named <= people + left_out
            else:
                assert people <= named


def test_segments_agree_with_another_reader_where_it_reads_the_message(messages) -> None:
    pydifact = pytest.importorskip("pydifact.segmentcollection")
    compared = 0
    for data in messages.values():
        try:
            theirs = pydifact.RawSegmentCollection.from_str(data.decode("ascii"))
        except Exception:  # noqa: BLE001 - it reads well-formed interchanges alone
            continue
        ours = [one.tag for one in split(data).segments]
        assert [one.tag for one in theirs.segments if one.tag != "UNA"] == ours
        compared += 1
    assert compared
