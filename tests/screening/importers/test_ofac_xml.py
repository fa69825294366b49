import pytest
from hypothesis import given

from checkpoint_app.screening.importers import ofac_xml
from checkpoint_app.screening.importers.xml import root_of
from tests.screening.importers.xml_helpers import damaged, dates, names, papers, read, read_lines, rearranged, survives

LIST = """<?xml version="1.0" standalone="yes"?>
<sdnList xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns="http://localhost/any/year/XML">
  <publshInformation><Publish_Date>01/01/2026</Publish_Date><Record_Count>5</Record_Count></publshInformation>
  <sdnEntry>
    <uid>100</uid><firstName>Juan Carlos</firstName><lastName>EJEMPLO PRUEBA</lastName><title>Example Minister</title>
    <sdnType>Individual</sdnType><remarks>An example.</remarks>
    <programList><program>TEST</program><program>PROBE</program></programList>
    <idList>
      <id><uid>1</uid><idType>Passport</idType><idNumber>X0012345</idNumber><idCountry>Iran</idCountry>
        <issueDate>1 Jan 2020</issueDate><expirationDate>1 Jan 2030</expirationDate></id>
      <id><uid>2</uid><idType>Cedula No.</idType><idNumber>0012-3456</idNumber><idCountry>Korea, North</idCountry></id>
      <id><uid>3</uid><idType>Gender</idType><idNumber>Male</idNumber></id>
      <id><uid>4</uid><idType>Website</idType><idNumber>www.example.invalid</idNumber></id>
      <id><uid>5</uid><idType>Secondary sanctions risk:</idType><idNumber>section 1(b) of Example 13224</idNumber></id>
      <id><uid>6</uid><idType>National ID No.</idType><idNumber>55-55</idNumber><idCountry>Utopia</idCountry></id>
      <id><uid>7</uid><idType>Tax ID No.</idType></id>
    </idList>
    <akaList>
      <aka><uid>8</uid><type>a.k.a.</type><category>strong</category><lastName>MUSTER</lastName>
        <firstName>Juan</firstName></aka>
      <aka><uid>9</uid><type>a.k.a.</type><category>weak</category><lastName>EL EJEMPLO</lastName></aka>
      <aka><uid>10</uid><type>f.k.a.</type><category>strong</category><lastName>例子</lastName></aka>
      <aka><uid>11</uid><type>n.k.a.</type><category>strong</category></aka>
    </akaList>
    <nationalityList><nationality><uid>12</uid><country>Panama</country><mainEntry>false</mainEntry></nationality>
      <nationality><uid>13</uid><country>Russia</country><mainEntry>true</mainEntry></nationality></nationalityList>
    <citizenshipList><citizenship><uid>14</uid><country>Utopia</country><mainEntry>true</mainEntry></citizenship>
    </citizenshipList>
    <dateOfBirthList>
      <dateOfBirthItem><uid>15</uid><dateOfBirth>1961</dateOfBirth><mainEntry>false</mainEntry></dateOfBirthItem>
      <dateOfBirthItem><uid>16</uid><dateOfBirth>12 Mar 1960</dateOfBirth><mainEntry>true</mainEntry></dateOfBirthItem>
    </dateOfBirthList>
    <placeOfBirthList><placeOfBirthItem><uid>17</uid><placeOfBirth>Musterstadt, Utopia</placeOfBirth>
      <mainEntry>true</mainEntry></placeOfBirthItem></placeOfBirthList>
  </sdnEntry>
  <sdnEntry><uid>200</uid><lastName>EXAMPLE TRADING, LTD.</lastName><sdnType>Entity</sdnType></sdnEntry>
  <sdnEntry><uid>300</uid><lastName>MUSTER STAR</lastName><sdnType>Vessel</sdnType>
    <idList><id><uid>18</uid><idType>Vessel Registration Identification</idType><idNumber>IMO 9999999</idNumber></id>
    </idList><vesselInfo><callSign>ABCD</callSign><vesselType>Tanker</vesselType><vesselFlag>Panama</vesselFlag>
    </vesselInfo></sdnEntry>
  <sdnEntry><uid>400</uid><lastName>EX-AMPLE</lastName><sdnType>Aircraft</sdnType></sdnEntry>
  <sdnEntry><uid>500</uid><lastName>NIEMAND</lastName><sdnType>Planet</sdnType></sdnEntry>
</sdnList>
"""


def birth(text):
    content = f"""<sdnList><sdnEntry><uid>1</uid><lastName>MUSTER</lastName><sdnType>Individual</sdnType>
      <dateOfBirthList><dateOfBirthItem><dateOfBirth>{text}</dateOfBirth></dateOfBirthItem></dateOfBirthList></sdnEntry></sdnList>"""
    entries, report = read(ofac_xml, content)
    return dates(entries["1"]), dict(report.left_out)


def test_the_root_tells_the_format(tmp_path):
    (tmp_path / "sdn.xml").write_text(LIST)
    assert root_of(tmp_path / "sdn.xml") in ofac_xml.ROOT


def test_names_have_parts_and_aliases_their_quality():
    entries, _ = read(ofac_xml, LIST)
    assert names(entries["100"]) == [
        ("EJEMPLO PRUEBA", "Juan Carlos", "strong", False),
        ("MUSTER", "Juan", "strong", False),
        ("EL EJEMPLO", "", "weak", True),
    ]


def test_what_is_main_comes_first():
    entries, _ = read(ofac_xml, LIST)
    assert dates(entries["100"]) == ["1960-03-12", "1961"]
    assert entries["100"].nationalities == ("RUS", "PAN")


def test_documents_sex_place_and_remarks():
    entries, _ = read(ofac_xml, LIST)
    found = entries["100"]
    assert papers(found) == [("X0012345", "IRN"), ("0012-3456", "PRK"), ("55-55", "")]
    assert (found.sex, found.birth_place) == ("M", "Musterstadt, Utopia")
    assert found.remarks == "TEST · PROBE · Example Minister · An example."


def test_what_an_entry_goes_without_is_told():
    _, report = read(ofac_xml, LIST)
    assert report.left_out == {
        "identifier that is no document": 2,
        "document without a number": 1,
        "document's issuer without an ICAO code": 1,
        "name in a script without transliteration": 1,
        "nationality without an ICAO code": 1,
    }


def test_what_is_listed_is_told_apart_and_the_rest_refused_by_line():
    found, report = read_lines(ofac_xml, LIST)
    assert [(entry.id, entry.schema) for _, entry in found] == [
        ("100", "Person"),
        ("200", "Entity"),
        ("300", "Vessel"),
        ("400", "Aircraft"),
    ]
    assert [line for line, _ in found] == [4, 36, 37, 41]
    assert names(found[1][1]) == [("EXAMPLE TRADING, LTD.", "", "strong", True)]
    assert papers(found[2][1]) == [("9999999", "")]
    assert found[2][1].remarks == "Tanker, Panama, ABCD"
    assert report.refused == [(42, "sdnType: expected Individual, Entity, Vessel or Aircraft")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12 Mar 1960", "1960-03-12"),
        ("Mar 1960", "1960-03"),
        ("March 1960", "1960-03"),
        ("1960", "1960"),
        ("1960-03-12", "1960-03-12"),
        ("circa 1951", "~1951"),
        ("circa Mar 1951", "~1951-03"),
        ("approximately 1951", "~1951"),
        ("1955 to 1957", "1955/1957"),
        ("between 1955 and 1957", "1955/1957"),
        ("1955-1957", "1955/1957"),
        ("circa 1955 to 1957", "~1955/1957"),
        ("circa 1955-1957", "~1955/1957"),
        ("Mar 1955 to 1957", "1955/1957"),
        ("01 Jan 1955 to 31 Dec 1957", "1955-01-01/1957-12-31"),
    ],
)
def test_dates_in_words(text, expected):
    assert birth(text) == ([expected], {})


@pytest.mark.parametrize(
    "text",
    ["12 Foo 1960", "31 Feb 1960", "12/03/1960", "unknown", "1957 to 1955", "1340", "60", "12 Mar", "1 Mar 19600"],
)
def test_a_date_that_cannot_be_read_is_told_and_the_entry_taken(text):
    assert birth(text) == ([], {"date of birth that cannot be read": 1})


@given(damaged(LIST))
def test_a_damaged_list_never_raises_but_a_source_error(content):
    survives(ofac_xml, content)


@given(rearranged(LIST, {"sdnEntry"}))
def test_every_record_is_given_or_refused(case):
    content, count = case
    assert read(ofac_xml, content)[1].read == count
