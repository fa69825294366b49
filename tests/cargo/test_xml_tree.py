"""XML as small trees: hostile documents are refused in one way, and what is read is what was sent."""

from __future__ import annotations

from io import BytesIO
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint_app.cargo import xml_tree
from checkpoint_app.cargo.values import MessageError
from checkpoint_app.cargo.xml_tree import MAX_ATTRIBUTES, MAX_DEPTH, Element, read_tree, stream_tree

LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><l>&c;</l>'
)
OUTSIDE = b'<!DOCTYPE l SYSTEM "file:///etc/passwd"><l/>'
ENTITY = b'<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><l>&x;</l>'


def refused(data: bytes) -> MessageError:
    with pytest.raises(MessageError) as caught:
        read_tree(data)
    return caught.value


@pytest.mark.parametrize("data", [LAUGHS, OUTSIDE, ENTITY])
def test_a_document_type_is_refused(data):
    error = refused(data)
    assert (error.code, error.where) == ("doctype", {"line": 1})


def test_prefixes_and_capitals_are_passed_over():
    root = read_tree(b'<a:Root xmlns:a="urn:a"><a:Item a:Unit="KGM">  two \n words </a:Item><item/></a:Root>')
    assert root.name == "root"
    assert root.words("item") == "two words"
    assert root.all("item")[0].attributes == {"unit": "KGM"}
    assert len(root.all("item")) == 2


def test_an_element_that_holds_null_says_nothing():
    assert read_tree(b"<a><b>\n<null/>\n</b></a>").words("b") is None


def test_lines_count_from_one_and_blanks_before_the_declaration_count():
    root = read_tree(b'\n\n<?xml version="1.0"?>\n<a>\n<b/></a>')
    assert (root.line, root.children[0].line) == (4, 5)


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"<a>\n<!-- a -- b -->\n</a>", 2),
        (b"<a>\n<b></a>", 2),
        (b"<a>\n\n", 3),
        (b"<a/>\n<b/>", 2),
        (b"\n<a>\n<b></a>", 3),
        (b"", 1),
        (b"\x00\x01\x02", 1),
        (b"<a>&what;</a>", 1),
        (b'<?xml version="1.0" encoding="nobody-knows"?><a/>', 1),
    ],
)
def test_what_is_not_well_formed_is_named_with_its_line(data, line):
    error = refused(data)
    assert (error.code, error.where) == ("xml", {"line": line})
    assert f"line {line}" in str(error)


def test_filling_after_the_end_is_no_fault():
    assert read_tree(b"<a/>\r\n\x00\x00\x1a").name == "a"
    assert [one.name for one in stream_tree(BytesIO(b"<a><b/></a>\x00\x1a"), 1000)] == ["a", "b"]


def test_other_character_sets_are_read():
    text = '<?xml version="1.0" encoding="{}"?><a>ñandú</a>'
    assert read_tree(text.format("ISO-8859-1").encode("latin-1")).text == "ñandú"
    assert read_tree(text.format("UTF-16").encode("utf-16")).text == "ñandú"
    assert read_tree(text.format("windows-1252").encode("cp1252")).text == "ñandú"


def test_depth_is_bounded():
    assert read_tree(b"<a>" * MAX_DEPTH + b"</a>" * MAX_DEPTH).name == "a"
    assert refused(b"<a>" * (MAX_DEPTH + 1) + b"</a>" * (MAX_DEPTH + 1)).code == "too_large"


def test_attributes_are_bounded_in_number_and_size():
    many = " ".join(f'a{n}=""' for n in range(MAX_ATTRIBUTES + 1))
    assert refused(f"<a {many}/>".encode()).code == "too_large"
    assert refused(f'<a b="{"x" * 70_000}"/>'.encode()).code == "too_large"


def test_elements_text_and_names_are_bounded(monkeypatch):
    monkeypatch.setattr(xml_tree, "MAX_ELEMENTS", 10)
    assert refused(b"<a>" + b"<b/>" * 10 + b"</a>").code == "too_large"
    monkeypatch.setattr(xml_tree, "MAX_ELEMENTS", 1_000)
    monkeypatch.setattr(xml_tree, "MAX_NAMES", 5)
    assert refused(b"<a><b/><c/><d/><e/><f/></a>").code == "too_large"
    monkeypatch.setattr(xml_tree, "MAX_TEXT", 100)
    assert refused(b"<a>" + b"x" * 101 + b"</a>").code == "too_large"


def test_a_comment_without_end_is_not_gathered(monkeypatch):
    monkeypatch.setattr(xml_tree, "MAX_RECORD_TEXT", 100_000)
    endless = BytesIO(b"<a><!--" + b"x" * 300_000)
    with pytest.raises(MessageError) as caught:
        list(stream_tree(endless, 1 << 20))
    assert caught.value.code == "too_large"


def test_a_stream_gives_the_children_one_by_one_and_then_the_fault():
    given = stream_tree(BytesIO(b"<a x='1'><b>1</b><c><d>2</d></c>\n<e></a>"), 1000)
    root, first, second = next(given), next(given), next(given)
    assert (root.name, root.attributes, root.children) == ("a", {"x": "1"}, [])
    assert (first.text, second.words("d")) == ("1", "2")
    with pytest.raises(MessageError) as caught:
        next(given)
    assert caught.value.where == {"line": 2}


def test_a_stream_forgets_what_it_has_given(monkeypatch):
    monkeypatch.setattr(xml_tree, "MAX_ELEMENTS", 20)
    monkeypatch.setattr(xml_tree, "MAX_RECORD_TEXT", 200_000)
    data = b"<a>" + b"<b><c>xx</c></b>\n" * 20_000 + b"</a>"
    assert sum(one.name == "b" for one in stream_tree(BytesIO(data), 1 << 20)) == 20_000


def test_a_stream_ends_where_it_is_larger_than_allowed():
    with pytest.raises(MessageError) as caught:
        list(stream_tree(BytesIO(b"<a>" + b"<b/>" * 1000), 100))
    assert (caught.value.code, caught.value.where) == ("too_large", {"byte": 100})


NAMES = st.text("abcXYZ_", min_size=1, max_size=6)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=12)
TREES = st.recursive(
    st.builds(lambda name, text: Element(name, 1, {}, [], text), NAMES, TEXTS),
    lambda inner: st.builds(
        lambda name, text, children: Element(name, 1, {}, children, text), NAMES, TEXTS, st.lists(inner, max_size=4)
    ),
    max_leaves=15,
)


def written(element: Element) -> str:
    inner = "".join(written(child) for child in element.children)
    return f"<{element.name}>{escape(element.text)}{inner}</{element.name}>"


def shape(element: Element) -> tuple[str, str, list[object]]:
    return element.name.lower(), element.text, [shape(child) for child in element.children]


@given(TREES)
def test_what_is_written_is_what_is_read_whole_and_as_a_stream(tree):
    data = written(tree).encode()
    assert shape(read_tree(data)) == shape(tree)
    assert [shape(one) for one in stream_tree(BytesIO(data), len(data))][1:] == [shape(one) for one in tree.children]


@given(st.binary(max_size=200) | st.builds(lambda tree, cut: written(tree).encode()[:cut], TREES, st.integers(0, 99)))
def test_whatever_comes_is_a_tree_or_one_error(data):
    try:
        told = read_tree(data).name
    except MessageError as error:
        told = error.code if error.where["line"] else ""
    assert told
