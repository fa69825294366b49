"""Files that the tests of decoding make: PDFs by hand, and files that ask for more than they give."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

from PIL import Image

from tests.readers.helpers import encoded


def pdf(*objects: bytes, trailer: bytes = b"") -> bytes:
    """Return a PDF of ``objects``, numbered from 1; the first is the catalogue."""
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, start)
    return bytes(out)


def stream(body: bytes, entries: bytes = b"") -> bytes:
    """Return a stream object."""
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(body), entries, body)


def one_page(content: bytes, box: bytes = b"[0 0 595 842]", entries: bytes = b"", trailer: bytes = b"") -> bytes:
    """Return a PDF of one page that is drawn by ``content``."""
    return pdf(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox %s /Contents 4 0 R %s >>" % (box, entries),
        stream(content),
        trailer=trailer,
    )


def pdf_of(pictures: Sequence[Image.Image], dpi: float = 150) -> bytes:
    """Return a PDF of one page a picture, as scanners make them."""
    return encoded(pictures[0], "PDF", save_all=True, append_images=pictures[1:], resolution=dpi)


def tiff_of(pictures: Sequence[Image.Image], **options: object) -> bytes:
    """Return a TIFF of one page a picture."""
    return encoded(pictures[0], "TIFF", save_all=True, append_images=pictures[1:], **options)


def locked_pdf() -> bytes:
    """Return a PDF that opens by a password only (standard security handler, revision 2)."""
    lock = b"<< /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >>" % (b"5A" * 32, b"A5" * 32)
    return one_page(b"", trailer=b"/Encrypt %s /ID [<00> <00>]" % lock)


def zeros(size: int, rounds: int = 1) -> bytes:
    """Return ``size`` (whole MiB) zero bytes, deflated ``rounds`` times; RFC 1950, put together from one block."""
    packer = zlib.compressobj(9)
    opening = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = struct.pack(">HH", size % 65_521, 1)
    body = opening + block * ((size >> 20) - 1) + b"\x03\x00" + checksum
    for _ in range(rounds - 1):
        body = zlib.compress(body, 9)
    return body


def _flated(size: int, rounds: int, entries: bytes = b"") -> bytes:
    return stream(zeros(size, rounds), b"/Filter [%s] %s" % (b"/FlateDecode " * rounds, entries))


def pdf_with_a_swelling_stream(size: int, rounds: int) -> bytes:
    """Return a PDF of a few kilobytes whose page is drawn by ``size`` bytes of zeros."""
    return pdf(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R >>",
        _flated(size, rounds),
    )


def pdf_with_a_picture(width: int, height: int, size: int, rounds: int = 2) -> bytes:
    """Return a PDF whose page shows a picture that claims ``width`` × ``height`` pixels, ``size`` bytes of zeros."""
    shape = b"/Type /XObject /Subtype /Image /Width %d /Height %d" % (width, height)
    return pdf(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R"
        b" /Resources << /XObject << /A 5 0 R >> >> >>",
        stream(b"q 600 0 0 800 0 0 cm /A Do Q"),
        _flated(size, rounds, shape + b" /BitsPerComponent 8 /ColorSpace /DeviceRGB"),
    )


def nested_pdf(depth: int) -> bytes:
    """Return a PDF with an array in an array, ``depth`` times."""
    return one_page(b"", entries=b"/Deep " + b"[" * depth + b"]" * depth)


def looping_pdf() -> bytes:
    """Return a PDF whose page tree is its own child, and whose page shows itself."""
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /A 5 0 R >> >>"
    return pdf(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [2 0 R 3 0 R] /Count 1000000000 /Parent 2 0 R >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R"
        b" /Resources << /XObject << /A 5 0 R >> >> >>",
        stream(b"/A Do"),
        stream(b"/A Do /A Do", form),
    )


def many_pages(count: int) -> bytes:
    """Return a TIFF of ``count`` pages of one pixel, 78 bytes each."""
    tags = [(256, 3, 1, 1), (257, 3, 1, 1), (258, 3, 1, 8), (262, 3, 1, 1), (273, 4, 1, 0), (279, 4, 1, 1)]
    body = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags)
    size = len(body) + 4
    links = (8 + size * number for number in range(1, count))
    return b"".join(
        [struct.pack("<2sHI", b"II", 42, 8), *(body + struct.pack("<I", link) for link in links), body, bytes(4)]
    )


def swollen_jpeg_2000(side: int) -> bytes:
    """Return a JPEG 2000 of a few hundred bytes that claims to be ``side`` pixels a side."""
    data = bytearray(encoded(Image.new("RGB", (64, 64)), "JPEG2000"))
    at = data.index(b"ihdr") + 4
    data[at : at + 8] = side.to_bytes(4, "big") * 2
    size = data.index(b"\xff\x51") + 6
    data[size : size + 8] = side.to_bytes(4, "big") * 2
    return bytes(data)


def wide_tile_tiff() -> bytes:
    """Return a TIFF of 64 pixels a side whose one tile claims 65,520 a side."""
    tags = [
        (256, 4, 1, 64),
        (257, 4, 1, 64),
        (258, 3, 1, 8),
        (259, 3, 1, 8),
        (262, 3, 1, 1),
        (277, 3, 1, 1),
        (322, 4, 1, 65_520),
        (323, 4, 1, 65_520),
        (324, 4, 1, 200),
        (325, 4, 1, 100),
    ]
    body = struct.pack("<2sHIH", b"II", 42, 8, len(tags))
    body += b"".join(struct.pack("<HHII", *tag) for tag in tags) + bytes(4)
    return body.ljust(200, b"\0") + zlib.compress(bytes(100_000))
