import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.screening.importers import xml
from checkpoint_app.screening.importers.report import Report
from checkpoint_app.screening.importers.source import SourceError

ROOTS, NAMES = frozenset({"list"}), frozenset({"record"})
LIST = """<?xml version="1.0" encoding="UTF-8"?>
<list>
  <record id="1"><name>Muster</name></record>
  <record id="2">
    <name> Ejemplo &amp; Söhne </name>
    <name>Zweitname</name>
  </record>
  <!-- nothing -->
  <record id="3"/>
</list>
"""


def read(tmp_path, content):
    path = tmp_path / "list.xml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    report = Report()
    return list(report.counting(xml.records(path, ROOTS, NAMES, report.refuse))), report


def ids(found):
    return [record.get("id") for record in found]


def test_each_record_comes_with_its_line_attributes_and_texts(tmp_path):
    found, report = read(tmp_path, LIST)
    assert [(record.name, record.line, record.get("id")) for record in found] == [
        ("record", 3, "1"),
        ("record", 4, "2"),
        ("record", 9, "3"),
    ]
    assert found[1].words("name") == "Ejemplo & Söhne"
    assert [name.text for name in found[1].all("name")] == [" Ejemplo & Söhne ", "Zweitname"]
    assert found[2].words("name") == found[2].get("none") == ""
    assert report.refusals == 0


@pytest.mark.parametrize(
    ("value", "said"), [("true", True), ("1", True), ("TRUE ", True), ("false", False), ("", False)]
)
def test_a_boolean_attribute(value, said):
    assert xml.Element("record", 1, {"main": value}).says("main") is said


def test_prefixes_and_namespaces_make_no_difference(tmp_path):
    found, _ = read(tmp_path, '<n:list xmlns:n="urn:a"><n:record n:id="7"><n:name>Muster</n:name></n:record></n:list>')
    assert (ids(found), found[0].words("name")) == (["7"], "Muster")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1"])
def test_a_declared_encoding_is_read(tmp_path, encoding):
    declared = LIST.replace("UTF-8", encoding.removesuffix("-sig"))
    assert read(tmp_path, declared.encode(encoding))[0][1].words("name") == "Ejemplo & Söhne"


@pytest.mark.parametrize("encoding", ["U-F-8", "hex", "shift_jis", "idna", "utf-7", "x" * 100])
def test_an_encoding_that_cannot_be_read_is_a_source_error(tmp_path, encoding):
    with pytest.raises(SourceError, match=r"list\.xml: it is no XML that can be read"):
        read(tmp_path, LIST.replace("UTF-8", encoding).encode())


@pytest.mark.parametrize(
    "dtd",
    [
        '<!DOCTYPE list [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE list SYSTEM "http://localhost/list.dtd">',
        '<!DOCTYPE list [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_a_document_type_is_refused_before_anything_is_read(tmp_path, dtd):
    with pytest.raises(SourceError, match=r"list\.xml: it declares a document type"):
        read(tmp_path, LIST.replace("\n<list>", f"{dtd}<list>"))


@pytest.mark.parametrize("content", ["", "   ", "<", "surname,given\nMuster,Erika\n", "{}", "\x00\x01", "</list>"])
def test_what_is_no_xml_is_a_source_error(tmp_path, content):
    path = tmp_path / "list.xml"
    path.write_text(content)
    with pytest.raises(SourceError, match=r"list\.xml: it is no XML that can be read"):
        read(tmp_path, content)
    with pytest.raises(SourceError, match=r"list\.xml: it is no XML that can be read"):
        xml.root_of(path)


def test_another_root_element_is_a_source_error(tmp_path):
    with pytest.raises(SourceError, match="its root element is not list"):
        read(tmp_path, LIST.replace("list>", "liste>"))


def test_a_file_that_is_not_there_is_a_source_error(tmp_path):
    with pytest.raises(SourceError, match=r"absent\.xml: cannot be read"):
        xml.root_of(tmp_path / "absent.xml")


def test_the_root_is_told_from_the_beginning_alone(tmp_path):
    path = tmp_path / "list.xml"
    path.write_text(f"<!-- {'x' * 1000} --><a:list xmlns:a='urn:a'><record>" + "<broken")
    assert xml.root_of(path) == "list"
    path.write_text("<list>&undefined;")
    assert xml.root_of(path) == "list"
    path.write_text(f"<!-- {'x' * xml.PROBE_BYTES} --><list/>")
    with pytest.raises(SourceError):
        xml.root_of(path)
    path.write_text("<!DOCTYPE list><list/>")
    with pytest.raises(SourceError, match="document type"):
        xml.root_of(path)


def test_a_file_cut_in_a_record_gives_those_before_and_one_refusal(tmp_path):
    found, report = read(tmp_path, LIST[: LIST.index("Zweitname")])
    assert ids(found) == ["1"]
    assert report.refused == [(4, "the file ends within this record, at line 6")]


def test_a_file_cut_between_records_gives_all_before_and_one_refusal(tmp_path):
    found, report = read(tmp_path, LIST[: LIST.index("  <!--")])
    assert ids(found) == ["1", "2"]
    assert report.refused == [(8, "the file ends within the list, at line 8")]


@given(st.integers(LIST.index("<list>") + 6, LIST.index("</list>") + 6))
def test_a_cut_anywhere_is_told_once_and_nothing_before_it_is_lost(tmp_path_factory, place):
    cut = LIST[:place]
    found, report = read(tmp_path_factory.mktemp("cut"), cut)
    assert len(found) == cut.count("</record>") + cut.count("/>")
    assert report.refusals == 1
    assert "the file ends within" in report.refused[0][1]


def test_a_broken_place_ends_the_reading_and_is_told(tmp_path):
    found, report = read(tmp_path, LIST.replace("Zweitname</name>", "Zweitname</nam>"))
    assert ids(found) == ["1"]
    assert report.refused == [(4, "the file is no well-formed XML at line 6; the rest of it is not read")]


def test_an_entity_that_is_not_declared_is_told(tmp_path):
    found, report = read(tmp_path, LIST.replace("&amp;", "&nbsp;"))
    assert (ids(found), report.refusals) == (["1"], 1)


@pytest.mark.parametrize("end", ["\x1a", "\n\x1a", "\n\n  ", "\x1a\n"])
def test_end_marks_and_blanks_after_the_list_are_none_of_it(tmp_path, end):
    found, report = read(tmp_path, LIST.rstrip() + end)
    assert (len(found), report.refused) == (3, [])


def test_text_after_the_list_is_told(tmp_path):
    found, report = read(tmp_path, LIST + "<list/>")
    assert len(found) == 3
    assert report.refusals == 1
    assert "no well-formed XML" in report.refused[0][1]


def test_a_record_within_another_refuses_both_and_the_next_is_read(tmp_path):
    content = '<list><record id="1">\n<record id="2"/></record>\n<record id="3"/></list>'
    found, report = read(tmp_path, content)
    assert ids(found) == ["3"]
    assert report.refused == [(2, "it stands inside another record"), (1, "another record stands inside it")]


@pytest.mark.parametrize(
    ("bound", "size", "inside", "reason"),
    [
        ("MAX_TEXT", 1000, "<a>" + "x" * 1001 + "</a>", "it is longer than 1000 characters"),
        ("MAX_TEXT", 1000, f'<a b="{"x" * 1001}"/>', "it is longer than 1000 characters"),
        ("MAX_ELEMENTS", 9, "<a/>" * 9, "it has more than 9 elements"),
        ("MAX_DEPTH", 4, "<a>" * 4 + "</a>" * 4, "its elements are nested deeper than 4"),
        ("MAX_ATTRIBUTES", 2, '<a b="" c="" d=""/>', "an element has more than 2 attributes"),
    ],
)
def test_a_record_over_a_bound_is_refused_and_the_next_is_read(tmp_path, monkeypatch, bound, size, inside, reason):
    monkeypatch.setattr(xml, bound, size)
    content = f'<list>\n<record id="1">{inside}<a>x</a></record><record id="2"><a/></record></list>'
    found, report = read(tmp_path, content)
    assert ids(found) == ["2"]
    assert report.refused == [(2, reason)]


@pytest.mark.parametrize(
    ("bound", "size", "inside", "reason"),
    [
        ("MAX_OPEN", 20, "<a>" * 30 + "</a>" * 30, "more than 20 elements are open at once"),
        ("MAX_NAMES", 20, "".join(f"<a{n}/>" for n in range(30)), "more than 20 different names"),
        ("MAX_NAMES", 20, "<a>" + "".join(f"<b c{n}=''/>" for n in range(30)) + "</a>", "more than 20 different names"),
        ("MAX_TEXT", 300_000, f"<!--{'x' * 400_000}-->", "a tag or comment is longer than 300000 bytes"),
        ("MAX_TEXT", 300_000, f"<a b='{'x' * 400_000}'/>", "a tag or comment is longer than 300000 bytes"),
    ],
)
def test_a_file_over_a_bound_ends_the_reading_and_is_told(tmp_path, monkeypatch, bound, size, inside, reason):
    monkeypatch.setattr(xml, bound, size)
    content = f'<list>\n<record id="1"/><record id="2">{inside}</record><record id="3"/></list>'
    found, report = read(tmp_path, content)
    assert ids(found) == ["1"]
    assert report.refusals == 1
    assert report.refused[0][0] == 2
    assert reason in report.refused[0][1]
    assert "the rest of the file is not read" in report.refused[0][1]


def test_memory_does_not_grow_with_the_file(tmp_path):
    path = tmp_path / "list.xml"
    with path.open("w") as file:
        file.write("<list>")
        for number in range(10_000):
            file.write(f'<record id="{number}"><name>MUSTER {number}</name><note>{"x" * 400}</note></record>\n')
        file.write("</list>")
    tracemalloc.start()
    try:
        count = sum(1 for _ in xml.records(path, ROOTS, NAMES, pytest.fail))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 10_000
    assert peak < 2_000_000 < path.stat().st_size


@pytest.mark.parametrize("around", ["{}", "<record id='1'>" + "<a>" * 70 + "{}" + "</a>" * 70 + "</record>"])
def test_names_of_attributes_are_bounded_where_no_record_takes_them(tmp_path, monkeypatch, around):
    monkeypatch.setattr(xml, "MAX_NAMES", 20)
    inside = around.format("".join(f"<b c{n}=''/>" for n in range(30)))
    found, report = read(tmp_path, f"<list>{inside}<record id='2'/></list>")
    assert (found, report.refusals) == ([], 1)
    assert "more than 20 different names" in report.refused[0][1]
