"""XML lists written for one test, what a module made of them, and the same lists damaged."""

import copy
import tempfile
from pathlib import Path
from xml.etree import ElementTree as ET

from hypothesis import strategies as st

from checkpoint_app.screening.importers.report import Report
from checkpoint_app.screening.importers.source import SourceError


def read(module, content, name="list.xml"):
    """Return ({id: entry}, report) of what ``module`` reads from ``content``."""
    found, report = read_lines(module, content, name)
    return {entry.id: entry for _, entry in found}, report


def read_lines(module, content, name="list.xml"):
    """Return ([(line, entry)], report)."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        report = Report()
        return list(report.counting(module.entries(path, report.refuse, report.leave_out))), report


def names(entry):
    """Return the names as (family, given, quality, whole)."""
    return [(name.family, name.given, name.quality.value, name.whole) for name in entry.names]


def dates(entry):
    """Return the dates as first, or first/last, with a ~ where it is circa."""
    listed = [(d.first if d.first == d.last else f"{d.first}/{d.last}", d.circa) for d in entry.birth_dates]
    return [("~" if circa else "") + text for text, circa in listed]


def papers(entry):
    """Return the documents as (number, issuer)."""
    return [(document.number, document.issuer) for document in entry.documents]


@st.composite
def damaged(draw, content):
    """A list cut anywhere, with bytes turned, or both."""
    turned = bytearray(content.encode())
    for _ in range(draw(st.integers(0, 4))):
        turned[draw(st.integers(0, len(turned) - 1))] = draw(st.integers(0, 255))
    return bytes(turned[: draw(st.integers(0, len(turned)))])


@st.composite
def rearranged(draw, content, records):
    """A well-formed list with elements taken out or given twice: (bytes, how many ``records`` it holds)."""
    root = ET.fromstring(content)
    for _ in range(draw(st.integers(1, 6))):
        parents = [element for element in root.iter() if len(element)]
        if not parents:
            break
        parent = draw(st.sampled_from(parents))
        child = draw(st.sampled_from(list(parent)))
        if draw(st.booleans()):
            parent.remove(child)
        else:
            draw(st.sampled_from(parents)).append(copy.deepcopy(child))
    count = sum(element.tag.rpartition("}")[2] in records for element in root.iter() if element is not root)
    return ET.tostring(root), count


def survives(module, content):
    """Read a damaged list: a file that can't be read at all raises SourceError, and nothing else is raised."""
    try:
        found, report = read_lines(module, content)
    except SourceError:
        return
    assert report.read == len(found) + report.refusals
    assert all(line >= 1 and reason for line, reason in report.refused)
