import pytest
from hypothesis import given

from checkpoint_app.screening.importers import eu_xml
from checkpoint_app.screening.importers.xml import root_of
from tests.screening.importers.xml_helpers import damaged, dates, names, papers, read, read_lines, rearranged, survives

LIST = """<?xml version="1.0" encoding="UTF-8"?>
<export xmlns="http://eu.europa.ec/fpi/fsd/export" generationDate="2026-01-01T00:00:00.000+01:00" globalFileId="1">
<sanctionEntity designationDetails="" unitedNationId="" euReferenceNumber="EU.1.11" logicalId="1">
  <remark>An example.</remark>
  <regulation regulationType="regulation" programme="TEST" logicalId="2"><publicationUrl>http://localhost/</publicationUrl>
  </regulation>
  <subjectType code="person" classificationCode="P"/>
  <nameAlias firstName="Erika" middleName="Anna" lastName="Muster" wholeName="Erika Anna Muster" function="Minister"
    gender="F" title="" nameLanguage="" strong="true" regulationLanguage="en" logicalId="3"/>
  <nameAlias firstName="" middleName="" lastName="" wholeName="Erika EJEMPLO" gender="" strong="true" logicalId="4"/>
  <nameAlias firstName="" middleName="" lastName="" wholeName="Abu Muster" nameLanguage="EN" strong="false"/>
  <nameAlias firstName="Erika" middleName="" lastName="Prueba" wholeName="Erika Prueba de Ejemplo" strong="true"/>
  <nameAlias firstName="Solo" lastName="" wholeName="" strong="true"/>
  <nameAlias firstName="" lastName="" wholeName="Ερικα" strong="true"/>
  <nameAlias firstName="" lastName="" wholeName="" strong="true"/>
  <citizenship region="" countryIso2Code="DE" countryDescription="GERMANY" logicalId="5"/>
  <citizenship region="" countryIso2Code="00" countryDescription="UNKNOWN" logicalId="6"/>
  <citizenship region="" countryIso2Code="00" countryDescription="UTOPIA" logicalId="7"/>
  <birthdate circa="false" calendarType="GREGORIAN" city="Musterstadt" zipCode="" birthdate="1960-04-10" dayOfMonth="10"
    monthOfYear="4" year="1960" region="" place="" countryIso2Code="DE" countryDescription="GERMANY" logicalId="8"/>
  <birthdate circa="true" calendarType="GREGORIAN" year="1961" countryIso2Code="00" countryDescription="UNKNOWN"/>
  <birthdate circa="false" calendarType="GREGORIAN" monthOfYear="3" year="1962"/>
  <birthdate circa="false" calendarType="GREGORIAN" dayOfMonth="5" monthOfYear="3" year="1963"/>
  <birthdate circa="true" calendarType="GREGORIAN" yearRangeFrom="1953" yearRangeTo="1958"/>
  <birthdate circa="false" calendarType="GREGORIAN" yearRangeTo="1980"/>
  <birthdate circa="false" calendarType="GREGORIAN" birthdate="1960-02-31"/>
  <birthdate circa="false" city="Anderstadt" countryIso2Code="00" countryDescription="UNKNOWN"/>
  <identification diplomatic="false" knownFalse="false" number="C01X00T47 (passport)" latinNumber=""
    identificationTypeCode="passport" identificationTypeDescription="National passport" countryIso2Code="DE"
    nameOnDocument="Erika Falsch" countryDescription="GERMANY" logicalId="9"/>
  <identification number="SSN 000-12-3456" identificationTypeCode="ssn" countryIso2Code="00"/>
  <identification number="" identificationTypeCode="passport" countryIso2Code="00" countryDescription="UNKNOWN"/>
</sanctionEntity>
<sanctionEntity euReferenceNumber="" logicalId="600"><subjectType code="enterprise" classificationCode="E"/>
  <nameAlias wholeName="EXAMPLE Trading, Ltd." strong="true"/></sanctionEntity>
<sanctionEntity euReferenceNumber="EU.1.13" logicalId="601"><subjectType code="planet" classificationCode="X"/>
  <nameAlias wholeName="Niemand" strong="true"/></sanctionEntity>
<sanctionEntity euReferenceNumber="EU.1.14" logicalId="602"><subjectType code="person" classificationCode="P"/>
  <nameAlias wholeName="" strong="true"/></sanctionEntity>
</export>
"""


def person(inside):
    content = f"""<export><sanctionEntity euReferenceNumber="EU.1"><subjectType code="person"/>
      <nameAlias wholeName="Erika MUSTER" strong="true"/>{inside}</sanctionEntity></export>"""
    entries, report = read(eu_xml, content)
    return entries["EU.1"], report


def test_the_root_tells_the_format(tmp_path):
    (tmp_path / "eu.xml").write_text(LIST)
    assert root_of(tmp_path / "eu.xml") in eu_xml.ROOT


def test_names_by_parts_by_capitals_and_whole_with_their_quality():
    entries, _ = read(eu_xml, LIST)
    assert names(entries["EU.1.11"]) == [
        ("Muster", "Erika Anna", "strong", False),
        ("EJEMPLO", "Erika", "strong", False),
        ("Abu Muster", "", "weak", True),
        ("Prueba", "Erika", "strong", False),
        ("Erika Prueba de Ejemplo", "", "strong", True),
        ("Solo", "", "strong", True),
        ("Erika Falsch", "", "strong", True),
    ]


def test_dates_keep_their_kind():
    entries, _ = read(eu_xml, LIST)
    assert dates(entries["EU.1.11"]) == ["1960-04-10", "~1961", "1962-03", "1963-03-05", "~1953/1958"]


def test_states_documents_sex_place_and_remarks():
    entries, _ = read(eu_xml, LIST)
    found = entries["EU.1.11"]
    assert (found.schema, found.sex, found.nationalities) == ("Person", "F", ("D",))
    assert papers(found) == [("C01X00T47", "D"), ("000-12-3456", "")]
    assert found.birth_place == "Musterstadt, GERMANY; Anderstadt"
    assert found.remarks == "Minister · born in 1980 or earlier · TEST · An example."


def test_what_an_entry_goes_without_is_told():
    _, report = read(eu_xml, LIST)
    assert report.left_out == {
        "name in a script without transliteration": 1,
        "nationality without an ICAO code": 1,
        "date of birth with one end open": 1,
        "date of birth that cannot be read": 1,
        "document without a number": 1,
    }


def test_records_that_cannot_be_taken_are_refused_by_line():
    found, report = read_lines(eu_xml, LIST)
    assert [(line, entry.id, entry.schema) for line, entry in found] == [
        (3, "EU.1.11", "Person"),
        (34, "600", "Entity"),
    ]
    assert names(found[1][1]) == [("EXAMPLE Trading, Ltd.", "", "strong", True)]
    assert report.refused == [
        (36, "subjectType: neither a person nor an enterprise"),
        (38, "name: none is given that can be compared"),
    ]


@pytest.mark.parametrize(
    ("calendar", "year", "expected"),
    [
        ("PERSIAN", 1340, "1961/1962"),
        ("SOLAR_HIJRI", 1340, "1961/1962"),
        ("ETHIOPIAN", 1955, "1962/1963"),
        ("COPTIC", 1680, "1963/1964"),
        ("BUDDHIST", 2505, "1962"),
        ("THAI_SOLAR", 2480, "1937/1938"),
        ("ISLAMIC", 1381, "1961/1962"),
        ("JULIAN", 1960, "1960/1961"),
        ("HEBREW", 5722, "1961/1962"),
    ],
)
def test_of_another_calendar_the_year_carries_over(calendar, year, expected):
    found, report = person(f'<birthdate calendarType="{calendar}" year="{year}" monthOfYear="2" dayOfMonth="9"/>')
    assert dates(found) == [expected]
    assert f"born in {year} of the {calendar.replace('_', ' ').casefold()} calendar" in found.remarks
    assert not report.left_out


@pytest.mark.parametrize(("calendar", "year"), [("MARTIAN", 1960), ("PERSIAN", 1965), ("GREGORIAN", 1340)])
def test_a_year_that_no_calendar_explains_is_told(calendar, year):
    found, report = person(f'<birthdate calendarType="{calendar}" year="{year}"/>')
    assert found.birth_dates == ()
    assert report.left_out == {"date of birth that cannot be read": 1}


def test_a_range_of_another_calendar_and_circa_carry_over():
    found, _ = person('<birthdate circa="true" calendarType="PERSIAN" yearRangeFrom="1338" yearRangeTo="1340"/>')
    assert dates(found) == ["~1959/1962"]


def test_sexes_that_differ_are_none():
    found, _ = person('<nameAlias wholeName="Erik Muster" gender="M"/><nameAlias wholeName="Erika M" gender="F"/>')
    assert found.sex == ""


@given(damaged(LIST))
def test_a_damaged_list_never_raises_but_a_source_error(content):
    survives(eu_xml, content)


@given(rearranged(LIST, {"sanctionEntity"}))
def test_every_record_is_given_or_refused(case):
    content, count = case
    assert read(eu_xml, content)[1].read == count
