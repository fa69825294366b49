"""Passages are read as they were written, whatever their fields hold."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.risk.catalogue import FieldType, catalogue
from checkpoint_app.risk.passages import MOST_LINE_BYTES, Passage, passage_line, read_passages
from checkpoint_app.risk.standing import Result
from checkpoint_app.verdict.lane import Mode

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUES = {
    FieldType.STRING: TEXTS,
    FieldType.INT: st.integers(-(2**53), 2**53),
    FieldType.DOUBLE: st.floats(allow_nan=False, allow_infinity=False),
    FieldType.BOOL: st.booleans(),
    FieldType.STRINGS: st.lists(TEXTS, max_size=4),
}
TYPES = catalogue("traveller/2").types
FIELDS = st.lists(st.sampled_from(sorted(TYPES)), unique=True, max_size=8).flatmap(
    lambda names: st.fixed_dictionaries({name: VALUES[TYPES[name]] for name in names})
)


@given(
    st.builds(
        Passage,
        st.dates(date(2000, 1, 1), date(2099, 12, 31)),
        st.sampled_from(Mode),
        FIELDS,
        st.sampled_from([None, *Result]),
        st.booleans(),
    )
)
def test_a_passage_is_read_as_it_was_written(passage):
    line = passage_line(passage)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    (read,) = read_passages([line])
    assert read == passage


def test_a_passage_that_no_line_holds_is_refused():
    with pytest.raises(ValueError, match="more than 64 KiB"):
        passage_line(Passage(date(2026, 3, 1), Mode.LAND, {"doc.issuer": "X" * MOST_LINE_BYTES}))
    with pytest.raises(ValueError, match="not JSON compliant"):
        passage_line(Passage(date(2026, 3, 1), Mode.LAND, {"bag.weight_kg": float("nan")}))
