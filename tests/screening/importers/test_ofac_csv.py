"""OFAC's CSV: one list of four files, by its data specification; the extracts of real files are marked data."""

import csv
import os
import re
import tracemalloc
from pathlib import Path

import pytest

from checkpoint_app.screening.entry import Entry, ListedDate, ListedDocument, Name, Quality
from checkpoint_app.screening.importers import Report, SourceError, read_entries, sources_of
from checkpoint_app.screening.importers.ofac_csv import Part, beside
from checkpoint_app.screening.importers.ofac_remarks import read_remarks
from tests.screening.importers.helpers import write
from tests.screening.importers.samples import ADD, ALT, COMMENTS, OFAC, SDN

ROW = '{},"{}","individual",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"{}"\n'


def put(folder, **files):
    for name, text in files.items():
        write(folder, text, f"{name}.csv")
    return folder / "sdn.csv"


def read(*paths, **options):
    (source,) = sources_of(paths, **options)
    report = Report(source.told)
    found = read_entries(source, on_refused=report.refuse, on_left_out=report.leave_out)
    return {entry.id: entry for entry in report.counting(found)}, report


@pytest.fixture
def whole(tmp_path):
    for name, text in OFAC.items():
        write(tmp_path, text, name)
    return tmp_path / "sdn.csv"


def test_a_person_with_all_that_its_files_say(whole):
    entries, report = read(whole)
    assert entries["101"] == Entry(
        "101",
        "Person",
        (
            Name("MÜSTER9", "Ana María"),
            Name("MÜSTER9", "Anita"),
            Name("EJEMPLO", "Ana"),
            Name("LA MÜSTER9", "", Quality.WEAK, whole=True),
        ),
        (ListedDate("1960-03-12", "1960-03-12"), ListedDate("1961", "1961", circa=True), ListedDate("1955", "1957")),
        "F",
        ("ECU", "PRK"),
        (ListedDocument("A0963", "ECU"), ListedDocument("B 12 34"), ListedDocument("10.548.414")),
        "Tulcan, Ecuador",
        remarks="Dr.; Head of nothing; alt. Passport B 12 34 issued 01 Jan 2001; Phone Number 123456789; "
        "Linked To: MÜSTER9 GROUP; TEST, DEMO; Calle Uno 9, Quito, Ecuador",
    )
    assert report.left_out["document's issuer without an ICAO code"] == 1


def test_firms_ships_and_aircraft_are_kept_as_what_they_are(whole):
    entries, report = read(whole)
    assert entries["102"].names == (
        Name("MÜSTER9 HOLDING, S.A.", whole=True),
        Name("MÜSTER9 INTERNATIONAL", whole=True),
        Name("MH9", "", Quality.WEAK, whole=True),
    )
    assert entries["102"].documents == ()
    assert entries["102"].remarks == "Tax ID No. 7712345 (Russia); TEST"
    assert entries["100"].remarks == (
        "call sign XX9YZ; Tug; gross tonnage 212; flag Cuba; owner Nobody Ltd.; "
        "Vessel Registration Identification IMO 9187629; TEST"
    )
    assert report.schemas == {"Person": 2, "Entity": 1, "Vessel": 1, "Aircraft": 1}
    assert (report.read, report.taken, report.refusals) == (5, 5, 0)


def test_a_remark_goes_on_in_the_comments_in_the_middle_of_a_word(whole):
    long = read(whole)[0]["104"]
    assert long.documents == (ListedDocument("C7654321", "PER"),)
    assert Name("MÜSTER9 II", "", Quality.WEAK, whole=True) in long.names


def test_rows_of_a_part_without_an_entry_are_told(whole):
    report = read(whole)[1]
    assert report.left_out["alt.csv: alternate names of an entry that is not in sdn.csv"] == 1
    assert report.lines_of["alt.csv: alternate names of an entry that is not in sdn.csv"] == [4]


def test_rows_of_a_part_that_are_none_are_told(tmp_path):
    main = put(tmp_path, sdn=SDN, alt='101,1,"aka"\n101,2,"aka","EJEMPLO, Eva",-0- \nx\n101,3,"aka","open,-0- \n')
    entries, report = read(main)
    assert Name("EJEMPLO", "Eva") in entries["101"].names
    reason = "alt.csv: the row has not the 5 cells of alternate names"
    assert (report.left_out[reason], report.lines_of[reason]) == (3, [1, 3, 4])


def test_names_that_cannot_be_read_are_left_out_and_told(tmp_path):
    main = put(tmp_path, sdn=SDN, alt=f'101,1,"aka","{"X" * 500}",-0- \n102,1,"aka","张伟",-0- \n')
    entries, report = read(main)
    assert set(entries) == {"100", "101", "102", "103", "104"}
    assert report.left_out["name that cannot be read"] == 1
    assert report.left_out["name in a script without transliteration"] == 1


def test_the_four_files_are_one_source_in_any_order_and_case(tmp_path):
    paths = [
        write(tmp_path, text, name)
        for name, text in {"ALT.CSV": ALT, "Add.csv": ADD, "SDN_COMMENTS.CSV": COMMENTS, "SDN.CSV": SDN}.items()
    ]
    (source,) = sources_of(paths)
    assert source.told == "OFAC CSV with ALT.CSV, Add.csv, SDN_COMMENTS.CSV"
    assert source.files == (paths[3], paths[0], paths[1], paths[2])
    assert sources_of([paths[3]])[0].files == source.files


def test_what_lies_beside_is_left_where_only_the_named_file_is_signed(whole):
    (source,) = sources_of([whole], beside=False)
    assert source.told == "OFAC CSV; without alternate names, addresses, comments"
    assert source.files == (whole,)
    assert sources_of([whole, whole.with_name("alt.csv")], beside=False)[0].parts == {
        Part.NAMES: whole.with_name("alt.csv")
    }


def test_parts_are_found_by_the_words_around_the_main_files_word(tmp_path):
    for name in ("cons_prim.csv", "cons_alt.csv", "CONS_COMMENTS.csv", "alt.csv"):
        write(tmp_path, "x", name)
    assert {part: path.name for part, path in beside(tmp_path / "cons_prim.csv").items()} == {
        Part.NAMES: "cons_alt.csv",
        Part.COMMENTS: "CONS_COMMENTS.csv",
    }
    assert beside(tmp_path / "list.csv") == {}


def test_two_lists_keep_their_own_parts(tmp_path):
    prim = SDN.replace("\n10", "\n20").replace("101,", "201,", 1)
    paths = [
        write(tmp_path, text, name)
        for name, text in {
            "sdn.csv": SDN,
            "cons_prim.csv": prim,
            "alt.csv": ALT,
            "cons_alt.csv": '201,1,"aka","X, Y",-0- \n',
        }.items()
    ]
    found = {source.path.name: source.parts[Part.NAMES].name for source in sources_of(paths)}
    assert found == {"sdn.csv": "alt.csv", "cons_prim.csv": "cons_alt.csv"}
    with pytest.raises(SourceError, match=r"other\.csv: which main file its alternate names belong to cannot be told"):
        sources_of([*paths, write(tmp_path, ALT, "other.csv")])


def test_a_part_alone_or_twice_is_refused(whole):
    with pytest.raises(SourceError, match=r"alt\.csv: it holds OFAC's alternate names alone; give the main file"):
        sources_of([whole.with_name("alt.csv")])
    with pytest.raises(SourceError, match=r"more\.csv: alternate names are given by alt\.csv already"):
        sources_of([whole, whole.with_name("alt.csv"), write(whole.parent, ALT, "more.csv")])


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("105,x,individual\n", "the row has 3 cells, not 12"),
        ('105,"open\n', "the row is no CSV: look for a quote that is not closed or not doubled"),
        (ROW.format("x105", "MÜSTER9, Eva", "x"), "ent_num: expected a whole number"),
        (ROW.format(105, "-0-", "x"), "name: none is given that can be compared"),
        (ROW.format(101, "MÜSTER9, Eva", "x"), "the id is given twice: first in line 1"),
        (ROW.format(105, "MÜSTER9", "x").replace("individual", "robot"), "type: expected individual, vessel, aircraft"),
    ],
)
def test_rows_that_are_refused_leave_the_others(whole, row, reason):
    write(whole.parent, SDN.replace("\x1a", row + ROW.format(106, "MÜSTER9, Eva", "x")), "sdn.csv")
    entries, report = read(whole)
    assert set(entries) == {"100", "101", "102", "103", "104", "106"}
    ((line, told),) = report.refused
    assert (line, told[: len(reason)]) == (6, reason)
    assert (report.read, report.taken) == (7, 6)


def test_the_names_of_a_refused_entry_are_no_strays(whole):
    write(whole.parent, SDN.replace('"individual"', '"robot"', 1), "sdn.csv")
    report = read(whole)[1]
    assert [line for line, _ in report.refused] == [1]
    assert report.left_out["alt.csv: alternate names of an entry that is not in sdn.csv"] == 1


def test_a_file_that_may_be_cut_is_told(whole):
    cut = "alt.csv: perhaps its end: OFAC's files end with 0x1A, and this does not"
    assert cut not in read(whole)[1].left_out
    write(whole.parent, ALT.rstrip("\x1a"), "alt.csv")
    assert read(whole)[1].left_out[cut] == 1


def test_a_remark_that_goes_on_where_no_comments_are_given_is_told(tmp_path):
    long = "DOB 1960; " + "x" * 985 + "; Pas"
    main = put(tmp_path, sdn=ROW.format(1, "MUSTER, Eva", long) + ROW.format(2, "MUSTER, Ana", long) + "\x1a")
    assert read(main)[1].left_out["end of a long remark, which goes on in sdn_comments.csv"] == 2
    put(tmp_path, sdn_comments='2,"sport A0963."\n\x1a')
    entries, report = read(main)
    assert report.left_out["end of a long remark, which goes on in sdn_comments.csv"] == 1
    assert entries["2"].documents == (ListedDocument("A0963"),)


def test_text_that_is_not_utf_8_loses_nothing(tmp_path):
    name = "MÜSTER9 “DER ÑANDÚ”, Peña"
    main = put(tmp_path, sdn=SDN.replace("MÜSTER9, Ana María", name).encode("cp1252"))
    assert read(main)[0]["101"].names[0] == Name("MÜSTER9 “DER ÑANDÚ”", "Peña")
    write(tmp_path, SDN.replace("MÜSTER9, Ana María", name).encode("cp1252").replace(b"9 ", b"9\x81 "), "sdn.csv")
    assert read(main)[0]["101"].names[0] == Name("MÜSTER9 “DER ÑANDÚ”", "Peña")


def test_a_date_that_cannot_be_read_is_left_out_and_told(tmp_path):
    main = put(tmp_path, sdn=SDN.replace("DOB 12 Mar 1960", "DOB 31 Feb 1960").replace("DOB 2 Jan 1970", "DOB winter"))
    entries, report = read(main)
    assert [listed.first for listed in entries["101"].birth_dates] == ["1961", "1955"]
    assert entries["104"].birth_dates == ()
    assert report.left_out["date of birth that cannot be read"] == 2


@pytest.mark.parametrize(
    ("text", "documents", "rest"),
    [
        ("Passport A0963 (Iraq).", [("A0963", "Iraq")], []),
        ("alt. Passport 265 216 (Egypt)", [("265 216", "Egypt")], []),
        ("National ID No. 96088982044 (Mexico)", [("96088982044", "Mexico")], []),
        ("Turkish Identification Number 10298480866 (Turkey)", [("10298480866", "Turkey")], []),
        ("Stateless Person ID Card CP0055321", [("CP0055321", "")], []),
        (
            "Passport 26941812 (Norway) issued 23 Nov 2008",
            [("26941812", "Norway")],
            ["Passport 26941812 (Norway) issued 23 Nov 2008"],
        ),
        ("Tax ID No. 7707083893 (Russia)", [], ["Tax ID No. 7707083893 (Russia)"]),
        ("Phone Number 8613314257947", [], ["Phone Number 8613314257947"]),
        ("R.F.C. EIRJ900830781 (Mexico)", [], ["R.F.C. EIRJ900830781 (Mexico)"]),
    ],
)
def test_which_parts_of_a_remark_are_documents(text, documents, rest):
    found = read_remarks(text, person=True)
    assert (found.documents, found.rest) == (documents, rest)
    assert read_remarks(text, person=False).documents == []


def test_parts_may_hold_thousands_of_rows_in_little_memory(tmp_path):
    count = 3_000
    main = put(
        tmp_path,
        sdn="".join(ROW.format(n, f"MUSTER, Eva {n}", "DOB 1960.") for n in reversed(range(count))),
        alt="".join(f'{n},1,"aka","EJEMPLO, Eva{"x" * 350}",-0- \n' for n in range(count)),
    )
    (source,) = sources_of([main])
    tracemalloc.start()
    report = Report()
    found = source.entries(main, report.refuse, report.leave_out)
    taken = sum(len(entry.names) for _line, entry in found)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert taken == 2 * count
    assert peak < 1 << 20  # the names' file has 1.2 MB


def words_of(text):
    return set(text.casefold().replace(",", " ").replace("-", " ").split())


@pytest.mark.data
def test_extracts_of_the_real_files():
    folder = os.environ.get("CHECKPOINT_DATA")
    if not folder:
        pytest.skip("CHECKPOINT_DATA names no folder of reference data")
    extracts = Path(folder) / "matching" / "official_extracts"
    entries, report = read(extracts / "ofac_sdn_extract.csv")
    assert (report.read, report.taken, report.refused) == (164, 164, [])
    assert report.schemas == {"Person": 54, "Entity": 60, "Vessel": 40, "Aircraft": 10}
    assert report.left_out == {"remarks beyond 400 characters": 1}  # so no alias was without its entry
    with (extracts / "ofac_alt_extract.csv").open(encoding="latin-1") as file:
        aliases = [row for row in csv.reader(file) if len(row) == 5]
    assert len(aliases) == 160
    for number, _, _, name, _ in aliases:
        words = words_of(name) - {"dr.", "col."}
        assert any(words == words_of(f"{own.family} {own.given}") for own in entries[number].names), number
    persons = [entry for entry in entries.values() if entry.schema == "Person"]
    dates = [listed for entry in persons for listed in entry.birth_dates]
    text = (extracts / "ofac_sdn_extract.csv").read_text(encoding="latin-1")
    assert len(dates) == text.count("DOB ")
    assert sum(listed.circa for listed in dates) == text.count("DOB circa ")
    assert sum(listed.first != listed.last for listed in dates) == len(re.findall(r"DOB \d{4} to ", text))
    papers = re.findall(r"(?:Passport|SSN|Cedula No\.|C\.U\.R\.P\.|ID No\.) ", text)
    assert sum(len(entry.documents) for entry in persons) == len(papers)
