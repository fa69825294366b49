"""Views equal to the pictures of the specification, in both languages. People and numbers are invented."""

from __future__ import annotations

from dataclasses import replace

from checkpoint_app.booth.view import (
    Action,
    AdviceView,
    AgeLook,
    CheckRow,
    ChecksView,
    CompareRow,
    CompareView,
    DeskView,
    DeviceView,
    DocumentView,
    EmptyDeskView,
    FieldKind,
    FieldRow,
    FormField,
    FormView,
    KeyState,
    KeyView,
    Likeness,
    LineView,
    Mark,
    MessageView,
    PanelSection,
    PersonView,
    ReasonRow,
    Stage,
    StatusItem,
    TopBarView,
)
from checkpoint_app.verdict import Advice, Outcome, Sign
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


def _text(lang: str, es: str, en: str) -> str:
    return es if lang == "es" else en


def steps(*texts: str) -> tuple[ReasonRow, ...]:
    """Return numbered steps."""
    return tuple(ReasonRow(text, number=str(number)) for number, text in enumerate(texts, 1))


def proceed(lang: str) -> DeskView:
    """Nothing found, all checked."""
    w = WORDS[lang]
    rows = (
        clear(w["sound"], w["booth"], w["now"]),
        clear(w["lost"], "INTL 4711", "2 h"),
        clear(w["wanted"], "ECU 88", "6 h"),
        clear(w["rules"], w["set"], "20 h"),
        clear(w["face"], w["same_person"], w["now"]),
        clear("Chip", w["authentic"], w["now"]),
    )
    ticks = (
        _text(lang, "Se hicieron los 6 controles exigidos", "All 6 required checks were made"),
        _text(lang, "No se halló nada", "Nothing was found"),
        _text(lang, "Todas las listas tienen menos de 24 h", "All lists are less than 24 h old"),
    )
    panel = (
        PanelSection(
            _text(lang, "POR QUÉ", "WHY"), rows=tuple(ReasonRow(text, symbol=Outcome.CLEAR) for text in ticks)
        ),
        PanelSection(
            _text(lang, "CONVIENE SABER", "GOOD TO KNOW"),
            lines=(_text(lang, "Visita 2 este año. Última estancia 7 días.", "Visit 2 this year. Last stay 7 days."),),
            muted=(_text(lang, "Política 7, en vigor desde 2026-11-01", "Policy 7, in force since 2026-11-01"),),
        ),
        PanelSection(
            _text(lang, "QUÉ HACER", "WHAT TO DO"),
            lines=(
                _text(
                    lang,
                    "Deje pasar con F5, o derive con F7 si ve algo que las listas no ven.",
                    "Let pass with F5, or refer with F7 if you see something the lists do not.",
                ),
            ),
        ),
    )
    count = _text(lang, "6 sin hallazgo · 0 hallazgos", "6 clear · 0 findings")
    line = _text(lang, "Nada hallado, todo mirado", "Nothing found, all checked")
    return DeskView(
        Stage.ENCOUNTER,
        lang,
        bar(lang),
        AdviceView(Advice.PROCEED, _text(lang, "DEJAR PASAR", "PROCEED"), line),
        panel,
        keys(lang, let_pass=MAIN, compare=OFF),
        MessageView(w["no_messages"]),
        status(lang),
        document(lang),
        person(lang),
        ChecksView(w["checks"], count, rows, w["centre"]),
    )


def _matched(lang: str) -> PanelSection:
    texts = (
        (Sign.NEAR, _text(lang, "Apellido: falta una letra", "Family name: one letter missing")),
        (Sign.NEAR, _text(lang, "Nombre: ANA por ANNA, una letra", "Given name: ANA for ANNA, one letter")),
        (Sign.SAME, _text(lang, "Año y mes de nacimiento iguales", "Year and month of birth equal")),
        (Sign.DIFFERS, _text(lang, "Día distinto: 12 y 21", "Day differs: 12 and 21")),
        (Sign.DIFFERS, _text(lang, "Nacionalidad distinta: UTO y ECU", "Nationality differs: UTO and ECU")),
    )
    return PanelSection(
        _text(lang, "COINCIDENCIA POSIBLE", "POSSIBLE MATCH"),
        _text(lang, "1 de 1", "1 of 1"),
        "ERIKSON, Ana María · 1974",
        tuple(ReasonRow(text, sign) for sign, text in texts),
    )


def refer(lang: str) -> DeskView:
    """A possible match, one check not done."""
    w = WORDS[lang]
    rows = (
        clear(w["sound"], w["booth"], w["now"]),
        clear(w["lost"], "INTL 4711", "2 h"),
        CheckRow(
            w["wanted"],
            Outcome.HIT,
            "ECU 88",
            "6 h",
            detail=_text(lang, "1 coincidencia posible", "1 possible match"),
            key_cap="F6",
            accessible=_text(
                lang,
                "Personas buscadas: 1 coincidencia posible. Lista ECU 88, de hace 6 horas. F6 comparar",
                "Wanted persons: 1 possible match. List ECU 88, 6 hours old. F6 compare",
            ),
        ),
        clear(w["rules"], w["set"], "20 h"),
        not_done(w["face"], w["not_done"], w["no_camera"]),
        clear("Chip", w["authentic"], w["now"]),
    )
    panel = (
        _matched(lang),
        PanelSection(
            _text(lang, "DE DÓNDE VIENE", "WHERE IT COMES FROM"),
            lines=(_text(lang, "Ecuador, lista ECU 88, de hace 6 h", "Ecuador, list ECU 88, 6 h old"),),
            muted=(
                _text(
                    lang,
                    "Acuerdo hasta 2027-01-31. LE-ONLY: uso policial",
                    "Agreement to 2027-01-31. LE-ONLY: police use",
                ),
            ),
        ),
        PanelSection(
            _text(lang, "QUÉ HACER", "WHAT TO DO"),
            rows=steps(
                _text(lang, "Compare (F6). No es una prueba.", "Compare (F6). It is not proof."),
                _text(lang, "Si sigue la duda, derive (F7).", "If the doubt stays, refer (F7)."),
            ),
        ),
    )
    count = _text(lang, "4 sin hallazgo · 1 posible · 1 no hecho", "4 clear · 1 possible · 1 not done")
    line = _text(lang, "1 coincidencia posible · 1 sin hacer", "1 possible match · 1 not done")
    return replace(
        proceed(lang),
        advice=AdviceView(Advice.REFER, _text(lang, "DERIVAR", "REFER"), line),
        panel=panel,
        keys=keys(lang, refer=MAIN),
        checks=ChecksView(w["checks"], count, rows, w["centre"]),
    )


def _aged(lang: str) -> DeskView:
    """Lists in their second age step; the line is down."""
    w = WORDS[lang]
    offline = _text(lang, "sin línea desde 21 nov", "offline since 21 Nov")
    centre = _text(
        lang, "Centro: no consultado, sin línea 21 nov 09:10", "Centre: not asked, offline since 21 Nov 09:10"
    )
    rows = (
        clear(w["sound"], w["booth"], w["now"]),
        clear(w["lost"], "INTL 4708", "3 d", AgeLook.AS_OF),
        clear(w["wanted"], "ECU 86", "3 d", AgeLook.AS_OF),
        clear(w["rules"], w["set"], "3 d", AgeLook.AS_OF),
        clear(w["face"], w["same_person"], w["now"]),
        clear("Chip", w["authentic"], w["now"]),
    )
    view = proceed(lang)
    return replace(
        view,
        bar=bar(lang, offline=offline),
        message=MessageView(
            _text(lang, "Las listas vencen el 28 nov, 06:00", "Lists become too old on 28 Nov, 06:00"),
            cap="Ctrl+L",
            action=Action.LISTS,
        ),
        status=status(lang, lists=_text(lang, "Listas de hace 3 d", "Lists 3 d old"), waiting=412),
        checks=ChecksView(w["checks"], view.checks.count if view.checks else "", rows, centre),
    )


def _how_old(lang: str) -> PanelSection:
    text = _text(
        lang,
        "Listas y reglas son del 21 nov. Lo que llegó después no está.",
        "Lists and rules are from 21 Nov. What came since is not in them.",
    )
    return PanelSection(
        _text(lang, "QUÉ EDAD TIENE LA RESPUESTA", "HOW OLD IS THE ANSWER"), rows=(ReasonRow(text, symbol="clock"),)
    )


def _as_of(lang: str) -> str:
    return _text(lang, "según listas del 21 nov, de hace 3 días", "as of 21 Nov 06:00, lists 3 days old")


def proceed_as_of(lang: str) -> DeskView:
    """Nothing found, with lists three days old."""
    view = _aged(lang)
    ticks = (
        _text(lang, "Se hicieron los 6 controles exigidos", "All 6 required checks were made"),
        _text(lang, "No se halló nada en ellos", "Nothing was found in them"),
    )
    panel = (
        PanelSection(
            _text(lang, "POR QUÉ", "WHY"), rows=tuple(ReasonRow(text, symbol=Outcome.CLEAR) for text in ticks)
        ),
        _how_old(lang),
        PanelSection(
            _text(lang, "QUÉ HACER", "WHAT TO DO"),
            lines=(
                _text(
                    lang,
                    "Deje pasar con F5. El centro vuelve a mirar al llegar la línea.",
                    "Let pass with F5. The centre looks again when the line is back.",
                ),
            ),
        ),
    )
    return replace(view, advice=replace(view.advice, as_of=_as_of(lang)), panel=panel)


def look_as_of(lang: str) -> DeskView:
    """One note, with lists three days old."""
    w, view = WORDS[lang], _aged(lang)
    rows = list(view.checks.rows if view.checks else ())
    detail = _text(lang, "1 aviso: R-07 tiempo del pasaporte", "1 note: R-07 time left on passport")
    rows[3] = CheckRow(w["rules"], Outcome.NOTE, w["set"], "3 d", AgeLook.AS_OF, detail)
    panel = (
        PanelSection(
            _text(lang, "MIRE ESTO", "LOOK AT THIS"),
            rows=(
                ReasonRow(
                    _text(
                        lang,
                        "El pasaporte vence el 2027-04-15, en 142 días. Estancia pedida: 180 días.",
                        "The passport ends on 2027-04-15, in 142 days. Stay asked for: 180 days.",
                    ),
                    symbol=Outcome.NOTE,
                ),
            ),
            muted=(
                _text(
                    lang,
                    "Regla R-07, juego 12: debe durar la estancia",
                    "Rule R-07, set 12: document must outlast the stay",
                ),
            ),
        ),
        _how_old(lang),
        PanelSection(
            _text(lang, "QUÉ HACER", "WHAT TO DO"),
            rows=steps(
                _text(lang, "Pregunte cuánto durará la estancia.", "Ask how long the stay will be."),
                _text(
                    lang, "Deje pasar con motivo (F5), o derive (F7).", "Let pass with a reason (F5), or refer (F7)."
                ),
            ),
            muted=(
                _text(
                    lang,
                    "El centro vuelve a mirar al llegar la línea.",
                    "The centre looks again when the line is back.",
                ),
            ),
        ),
    )
    line = _text(lang, "1 aviso: el pasaporte vence en 142 días", "1 note: passport ends in 142 days")
    count = _text(lang, "5 sin hallazgo · 1 por mirar", "5 clear · 1 to look at")
    checks = replace(view.checks, rows=tuple(rows), count=count) if view.checks else None
    return replace(
        view,
        advice=AdviceView(Advice.LOOK, _text(lang, "MIRAR", "LOOK"), line, _as_of(lang)),
        panel=panel,
        keys=keys(lang, compare=OFF),
        checks=checks,
    )


def incomplete(lang: str) -> DeskView:
    """A list too old, no camera, a certificate missing; the line is down."""
    w = WORDS[lang]
    rows = (
        clear(w["sound"], w["booth"], w["now"]),
        clear(w["lost"], "INTL 4711", "11 h"),
        not_done(
            w["wanted"],
            "ECU 88",
            _text(lang, "No se miró: lista vencida, límite 7 d", "Not checked: list too old, limit 7 d"),
            "9 d",
            AgeLook.TOO_OLD,
        ),
        clear(w["rules"], w["set"], "20 h"),
        not_done(w["face"], w["not_done"], w["no_camera"]),
        not_done(
            "Chip",
            _text(lang, "sin verificar", "not verified"),
            _text(lang, "Falta el certificado del país UTO", "Country certificate of UTO missing"),
        ),
    )
    panel = (
        PanelSection(
            _text(lang, "QUÉ FALTA", "WHAT IS MISSING"),
            rows=(
                ReasonRow(
                    _text(
                        lang,
                        "Personas buscadas: la lista ECU 88 tiene 9 días. El límite es 7.",
                        "Wanted persons: list ECU 88 is 9 days old. The limit is 7.",
                    ),
                    symbol=Outcome.NOT_CHECKED,
                ),
            ),
            muted=(
                _text(
                    lang,
                    "También sin hacer, no exigidos aquí: rostro, chip",
                    "Also not done, not required here: face, chip",
                ),
            ),
        ),
        PanelSection(
            _text(lang, "QUÉ SÍ SE HIZO", "WHAT WAS DONE"),
            rows=(
                ReasonRow(
                    _text(
                        lang,
                        "Documento, perdidos y robados, reglas: nada hallado",
                        "Document, lost and stolen, rules: nothing found",
                    ),
                    symbol=Outcome.CLEAR,
                ),
            ),
        ),
        PanelSection(
            _text(lang, "QUÉ HACER", "WHAT TO DO"),
            rows=steps(
                _text(lang, "Pregunte al centro por radio o teléfono.", "Ask the centre by radio or phone."),
                _text(
                    lang, "Derive (F7), o deje pasar con motivo (F5).", "Refer (F7), or let pass with a reason (F5)."
                ),
            ),
            muted=(
                _text(
                    lang,
                    "Se vuelve a mirar al llegar la línea. Si algo aparece, verá un hallazgo tardío.",
                    "The centre looks again when the line is back. If something shows, you see a late hit.",
                ),
            ),
        ),
    )
    count = _text(lang, "3 sin hallazgo · 3 no hechos", "3 clear · 3 not done")
    centre = _text(lang, "Centro: no consultado, sin línea desde 22:02", "Centre: not asked, offline since 22:02")
    line = _text(lang, "Falta 1 control exigido", "1 required check missing")
    return replace(
        proceed(lang),
        bar=bar(lang, clock="23:47", offline=w["offline"]),
        advice=AdviceView(Advice.INCOMPLETE, _text(lang, "INCOMPLETO", "INCOMPLETE"), line),
        panel=panel,
        keys=keys(lang, compare=OFF),
        checks=ChecksView(w["checks"], count, rows, centre),
        message=MessageView(
            _text(
                lang,
                "Traiga listas en memoria USB, o espere la línea",
                "Bring lists on a USB stick, or wait for the line",
            ),
            cap="Ctrl+L",
            action=Action.LISTS,
        ),
        status=status(lang, lists=_text(lang, "1 lista vencida, 9 d", "1 list too old, 9 d"), waiting=37),
    )


def compare(lang: str) -> DeskView:
    """The specimen beside an entry of a list."""
    w = WORDS[lang]
    none = _text(lang, "no consta", "not stated")
    rows = (
        CompareRow(_text(lang, "Apellidos", "Family"), "ERIKSSON", "ERIKSON", Sign.NEAR, ((5, 6),)),
        CompareRow(_text(lang, "Nombres", "Given"), "ANNA MARIA", "ANA MARIA", Sign.NEAR, ((2, 3),)),
        CompareRow(
            w["birth"], "1974-08-12", "1974-08-21", Sign.DIFFERS, ((8, 10),), ((8, 10),),
            sign_text=_text(lang, "distinto de", "differs from"),
        ),
        CompareRow(_text(lang, "Sexo", "Sex"), "F", "F", Sign.SAME),
        CompareRow(_text(lang, "Nación", "Nation"), "UTO", "ECU", Sign.DIFFERS, ((0, 3),), ((0, 3),)),
        CompareRow(_text(lang, "Documento", "Document"), "L898902C3", none, Sign.UNKNOWN, right_missing=True),
        CompareRow(_text(lang, "Lugar", "Place"), "Zenith", "Guayaquil", Sign.DIFFERS, ((0, 6),), ((0, 9),)),
        CompareRow("Alias", "–", "ANITA", Sign.UNKNOWN, left_missing=True),
    )  # fmt: skip
    texts = (
        (Sign.SAME, _text(lang, "Sexo, año y mes de nacimiento", "Sex, year and month of birth")),
        (Sign.NEAR, _text(lang, "Apellido y nombre, una letra cada uno", "Family and given name, one letter each")),
        (Sign.DIFFERS, _text(lang, "Día, nación y lugar de nacimiento", "Day, nation and place of birth")),
        (Sign.UNKNOWN, _text(lang, "La lista no trae documento ni foto", "The list has no document and no picture")),
    )
    panel = (
        replace(_matched(lang), rows=()),
        PanelSection(
            _text(lang, "A FAVOR, EN CONTRA, NO SE SABE", "FOR, AGAINST, NOT KNOWN"),
            rows=tuple(ReasonRow(text, sign) for sign, text in texts),
        ),
        PanelSection(
            _text(lang, "QUÉ HACER", "WHAT TO DO"),
            lines=(
                _text(
                    lang,
                    "Si no es la misma persona, dígalo (Ctrl+2) con un motivo. Valdrá hasta que cambie la lista.",
                    "If it is not the same person, say so (Ctrl+2) with a reason. It holds until the list changes.",
                ),
            ),
        ),
    )
    view = refer(lang)
    keyed = list(keys(lang, compare=PLAIN))
    keyed[3] = KeyView(Action.SAME_PERSON, "Ctrl+1", w["same"], icon="equal")
    keyed[4] = KeyView(Action.NOT_SAME_PERSON, "Ctrl+2", w["not_same"], icon="differs")
    keyed[5] = KeyView(Action.PROTECT, "F9", w["protect_short"], icon="shield")
    keyed[7] = KeyView(Action.COMPARE, "F6", w["back"])
    number = ("0,87", "0,80") if lang == "es" else ("0.87", "0.80")
    likeness = Likeness(
        0.87,
        0.80,
        _text(lang, f"Parecido {number[0]}", f"Likeness {number[0]}"),
        _text(lang, f"umbral {number[1]}", f"threshold {number[1]}"),
    )
    return replace(
        view,
        stage=Stage.COMPARE,
        panel=panel,
        keys=tuple(keyed),
        compare=CompareView(
            _text(lang, "COMPARAR", "COMPARE"),
            _text(lang, "1 de 1", "1 of 1"),
            _text(lang, "volver", "back"),
            _text(lang, "Persona", "Person"),
            _text(lang, "Lista ECU 88", "List ECU 88"),
            _text(lang, "sin foto", "no picture"),
            rows,
            likeness,
        ),
    )


def empty(lang: str) -> DeskView:
    """The empty desk."""
    w = WORDS[lang]
    ready = _text(lang, "listo", "ready")
    devices = (
        DeviceView(_text(lang, "Escáner", "Scanner"), ready, True),
        DeviceView(_text(lang, "Ranura MRZ", "MRZ slot"), _text(lang, "lista", "ready"), True),
        DeviceView("Chip", ready, True),
        DeviceView(_text(lang, "Cámara", "Camera"), _text(lang, "no conectada", "not connected"), False),
    )
    panel = (
        PanelSection(
            _text(lang, "ESTE PUESTO, HOY", "THIS BOOTH, TODAY"),
            table=(
                (_text(lang, "Personas", "Persons"), "", "142"),
                (_text(lang, "Derivadas", "Referred"), "", "3"),
                (_text(lang, "Incompletas", "Incomplete"), "", "0"),
            ),
        ),
        PanelSection(
            _text(lang, "LISTAS", "LISTS"),
            table=(
                (w["lost"], "INTL 4711", "2 h"),
                (w["wanted"], "ECU 88", "6 h"),
                (_text(lang, "Reglas de riesgo", "Risk rules"), w["set"], "20 h"),
            ),
        ),
        PanelSection(
            _text(lang, "CASOS", "CASES"),
            rows=(
                ReasonRow(_text(lang, "1 hallazgo tardío sin dueño", "1 late hit, nobody has it yet"), symbol="open"),
            ),
            muted=(_text(lang, "Ctrl+K y «casos» para verlo", "Ctrl+K and “cases” to see it"),),
        ),
    )
    keyed = list(keys(lang, reread=OFF, let_pass=OFF, compare=OFF, refer=OFF))
    keyed[0] = replace(keyed[0], word=w["by_hand"])
    return replace(
        proceed(lang),
        stage=Stage.EMPTY,
        advice=AdviceView(None, _text(lang, "Todavía no hay consejo", "No advice yet")),
        panel=panel,
        keys=tuple(keyed),
        message=MessageView(
            _text(lang, "14:31 dejó pasar, guardado y enviado", "14:31 let pass, saved and sent"),
            "tick",
            "Esc",
            Action.PREVIOUS,
        ),
        document=None,
        person=None,
        checks=None,
        desk=EmptyDeskView(
            _text(lang, "Coloque un documento", "Lay down a document"),
            _text(
                lang,
                "Abierto por la página de la foto, boca abajo. O páselo por la ranura.",
                "Open at the photo page, face down. Or pass it through the slot.",
            ),
            devices,
        ),
    )


def waiting(lang: str) -> DeskView:
    """Checks still to come, a wrong digit, a field by hand and one not read."""
    w, view = WORDS[lang], proceed(lang)
    rows = (
        clear(w["sound"], w["booth"], w["now"]),
        clear(w["lost"], "INTL 4711", "2 h"),
        *(CheckRow(name, None, _text(lang, "preguntando…", "asking…"), "") for name in (w["wanted"], w["rules"])),
    )
    wrong = _text(lang, "leído 7, calculado 3", "read 7, computed 3")
    fields = (
        FieldRow(w["type"], w["passport"]),
        FieldRow(w["number"], "L898902C3", Mark.WRONG, wrong),
        FieldRow(w["birth"], "1974-08-12", Mark.BY_HAND, _text(lang, "a mano", "by hand")),
        FieldRow(w["expiry"], "", Mark.UNREAD, _text(lang, "no leído", "not read")),
    )
    boxes = (replace(specimen.BOXES[0]), replace(specimen.BOXES[1], doubtful=True))
    page = replace(document(lang), fields=fields, boxes=boxes, state=_text(lang, "lectura en duda", "reading in doubt"))
    return replace(
        view,
        advice=AdviceView(None, _text(lang, "Todavía no hay consejo", "No advice yet")),
        panel=(),
        document=page,
        checks=ChecksView(w["checks"], _text(lang, "2 sin hallazgo · 2 en espera", "2 clear · 2 waiting"), rows, ""),
    )


def long_case(lang: str) -> DeskView:
    """Long names, eight checks, and the longest reasons."""
    view = refer(lang)
    rows = view.checks.rows if view.checks else ()
    more = (clear(WORDS[lang]["wanted"], "INTERPOL-SLTD 4711", "20 h"), replace(rows[2], source="CHL 12"))
    matched = _matched(lang)
    extra = ReasonRow(
        _text(
            lang,
            "Lugar de nacimiento distinto: Villa Prueba y Guayaquil",
            "Place of birth differs: Villa Prueba and Guayaquil",
        ),
        Sign.DIFFERS,
    )
    person_view = PersonView(
        "WOLFESCHLEGELSTEINHAUSENBERGERDORFF-DE LA CONCEPCIÓN",
        "MARÍA DE LOS ÁNGELES GUADALUPE FERNANDA",
        person(lang).facts,
        person(lang).history,
    )
    section = replace(matched, rows=(*matched.rows, extra), bold="DE LA CONCEPCIÓN WOLFESCHLEGEL, María Ángeles · 1974")
    return replace(
        view,
        person=person_view,
        panel=(section, *view.panel[1:]),
        checks=replace(view.checks, rows=(*rows, *more)) if view.checks else None,
    )


def unlock(lang: str) -> DeskView:
    """The passphrase asked, after a wrong one."""
    fields = (FormField("passphrase", _text(lang, "Frase de paso", "Passphrase"), "", FieldKind.SECRET),)
    hint = _text(lang, "Escriba la frase de paso y pulse Intro.", "Type the passphrase and press Enter.")
    fault = _text(
        lang, "La frase no abre este puesto. Pruebe otra vez.", "The passphrase does not open this booth. Try again."
    )
    form = FormView(
        "unlock", _text(lang, "Puesto cerrado", "Booth locked"), hint, fields, _text(lang, "Intro", "Enter"), fault
    )
    return replace(empty(lang), stage=Stage.FORM, form=form, desk=None, panel=(), bar=replace(bar(lang), officer=""))


def sign_in(lang: str) -> DeskView:
    """Officer and PIN asked."""
    fields = (
        FormField("officer", _text(lang, "Oficial", "Officer"), "m.demo"),
        FormField("pin", "PIN", "1234", FieldKind.SECRET),
    )
    hint = _text(
        lang,
        "Escriba su clave de oficial y su PIN, y pulse Intro.",
        "Type your officer name and your PIN, and press Enter.",
    )
    title = _text(lang, "Entre para trabajar", "Sign in to work")
    form = FormView("sign_in", title, hint, fields, _text(lang, "Intro", "Enter"))
    return replace(empty(lang), stage=Stage.FORM, form=form, desk=None)


def by_hand(lang: str, *, picture: bool = True) -> DeskView:
    """The zone typed by hand, one digit wrong, beside the page."""
    typed = "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<"
    mark = _text(lang, "Vence: leído 9, calculado 7", "Expiry: read 9, computed 7")
    field = FormField("mrz", _text(lang, "Líneas", "Lines"), typed, FieldKind.MRZ, Mark.WRONG, mark)
    title = _text(lang, "Escriba la zona de lectura mecánica", "Type the machine readable zone")
    hint = _text(
        lang,
        "Dos o tres líneas, tal como están. Los dígitos se comprueban al escribir.",
        "Two or three lines, as they stand. The digits are checked as you type.",
    )
    form = FormView("by_hand", title, hint, (field,), _text(lang, "Intro", "Enter"))
    return replace(empty(lang), stage=Stage.FORM, form=form, desk=None, document=document(lang) if picture else None)


def reason(lang: str) -> DeskView:
    """A reason asked in the right panel."""
    choices = (
        _text(lang, "Comparé: no es la misma persona", "I compared: not the same person"),
        _text(lang, "Miré el documento: está en orden", "I looked at the document: in order"),
        _text(lang, "Pregunté al centro", "I asked the centre"),
        _text(lang, "Lo autoriza un supervisor", "A supervisor allows it"),
        _text(lang, "Otro motivo", "Another reason"),
    )
    fields = (
        FormField("choice", _text(lang, "Motivo", "Reason"), "2", FieldKind.CHOICE, choices=choices),
        FormField("text", _text(lang, "En palabras", "In words"), ""),
    )
    hint = _text(
        lang,
        "Elija con Ctrl y el número; F5 guarda. Esc vuelve.",
        "Choose with Ctrl and the number; F5 saves. Esc goes back.",
    )
    fault = _text(lang, "Diga el motivo en palabras.", "Give the reason in words.")
    form = FormView("let_pass", _text(lang, "Por qué deja pasar", "Why you let pass"), hint, fields, "F5", fault)
    return replace(refer(lang), panel_form=form)


def supervised(lang: str) -> DeskView:
    """The reason for "not the same person", with a supervisor beside."""
    choices = (
        _text(lang, "Comparé rostro y datos", "I compared face and facts"),
        _text(lang, "Otros documentos lo prueban", "Other documents prove it"),
        _text(lang, "Otro motivo", "Another reason"),
    )
    fields = (
        FormField("choice", _text(lang, "Motivo", "Reason"), "1", FieldKind.CHOICE, choices=choices),
        FormField("text", _text(lang, "En palabras", "In words"), ""),
        FormField("supervisor", "Supervisor", ""),
        FormField("supervisor_pin", _text(lang, "PIN del supervisor", "Supervisor's PIN"), "", FieldKind.SECRET),
    )
    hint = _text(
        lang,
        "Elija con Ctrl y el número; Intro guarda. Esc vuelve.",
        "Choose with Ctrl and the number; Enter saves. Esc goes back.",
    )
    fault = _text(lang, "Supervisor o PIN no valen.", "Supervisor or PIN are not valid.")
    title = _text(lang, "Por qué no es la misma", "Why it is not the same")
    form = FormView("not_same", title, hint, fields, _text(lang, "Intro", "Enter"), fault)
    return replace(compare(lang), panel_form=form)


ALL = {
    "empty": empty,
    "proceed": proceed,
    "proceed-as-of": proceed_as_of,
    "look-as-of": look_as_of,
    "refer": refer,
    "incomplete": incomplete,
    "compare": compare,
    "waiting": waiting,
    "long": long_case,
    "unlock": unlock,
    "sign-in": sign_in,
    "by-hand": by_hand,
    "reason": reason,
    "supervised": supervised,
}
"""Every state by name: each a function of the language."""
