"""Cargo messages of Cargo-IMP and EDIFACT, as received, against what is expected of them: every field."""

from __future__ import annotations

import pytest

from checkpoint_app.cargo.plain_cargo import plain_message
from checkpoint_app.cargo.read import read_message
from checkpoint_app.cargo.values import CargoMessage
from tests.cargo.truths import differences, folder, truth_of

NAMES = [
    "apimeister_d00b_iftsta.edi",
    "apimeister_d95b_coprar.edi",
    "nezpik_sample_baplie.txt",
    "staedi_baplie.edi",
    "syn_cuscar_sea.edi",
    "syn_ffm8.txt",
    "syn_fhl5.txt",
    "syn_fwb16.txt",
]


@pytest.mark.data
@pytest.mark.parametrize("name", NAMES)
def test_every_field_of_the_truth_is_read(name):
    path = folder("cargo") / name
    message = read_message(path.read_bytes())
    assert isinstance(message, CargoMessage)
    assert list(differences(truth_of(path), plain_message(message))) == []
