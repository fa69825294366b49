"""The forms of a lane of goods: a number, what was seen, how it is inspected, and what the inspection came to."""

from __future__ import annotations

from dataclasses import replace

from checkpoint_app.booth.desk.state import DeskState, Form
from checkpoint_app.booth.desk.words import Words
from checkpoint_app.booth.goods.form_names import NUMBER_FORM, RESULT_FORM, SEEN_FORM, WEIGHT, containers_of
from checkpoint_app.booth.present.forms import form_view, reason_view
from checkpoint_app.booth.record.consignment import ConsignmentRead
from checkpoint_app.booth.view.screen import FormField, FormView
from checkpoint_app.cargo.iso6346 import plain_number

_TITLES = {"release": "why_release", "inspect": "why_inspect", RESULT_FORM: "inspection"}


def desk_form(form: Form, state: DeskState, words: Words) -> FormView:
    """Return the form that stands in the centre, of goods or of people."""
    if form.name == NUMBER_FORM:
        fields: tuple[FormField, ...] = (FormField("number", words.say("form.number"), form.values.get("number", "")),)
    elif form.name == SEEN_FORM:
        fields = _seen(form, state.encounter.consignment if state.encounter else None, words)
    else:
        return form_view(form, state, words)
    return FormView(
        name=form.name,
        title=words.say(f"form.{form.name}"),
        hint=words.say(f"form.{form.name}_hint"),
        fields=fields,
        submit=words.say("form.submit"),
        fault=form.fault,
    )


def desk_reason(form: Form, state: DeskState, words: Words) -> FormView:
    """Return the form that asks a reason, in the words of goods where it is about goods."""
    goods = state.encounter is not None and state.encounter.consignment is not None
    if goods and form.subject == "withdrawn":
        form = replace(form, subject="withdrawn_goods")
    view = reason_view(replace(form, name="let_pass") if form.name == RESULT_FORM else form, words)
    title = _TITLES.get(form.subject)
    if title is None:
        return view
    if form.name == RESULT_FORM:
        submit = words.say("form.submit")
        hint = words.say("form.inspection_hint", cap=submit)
        return replace(view, name=form.name, title=words.say(f"form.{title}"), hint=hint, submit=submit)
    return replace(view, title=words.say(f"form.{title}"))


def _seen(form: Form, read: ConsignmentRead | None, words: Words) -> tuple[FormField, ...]:
    if read is None:
        return ()
    declared = {plain_number(one.number): ", ".join(one.seals) for one in read.equipment if one.number}
    fields = [
        FormField(
            number,
            words.say("form.seal_of", number=number),
            form.values.get(number, ""),
            mark_text=words.say("form.seal_declared", seal=declared[number]) if declared.get(number) else "",
        )
        for number in containers_of(read)
    ]
    return (*fields, FormField(WEIGHT, words.say("form.weight"), form.values.get(WEIGHT, "")))
