import pytest
from hypothesis import given

from checkpoint_app.screening.importers import ofac_advanced, ofac_references
from checkpoint_app.screening.importers.source import SourceError
from checkpoint_app.screening.importers.xml import root_of
from tests.screening.importers.xml_helpers import damaged, dates, names, papers, read, read_lines, rearranged, survives


def date_period(begin, end, *, calendar=1, approximate=False):
    """A DatePeriod as OFAC writes it: both ends with From and To. A date is (year, month, day)."""

    def bound(name, day):
        parts = "".join(f"<{part}>{value}</{part}>" for part, value in zip(("Year", "Month", "Day"), day, strict=False))
        said = str(approximate).lower()
        return f'<{name} Approximate="{said}" YearFixed="false"><From>{parts}</From><To>{parts}</To></{name}>'

    return f'<DatePeriod CalendarTypeID="{calendar}">{bound("Start", begin)}{bound("End", end)}</DatePeriod>'


def birth_feature(period):
    return f"""<Feature ID="1" FeatureTypeID="8"><FeatureVersion ID="1" ReliabilityID="1"><Comment/>{period}
      <VersionDetail DetailTypeID="1430"/></FeatureVersion></Feature>"""


def alias(parts, *, primary=False, low=False):
    """An Alias; parts are (NamePartGroupID, text)."""
    values = "".join(
        f'<DocumentedNamePart><NamePartValue NamePartGroupID="{group}" ScriptID="215">{text}</NamePartValue>'
        "</DocumentedNamePart>"
        for group, text in parts
    )
    return f"""<Alias AliasTypeID="1400" Primary="{str(primary).lower()}" LowQuality="{str(low).lower()}">
      <DocumentedName ID="1" DocNameStatusID="1">{values}</DocumentedName></Alias>"""


REFERENCES = """<ReferenceValueSets>
  <CalendarTypeValues><CalendarType ID="1">Gregorian</CalendarType><CalendarType ID="2">Persian</CalendarType>
  </CalendarTypeValues>
  <CountryValues><Country ID="11" ISO2="VE">Venezuela</Country><Country ID="12">Region: Gaza</Country>
    <Country ID="13">undetermined</Country></CountryValues>
  <DetailReferenceValues><DetailReference ID="91526">Male</DetailReference></DetailReferenceValues>
  <FeatureTypeValues><FeatureType ID="2" FeatureTypeGroupID="1">VESSEL TYPE</FeatureType>
    <FeatureType ID="8" FeatureTypeGroupID="1">Birthdate</FeatureType>
    <FeatureType ID="9" FeatureTypeGroupID="1">Place of Birth</FeatureType>
    <FeatureType ID="10" FeatureTypeGroupID="1">Nationality Country</FeatureType>
    <FeatureType ID="11" FeatureTypeGroupID="1">Citizenship Country</FeatureType>
    <FeatureType ID="25" FeatureTypeGroupID="1">Location</FeatureType>
    <FeatureType ID="26" FeatureTypeGroupID="1">Title</FeatureType>
    <FeatureType ID="224" FeatureTypeGroupID="1">Gender</FeatureType></FeatureTypeValues>
  <IDRegDocTypeValues><IDRegDocType ID="1570">Cedula No.</IDRegDocType><IDRegDocType ID="1571">Passport</IDRegDocType>
    <IDRegDocType ID="1600">Website</IDRegDocType></IDRegDocTypeValues>
  <NamePartTypeValues><NamePartType ID="1520">Last Name</NamePartType><NamePartType ID="1521">First Name</NamePartType>
    <NamePartType ID="1522">Middle Name</NamePartType><NamePartType ID="1523">Maiden Name</NamePartType>
    <NamePartType ID="1525">Entity Name</NamePartType><NamePartType ID="1526">Vessel Name</NamePartType>
    <NamePartType ID="1528">Nickname</NamePartType><NamePartType ID="91708">Patronymic</NamePartType>
    <NamePartType ID="91709">Matronymic</NamePartType></NamePartTypeValues>
  <PartySubTypeValues><PartySubType ID="1" PartyTypeID="4">Vessel</PartySubType>
    <PartySubType ID="2" PartyTypeID="4">Aircraft</PartySubType>
    <PartySubType ID="3" PartyTypeID="2">Unknown</PartySubType>
    <PartySubType ID="4" PartyTypeID="1">Unknown</PartySubType></PartySubTypeValues>
  <PartyTypeValues><PartyType ID="1">Individual</PartyType><PartyType ID="2">Entity</PartyType>
    <PartyType ID="4">Transport</PartyType></PartyTypeValues>
  <SanctionsTypeValues><SanctionsType ID="1">Program</SanctionsType><SanctionsType ID="2">Block</SanctionsType>
  </SanctionsTypeValues>
</ReferenceValueSets>"""

GROUPS = "".join(
    f'<MasterNamePartGroup><NamePartGroup ID="{group}" NamePartTypeID="{kind}"/></MasterNamePartGroup>'
    for group, kind in ((1, 1520), (2, 1521), (3, 1522), (4, 1523), (5, 1528), (6, 91708), (7, 91709), (8, 1525))
)

LIST = f"""<?xml version="1.0" encoding="utf-8"?>
<Sanctions xmlns="http://localhost/any/host/ADVANCED_XML" Version="3">
<DateOfIssue CalendarTypeID="1"><Year>2026</Year><Month>1</Month><Day>1</Day></DateOfIssue>
{REFERENCES}
<Locations>
  <Location ID="80"><LocationAreaCode AreaCodeID="13"/><LocationCountry CountryID="13"/></Location>
  <Location ID="81"><LocationCountry CountryID="11" CountryRelevanceID="1413"/><LocationPart LocPartTypeID="1454">
    <LocationPartValue Primary="true"><Comment/><Value>Musterstadt</Value></LocationPartValue></LocationPart></Location>
  <Location ID="82"><LocationPart LocPartTypeID="1"><LocationPartValue Primary="true"><Comment/><Value>Iran</Value>
    </LocationPartValue></LocationPart></Location>
</Locations>
<IDRegDocuments>
  <IDRegDocument ID="1" IDRegDocTypeID="1571" IdentityID="7000" IssuedBy-CountryID="11" ValidityID="1"><Comment/>
    <IDRegistrationNo>X0012345</IDRegistrationNo><IssuingAuthority/></IDRegDocument>
  <IDRegDocument ID="2" IDRegDocTypeID="1570" IdentityID="7000" IssuedBy-CountryID="12" ValidityID="1"><Comment/>
    <IDRegistrationNo>001-2345</IDRegistrationNo></IDRegDocument>
  <IDRegDocument ID="3" IDRegDocTypeID="1600" IdentityID="7000" ValidityID="1"><Comment/>
    <IDRegistrationNo>www.example.invalid</IDRegistrationNo></IDRegDocument>
  <IDRegDocument ID="4" IDRegDocTypeID="1571" IdentityID="99999" ValidityID="1"><Comment/>
    <IDRegistrationNo>X0099999</IDRegistrationNo></IDRegDocument>
</IDRegDocuments>
<DistinctParties>
<DistinctParty FixedRef="22"><Comment>An example.</Comment>
  <Profile ID="P22" PartySubTypeID="4">
    <Identity ID="7000" FixedRef="22" Primary="true" False="false">
      {alias([(1, "MUSTER"), (2, "Jan")])}
      {alias([(2, "Juan"), (3, "Carlos"), (1, "EJEMPLO")], primary=True)}
      {alias([(5, "EL EJEMPLO")], low=True)}
      {alias([(1, "Пример"), (2, "Иван"), (6, "Иванович")])}
      {alias([(1, "PRUEBA"), (7, "EJEMPLO"), (2, "Ana"), (4, "ANTES")])}
      {alias([(1, "例子")])}
      {alias([(77, "No Such"), (78, "Group")])}
      <NamePartGroups>{GROUPS}</NamePartGroups>
    </Identity>
    {birth_feature(date_period((1962, 11, 23), (1962, 11, 23)))}
    {birth_feature(date_period((1963, 1, 1), (1963, 12, 31)))}
    {birth_feature(date_period((1955, 1, 1), (1957, 12, 31), approximate=True))}
    {birth_feature(date_period((1964, 2, 1), (1964, 2, 29)))}
    {birth_feature(date_period((1340, 1, 1), (1340, 12, 29), calendar=2))}
    {birth_feature(date_period((1964, 2, 30), (1964, 2, 30)))}
    <Feature ID="2" FeatureTypeID="9"><FeatureVersion ID="2"><Comment/><VersionDetail DetailTypeID="1432">Musterstadt,
      Venezuela</VersionDetail></FeatureVersion></Feature>
    <Feature ID="3" FeatureTypeID="10"><FeatureVersion ID="3"><VersionDetail DetailTypeID="1433"/>
      <VersionLocation LocationID="81"/></FeatureVersion></Feature>
    <Feature ID="4" FeatureTypeID="11"><FeatureVersion ID="4"><VersionLocation LocationID="82"/></FeatureVersion>
    </Feature>
    <Feature ID="5" FeatureTypeID="11"><FeatureVersion ID="5"><VersionLocation LocationID="80"/></FeatureVersion>
    </Feature>
    <Feature ID="6" FeatureTypeID="224"><FeatureVersion ID="6"><VersionDetail DetailTypeID="1431"
      DetailReferenceID="91526"/></FeatureVersion></Feature>
    <Feature ID="7" FeatureTypeID="26"><FeatureVersion ID="7"><VersionDetail DetailTypeID="1432">Example Minister
      </VersionDetail></FeatureVersion></Feature>
  </Profile>
</DistinctParty>
<DistinctParty FixedRef="33"><Profile ID="P33" PartySubTypeID="3"><Identity ID="7001">
  {alias([(8, "EXAMPLE TRADING, LTD.")], primary=True)}<NamePartGroups>{GROUPS}</NamePartGroups></Identity></Profile>
</DistinctParty>
<DistinctParty FixedRef="44"><Profile ID="P44" PartySubTypeID="1"><Identity ID="7002">
  {alias([(9, "MUSTER STAR")], primary=True)}</Identity><Feature ID="8" FeatureTypeID="2"><FeatureVersion ID="8">
  <VersionDetail DetailTypeID="1432">Tanker</VersionDetail></FeatureVersion></Feature></Profile></DistinctParty>
<DistinctParty FixedRef="55"><Profile ID="P55" PartySubTypeID="9"><Identity ID="7003">
  {alias([(8, "NIEMAND")], primary=True)}</Identity></Profile></DistinctParty>
</DistinctParties>
<ProfileRelationships><ProfileRelationship ID="1" From-ProfileID="P22" To-ProfileID="P33"/></ProfileRelationships>
<SanctionsEntries>
  <SanctionsEntry ID="1" ProfileID="P22" ListID="1550"><EntryEvent ID="1"/>
    <SanctionsMeasure ID="1" SanctionsTypeID="2"><Comment>no programme</Comment></SanctionsMeasure>
    <SanctionsMeasure ID="2" SanctionsTypeID="1"><Comment>TEST</Comment></SanctionsMeasure></SanctionsEntry>
</SanctionsEntries>
</Sanctions>
"""


def birth(period):
    content = f"""<Sanctions>{REFERENCES}<DistinctParty FixedRef="1"><Profile PartySubTypeID="4"><Identity>
      {alias([(1, "MUSTER")])}</Identity>{birth_feature(period)}</Profile></DistinctParty></Sanctions>"""
    entries, report = read(ofac_advanced, content)
    return dates(entries["1"]), dict(report.left_out)


def test_the_root_tells_the_format(tmp_path):
    (tmp_path / "sdn.xml").write_text(LIST)
    assert root_of(tmp_path / "sdn.xml") in ofac_advanced.ROOT


def test_parts_of_names_are_told_by_their_groups_and_the_primary_comes_first():
    entries, _ = read(ofac_advanced, LIST)
    assert names(entries["22"]) == [
        ("EJEMPLO", "Juan Carlos", "strong", False),
        ("MUSTER", "Jan", "strong", False),
        ("EL EJEMPLO", "", "weak", True),
        ("PRIMER", "IVAN IVANOVICH", "strong", False),
        ("PRUEBA EJEMPLO", "Ana", "strong", False),
        ("ANTES", "Ana", "strong", False),
        ("No Such Group", "", "strong", True),
    ]


def test_dates_are_ranges_as_far_as_their_ends_are_apart():
    entries, _ = read(ofac_advanced, LIST)
    assert dates(entries["22"]) == ["1962-11-23", "1963", "~1955/1957", "1964-02", "1961/1962"]
    assert "born in 1340 of the persian calendar" in entries["22"].remarks


def test_what_stands_elsewhere_in_the_file_is_found():
    entries, _ = read(ofac_advanced, LIST)
    found = entries["22"]
    assert (found.schema, found.sex, found.nationalities) == ("Person", "M", ("VEN", "IRN"))
    assert papers(found) == [("X0012345", "VEN"), ("001-2345", "PSE")]
    assert found.birth_place == "Musterstadt, Venezuela"
    assert found.remarks.endswith("Example Minister · TEST · An example.")


def test_what_an_entry_goes_without_is_told():
    _, report = read(ofac_advanced, LIST)
    assert report.left_out == {
        "name in a script without transliteration": 1,
        "date of birth that cannot be read": 1,
        "identifier that is no document": 1,
        "document of a party that is not among the entries": 1,
    }


def test_what_is_listed_is_told_apart_and_the_rest_refused_by_line():
    found, report = read_lines(ofac_advanced, LIST)
    assert [(entry.id, entry.schema) for _, entry in found] == [("22", "Person"), ("33", "Entity"), ("44", "Vessel")]
    lines = [number for number, line in enumerate(LIST.split("\n"), 1) if line.startswith("<DistinctParty ")]
    assert [line for line, _ in found] == lines[:3]
    assert found[2][1].remarks == "VESSEL TYPE: Tanker"
    reason = "PartySubTypeID: the reference values tell no individual, entity, vessel or aircraft"
    assert report.refused == [(lines[3], reason)]


def test_a_list_without_reference_values_refuses_every_party():
    _, report = read(ofac_advanced, LIST.replace(REFERENCES, ""))
    assert (report.taken, report.refusals) == (0, 4)


def test_a_kind_named_by_the_party_sub_type_itself_is_taken():
    content = LIST.replace('<PartySubType ID="4" PartyTypeID="1">Unknown', '<PartySubType ID="4">Individual')
    assert read(ofac_advanced, content)[0]["22"].schema == "Person"


@pytest.mark.parametrize(
    ("begin", "end", "expected"),
    [
        ((1960,), (1960,), "1960"),
        ((1960, 3), (1960, 3), "1960-03"),
        ((1960, 3), (1960, 5), "1960-03/1960-05"),
        ((1960, 1, 1), (1960, 1, 1), "1960-01-01"),
        ((1960, 3, 5), (1961, 2, 7), "1960-03-05/1961-02-07"),
        ((1960, 1, 1), (1960, 6, 30), "1960-01/1960-06"),
    ],
)
def test_parts_of_dates_that_are_not_there(begin, end, expected):
    assert birth(date_period(begin, end)) == ([expected], {})


@pytest.mark.parametrize(
    "period",
    [
        date_period((1960, 13, 1), (1960, 13, 1)),
        date_period(("x",), ("x",)),
        date_period((1961, 1, 1), (1960, 1, 1)),
        date_period((99999,), (99999,)),
        date_period((0,), (0,)),
        "<DatePeriod/>",
    ],
)
def test_a_date_that_cannot_be_read_is_told_and_the_entry_taken(period):
    assert birth(period) == ([], {"date of birth that cannot be read": 1})


def test_a_start_alone_is_a_date():
    period = "<DatePeriod><Start><From><Year>1948</Year><Month>12</Month><Day>10</Day></From></Start></DatePeriod>"
    assert birth(period) == (["1948-12-10"], {})


def test_references_are_bounded(monkeypatch):
    monkeypatch.setattr(ofac_references, "MAX_KEPT", 20)
    with pytest.raises(SourceError, match="it holds more than 20 references"):
        read(ofac_advanced, LIST)


def test_a_cut_list_gives_the_parties_before_and_one_refusal():
    _, report = read(ofac_advanced, LIST[: LIST.index('<DistinctParty FixedRef="44"') + 40])
    assert report.taken == 2
    assert report.refusals == 1
    assert "the file ends within this record" in report.refused[0][1]


@given(damaged(LIST))
def test_a_damaged_list_never_raises_but_a_source_error(content):
    survives(ofac_advanced, content)


@given(rearranged(LIST, {"DistinctParty"}))
def test_every_record_is_given_or_refused(case):
    content, count = case
    assert read(ofac_advanced, content)[1].read == count
