"""Sample views of the cases, and of what the line changes: list, empty list, closing, a late hit, line up and down."""

from __future__ import annotations

from dataclasses import replace

from checkpoint_app.booth.view.screen import (
    Action,
    AdviceView,
    CaseMark,
    CaseRow,
    CasesView,
    CaseTab,
    DeskView,
    FieldKind,
    FormField,
    FormView,
    KeyState,
    KeyView,
    LineView,
    MessageView,
    PanelSection,
    ReasonRow,
    Stage,
    StatusItem,
)
from checkpoint_app.verdict import Advice, Outcome, Sign
from tests.ui.sample_parts import MAIN, OFF, PLAIN, WORDS, steps, text_in
from tests.ui.sample_states import empty, incomplete, refer

REFER, INCOMPLETE, LOOK, PROCEED = Advice.REFER, Advice.INCOMPLETE, Advice.LOOK, Advice.PROCEED
NEW, TAKEN, WAITS, CLOSED = CaseMark.NEW, CaseMark.TAKEN, CaseMark.WAITS, CaseMark.CLOSED


def _row(
    lang: str, advice: Advice, name: str, kind: tuple[str, str], state: tuple[CaseMark, str, str], owner: str, left: str
) -> CaseRow:
    told_kind, told_state = text_in(lang, *kind), text_in(lang, *state[1:])
    nobody, urgent = text_in(lang, "nadie todavía", "nobody yet"), left.endswith("min")
    told = f"{name}. {told_kind}. {told_state}. {owner or nobody}. {left}"
    return CaseRow(advice, name, told_kind, state[0], told_state, owner or nobody, not owner, left, urgent, told)


def _rows(lang: str) -> tuple[CaseRow, ...]:
    looked_at = (TAKEN, "en estudio", "being looked at")
    return (
        _row(
            lang, REFER, "ERIKSSON, ANNA MARIA",
            ("Hallazgo tardío, pasó 14:31, ECU 89", "Late hit, let pass 14:31, ECU 89"), (NEW, "nuevo", "new"),
            "", "28 min",
        ),
        _row(
            lang, REFER, "PRUEBA SOL, CARLOS",
            ("Hallazgo tardío, pasó 09:12, INTL 4712", "Late hit, let pass 09:12, INTL 4712"), looked_at,
            "R. Muestra", "2 h",
        ),
        _row(
            lang, REFER, "MUSTER, MAX", ("Derivación, 13:50, carril 1", "Referral, 13:50, lane 1"), looked_at,
            "M. Demo", "3 h",
        ),
        _row(
            lang, REFER, "DEMO 26-004417", ("Derivación, carga, sello distinto", "Referral, cargo, seal differs"),
            (WAITS, "espera escáner", "waits for scan"), "M. Demo", text_in(lang, "hoy", "today"),
        ),
        _row(
            lang, INCOMPLETE, "SPECIMEN, LI", ("Derivación, 11:05, lista vencida", "Referral, 11:05, list too old"),
            (WAITS, "espera al socio", "waits for partner"), "J. Ensayo", "2 d",
        ),
        _row(
            lang, LOOK, "TESTA, MARIA", ("Derivación, 10:41, vía de protección", "Referral, 10:41, protection path"),
            (WAITS, "en protección", "with protection"), "K. Prova", "1 d",
        ),
        _row(
            lang, PROCEED, "BEISPIEL, ERIK",
            ("Derivación, 08:20, no era la misma", "Referral, 08:20, not the same person"),
            (CLOSED, "cerrado 08:44", "closed 08:44"), "R. Muestra", "",
        ),
    )  # fmt: skip


def _tabs(lang: str, counts: tuple[int, int, int, int]) -> tuple[CaseTab, ...]:
    words = text_in(lang, "Hoy,Tardíos,Míos,Abiertos", "Today,Late hits,Mine,Open").split(",")
    return tuple(
        CaseTab(f"{word} {count}", place == 0) for place, (word, count) in enumerate(zip(words, counts, strict=True))
    )


def _list(lang: str) -> CasesView:
    heads = text_in(
        lang, "Persona o consignación,Estado,Responsable,Responder en", "Person or consignment,State,Owner,Answer in"
    ).split(",")
    return CasesView(
        text_in(lang, "Casos", "Cases"),
        _tabs(lang, (7, 2, 2, 6)),
        (heads[0], heads[1], heads[2], heads[3]),
        _rows(lang),
        0,
        find=text_in(lang, "buscar", "find"),
    )


def _keys(lang: str, take: KeyState, word: str) -> tuple[KeyView, ...]:
    w = WORDS[lang]
    return (
        KeyView(Action.CHOOSE, "↑ ↓", text_in(lang, "Elegir", "Choose")),
        KeyView(Action.PREVIOUS, "Esc", text_in(lang, "Puesto", "Desk")),
        KeyView(Action.TAKE_CASE, "Ctrl+T", word, take),
        KeyView(Action.PROTECT, "F9", w["protect"], icon="shield"),
        KeyView(Action.LET_PASS, "F5", w["let_pass"], OFF),
        KeyView(Action.COMPARE, "F6", w["back"]),
        KeyView(Action.REFER, "F7", w["refer"], OFF),
    )


def _late_hit(lang: str) -> PanelSection:
    rows = (
        ReasonRow(
            text_in(
                lang,
                "14:31 dejó pasar, carril 3. La lista ECU 88 no tenía esa entrada.",
                "14:31 let pass here, lane 3. List ECU 88 had no such entry then.",
            ),
            symbol="tick",
        ),
        ReasonRow(
            text_in(
                lang,
                "14:34 llegó la lista ECU 89 con una entrada cercana a esta persona.",
                "14:34 list ECU 89 came with an entry close to this person.",
            ),
            symbol=Outcome.HIT,
        ),
        ReasonRow(text_in(lang, "No se sabe: dónde está ahora", "Not known: where the person is now"), Sign.UNKNOWN),
    )
    head, count = text_in(lang, "HALLAZGO TARDÍO", "LATE HIT"), text_in(lang, "caso 26-0311", "case 26-0311")
    return PanelSection(head, count, "ERIKSSON, ANNA MARIA", rows)


def cases(lang: str) -> DeskView:
    """Seven cases, the first a late hit that nobody has yet."""
    w = WORDS[lang]
    panel = (
        _late_hit(lang),
        PanelSection(
            text_in(lang, "DE DÓNDE VIENE", "WHERE IT COMES FROM"),
            lines=(text_in(lang, "Ecuador, acuerdo hasta 2027-01-31", "Ecuador, agreement to 2027-01-31"),),
            muted=(text_in(lang, "LE-ONLY: uso policial", "LE-ONLY: police use"),),
        ),
        PanelSection(
            text_in(lang, "QUÉ HACER", "WHAT TO DO"),
            rows=steps(
                text_in(lang, "Tome el caso (Ctrl+T).", "Take the case (Ctrl+T)."),
                text_in(lang, "Avise al supervisor.", "Tell the supervisor."),
            ),
        ),
    )
    line = text_in(lang, "Hallazgo tardío sin dueño", "Late hit, nobody has it yet")
    return replace(
        empty(lang),
        stage=Stage.CASES,
        advice=AdviceView(Advice.REFER, text_in(lang, "DERIVAR", "REFER"), line),
        panel=panel,
        keys=_keys(lang, MAIN, text_in(lang, "Tomar el caso", "Take the case")),
        message=MessageView(
            text_in(
                lang,
                "Hallazgo tardío: ERIKSSON, pasó 14:31. Sin dueño",
                "Late hit: ERIKSSON, let pass 14:31. Nobody has it yet",
            ),
            cap="Ctrl+T",
            action=Action.TAKE_CASE,
        ),
        status=(
            StatusItem(w["young"]),
            StatusItem(f"{w['to_send']} 0"),
            StatusItem(w["drill"], cap="F12"),
        ),
        desk=None,
        cases=_list(lang),
    )


def cases_paged(lang: str) -> DeskView:
    """The first case of the first page is the officer's own by now."""
    view = cases(lang)
    assert view.cases is not None
    page = text_in(lang, "Página 1 de 3", "Page 1 of 3")
    first, *others = view.cases.rows
    state = text_in(lang, "en estudio", "being looked at")
    own = replace(first, mark=TAKEN, state=state, owner="M. Demo", unowned=False)
    to_do = steps(
        text_in(lang, "Haga lo que falte y anótelo.", "Do what is missing and note it down."),
        text_in(lang, "Cierre el caso (Ctrl+T).", "Close the case (Ctrl+T)."),
    )
    return replace(
        view,
        advice=replace(view.advice, line=text_in(lang, "El caso es suyo", "The case is yours")),
        keys=_keys(lang, PLAIN, text_in(lang, "Cerrar el caso", "Close the case")),
        message=MessageView(text_in(lang, "14:36 el caso es suyo", "14:36 the case is yours"), "tick"),
        panel=(*view.panel[:-1], replace(view.panel[-1], rows=to_do)),
        cases=replace(view.cases, rows=(own, *others), page=page),
    )


def cases_none(lang: str) -> DeskView:
    """No case at all."""
    view = cases(lang)
    assert view.cases is not None
    none = text_in(lang, "Ningún caso espera a nadie.", "No case waits for anybody.")
    return replace(
        view,
        advice=AdviceView(None, text_in(lang, "Todavía no hay consejo", "No advice yet")),
        panel=(),
        keys=_keys(lang, OFF, text_in(lang, "Tomar el caso", "Take the case")),
        message=MessageView(WORDS[lang]["no_messages"]),
        cases=replace(view.cases, rows=(), selected=-1, empty=none, tabs=_tabs(lang, (0, 0, 0, 0))),
    )


def closing(lang: str) -> DeskView:
    """How a case ended is asked in the right panel."""
    choices = (
        text_in(lang, "No es la misma persona", "Not the same person"),
        text_in(lang, "Es la misma, avisada la autoridad", "Same person, authority told"),
        text_in(lang, "Pasa a otra autoridad", "Passed on to another authority"),
    )
    fields = (
        FormField("choice", text_in(lang, "Cómo termina", "How it ends"), "1", FieldKind.CHOICE, choices=choices),
    )
    hint = text_in(
        lang,
        "Elija con Ctrl y el número; Ctrl+T guarda. Esc vuelve.",
        "Choose with Ctrl and the number; Ctrl+T saves. Esc goes back.",
    )
    title = text_in(lang, "Cómo termina el caso", "How the case ends")
    view = cases_paged(lang)
    keys = _keys(lang, MAIN, text_in(lang, "Cerrar el caso", "Close the case"))
    return replace(view, keys=keys, panel_form=FormView("close_case", title, hint, fields, "Ctrl+T"))


def late_hit(lang: str) -> DeskView:
    """The empty desk while nobody has a late hit."""
    view = empty(lang)
    assert view.desk is not None
    notice = text_in(lang, "1 hallazgo tardío, nadie lo tiene todavía", "1 late hit, nobody has it yet")
    keys = tuple(
        replace(key, word=text_in(lang, "Casos", "Cases"), state=PLAIN) if key.action is Action.COMPARE else key
        for key in view.keys
    )
    return replace(view, desk=replace(view.desk, notice=notice, notice_cap="F6"), keys=keys)


def line_down(lang: str) -> DeskView:
    """A possible match, and the line is lost: since when, why, and what comes next."""
    view = refer(lang)
    line = LineView(
        up=False,
        text=text_in(lang, "sin línea desde 14:02", "offline since 14:02"),
        detail=text_in(
            lang,
            "Sin línea desde 14:02: no se halla el nombre; se prueba otra vez a las 14:05",
            "No line since 14:02: name not found; next try 14:05",
        ),
    )
    return replace(view, bar=replace(view.bar, line=line))


def line_up(lang: str) -> DeskView:
    """What was missing is still missing, but the line is back."""
    view = incomplete(lang)
    return replace(view, bar=replace(view.bar, line=LineView(up=True, text=WORDS[lang]["line"])))
