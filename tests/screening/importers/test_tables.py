import os
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.screening.entry import (
    DocumentCategory,
    Entry,
    ListedDate,
    ListedDocument,
    ListedNumber,
    Name,
    Quality,
)
from checkpoint_app.screening.importers import Content, SourceError, content_of
from checkpoint_app.screening.importers.source import MAX_LINE_BYTES
from checkpoint_app.screening.importers.table import FIELDS, columns_of
from tests.screening.importers.helpers import entries, numbers, write

SPANISH = """Apellidos;Nombres;Fecha de nacimiento;Sexo;Nacionalidad;Número de documento;Emisor;Observaciones;Código
Guzmán Paz;Ana María;1974-08-12;F;EC;AB123456;ECU;visto en Tulcán;77
"""


def test_columns_are_known_by_their_headings(tmp_path):
    (entry,), report = entries(write(tmp_path, SPANISH))
    assert entry == Entry(
        entry.id,
        "Person",
        (Name("Guzmán Paz", "Ana María"),),
        (ListedDate("1974-08-12", "1974-08-12"),),
        "F",
        ("ECU",),
        (ListedDocument("AB123456", "ECU"),),
        remarks="visto en Tulcán",
    )
    assert entry.id.startswith("row-")
    assert report.read == 1


HEADINGS = {
    "id": "id, Entry ID, reference, Referencia",
    "schema": "schema, type, Tipo",
    "family": "family, family name, SURNAME, last_name, lastname, Apellidos, apellido",
    "given": "given, given names, given_name, first-name, firstname, Nombres, nombre",
    "name": "name, Full Name, whole_name, Nombre completo",
    "alias": "alias, aliases",
    "weak_alias": "weak_alias, weak aliases",
    "birth_date": "birth_date, birthdate, Date of birth, DOB, Fecha de nacimiento, fecha_nacimiento",
    "sex": "sex, gender, Sexo",
    "nationality": "nationality, nationalities, citizenship, Nacionalidad",
    "number": "number, document number, passport_number, document, documents, passport, Número, Número de documento, "
    "documento, Pasaporte, First number, Number from, Número inicial",
    "last_number": "last_number, Number to, Número final",
    "issuer": "issuer, document_issuer, issuing state, state, Emisor, País emisor",
    "category": "category, Categoría",
    "birth_place": "birth_place, place of birth, Lugar de nacimiento",
    "handling": "handling, handling_code",
    "remarks": "remarks, notes, Observaciones",
}


@pytest.mark.parametrize(("field", "headings"), HEADINGS.items())
def test_headings_that_are_known_unasked(field, headings):
    for heading in headings.split(", "):
        columns = columns_of(f"{heading},name", {"name": "name"}, "x.csv")
        assert columns.fields == (field, "name")
    assert len(headings.split(", ")) == len(FIELDS[field])


def test_ids_made_of_the_content_stay_the_same(tmp_path):
    first = entries(write(tmp_path, SPANISH))[0][0].id
    assert entries(write(tmp_path, SPANISH.replace("\n", "\r\n").replace("AB123456", " AB123456 ")))[0][0].id == first
    assert entries(write(tmp_path, SPANISH.replace("AB123456", "AB123457")))[0][0].id != first
    one, other = ("surname,given\nPaz,Luis\n", "given,surname\nLuis,Paz\n")
    assert entries(write(tmp_path, one))[0][0].id == entries(write(tmp_path, other))[0][0].id


def test_a_mapping_says_what_a_column_holds(tmp_path):
    text = 'codigo,quien,cuando,otro nombre,apodo\n1,"PAZ, Luis",17/05/1951|1952,Lucho PAZ;LP PAZ,Luchito\n'
    mapping = {
        "codigo": "id",
        "quien": "name",
        "cuando": "birth_date:dmy",
        "otro nombre": "alias",
        "apodo": "weak_alias",
    }
    (entry,), _ = entries(write(tmp_path, text), mapping=mapping)
    assert entry == Entry(
        "1",
        "Person",
        (
            Name("PAZ", "Luis"),
            Name("PAZ", "Lucho"),
            Name("LP PAZ", whole=True),
            Name("Luchito", "", Quality.WEAK, whole=True),
        ),
        (ListedDate("1951-05-17", "1951-05-17"), ListedDate("1952", "1952")),
    )


def test_a_mapping_by_place_for_tables_without_headings(tmp_path):
    text = '1,"PAZ, Luis","individual"\n2,"ACME","company"\n3,"MAR","vessel"\n4,"SOL","planet"\n'
    read, report = entries(write(tmp_path, text), mapping={"1": "id", "2": "name", "3": "schema"})
    assert [(e.id, e.schema, e.names[0].family) for e in read] == [
        ("1", "Person", "PAZ"),
        ("2", "Entity", "ACME"),
        ("3", "Vessel", "MAR"),
    ]
    assert report.refused == [(4, "schema: neither a person nor an entity, a vessel or an aircraft")]


def test_a_mapping_can_ignore_a_column(tmp_path):
    (entry,), _ = entries(write(tmp_path, SPANISH), mapping={"Nacionalidad": ""})
    assert entry.nationalities == ()


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ({"Nombres": "nickname"}, "nickname is no field"),
        ({"Nadie": "name"}, "no column Nadie"),
        ({"12": "name"}, "no column 12"),
        ({"0": "name"}, "no column 0"),
        ({"Nombres": "birth_date:ydm"}, "ydm is no field"),
    ],
)
def test_mappings_that_do_not_fit(tmp_path, mapping, words):
    with pytest.raises(SourceError, match=words):
        entries(write(tmp_path, SPANISH), mapping=mapping)


def test_rows_that_are_refused(tmp_path):
    text = (
        "id,surname,given,dob\n"
        "1,Paz,Luis,1951\n"
        "2,Paz,Luis\n"
        "3,Paz,Luis,1951,,\n"
        "4,Paz,Luis,1951,x\n"
        '5,"Paz"x,Luis,1951\n'
        "\n"
        "6,,,1951\n"
        "1,Paz,Ana,1951\n"
        '7,"Paz\nOsorio",Luis,1951\n'
        '8,"Paz,Luis,1951\n'
        "9,Paz,Luis,1951\n"
    )
    read, report = entries(write(tmp_path, text))
    assert [(entry.id, entry.names[0].family) for entry in read] == [("1", "Paz"), ("3", "Paz"), ("7", "Paz Osorio")]
    assert [line for line, _ in report.refused] == [3, 5, 6, 8, 9, 13]
    reasons = dict(report.refused)
    assert reasons[3] == "the row has 3 cells, not 4"
    assert "quote" in reasons[6]
    assert "quote" in reasons[13]
    assert reasons[9] == "the id is given twice: first in line 2"
    assert report.read == len(read) + len(report.refused)
    assert "Luis" not in str(report.refused)


def test_a_heading_is_one_line_and_never_costs_a_row(tmp_path):
    for heading in ("\rid,name\r", "id,name\r", "id,name"):
        read, report = entries(write(tmp_path, f"{heading}\n1,Paz\n2,Ana\n"))
        assert ([entry.id for entry in read], report.refused) == (["1", "2"], [])
    with pytest.raises(SourceError, match="first line is longer than 63 KiB"):
        entries(write(tmp_path, "id,name," + "x" * (2 << 20) + "\n1,Paz,\n"))


def test_lines_that_are_no_text_or_too_long(tmp_path):
    text = b"\xef\xbb\xbfid,name\n1,Paz\n2,Mu\xf1oz\n3," + b"x" * MAX_LINE_BYTES + b"\n4,Ana\n\x1a"
    read, report = entries(write(tmp_path, text))
    assert [entry.id for entry in read] == ["1", "4"]
    assert report.refused == [
        (3, "the line is not UTF-8 text"),
        (4, f"the line is longer than {MAX_LINE_BYTES} bytes"),
    ]


def test_a_line_without_end_is_never_held_whole(tmp_path):
    path = tmp_path / "endless.csv"
    with path.open("wb") as file:
        file.write(b"id,name\n1,Paz\n2,")
        for _ in range(64):
            file.write(b"x" * (1 << 20))
        file.write(b"\n3,Ana\n")
    tracemalloc.start()
    read, report = entries(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [entry.id for entry in read] == ["1", "3"]
    assert [line for line, _ in report.refused] == [3]
    assert peak < 8 << 20


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"PK\x03\x04x", "spreadsheet"),
        (b"%PDF-1.7", "PDF"),
        (b"CKPLIST1", "list package already"),
        (b"\xff\xfei\x00d\x00", "UTF-16"),
        (b"<?xml version='1.0'?>", "no XML that can be read"),
        (b"<rss></rss>", "XML of no list that is known"),
        (b'[{"id": 1}', "line 1: it ends in the middle"),
        (b'[{"id": 1}}]', "line 1: it is no JSON"),
        (b"id,na\x00me\n", "no text"),
        (b"apellido,se\xf1a\n", "not UTF-8"),
        (b"uno,dos,tres\n", "cannot be told"),
        (b'id,"name\n1,Paz\n', "no CSV"),
        (b"id,na\rme\n", "no CSV"),
        (b"GUZMAN,Ana,1974\n", "cannot be told"),
        (b"," * 600 + b"name\n", "more than 500 columns"),
    ],
)
def test_files_that_are_no_source(tmp_path, content, words):
    with pytest.raises(SourceError, match=words) as caught:
        entries(write(tmp_path, content))
    assert "GUZMAN" not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(SourceError, match=r"none\.csv: cannot be read: No such file"):
        content_of(tmp_path / "none.csv")


def test_a_folder_or_a_pipe_is_no_source(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(SourceError, match="no plain file"):
            content_of(path)


def test_a_mapping_is_for_tables(tmp_path):
    with pytest.raises(SourceError, match="for tables"):
        entries(write(tmp_path, [{"id": "1", "surname": "Paz"}]), mapping={"id": "id"})


def test_a_table_of_numbers(tmp_path):
    text = "number,issuer,category\nAB 123456,EC,stolen\nab123456,ECU,\nX1Y2,,Blank\nX1Y3,ZZ,lost\nX1Y4,ECU,eaten\n"
    text += "---,,\nＡＢＣ,,\n"
    read, report = numbers(write(tmp_path, text))
    assert read == [
        ListedNumber("AB 123456", "ECU", DocumentCategory.STOLEN),
        ListedNumber("ab123456", "ECU", DocumentCategory.LOST),
        ListedNumber("X1Y2", "", DocumentCategory.BLANK),
    ]
    assert report.refused == [
        (5, "issuer: not an ICAO or ISO code of a state"),
        (6, "category: expected one of lost, stolen, blank, revoked, void"),
        (7, "document number: expected 3 to 40 letters and digits"),
        (8, "document number: expected 3 to 40 letters and digits"),
    ]


def test_plain_lines_of_numbers(tmp_path):
    read, report = numbers(
        write(tmp_path, "AB123456\nCD-98,COL\nEF777,PER,void\n!!\n"), category=DocumentCategory.REVOKED
    )
    assert read == [
        ListedNumber("AB123456", "", DocumentCategory.REVOKED),
        ListedNumber("CD-98", "COL", DocumentCategory.REVOKED),
        ListedNumber("EF777", "PER", DocumentCategory.VOID),
    ]
    assert [line for line, _ in report.refused] == [4]


def test_sources_read_together_share_their_ids(tmp_path):
    one, two = write(tmp_path, "id,name\n1,Paz\n2,Ana\n", "one"), write(tmp_path, "id,name\n2,Ana\n3,Luz\n", "two")
    seen = set()
    assert [entry.id for entry in entries(one, seen=seen)[0]] == ["1", "2"]
    read, report = entries(two, seen=seen)
    assert [entry.id for entry in read] == ["3"]
    assert report.refused == [(2, "the id is given twice: first in an earlier source")]


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("number\n123\n", Content.NUMBERS),
        ("Número de documento;Emisor\n", Content.NUMBERS),
        ("AB123456\n", Content.NUMBERS),
        ("12345678\tECU\n", Content.NUMBERS),
        ('{"number": "1", "issuer": "ECU"}\n', Content.NUMBERS),
        ("surname,number\n", Content.ENTRIES),
        ('{"id": "1", "surname": "Paz", "number": "1"}\n', Content.ENTRIES),
        ('{"id": "1", "schema": "Address", "properties": {}}\n', Content.ENTRIES),
        ("{broken\n", Content.ENTRIES),
    ],
)
def test_the_content_is_told_from_the_content(tmp_path, text, content):
    assert content_of(write(tmp_path, text, name="list.txt")) is content


def test_one_kind_does_not_pass_for_the_other(tmp_path):
    with pytest.raises(SourceError, match="holds document numbers"):
        entries(write(tmp_path, "number\n123\n"))
    with pytest.raises(SourceError, match="holds persons"):
        numbers(write(tmp_path, "surname\nPaz\n"))


@given(content=st.binary(max_size=300) | st.text("id,name;\n\"'{}AB12|\t", max_size=200).map(str.encode))
def test_any_file_is_read_or_refused(tmp_path_factory, content):
    path = write(tmp_path_factory.mktemp("any"), content)
    for read in (entries, numbers):
        try:
            values, report = read(path)
        except SourceError:
            continue
        assert report.taken == len(values)


CELLS = st.text(st.characters(codec="utf-8", exclude_characters='"\n\r\0'), max_size=12)


@given(rows=st.lists(st.tuples(CELLS, CELLS), max_size=12))
def test_no_row_is_lost(tmp_path_factory, rows):
    text = "id,surname\n" + "".join(f'"{n} {a}","{b}"\n' for n, (a, b) in enumerate(rows))
    _, report = entries(write(tmp_path_factory.mktemp("rows"), text))
    assert report.read == len(rows)


def test_a_row_does_not_grow_with_the_file(tmp_path):
    text = 'id,name\n1,MUSTER Max\n2,"\n' + '",ANA EJEMPLO,"\n' * 200_000 + '"\n3,EJEMPLO Eva\n'
    path = write(tmp_path, text)
    tracemalloc.start()
    found, report = entries(path)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 4 << 20
    assert [entry.id for entry in found] == ["1"]
    assert report.refusals > 100
