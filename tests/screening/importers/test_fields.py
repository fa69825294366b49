import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.screening.entry import ListedDate, Name, Quality
from checkpoint_app.screening.importers.fields import (
    MAX_TEXT,
    FieldError,
    clean,
    distinct,
    in_latin,
    listed_date,
    make_name,
    person_name,
    sex_of,
    split_name,
    state_code,
)
from checkpoint_app.screening.importers.states import state_of

STRONG, WEAK = Quality.STRONG, Quality.WEAK


@pytest.mark.parametrize(
    ("text", "families", "expected"),
    [
        ("MORÁN PAZ, Luis Alberto", (), ("MORÁN PAZ", "Luis Alberto")),
        ("Luis Alberto MORÁN PAZ", (), ("MORÁN PAZ", "Luis Alberto")),
        ("MORÁN Luis", (), ("MORÁN", "Luis")),
        ("Luis Alberto Morán", ("Morán",), ("Morán", "Luis Alberto")),
        ("Luis morán paz", ("Paz", "MORÁN PAZ"), ("morán paz", "Luis")),
        ("Morán", ("Morán",), ("Morán", "")),
        ("Luis Alberto", (), ("Luis Alberto", "")),
        ("LUIS MORAN", (), ("LUIS MORAN", "")),
        ("EL 13", (), ("EL 13", "")),
        ("Luis J MORAN", (), ("MORAN", "Luis J")),
        ("LUIS de MORAN", (), ("LUIS de MORAN", "")),
        ("Luis Moran, Jr.", (), ("Luis Moran", "")),
        ("Moran,", (), ("Moran,", "")),
        ("Luis Moran", ("",), ("Luis Moran", "")),
    ],
)
def test_where_a_name_divides(text, families, expected):
    assert split_name(text, families) == expected


@pytest.mark.parametrize(
    ("text", "latin"),
    [
        ("Matías Núñez", "Matías Núñez"),
        ("Мария Захарова", "MARIIA ZAKHAROVA"),
        ("Мария Zakharova", "MARIIA Zakharova"),
        ("Захарова-Попова", "ZAKHAROVA POPOVA"),
        ("«Рога» Trading", "ROGA Trading"),
        ("محمد", "MXHMD"),
        ("O’Brien", "O’Brien"),
        ("张伟", ""),
        ("张 Wei", ""),
        ("Ελένη", ""),
    ],
)
def test_other_scripts_are_transliterated_whole_or_not_at_all(text, latin):
    assert in_latin(text) == latin


@pytest.mark.parametrize("suffix", ["Jr", "JR.", "sr", "Sr.", "II", "iii", "IV", "PhD", "Ph.D."])
def test_what_follows_a_comma_may_be_no_given_name(suffix):
    assert split_name(f"Luis Moran, {suffix}") == ("Luis Moran", "")


def test_a_name_needs_letters_in_every_part():
    assert make_name("Захарова", "Мария", STRONG) == Name("ZAKHAROVA", "MARIIA")
    assert make_name("Wang", "伟", STRONG) is None
    assert make_name("伟", "Wang", STRONG) is None
    assert make_name("-", "", STRONG) is None
    assert person_name("12 34", STRONG) is None
    assert person_name("Juan", WEAK) == Name("Juan", "", WEAK, whole=True)


def test_titles_are_no_part_of_a_given_name():
    assert make_name("Muster", "Dr. Prof. Ana", STRONG) == Name("Muster", "Ana")
    assert make_name("Muster", "Dr.", STRONG) == Name("Muster", "Dr.")


def test_names_of_the_same_words_are_one():
    names = [
        Name("Luis Moran", whole=True),
        Name("MORAN", "Luis", WEAK),
        Name("Moran", "Luis"),
        Name("Other", "Name"),
        Name("Luis", "Moran"),
    ]
    assert distinct(names) == (Name("Moran", "Luis"), Name("Other", "Name"))
    assert distinct(names, first="Name OTHER")[0] == Name("Other", "Name")
    assert distinct([Name("A B", whole=True), Name("A", "B", WEAK)]) == (Name("A B", whole=True),)


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("1951-05-17", "ymd", ListedDate("1951-05-17", "1951-05-17")),
        (" 1951-05 ", "ymd", ListedDate("1951-05", "1951-05")),
        ("1951", "ymd", ListedDate("1951", "1951")),
        ("1951-00-00", "ymd", ListedDate("1951", "1951")),
        ("1951-05-00", "ymd", ListedDate("1951-05", "1951-05")),
        ("1951-05-17T00:00:00", "ymd", ListedDate("1951-05-17", "1951-05-17")),
        ("2007/2011", "ymd", ListedDate("2007", "2011")),
        ("circa 1951", "ymd", ListedDate("1951", "1951", circa=True)),
        ("c. 1951/1953", "ymd", ListedDate("1951", "1953", circa=True)),
        ("~1951", "ymd", ListedDate("1951", "1951", circa=True)),
        ("17/5/1951", "dmy", ListedDate("1951-05-17", "1951-05-17")),
        ("05.17.1951", "mdy", ListedDate("1951-05-17", "1951-05-17")),
        ("1951-05-17", "dmy", ListedDate("1951-05-17", "1951-05-17")),
        ("2000-02-29", "ymd", ListedDate("2000-02-29", "2000-02-29")),
        ("1850", "ymd", ListedDate("1850", "1850")),
        ("2100", "ymd", ListedDate("2100", "2100")),
    ],
)
def test_listed_dates(text, order, expected):
    assert listed_date(text, order) == expected


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("", "ymd"),
        ("17/05/1951", "ymd"),
        ("17/05/1951", "mdy"),
        ("1951-13", "ymd"),
        ("1951-02-29", "ymd"),
        ("1951-5-1", "ymd"),
        ("19510517", "ymd"),
        ("1849", "ymd"),
        ("2101", "ymd"),
        ("2011/2007", "ymd"),
        ("2007/2011-05", "ymd"),
        ("2007/", "ymd"),
        ("May 1951", "ymd"),
        ("１９５１", "ymd"),
    ],
)
def test_what_is_no_listed_date(text, order):
    with pytest.raises(FieldError, match=r"^birth_date: "):
        listed_date(text, order)


@given(st.text(max_size=30))
def test_dates_are_read_or_refused(text):
    try:
        listed = listed_date(text)
    except FieldError:
        return
    assert len(listed.first) == len(listed.last) in (4, 7, 10)
    assert listed.first <= listed.last


def test_states():
    assert [state_code(code) for code in ("UK", "el", "gb-sct", "XKX", "ge-ab", "x-yz")] == [
        "GBR", "GRC", "GBR", "RKS", "GEO", "",
    ]  # fmt: skip
    given_codes = ["ec", "EC", "ECU", "de", "DEU", "D", "D<<", "xk", "UNO", " usa ", "zz", "ZZZ", "", "Ecuador"]
    expected = ["ECU", "ECU", "ECU", "D", "D", "D", "D", "RKS", "UNO", "USA", "", "", "", ""]
    assert [state_code(code) for code in given_codes] == expected


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Ecuador", "ECU"),
        ("perú", "PER"),
        ("Korea, North", "PRK"),
        ("Democratic People's Republic of Korea", "PRK"),
        ("Congo, Democratic Republic of the", "COD"),
        ("Congo", "COG"),
        ("Guinea", "GIN"),
        ("Guinea Bissau", "GNB"),
        ("Sudan", "SDN"),
        ("Alemania", "D"),
        ("Rusia", "RUS"),
        ("Palestinian", "PSE"),
        ("BOL", "BOL"),
        ("Atlantis", ""),
        ("", ""),
        ("Ecuador " * 50, ""),
    ],
)
def test_states_by_name(name, code):
    assert state_of(name) == code


def test_sex():
    assert {sex_of([word]) for word in ("m", "Male", "MASCULINO", " hombre")} == {"M"}
    assert {sex_of([word]) for word in ("F", "female ", "Femenino", "mujer")} == {"F"}
    assert sex_of(["M", "Masculino", "x"]) == "M"
    assert sex_of(["male", "female"]) == sex_of([]) == sex_of(["other"]) == ""


def test_texts_are_cleaned_and_bounded():
    assert clean(" Jose\u0301 \u200b\t\nPaz\x00 ") == "José Paz"
    assert clean("x" * MAX_TEXT)
    with pytest.raises(FieldError):
        clean("x" * (MAX_TEXT + 1))
