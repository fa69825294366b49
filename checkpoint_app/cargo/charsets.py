"""The characters of an interchange: by its syntax identifier, and by what the bytes are where that one lies."""

from __future__ import annotations

# ISO 9735-1 annex A: the levels and the parts of ISO 8859 that they name. A and B, like IATA's own, are ASCII.
_BY_SYNTAX = {
    "UNOD": "iso8859-2",
    "UNOE": "iso8859-5",
    "UNOF": "iso8859-7",
    "UNOG": "iso8859-3",
    "UNOH": "iso8859-4",
    "UNOI": "iso8859-6",
    "UNOJ": "iso8859-8",
    "UNOK": "iso8859-9",
}


def decode(raw: bytes, syntax: str) -> tuple[str, bool]:
    """Return the text, and whether it could be read: else some letters of it are a guess.

    ``syntax`` is the identifier that UNB gives (``UNOA``). Text that is valid UTF-8 with signs beyond ASCII is hardly
    ever something else, so it is tried even where UNB promises ASCII or Latin-1.
    """
    if raw.isascii():
        return raw.decode("ascii"), True
    named = _BY_SYNTAX.get(syntax)
    for charset in (named, "utf-8") if named else ("utf-8", "latin-1") if syntax == "UNOC" else ("utf-8",):
        try:
            text = raw.decode(charset)
        except UnicodeDecodeError:
            continue
        if not any("\x80" <= sign <= "\x9f" for sign in text):
            return text, True
    try:
        return raw.decode("cp1252"), False
    except UnicodeDecodeError:
        return raw.decode("latin-1"), False
