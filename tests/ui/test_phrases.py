"""The booth's own phrases against the narrowest slot each is painted in, in every language."""

from __future__ import annotations

import pytest

from checkpoint_app.booth.desk.words import LANGUAGES, Words
from checkpoint_app.ui import fonts
from checkpoint_app.ui.fonts import Face
from checkpoint_app.ui.topbar import LINE_WORDS

BANNER, DETAIL, ROW, NAME, MESSAGE, CHOICE = 372.0, 397.0, 376.0, 240.0, 640.0, 346.0
KEY, KEY_PROTECT, KEY_TAKE = 93.0, 202.0, 214.0
CARD = 192.0
NO_KEY = ("key.empty_desk_first", "key.arrivals", "key.inspections")
"""What stands on no key: why one is off, and what only Ctrl and a letter ask for."""

FILL = {
    "count": "12", "what": "R-07", "limit": "7\u00a0d", "date": "21 nov, 06:00", "age": "3 días", "list": "INTL 4711",
    "entry": "ECU-1042", "category": "en blanco, robado", "time": "14:31", "since": "14:02", "why": "",
    "n": "12", "index": "2", "value": "0,87", "code": "E123", "lane": "3", "cap": "F5", "originator": "Ecuador",
    "officer": "r.muestra", "owner": "r.muestra", "seconds": "0,4",
    "read": "7", "computed": "3", "right": "5", "all": "5", "years": "52", "first": "", "last": "",
}  # fmt: skip
SLOTS = (
    ("line.", Face(22, 600), BANNER, ("line.as_of",)),
    ("line.as_of", fonts.LABEL_STRONG, 348.0, ()),
    ("not_done.", fonts.LABEL, DETAIL, ()),
    ("message.", fonts.LABEL, MESSAGE, ()),
    *((f"reason.{kind}.", fonts.BODY_STRONG, CHOICE, ()) for kind in ("let_pass", "refer", "protect", "not_same")),
    ("check.centre_none", fonts.LABEL, DETAIL, ()),
    ("panel.what_to_do", fonts.LABEL_STRONG, ROW, ()),
    ("desk.title", fonts.HUGE, 816.0, ()),
    ("bar.offline", fonts.BODY_STRONG, LINE_WORDS, ("bar.offline_reason", "bar.offline_detail")),
    ("bar.connecting", fonts.BODY_STRONG, LINE_WORDS, ()),
    ("bar.no_centre", fonts.BODY_STRONG, LINE_WORDS, ()),
    ("bar.centre", fonts.BODY, LINE_WORDS, ()),
    ("scanner.scanner_", fonts.LABEL_STRONG, CARD, ()),
    ("scanner.state_", fonts.LABEL_STRONG, CARD, ()),
    ("read.scanner_", fonts.LABEL, MESSAGE, ()),
    ("cases.state_", fonts.BODY, 160.0, ()),
    ("cases.nobody", fonts.BODY_STRONG, 121.0, ()),
    ("cases.overdue", fonts.LABEL_STRONG, 69.0, ()),
    ("cases.line_", Face(22, 600), BANNER, ()),
    ("cases.done_", fonts.BODY, 2 * ROW - 100, ()),
    ("cases.page", fonts.LABEL, ROW, ()),
    ("cases.empty", Face(22), 720.0, ()),
    ("reason.close_case.", fonts.BODY_STRONG, CHOICE, ()),
    *((f"reason.{kind}.", fonts.BODY_STRONG, CHOICE, ()) for kind in ("release", "inspect", "inspection")),
    ("cargo.field.", fonts.LABEL, 98.0, ()),
    ("cargo.party.", fonts.LABEL, 302.0, ()),
    ("cargo.count_", fonts.LABEL, 200.0, ()),
    ("cargo.column.", fonts.LABEL, 140.0, ()),
    ("cargo.not_read", fonts.LABEL, 640.0, ()),
    ("cargo.passengers_received", fonts.LABEL, 640.0, ()),
    ("cargo.nothing_in_it", Face(22), 1440.0, ()),
    ("inspections.title", fonts.TITLE, 800.0, ()),
)


class Filled(dict[str, str]):
    """Gives a likely value for every parameter of a phrase."""

    def __missing__(self, key: str) -> str:
        return FILL.get(key, "12")


def phrases(words: Words, prefix: str) -> list[str]:
    return [key for key in sorted(words.keys()) if key.startswith(prefix)]


def filled(words: Words, key: str) -> str:
    return words.say(key) if "{" not in words._phrases[key] else words._phrases[key].format_map(Filled())


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("prefix", "face", "room", "but"), SLOTS, ids=[slot[0] for slot in SLOTS])
def test_phrases_fit_where_they_stand(lang: str, prefix: str, face: Face, room: float, but: tuple[str, ...]) -> None:
    words = Words(lang)
    keys = [key for key in phrases(words, prefix) if key not in but]
    assert keys
    wide = {key: round(fonts.width(filled(words, key), face)) for key in keys}
    assert not {key: width for key, width in wide.items() if width > room}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_findings_fit_two_lines_of_their_row(lang: str) -> None:
    from checkpoint_app.booth.view.screen import CheckRow
    from checkpoint_app.ui.checks import detail_lines
    from checkpoint_app.verdict import Outcome

    words = Words(lang)
    for key in phrases(words, "finding."):
        lines = detail_lines(CheckRow("", Outcome.HIT, "", "", detail=filled(words, key), key_cap="F6"), 472)
        assert 1 <= len(lines) <= 2
        assert "…" not in lines[-1]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_title_tabs_and_heads_of_the_cases_fit_the_narrowest_list(lang: str) -> None:
    words = Words(lang)
    tabs = sum(fonts.width(filled(words, key), fonts.BODY_STRONG) + 30 + 8 for key in phrases(words, "cases.tab_"))
    find = 16 + 67 + 8 + 60
    assert 16 + fonts.width(words.say("cases.title"), fonts.TITLE) + 25 + tabs + find <= 848
    left, right = fonts.width(words.say("cases.head_owner"), fonts.LABEL), words.say("cases.head_left")
    assert left + 8 + fonts.width(right, fonts.LABEL) <= 233
    assert fonts.width(words.say("cases.head_state"), fonts.LABEL) <= 194


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_was_let_pass_today_fits_below_its_name(lang: str) -> None:
    words = Words(lang)
    kind = words.say("cases.kind", what=words.say("history.let_pass"), time="14:31", list="INTL\u00a04712")
    assert fonts.width(kind, fonts.LABEL) <= 328


@pytest.mark.parametrize("lang", LANGUAGES)
def test_words_on_keys_fit_the_narrowest_key(lang: str) -> None:
    words = Words(lang)
    keys = [k for k in phrases(words, "key.") if not k.endswith(("_hint", "_version", "direction")) and k not in NO_KEY]
    for key in keys:
        double = key in ("key.protect", "key.same", "key.not_same", "key.not_here")
        room = KEY_PROTECT if key == "key.protect" else 134.0 if double else KEY
        if key in ("key.let_pass", "key.compare", "key.refer", "key.back", "key.protect_short", "key.cases"):
            room = 112.0
        if key in ("key.take_case", "key.close_case", "key.close_list"):
            room = KEY_TAKE
        assert fonts.width(words.say(key), fonts.BODY_STRONG) <= room, (key, words.say(key))
