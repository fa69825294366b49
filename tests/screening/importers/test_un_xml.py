import os
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given

from checkpoint_app.screening.importers import un_xml
from checkpoint_app.screening.importers.report import Report
from checkpoint_app.screening.importers.xml import root_of
from tests.screening.importers.xml_helpers import damaged, dates, names, papers, read, rearranged, survives

LIST = """<?xml version="1.0" encoding="UTF-8"?>
<CONSOLIDATED_LIST dateGenerated="2026-01-01T00:00:00"><INDIVIDUALS>
<INDIVIDUAL><DATAID>1</DATAID><FIRST_NAME> MUSTER </FIRST_NAME><SECOND_NAME>IBN EJEMPLO</SECOND_NAME><THIRD_NAME/>
  <FOURTH_NAME>PRUEBA</FOURTH_NAME><UN_LIST_TYPE>Testland</UN_LIST_TYPE><REFERENCE_NUMBER>XXi.001 </REFERENCE_NUMBER>
  <NAME_ORIGINAL_SCRIPT>Мустер Пример</NAME_ORIGINAL_SCRIPT><COMMENTS1>Gender [Male]. An example.</COMMENTS1>
  <DESIGNATION><VALUE>Example Minister</VALUE></DESIGNATION>
  <NATIONALITY><VALUE>Democratic People's Republic of Korea</VALUE><VALUE>Yemeni</VALUE><VALUE>Utopia</VALUE>
  </NATIONALITY>
  <INDIVIDUAL_ALIAS><QUALITY/><ALIAS_NAME/></INDIVIDUAL_ALIAS>
  <INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>Ejemplo, Muster</ALIAS_NAME><DATE_OF_BIRTH>1980-08-08
  </DATE_OF_BIRTH><COUNTRY_OF_BIRTH>Utopia</COUNTRY_OF_BIRTH><NOTE>formerly listed as</NOTE></INDIVIDUAL_ALIAS>
  <INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME>Abu Muster; Abu Ejemplo</ALIAS_NAME></INDIVIDUAL_ALIAS>
  <INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME>Abu Probe</ALIAS_NAME>
    <NOTE>original script: Абу Проба</NOTE></INDIVIDUAL_ALIAS>
  <INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>Вася Пупкин (Vasya Pupkin)</ALIAS_NAME>
    <NOTE>Vasia Pupkin, Vassia Poupkine (transliterations of original script name)</NOTE></INDIVIDUAL_ALIAS>
  <INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>张三</ALIAS_NAME></INDIVIDUAL_ALIAS>
  <INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>0000</ALIAS_NAME></INDIVIDUAL_ALIAS>
  <INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>EXACT</TYPE_OF_DATE><DATE>1964-07-17</DATE></INDIVIDUAL_DATE_OF_BIRTH>
  <INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>EXACT</TYPE_OF_DATE><YEAR>1965</YEAR></INDIVIDUAL_DATE_OF_BIRTH>
  <INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>APPROXIMATELY</TYPE_OF_DATE><YEAR>1970</YEAR><YEAR>1972</YEAR>
  </INDIVIDUAL_DATE_OF_BIRTH>
  <INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE><FROM_YEAR>1958</FROM_YEAR><TO_YEAR>1960</TO_YEAR>
  </INDIVIDUAL_DATE_OF_BIRTH>
  <INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE><NOTE>Approximately </NOTE><FROM_YEAR>1950</FROM_YEAR>
    <TO_YEAR>1951</TO_YEAR></INDIVIDUAL_DATE_OF_BIRTH>
  <INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE><TO_YEAR>1990</TO_YEAR></INDIVIDUAL_DATE_OF_BIRTH>
  <INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>EXACT</TYPE_OF_DATE><DATE>1964-02-30</DATE></INDIVIDUAL_DATE_OF_BIRTH>
  <INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>EXACT</TYPE_OF_DATE><DATE/></INDIVIDUAL_DATE_OF_BIRTH>
  <INDIVIDUAL_PLACE_OF_BIRTH><CITY>Musterstadt</CITY><COUNTRY>Utopia</COUNTRY></INDIVIDUAL_PLACE_OF_BIRTH>
  <INDIVIDUAL_PLACE_OF_BIRTH/>
  <INDIVIDUAL_DOCUMENT/>
  <INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT><NUMBER> X0012345 </NUMBER>
    <COUNTRY_OF_ISSUE>Iran (Islamic Republic of)</COUNTRY_OF_ISSUE></INDIVIDUAL_DOCUMENT>
  <INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT><NUMBER>Jordan 654321</NUMBER></INDIVIDUAL_DOCUMENT>
  <INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT><NUMBER>D 000111</NUMBER>
    <ISSUING_COUNTRY>Tunisian</ISSUING_COUNTRY></INDIVIDUAL_DOCUMENT>
  <INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>National Identification Number</TYPE_OF_DOCUMENT><TYPE_OF_DOCUMENT2>Afghan
    national identification card (tazkira) number 44444</TYPE_OF_DOCUMENT2></INDIVIDUAL_DOCUMENT>
  <INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT></INDIVIDUAL_DOCUMENT>
</INDIVIDUAL>
<INDIVIDUAL><DATAID>2</DATAID><FIRST_NAME>李</FIRST_NAME></INDIVIDUAL>
<INDIVIDUAL><FIRST_NAME>NIEMAND</FIRST_NAME></INDIVIDUAL>
<INDIVIDUAL><DATAID>4</DATAID><FIRST_NAME>MUSTERFRAU</FIRST_NAME><GENDER>Female</GENDER></INDIVIDUAL>
</INDIVIDUALS><ENTITIES>
<ENTITY><DATAID>3</DATAID><FIRST_NAME>EXAMPLE, TRADING &amp; CO. (ETC)</FIRST_NAME>
  <REFERENCE_NUMBER>XXe.001</REFERENCE_NUMBER>
  <ENTITY_ALIAS><QUALITY>a.k.a.</QUALITY><ALIAS_NAME>Example; Traders</ALIAS_NAME></ENTITY_ALIAS></ENTITY>
</ENTITIES></CONSOLIDATED_LIST>
"""


def test_the_root_tells_the_format(tmp_path):
    (tmp_path / "un.xml").write_text(LIST)
    assert root_of(tmp_path / "un.xml") in un_xml.ROOT


def test_the_names_of_an_individual_are_whole_and_aliases_keep_their_quality():
    entries, _ = read(un_xml, LIST)
    assert names(entries["XXi.001"]) == [
        ("MUSTER IBN EJEMPLO PRUEBA", "", "strong", True),
        ("MUSTER PRIMER", "", "strong", True),
        ("Ejemplo", "Muster", "strong", False),
        ("Abu Muster", "", "weak", True),
        ("Abu Ejemplo", "", "weak", True),
        ("Abu Probe", "", "weak", True),
        ("ABU PROBA", "", "weak", True),
        ("VASIA PUPKIN", "", "strong", True),
        ("Vasya Pupkin", "", "strong", True),
        ("Vassia Poupkine", "", "strong", True),
    ]


def test_dates_keep_their_kind():
    entries, _ = read(un_xml, LIST)
    assert dates(entries["XXi.001"]) == [
        "1980-08-08", "1964-07-17", "1965", "~1970", "~1972", "1958/1960", "~1950/1951",
    ]  # fmt: skip


def test_states_documents_sex_place_and_remarks():
    entries, _ = read(un_xml, LIST)
    person = entries["XXi.001"]
    assert person.schema == "Person"
    assert person.nationalities == ("PRK", "YEM")
    assert papers(person) == [("X0012345", "IRN"), ("654321", "JOR"), ("D 000111", "TUN"), ("44444", "AFG")]
    assert (person.sex, entries["4"].sex) == ("M", "F")
    assert person.birth_place == "Utopia; Musterstadt, Utopia"
    assert person.remarks == ("born in 1990 or earlier · Testland · Example Minister · Gender [Male]. An example.")


def test_what_an_entry_goes_without_is_told():
    _, report = read(un_xml, LIST)
    assert report.left_out == {
        "name in a script without transliteration": 1,
        "name without a letter": 1,
        "note beside an alias": 1,
        "nationality without an ICAO code": 1,
        "date of birth with one end open": 1,
        "date of birth that cannot be read": 1,
        "document without a number": 1,
    }


def test_an_entity_keeps_its_names_as_they_are_written():
    entries, _ = read(un_xml, LIST)
    assert entries["XXe.001"].schema == "Entity"
    assert [name.family for name in entries["XXe.001"].names] == [
        "EXAMPLE, TRADING & CO. (ETC)",
        "Example; Traders",
    ]


def test_records_that_cannot_be_taken_are_refused_by_line():
    entries, report = read(un_xml, LIST)
    assert len(entries) == 3
    assert report.refused == [
        (42, "name: none is given that can be compared"),
        (43, "id: expected 1 to 200 characters"),
    ]


def test_texts_without_end_cost_no_time_and_are_told():
    gap, names_, digits = " " * 1_000_000, ";a" * 500_000, "1 " * 500_000
    _, report = read(
        un_xml,
        f"""<CONSOLIDATED_LIST><INDIVIDUAL><DATAID>1</DATAID><FIRST_NAME>MUSTER</FIRST_NAME>
        <INDIVIDUAL_DATE_OF_BIRTH><DATE>1{gap}2</DATE></INDIVIDUAL_DATE_OF_BIRTH>
        <INDIVIDUAL_ALIAS><ALIAS_NAME>{names_}</ALIAS_NAME><NOTE>{names_}</NOTE></INDIVIDUAL_ALIAS>
        <INDIVIDUAL_DOCUMENT><NUMBER>{digits}</NUMBER></INDIVIDUAL_DOCUMENT></INDIVIDUAL></CONSOLIDATED_LIST>""",
    )
    assert report.taken == 1
    assert report.left_out == {
        "name that is too long": 1,
        "note beside an alias": 1,
        "date of birth that cannot be read": 1,
        "document number that cannot be read": 1,
    }


@given(damaged(LIST))
def test_a_damaged_list_never_raises_but_a_source_error(content):
    survives(un_xml, content)


@given(rearranged(LIST, {"INDIVIDUAL", "ENTITY"}))
def test_every_record_is_given_or_refused(case):
    content, count = case
    assert read(un_xml, content)[1].read == count


@pytest.mark.data
@pytest.mark.skipif(not os.environ.get("CHECKPOINT_DATA"), reason="CHECKPOINT_DATA names no reference data")
def test_the_published_extract_is_read_whole():
    path = Path(os.environ["CHECKPOINT_DATA"]) / "matching" / "official_extracts" / "un_consolidated_extract.xml"
    report = Report()
    entries = [entry for _, entry in report.counting(un_xml.entries(path, report.refuse, report.leave_out))]
    assert report.refused == []
    assert Counter(entry.schema for entry in entries) == {"Person": 80, "Entity": 60}
    listed = [date for entry in entries for date in entry.birth_dates]
    kinds = Counter((len(date.first), date.first != date.last, date.circa) for date in listed)
    assert kinds == {
        (10, False, False): 33,
        (4, False, False): 44,
        (4, False, True): 24,
        (4, True, False): 7,
        (4, True, True): 6,
    }
    assert sum(len(entry.documents) for entry in entries) == 35
    assert "date of birth that cannot be read" not in report.left_out
