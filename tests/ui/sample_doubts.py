"""Sample views of a zone read in doubt: on the desk, in the form, and confirmed."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter

from checkpoint_app.booth.desk.words import Words
from checkpoint_app.booth.view.screen import (
    Action,
    AdviceView,
    DeskView,
    FieldKind,
    FieldRow,
    FormField,
    FormView,
    Mark,
    MessageView,
    PanelSection,
    Stage,
    StripView,
)
from checkpoint_app.verdict import Advice
from tests.ui.sample_parts import WORDS, document, keys
from tests.ui.sample_states import empty, incomplete, look_as_of

CARD = ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")
LICENCE = ("AAA001D<<", "FACHE123456789012<<740812<<<<<", "MUSTER<<KLARA<<<<<<<<<<<<<<<<<")
PASSPORT = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F2704151ZE184226B<<<<<18")
PITCH, HIGH = 26.0, 52


@cache
def strip(text: str) -> bytes:
    """Return ``text`` as a picture of a line, as JPEG."""
    image = QImage(round(PITCH * (len(text) + 2)), HIGH, QImage.Format.Format_RGB32)
    image.fill(QColor("#E9ECE4"))
    painter = QPainter(image)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    font = QFont("OCR B")
    font.setPixelSize(36)
    painter.setFont(font)
    painter.setPen(QColor("#30343A"))
    for place, letter in enumerate(text):
        cell = QRectF(PITCH * (place + 1), 0, PITCH, HIGH)
        painter.drawText(cell, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip, letter)
    painter.end()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "JPEG", 85)
    return bytes(data.data())


def strip_view(text: str, *doubts: int, line: int = 2, first: int = 0, last: int = 0, lang: str = "en") -> StripView:
    """Return a line, or its stretch from ``first`` to ``last``, with ``doubts`` counted in the line."""
    words = Words(lang)
    centres = tuple((place + 1.5) / (len(text) + 2) for place in range(len(text)))
    end = (last or len(text) - 1) + 1
    said = tuple(words.say("document.doubt_place", line=line, place=at + 1, what=text[at]) for at in doubts)
    return StripView(strip(text), text[first:end], centres[first:end], tuple(at - first for at in doubts), said)


def _doubt_words(lang: str, first: str, second: str, *, told: bool = True) -> str:
    words = Words(lang)
    text = words.say("document.doubt", what=words.say("document.either", first=first, second=second))
    return text if told else f"{text}; {words.say('document.untold')}"


def doubt(lang: str) -> DeskView:
    """A number that may have 0 or O, a personal number with 6 or G that no check digit tells apart."""
    w, words, view = WORDS[lang], Words(lang), look_as_of(lang)
    rows = list(document(lang).fields)
    rows[2] = replace(rows[2], mark=Mark.DOUBT, mark_text=_doubt_words(lang, "0", "O"))
    rows[5] = replace(rows[5], mark=Mark.DOUBT, mark_text=_doubt_words(lang, "6", "G", told=False))
    page = replace(
        document(lang),
        fields=tuple(rows),
        state=words.say("document.doubtful"),
        boxes=tuple(replace(box, doubtful=place in (1, 4)) for place, box in enumerate(document(lang).boxes)),
    )
    cap = words.say("key.as_read_cap")
    section = PanelSection(
        words.say("panel.doubt"),
        count=words.say("panel.of", index=1, count=2),
        strip=strip_view(PASSPORT[1], 4, first=0, last=9, lang=lang),
        lines=(f"{w['number']}: {words.say('document.either', first='0', second='O')}",),
        muted=(words.say("panel.doubt_step", cap=cap),),
    )
    return replace(
        view,
        document=page,
        advice=AdviceView(Advice.LOOK, view.advice.word, words.say("line.notes", count=2)),
        panel=(section, view.panel[0], view.panel[-1]),
        message=MessageView(words.say("message.as_read"), "attention", cap, Action.AS_READ),
        keys=keys(lang),
    )


def doubt_names(lang: str) -> DeskView:
    """Doubts in nearly every field, also in those that have no row otherwise."""
    words, view = Words(lang), doubt(lang)
    names = ("nationality", "sex", "family_name", "given_names")
    more = tuple(
        FieldRow(words.say(f"document.field.{name}"), value, Mark.DOUBT, _doubt_words(lang, "M", "W", told=False))
        for name, value in zip(names, ("UTO", "F", "ERIKSSON", "ANNA MARIA"), strict=True)
    )
    assert view.document is not None
    fields = view.document.fields
    wrong = replace(fields[3], mark=Mark.WRONG, mark_text=words.say("document.digit_wrong", read="7", computed="3"))
    return replace(view, document=replace(view.document, fields=(*fields[:3], wrong, *fields[4:-1], *more, fields[-1])))


def doubt_incomplete(lang: str) -> DeskView:
    """The same beside a list that is too old."""
    view, without = doubt(lang), incomplete(lang)
    return replace(
        without, document=view.document, panel=(view.panel[0], without.panel[0], replace(without.panel[-1], muted=()))
    )


def confirmed(lang: str) -> DeskView:
    """What was in doubt was compared with the document by eye; one field was corrected."""
    words, view = Words(lang), doubt(lang)
    assert view.document is not None
    rows = list(view.document.fields)
    rows[2] = replace(rows[2], mark=Mark.CONFIRMED, mark_text=words.say("document.confirmed"))
    rows[5] = replace(rows[5], mark=Mark.BY_HAND, mark_text=words.say("document.by_hand"))
    page = replace(view.document, fields=tuple(rows), state=words.say("document.by_hand"))
    return replace(look_as_of(lang), document=page)


def doubt_form(lang: str, *, lines: tuple[str, ...] = PASSPORT, fault: str = "", typed: str = "") -> DeskView:
    """The form of a zone in doubt: each line below its picture."""
    words = Words(lang)
    strips = tuple(
        strip_view(
            text, *((4, 12) if number == len(lines) - 1 and len(text) > 12 else (3,)), line=number + 1, lang=lang
        )
        for number, text in enumerate(lines)
    )
    field = FormField(
        "mrz",
        words.say("form.mrz"),
        typed or "\n".join(lines),
        FieldKind.ZONE,
        Mark.TICK,
        words.say("document.digits", right=5, all=5),
        strips=strips,
    )
    form = FormView(
        "by_hand",
        words.say("form.by_doubt"),
        words.say("form.by_doubt_hint"),
        (field,),
        words.say("form.submit"),
        fault,
    )
    return replace(empty(lang), stage=Stage.FORM, form=form, desk=None, document=document(lang))


def doubt_form_card(lang: str) -> DeskView:
    """Three lines of thirty, with wrong digits and a fault: the longest there is."""
    words = Words(lang)
    names = ("document_number", "birth_date", "expiry_date", "composite")
    wrong = "\n".join(
        f"{words.say(f'document.field.{name}')}: {words.say('document.digit_wrong', read='9', computed='7')}"
        for name in names
    )
    fault = words.say("mrz_error.character", line=3, column=12, character="-")
    view = doubt_form(lang, lines=CARD, fault=fault)
    assert view.form is not None
    fields = (replace(view.form.fields[0], mark=Mark.WRONG, mark_text=wrong),)
    return replace(view, form=replace(view.form, fields=fields))


def doubt_form_licence(lang: str) -> DeskView:
    """A short line above two long ones."""
    return doubt_form(lang, lines=LICENCE)
