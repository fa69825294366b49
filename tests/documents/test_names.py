"""Name fields, read and written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.documents.names import read_joint_names, read_lone_name, write_joint_names, write_lone_name

WIDTH = 39


@pytest.mark.parametrize(
    ("field", "family", "given_names"),
    [
        ("ERIKSSON<<ANNA<MARIA", "ERIKSSON", "ANNA MARIA"),
        ("VAN<DER<MUELLEN<<HILLARY<ANNE", "VAN DER MUELLEN", "HILLARY ANNE"),
        ("ARKFREITH", "ARKFREITH", ""),  # one identifier, no separator
        ("NILAVADHANANANDA<CHAYAPA", "NILAVADHANANANDA CHAYAPA", ""),
        ("DA<SILVA<<", "DA SILVA", ""),
    ],
)
def test_two_identifiers(field: str, family: str, given_names: str) -> None:
    first, second = read_joint_names(field.ljust(WIDTH, "<"))
    assert (first.text, second.text) == (family, given_names)
    assert (first.fault, second.fault) == ("", "")
    assert not first.full


@pytest.mark.parametrize(
    ("field", "family", "given_names", "faults"),
    [
        ("ERIKSSON<<ANNA<<<C<K", "ERIKSSON", "ANNA", ("", "filler")),  # misread fillers are cut off
        ("ERIKSSON<<<ANNA", "ERIKSSON", "", ("filler", "")),
        ("ERIKSSON<<ANNA<<MARIA", "ERIKSSON", "ANNA MARIA", ("", "filler")),
        ("<ERIKSSON<<ANNA", "ERIKSSON", "ANNA", ("filler", "")),
        ("<<ANNA", "", "ANNA", ("", "")),
        ("<<<ANNA", "", "", ("filler", "")),
        ("ER1KSSON<<ANNA", None, "ANNA", ("characters", "")),
        ("ERIKSSON<<ANN4", "ERIKSSON", None, ("", "characters")),
        ("ERIKSSON<<ANNA<<<4", "ERIKSSON", "ANNA", ("", "filler")),
        ("", "", "", ("", "")),
    ],
)
def test_what_is_wrong(field: str, family: str | None, given_names: str | None, faults: tuple[str, str]) -> None:
    first, second = read_joint_names(field.ljust(WIDTH, "<"))
    assert (first.text, second.text) == (family, given_names)
    assert (first.fault, second.fault) == faults


def test_a_full_field_may_be_cut() -> None:
    full = "NILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG<K"
    assert len(full) == WIDTH
    assert read_joint_names(full)[0].full
    assert not read_joint_names(full[:-1] + "<")[0].full
    assert read_lone_name("A" * 25).full
    assert not read_lone_name("A" * 24 + "<").full


@pytest.mark.parametrize(
    ("field", "text", "fault"),
    [
        ("ANNE<<MARIE<JO<<<<<<", "ANNE MARIE JO", ""),
        ("ANNE<<<MARIE", "ANNE", "filler"),
        ("<ANNE", "ANNE", "filler"),
        ("4NNE", None, "characters"),
        ("<<<<", "", ""),
    ],
)
def test_one_identifier(field: str, text: str | None, fault: str) -> None:
    read = read_lone_name(field)
    assert (read.text, read.fault) == (text, fault)


@pytest.mark.parametrize(
    ("family", "given_names", "width", "written"),
    [
        ("ERIKSSON", "ANNA<MARIA", 39, "ERIKSSON<<ANNA<MARIA"),
        ("ERIKSSON", "", 39, "ERIKSSON"),
        ("ERIKSSON", "ANNA", 14, "ERIKSSON<<ANNA"),  # fits to the last cell
        ("NILAVADHANANANDA", "CHAYAPA<DEJTHAMRONG<KRASUANG", 39, "NILAVADHANANANDA<<CHAYAPA<DEJTHAMRONG<K"),
        ("NILAVADHANANANDA", "CHAYAPA<DEJTHAMRONG<KRASUANG", 38, "NILAVADHANANANDA<<CHAYAPA<DEJTHAMRON<K"),
        ("ABCDEFGHIJ", "KLM", 10, "ABCDEFG<<K"),  # one letter of the given names stays
        ("ABCDEFG<HIJ", "KLM", 10, "ABCDEFG<<K"),
        ("ABCDEF<GHIJ", "KLM", 10, "ABCDE<G<<K"),
        ("ABCDEFGHIJ", "", 6, "ABCDEF"),
        ("ABCDE<FGHI", "", 6, "ABCD<F"),
        ("AB<C<D<EFGH", "", 7, "A<C<D<E"),  # the letter comes from the last part that can spare one
        ("ABCD", "A<BCDE", 8, "ABC<<A<B"),
        ("A", "B<C<D", 5, "A<<B<"),  # nothing to spare: the cut cannot be shown
    ],
)
def test_truncation_ends_with_a_letter(family: str, given_names: str, width: int, written: str) -> None:
    assert write_joint_names(family, given_names, width) == written


def test_a_lone_name_with_a_wide_gap() -> None:
    assert write_lone_name("ANNE<MARIE", 14, gap=2) == "ANNE<<MARIE"
    assert write_lone_name("ANNE<MARIE", 14) == "ANNE<MARIE"
    assert write_lone_name("ANNE<MARIE", 6, gap=2) == "ANN<<M"
    assert write_lone_name("ANNE<MARIE", 5, gap=2) == "AN<<M"
    assert write_lone_name("ANNE<MARIE", 7, gap=2) == "ANNE<<M"


NAME = st.lists(st.text(alphabet="ABCXYZ", min_size=2, max_size=12), min_size=1, max_size=6).map("<".join)


@given(NAME, NAME | st.just(""), st.integers(20, 39))
def test_written_names_are_read_back_whole_or_as_beginnings(family: str, given_names: str, width: int) -> None:
    written = write_joint_names(family, given_names, width)
    assert len(written) <= width
    first, second = read_joint_names(written.ljust(width, "<"))
    assert not first.fault
    assert not second.fault
    whole = family + ("<<" + given_names if given_names else "")
    if len(whole) <= width:
        assert (first.text, second.text) == (family.replace("<", " "), given_names.replace("<", " "))
    else:
        assert first.full
        assert bool(second.text) == bool(given_names)
        for read, name in ((first.text, family), (second.text, given_names)):
            assert all(n.startswith(r) for r, n in zip((read or "").split(), name.split("<"), strict=False))
