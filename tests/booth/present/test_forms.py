"""The forms: fields, secrets, check digits while typing, and the key that takes a reason."""

from __future__ import annotations

import pytest

from checkpoint_app.booth.desk.state import Form
from checkpoint_app.booth.present.forms import form_view, reason_view
from checkpoint_app.booth.view.screen import FieldKind, FormField, FormView, Mark
from tests.booth.states import EN, state, zone

pytestmark = pytest.mark.usefixtures("quito")

DESK = state()


def test_unlock() -> None:
    assert form_view(Form("unlock", {"passphrase": "typed"}, fault="Try again."), DESK, EN) == FormView(
        name="unlock",
        title="Booth locked",
        hint="Type the passphrase and press Enter.",
        fields=(FormField("passphrase", "Passphrase", "typed", FieldKind.SECRET),),
        submit="Enter",
        fault="Try again.",
    )


def test_sign_in() -> None:
    assert form_view(Form("sign_in", {"officer": "m.demo"}), DESK, EN).fields == (
        FormField("officer", "Officer", "m.demo"),
        FormField("pin", "PIN", "", FieldKind.SECRET),
    )
    empty = form_view(Form("sign_in"), DESK, EN)
    assert [field.value for field in empty.fields] == ["", ""]
    assert form_view(Form("unlock"), DESK, EN).fields[0].value == ""


@pytest.mark.parametrize(("name", "hint"), [("opening", "One moment."), ("stopped", "")])
def test_forms_that_only_tell_have_nothing_to_submit(name: str, hint: str) -> None:
    view = form_view(Form(name), DESK, EN)
    assert (view.name, view.hint, view.fields, view.submit, view.fault) == (name, hint, (), "", "")


def typed(text: str | None) -> FormField:
    (field,) = form_view(Form("by_hand", {} if text is None else {"mrz": text}), DESK, EN).fields
    return field


def test_digits_are_told_while_the_zone_is_typed() -> None:
    first, second = zone()
    assert typed(None) == FormField("mrz", "Lines", "", FieldKind.MRZ)
    assert typed(first).mark is Mark.NONE
    right = typed(f"{first}\n{second[:10]}")
    assert (right.mark, right.mark_text) == (Mark.TICK, "1 of 1 digits")
    whole = typed(f"{first}\n{second}")
    assert (whole.value, whole.mark, whole.mark_text) == (f"{first}\n{second}", Mark.TICK, "5 of 5 digits")


def test_each_wrong_digit_has_a_line() -> None:
    first, second = zone()
    wrong = typed(f"{first}\n{second[:9]}1{second[10:19]}1{second[20:28]}")
    assert wrong.mark is Mark.WRONG
    number, birth = wrong.mark_text.split("\n")
    assert number == "Number: read 1, computed 6"
    assert birth.startswith("Birth: read 1, computed ")


@pytest.mark.parametrize(
    ("name", "cap"), [("let_pass", "F5"), ("refer", "F7"), ("protect", "F9"), ("not_same", "Enter")]
)
def test_a_reason_is_taken_by_the_decisions_own_key(name: str, cap: str) -> None:
    """Enter never lets anybody pass, and never refers."""
    form = Form(name, {"text": "said"}, subject="let_pass", choices=("compared", "other"), chosen=2, fault="no")
    view = reason_view(form, EN)
    assert view.fields == (
        FormField(
            "choice",
            "Reason",
            "2",
            FieldKind.CHOICE,
            choices=("I compared: not the same person", "Another reason"),
        ),
        FormField("text", "In words", "said"),
    )
    assert (view.name, view.title, view.submit, view.fault) == (name, EN.say(f"form.why_{name}"), cap, "no")
    assert view.hint == f"Choose with Ctrl and the number; {cap} records. Esc goes back."


def test_a_reason_not_yet_chosen_and_the_protection_path() -> None:
    view = reason_view(Form("protect", subject="protect", choices=("asylum",)), EN)
    assert view.fields[0] == FormField("choice", "Reason", "", FieldKind.CHOICE, choices=("Asks for asylum",))
    assert view.fields[1].value == ""
    assert view.hint.endswith("F9 records. Nothing is sent to the home state.")


def test_a_supervisor_is_asked_where_the_form_has_one() -> None:
    form = Form("not_same", {"supervisor": "s", "supervisor_pin": "1"}, subject="not_same", choices=("compared",))
    assert reason_view(form, EN).fields[2:] == (
        FormField("supervisor", "Supervisor", "s"),
        FormField("supervisor_pin", "Supervisor's PIN", "1", FieldKind.SECRET),
    )
