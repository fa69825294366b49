"""Parts that the sample views share: bar, document, person, keys, status."""

from __future__ import annotations

from checkpoint_app.booth.view.screen import (
    Action,
    AgeLook,
    CheckRow,
    DocumentView,
    FieldRow,
    KeyState,
    KeyView,
    LineView,
    Mark,
    PersonView,
    ReasonRow,
    StatusItem,
    TopBarView,
)
from checkpoint_app.verdict import Outcome
from tests.ui import specimen

LANGUAGES = ("es", "en")
MAIN, OFF, PLAIN = KeyState.MAIN, KeyState.OFF, KeyState.PLAIN
TICK = Mark.TICK

WORDS = {
    "es": {
        "lane": "carril 3", "entry": "ENTRADA", "exit": "SALIDA", "line": "centro 0,4 s", "offline": "sin línea 22:02",
        "document": "DOCUMENTO", "page": "Página del documento, no texto", "type": "Tipo", "issuer": "Emisor",
        "number": "Número", "birth": "Nacimiento", "expiry": "Vence", "personal": "Personal", "composite": "Conjunto",
        "passport": "Pasaporte TD3", "utopia": "UTO Utopía", "digits": "5 de 5 dígitos", "years": "52 años",
        "history": "Aquí: entró 2026-10-02, salió 2026-10-09", "checks": "CONTROLES", "sound": "Documento íntegro",
        "lost": "Perdidos y robados", "wanted": "Personas buscadas", "rules": "Reglas de riesgo (41)", "face": "Rostro",
        "booth": "este puesto", "now": "ahora", "set": "juego 12", "same_person": "misma persona",
        "authentic": "auténtico", "not_done": "no hecho", "no_camera": "No se comparó: no hay cámara",
        "centre": "Centro: mismas respuestas, en 0,4 s", "correct": "Corregir", "by_hand": "A mano", "reread": "Releer",
        "previous": "Anterior", "cargo": "Carga", "protect": "Vía de protección", "protect_short": "Protección",
        "second": "Segunda", "let_pass": "Dejar pasar", "compare": "Comparar", "refer": "Derivar", "back": "Volver",
        "reason": "motivo", "same": "Es la misma", "not_same": "No es la misma", "no_messages": "Sin mensajes",
        "young": "Listas al día, la mayor 6 h", "to_send": "Por enviar", "drill": "Simulacro",
    },
    "en": {
        "lane": "lane 3", "entry": "ENTRY", "exit": "EXIT", "line": "centre 0.4 s", "offline": "offline since 22:02",
        "document": "DOCUMENT", "page": "Page of the document, not text", "type": "Type", "issuer": "Issuer",
        "number": "Number", "birth": "Birth", "expiry": "Expiry", "personal": "Personal", "composite": "Composite",
        "passport": "Passport TD3", "utopia": "UTO Utopia", "digits": "5 of 5 digits", "years": "52 years",
        "history": "Here: in 2026-10-02, out 2026-10-09", "checks": "CHECKS", "sound": "Document sound",
        "lost": "Lost and stolen", "wanted": "Wanted persons", "rules": "Risk rules (41)", "face": "Face",
        "booth": "this booth", "now": "now", "set": "set 12", "same_person": "same person", "authentic": "authentic",
        "not_done": "not done", "no_camera": "Not compared: no camera", "centre": "Centre: same answers, in 0.4 s",
        "correct": "Correct", "by_hand": "By hand", "reread": "Re-read", "previous": "Previous", "cargo": "Cargo",
        "protect": "Protection path", "protect_short": "Protection", "second": "Second", "let_pass": "Let pass",
        "compare": "Compare", "refer": "Refer", "back": "Back", "reason": "reason", "same": "Same person",
        "not_same": "Not the same", "no_messages": "No messages", "young": "Lists young, oldest 6 h",
        "to_send": "To send", "drill": "Drill",
    },
}  # fmt: skip


def bar(lang: str, *, clock: str = "14:32", offline: str = "") -> TopBarView:
    """Return the top bar; ``offline`` is the line's words when it is down."""
    w = WORDS[lang]
    line = LineView(not offline, offline or w["line"])
    return TopBarView("Paso Los Demo", w["lane"], True, w["entry"], w["exit"], "M. Demo", clock, line)


def document(lang: str) -> DocumentView:
    """Return the document pane of the specimen."""
    w = WORDS[lang]
    fields = (
        FieldRow(w["type"], w["passport"]),
        FieldRow(w["issuer"], w["utopia"]),
        FieldRow(w["number"], "L898902C3", TICK),
        FieldRow(w["birth"], "1974-08-12", TICK),
        FieldRow(w["expiry"], "2027-04-15", TICK),
        FieldRow(w["personal"], "ZE184226B", TICK),
        FieldRow(w["composite"], w["digits"], TICK),
    )
    return DocumentView(w["document"], "", specimen.page(), specimen.BOXES, specimen.MRZ, fields, w["page"])


def person(lang: str) -> PersonView:
    """Return the specimen's person."""
    w = WORDS[lang]
    return PersonView("ERIKSSON", "ANNA MARIA", f"UTO  ·  F  ·  1974-08-12  ·  {w['years']}", w["history"])


def clear(name: str, source: str, age: str, look: AgeLook = AgeLook.PLAIN) -> CheckRow:
    """Return a row with nothing found."""
    return CheckRow(name, Outcome.CLEAR, source, age, look)


def not_done(name: str, source: str, detail: str, age: str = "", look: AgeLook = AgeLook.PLAIN) -> CheckRow:
    """Return a row of a check that was not done."""
    return CheckRow(name, Outcome.NOT_CHECKED, source, age, look, detail)


def keys(lang: str, **states: KeyState) -> tuple[KeyView, ...]:
    """Return the nine keys; ``states`` by action, "reason" for the hint beside F5."""
    w = WORDS[lang]
    hint = w["reason"] if "let_pass" not in states else ""

    def key(action: Action, cap: str, word: str, hint: str = "", icon: str = "") -> KeyView:
        return KeyView(action, cap, word, states.get(action.value, PLAIN), hint, icon)

    return (
        key(Action.CORRECT, "F3", w["correct"]),
        key(Action.REREAD, "F4", w["reread"]),
        key(Action.PREVIOUS, "Esc", w["previous"]),
        key(Action.CARGO, "F8", w["cargo"]),
        key(Action.PROTECT, "F9", w["protect"], icon="shield"),
        key(Action.SECOND, "F10", w["second"]),
        key(Action.LET_PASS, "F5", w["let_pass"], hint),
        key(Action.COMPARE, "F6", w["compare"]),
        key(Action.REFER, "F7", w["refer"]),
    )


def status(lang: str, *, lists: str = "", waiting: int = 0) -> tuple[StatusItem, ...]:
    """Return the status; ``lists`` bold where they are not young."""
    w = WORDS[lang]
    return (
        StatusItem(lists or w["young"], bold=bool(lists)),
        StatusItem(f"{w['to_send']} {waiting}", bold=bool(lists)),
        StatusItem(w["drill"], cap="F12"),
    )


def text_in(lang: str, es: str, en: str) -> str:
    return es if lang == "es" else en


def steps(*texts: str) -> tuple[ReasonRow, ...]:
    """Return numbered steps."""
    return tuple(ReasonRow(text, number=str(number)) for number, text in enumerate(texts, 1))
