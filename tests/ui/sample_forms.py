"""Sample views of the forms: unlock, sign-in, by hand, and the reason."""

from __future__ import annotations

from dataclasses import replace

from checkpoint_app.booth.view.screen import (
    DeskView,
    FieldKind,
    FormField,
    FormView,
    Mark,
    Stage,
)
from tests.ui.sample_parts import (
    bar,
    document,
    text_in,
)
from tests.ui.sample_states import compare, empty, refer


def unlock(lang: str) -> DeskView:
    """The passphrase asked, after a wrong one."""
    fields = (FormField("passphrase", text_in(lang, "Frase de paso", "Passphrase"), "", FieldKind.SECRET),)
    hint = text_in(lang, "Escriba la frase de paso y pulse Intro.", "Type the passphrase and press Enter.")
    fault = text_in(
        lang, "La frase no abre este puesto. Pruebe otra vez.", "The passphrase does not open this booth. Try again."
    )
    form = FormView(
        "unlock", text_in(lang, "Puesto cerrado", "Booth locked"), hint, fields, text_in(lang, "Intro", "Enter"), fault
    )
    return replace(empty(lang), stage=Stage.FORM, form=form, desk=None, panel=(), bar=replace(bar(lang), officer=""))


def sign_in(lang: str) -> DeskView:
    """Officer and PIN asked."""
    fields = (
        FormField("officer", text_in(lang, "Oficial", "Officer"), "m.demo"),
        FormField("pin", "PIN", "1234", FieldKind.SECRET),
    )
    hint = text_in(
        lang,
        "Escriba su clave de oficial y su PIN, y pulse Intro.",
        "Type your officer name and your PIN, and press Enter.",
    )
    title = text_in(lang, "Entre para trabajar", "Sign in to work")
    form = FormView("sign_in", title, hint, fields, text_in(lang, "Intro", "Enter"))
    return replace(empty(lang), stage=Stage.FORM, form=form, desk=None)


def by_hand(lang: str, *, picture: bool = True) -> DeskView:
    """The zone typed by hand, one digit wrong, beside the page."""
    typed = "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<"
    mark = text_in(lang, "Vence: leído 9, calculado 7", "Expiry: read 9, computed 7")
    field = FormField("mrz", text_in(lang, "Líneas", "Lines"), typed, FieldKind.MRZ, Mark.WRONG, mark)
    title = text_in(lang, "Escriba la zona de lectura mecánica", "Type the machine readable zone")
    hint = text_in(
        lang,
        "Dos o tres líneas, tal como están. Los dígitos se comprueban al escribir.",
        "Two or three lines, as they stand. The digits are checked as you type.",
    )
    form = FormView("by_hand", title, hint, (field,), text_in(lang, "Intro", "Enter"))
    return replace(empty(lang), stage=Stage.FORM, form=form, desk=None, document=document(lang) if picture else None)


def reason(lang: str) -> DeskView:
    """A reason asked in the right panel."""
    choices = (
        text_in(lang, "Comparé: no es la misma persona", "I compared: not the same person"),
        text_in(lang, "Miré el documento: está en orden", "I looked at the document: in order"),
        text_in(lang, "Pregunté al centro", "I asked the centre"),
        text_in(lang, "Lo autoriza un supervisor", "A supervisor allows it"),
        text_in(lang, "Otro motivo", "Another reason"),
    )
    fields = (
        FormField("choice", text_in(lang, "Motivo", "Reason"), "2", FieldKind.CHOICE, choices=choices),
        FormField("text", text_in(lang, "En palabras", "In words"), ""),
    )
    hint = text_in(
        lang,
        "Elija con Ctrl y el número; F5 guarda. Esc vuelve.",
        "Choose with Ctrl and the number; F5 saves. Esc goes back.",
    )
    fault = text_in(lang, "Diga el motivo en palabras.", "Give the reason in words.")
    form = FormView("let_pass", text_in(lang, "Por qué deja pasar", "Why you let pass"), hint, fields, "F5", fault)
    return replace(refer(lang), panel_form=form)


def supervised(lang: str) -> DeskView:
    """The reason for "not the same person", with a supervisor beside."""
    choices = (
        text_in(lang, "Comparé rostro y datos", "I compared face and facts"),
        text_in(lang, "Otros documentos lo prueban", "Other documents prove it"),
        text_in(lang, "Otro motivo", "Another reason"),
    )
    fields = (
        FormField("choice", text_in(lang, "Motivo", "Reason"), "1", FieldKind.CHOICE, choices=choices),
        FormField("text", text_in(lang, "En palabras", "In words"), ""),
        FormField("supervisor", "Supervisor", ""),
        FormField("supervisor_pin", text_in(lang, "PIN del supervisor", "Supervisor's PIN"), "", FieldKind.SECRET),
    )
    hint = text_in(
        lang,
        "Elija con Ctrl y el número; Intro guarda. Esc vuelve.",
        "Choose with Ctrl and the number; Enter saves. Esc goes back.",
    )
    fault = text_in(lang, "Supervisor o PIN no valen.", "Supervisor or PIN are not valid.")
    title = text_in(lang, "Por qué no es la misma", "Why it is not the same")
    form = FormView("not_same", title, hint, fields, text_in(lang, "Intro", "Enter"), fault)
    return replace(compare(lang), panel_form=form)
