"""The first line of a file, by which its form is told."""

import pytest

from checkpoint_app.screening.importers.source import PROBE_BYTES, SourceError, first_line


def test_a_first_line_cut_in_the_middle_of_a_letter_is_no_fault(tmp_path):
    path = tmp_path / "list.csv"
    path.write_bytes(b"a" + "é".encode() * PROBE_BYTES)
    line = first_line(path)
    assert line == "a" + "é" * ((PROBE_BYTES - 1) // 2)


def test_a_whole_first_line_that_is_not_utf_8_is_told(tmp_path):
    path = tmp_path / "list.csv"
    path.write_bytes("surname;Muñoz\n".encode("latin-1"))
    with pytest.raises(SourceError, match=r"list\.csv: its first line is not UTF-8; save it as UTF-8"):
        first_line(path)
