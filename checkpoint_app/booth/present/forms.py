"""The forms: unlock, sign-in, by hand, and the reason that a decision asks for."""

from __future__ import annotations

from checkpoint_app.booth.cases.case_view import CLOSE_FORM
from checkpoint_app.booth.desk.state import DeskState, Form
from checkpoint_app.booth.desk.words import Words
from checkpoint_app.booth.encounter.doubt_view import line_views
from checkpoint_app.booth.view.screen import FieldKind, FormField, FormView, Mark
from checkpoint_app.documents import digits_while_typing

CONFIRM_CAPS = {"let_pass": "F5", "refer": "F7", "protect": "F9", CLOSE_FORM: "Ctrl+T"}
"""The key that takes a reason: the decision's own, pressed again. Enter never lets anybody pass."""


def form_view(form: Form, state: DeskState, words: Words) -> FormView:
    """Return the form that stands in the centre."""
    fields: tuple[FormField, ...] = ()
    if form.name == "by_hand":
        fields = (_mrz_field(form, state, words),)
    elif form.name == "unlock":
        fields = (_secret(form, "passphrase", words),)
    elif form.name == "sign_in":
        fields = (_text(form, "officer", words), _secret(form, "pin", words))
    elif form.name == "vehicle":
        fields = (_text(form, "plate", words),)
    title = "by_doubt" if any(field.kind is FieldKind.ZONE for field in fields) else form.name
    return FormView(
        name=form.name,
        title=words.say(f"form.{title}"),
        hint=words.say("form.by_doubt_hint") if title != form.name else _hint(form, state, words),
        fields=fields,
        submit=words.say("form.submit") if fields else "",
        fault=form.fault,
    )


def _hint(form: Form, state: DeskState, words: Words) -> str:
    if form.name == "sign_in" and state.policy is None and state.line is not None:
        return words.say("form.sign_in_waits")
    return words.say(f"form.{form.name}_hint") if words.knows(f"form.{form.name}_hint") else ""


def reason_view(form: Form, words: Words) -> FormView:
    """Return the form that asks a reason in the right panel: numbered choices, and a line of text."""
    cap = CONFIRM_CAPS.get(form.name) or words.say("form.submit")
    choices = tuple(words.say(f"reason.{form.subject}.{code}") for code in form.choices)
    fields = [
        FormField(
            "choice",
            words.say("form.reason"),
            str(form.chosen) if form.chosen else "",
            FieldKind.CHOICE,
            choices=choices,
        ),
        FormField("text", words.say("form.reason_text"), form.values.get("text", "")),
    ]
    if "supervisor" in form.values:
        fields.append(FormField("supervisor", words.say("form.supervisor"), form.values["supervisor"]))
        fields.append(
            FormField(
                "supervisor_pin", words.say("form.supervisor_pin"), form.values["supervisor_pin"], FieldKind.SECRET
            )
        )
    hint = words.say("form.protect_hint" if form.subject == "protect" else "form.reason_hint", cap=cap)
    if len(form.entries) > 1:
        hint = f"{words.say('compare.about_entries', count=len(form.entries))} {hint}"
    return FormView(
        name=form.name,
        title=words.say(f"form.why_{form.name}"),
        hint=hint,
        fields=tuple(fields),
        submit=cap,
        fault=form.fault,
    )


def _text(form: Form, name: str, words: Words) -> FormField:
    return FormField(name, words.say(f"form.{name}"), form.values.get(name, ""))


def _secret(form: Form, name: str, words: Words) -> FormField:
    return FormField(name, words.say(f"form.{name}"), form.values.get(name, ""), FieldKind.SECRET)


def _mrz_field(form: Form, state: DeskState, words: Words) -> FormField:
    """Return the field of the zone; the digits of what is typed so far are told beside it.

    Lines read in doubt stand below their pictures, as long as what is typed has their shape.
    """
    typed = form.values.get("mrz", "")
    lines = tuple(typed.split("\n"))
    digits = digits_while_typing(lines, state.now.date())
    wrong = [digit for digit in digits if not digit.ok]
    said = [
        f"{words.say(f'document.field.{digit.field}')}: "
        + words.say("document.digit_wrong", read=digit.read, computed=digit.computed)
        for digit in wrong
    ]
    if digits and not wrong:
        said = [words.say("document.digits", right=len(digits), all=len(digits))]
    mark = Mark.NONE if not digits else Mark.WRONG if wrong else Mark.TICK
    strips = line_views(state.encounter, words) if state.encounter is not None and not state.decided else ()
    fits = bool(strips) and [len(line) for line in lines] == [len(strip.text) for strip in strips]
    kind = FieldKind.ZONE if fits else FieldKind.MRZ
    return FormField("mrz", words.say("form.mrz"), typed, kind, mark, "\n".join(said), strips=strips if fits else ())
