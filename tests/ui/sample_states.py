"""Views equal to the pictures of the specification, in both languages. People and numbers are invented."""

from __future__ import annotations

from dataclasses import replace

from checkpoint_app.booth.view.screen import (
    Action,
    AdviceView,
    AgeLook,
    CheckRow,
    ChecksView,
    CompareRow,
    CompareView,
    DeskView,
    DeviceView,
    EmptyDeskView,
    FieldRow,
    KeyView,
    Likeness,
    Mark,
    MessageView,
    PanelSection,
    PersonView,
    ReasonRow,
    Stage,
)
from checkpoint_app.verdict import Advice, Outcome, Sign
from tests.ui import specimen
from tests.ui.sample_parts import (
    MAIN,
    OFF,
    PLAIN,
    WORDS,
    bar,
    clear,
    document,
    keys,
    not_done,
    person,
    status,
    steps,
    text_in,
)


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
        text_in(lang, "Se hicieron los 6 controles exigidos", "All 6 required checks were made"),
        text_in(lang, "No se halló nada", "Nothing was found"),
        text_in(lang, "Todas las listas tienen menos de 24 h", "All lists are less than 24 h old"),
    )
    panel = (
        PanelSection(
            text_in(lang, "POR QUÉ", "WHY"), rows=tuple(ReasonRow(text, symbol=Outcome.CLEAR) for text in ticks)
        ),
        PanelSection(
            text_in(lang, "CONVIENE SABER", "GOOD TO KNOW"),
            lines=(
                text_in(lang, "Visita 2 este año. Última estancia 7 días.", "Visit 2 this year. Last stay 7 days."),
            ),
            muted=(text_in(lang, "Política 7, en vigor desde 2026-11-01", "Policy 7, in force since 2026-11-01"),),
        ),
        PanelSection(
            text_in(lang, "QUÉ HACER", "WHAT TO DO"),
            lines=(
                text_in(
                    lang,
                    "Deje pasar con F5, o derive con F7 si ve algo que las listas no ven.",
                    "Let pass with F5, or refer with F7 if you see something the lists do not.",
                ),
            ),
        ),
    )
    count = text_in(lang, "6 sin hallazgo · 0 hallazgos", "6 clear · 0 findings")
    line = text_in(lang, "Nada hallado, todo mirado", "Nothing found, all checked")
    return DeskView(
        Stage.ENCOUNTER,
        lang,
        bar(lang),
        AdviceView(Advice.PROCEED, text_in(lang, "DEJAR PASAR", "PROCEED"), line),
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
        (Sign.NEAR, text_in(lang, "Apellido: falta una letra", "Family name: one letter missing")),
        (Sign.NEAR, text_in(lang, "Nombre: ANA por ANNA, una letra", "Given name: ANA for ANNA, one letter")),
        (Sign.SAME, text_in(lang, "Año y mes de nacimiento iguales", "Year and month of birth equal")),
        (Sign.DIFFERS, text_in(lang, "Día distinto: 12 y 21", "Day differs: 12 and 21")),
        (Sign.DIFFERS, text_in(lang, "Nacionalidad distinta: UTO y ECU", "Nationality differs: UTO and ECU")),
    )
    return PanelSection(
        text_in(lang, "COINCIDENCIA POSIBLE", "POSSIBLE MATCH"),
        text_in(lang, "1 de 1", "1 of 1"),
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
            detail=text_in(lang, "1 coincidencia posible", "1 possible match"),
            key_cap="F6",
            accessible=text_in(
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
            text_in(lang, "DE DÓNDE VIENE", "WHERE IT COMES FROM"),
            lines=(text_in(lang, "Ecuador, lista ECU 88, de hace 6 h", "Ecuador, list ECU 88, 6 h old"),),
            muted=(
                text_in(
                    lang,
                    "Acuerdo hasta 2027-01-31. LE-ONLY: uso policial",
                    "Agreement to 2027-01-31. LE-ONLY: police use",
                ),
            ),
        ),
        PanelSection(
            text_in(lang, "QUÉ HACER", "WHAT TO DO"),
            rows=steps(
                text_in(lang, "Compare (F6). No es una prueba.", "Compare (F6). It is not proof."),
                text_in(lang, "Si sigue la duda, derive (F7).", "If the doubt stays, refer (F7)."),
            ),
        ),
    )
    count = text_in(lang, "4 sin hallazgo · 1 posible · 1 no hecho", "4 clear · 1 possible · 1 not done")
    line = text_in(lang, "1 coincidencia posible · 1 sin hacer", "1 possible match · 1 not done")
    return replace(
        proceed(lang),
        advice=AdviceView(Advice.REFER, text_in(lang, "DERIVAR", "REFER"), line),
        panel=panel,
        keys=keys(lang, refer=MAIN),
        checks=ChecksView(w["checks"], count, rows, w["centre"]),
    )


def _aged(lang: str) -> DeskView:
    """Lists in their second age step; the line is down."""
    w = WORDS[lang]
    offline = text_in(lang, "sin línea desde 21 nov", "offline since 21 Nov")
    centre = text_in(
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
            text_in(lang, "Las listas vencen el 28 nov, 06:00", "Lists become too old on 28 Nov, 06:00"),
            cap="Ctrl+L",
            action=Action.LISTS,
        ),
        status=status(lang, lists=text_in(lang, "Listas de hace 3 d", "Lists 3 d old"), waiting=412),
        checks=ChecksView(w["checks"], view.checks.count if view.checks else "", rows, centre),
    )


def _how_old(lang: str) -> PanelSection:
    text = text_in(
        lang,
        "Listas y reglas son del 21 nov. Lo que llegó después no está.",
        "Lists and rules are from 21 Nov. What came since is not in them.",
    )
    return PanelSection(
        text_in(lang, "QUÉ EDAD TIENE LA RESPUESTA", "HOW OLD IS THE ANSWER"), rows=(ReasonRow(text, symbol="clock"),)
    )


def _as_of(lang: str) -> str:
    return text_in(lang, "según listas del 21 nov, de hace 3 días", "as of 21 Nov 06:00, lists 3 days old")


def proceed_as_of(lang: str) -> DeskView:
    """Nothing found, with lists three days old."""
    view = _aged(lang)
    ticks = (
        text_in(lang, "Se hicieron los 6 controles exigidos", "All 6 required checks were made"),
        text_in(lang, "No se halló nada en ellos", "Nothing was found in them"),
    )
    panel = (
        PanelSection(
            text_in(lang, "POR QUÉ", "WHY"), rows=tuple(ReasonRow(text, symbol=Outcome.CLEAR) for text in ticks)
        ),
        _how_old(lang),
        PanelSection(
            text_in(lang, "QUÉ HACER", "WHAT TO DO"),
            lines=(
                text_in(
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
    detail = text_in(lang, "1 aviso: R-07 tiempo del pasaporte", "1 note: R-07 time left on passport")
    rows[3] = CheckRow(w["rules"], Outcome.NOTE, w["set"], "3 d", AgeLook.AS_OF, detail)
    panel = (
        PanelSection(
            text_in(lang, "MIRE ESTO", "LOOK AT THIS"),
            rows=(
                ReasonRow(
                    text_in(
                        lang,
                        "El pasaporte vence el 2027-04-15, en 142 días. Estancia pedida: 180 días.",
                        "The passport ends on 2027-04-15, in 142 days. Stay asked for: 180 days.",
                    ),
                    symbol=Outcome.NOTE,
                ),
            ),
            muted=(
                text_in(
                    lang,
                    "Regla R-07, juego 12: debe durar la estancia",
                    "Rule R-07, set 12: document must outlast the stay",
                ),
            ),
        ),
        _how_old(lang),
        PanelSection(
            text_in(lang, "QUÉ HACER", "WHAT TO DO"),
            rows=steps(
                text_in(lang, "Pregunte cuánto durará la estancia.", "Ask how long the stay will be."),
                text_in(
                    lang, "Deje pasar con motivo (F5), o derive (F7).", "Let pass with a reason (F5), or refer (F7)."
                ),
            ),
            muted=(
                text_in(
                    lang,
                    "El centro vuelve a mirar al llegar la línea.",
                    "The centre looks again when the line is back.",
                ),
            ),
        ),
    )
    line = text_in(lang, "1 aviso: el pasaporte vence en 142 días", "1 note: passport ends in 142 days")
    count = text_in(lang, "5 sin hallazgo · 1 por mirar", "5 clear · 1 to look at")
    checks = replace(view.checks, rows=tuple(rows), count=count) if view.checks else None
    return replace(
        view,
        advice=AdviceView(Advice.LOOK, text_in(lang, "MIRAR", "LOOK"), line, _as_of(lang)),
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
            text_in(lang, "No se miró: lista vencida, límite 7 d", "Not checked: list too old, limit 7 d"),
            "9 d",
            AgeLook.TOO_OLD,
        ),
        clear(w["rules"], w["set"], "20 h"),
        not_done(w["face"], w["not_done"], w["no_camera"]),
        not_done(
            "Chip",
            text_in(lang, "sin verificar", "not verified"),
            text_in(lang, "Falta el certificado del país UTO", "Country certificate of UTO missing"),
        ),
    )
    panel = (
        PanelSection(
            text_in(lang, "QUÉ FALTA", "WHAT IS MISSING"),
            rows=(
                ReasonRow(
                    text_in(
                        lang,
                        "Personas buscadas: la lista ECU 88 tiene 9 días. El límite es 7.",
                        "Wanted persons: list ECU 88 is 9 days old. The limit is 7.",
                    ),
                    symbol=Outcome.NOT_CHECKED,
                ),
            ),
            muted=(
                text_in(
                    lang,
                    "También sin hacer, no exigidos aquí: rostro, chip",
                    "Also not done, not required here: face, chip",
                ),
            ),
        ),
        PanelSection(
            text_in(lang, "QUÉ SÍ SE HIZO", "WHAT WAS DONE"),
            rows=(
                ReasonRow(
                    text_in(
                        lang,
                        "Documento, perdidos y robados, reglas: nada hallado",
                        "Document, lost and stolen, rules: nothing found",
                    ),
                    symbol=Outcome.CLEAR,
                ),
            ),
        ),
        PanelSection(
            text_in(lang, "QUÉ HACER", "WHAT TO DO"),
            rows=steps(
                text_in(lang, "Pregunte al centro por radio o teléfono.", "Ask the centre by radio or phone."),
                text_in(
                    lang, "Derive (F7), o deje pasar con motivo (F5).", "Refer (F7), or let pass with a reason (F5)."
                ),
            ),
            muted=(
                text_in(
                    lang,
                    "Se vuelve a mirar al llegar la línea. Si algo aparece, verá un hallazgo tardío.",
                    "The centre looks again when the line is back. If something shows, you see a late hit.",
                ),
            ),
        ),
    )
    count = text_in(lang, "3 sin hallazgo · 3 no hechos", "3 clear · 3 not done")
    centre = text_in(lang, "Centro: no consultado, sin línea desde 22:02", "Centre: not asked, offline since 22:02")
    line = text_in(lang, "Falta 1 control exigido", "1 required check missing")
    return replace(
        proceed(lang),
        bar=bar(lang, clock="23:47", offline=w["offline"]),
        advice=AdviceView(Advice.INCOMPLETE, text_in(lang, "INCOMPLETO", "INCOMPLETE"), line),
        panel=panel,
        keys=keys(lang, compare=OFF),
        checks=ChecksView(w["checks"], count, rows, centre),
        message=MessageView(
            text_in(
                lang,
                "Traiga listas en memoria USB, o espere la línea",
                "Bring lists on a USB stick, or wait for the line",
            ),
            cap="Ctrl+L",
            action=Action.LISTS,
        ),
        status=status(lang, lists=text_in(lang, "1 lista vencida, 9 d", "1 list too old, 9 d"), waiting=37),
    )


def compare(lang: str) -> DeskView:
    """The specimen beside an entry of a list."""
    w = WORDS[lang]
    none = text_in(lang, "no consta", "not stated")
    rows = (
        CompareRow(text_in(lang, "Apellidos", "Family"), "ERIKSSON", "ERIKSON", Sign.NEAR, ((5, 6),)),
        CompareRow(text_in(lang, "Nombres", "Given"), "ANNA MARIA", "ANA MARIA", Sign.NEAR, ((2, 3),)),
        CompareRow(
            w["birth"], "1974-08-12", "1974-08-21", Sign.DIFFERS, ((8, 10),), ((8, 10),),
            sign_text=text_in(lang, "distinto de", "differs from"),
        ),
        CompareRow(text_in(lang, "Sexo", "Sex"), "F", "F", Sign.SAME),
        CompareRow(text_in(lang, "Nación", "Nation"), "UTO", "ECU", Sign.DIFFERS, ((0, 3),), ((0, 3),)),
        CompareRow(text_in(lang, "Documento", "Document"), "L898902C3", none, Sign.UNKNOWN, right_missing=True),
        CompareRow(text_in(lang, "Lugar", "Place"), "Zenith", "Guayaquil", Sign.DIFFERS, ((0, 6),), ((0, 9),)),
        CompareRow("Alias", "–", "ANITA", Sign.UNKNOWN, left_missing=True),
    )  # fmt: skip
    texts = (
        (Sign.SAME, text_in(lang, "Sexo, año y mes de nacimiento", "Sex, year and month of birth")),
        (Sign.NEAR, text_in(lang, "Apellido y nombre, una letra cada uno", "Family and given name, one letter each")),
        (Sign.DIFFERS, text_in(lang, "Día, nación y lugar de nacimiento", "Day, nation and place of birth")),
        (Sign.UNKNOWN, text_in(lang, "La lista no trae documento ni foto", "The list has no document and no picture")),
    )
    panel = (
        replace(_matched(lang), rows=()),
        PanelSection(
            text_in(lang, "A FAVOR, EN CONTRA, NO SE SABE", "FOR, AGAINST, NOT KNOWN"),
            rows=tuple(ReasonRow(text, sign) for sign, text in texts),
        ),
        PanelSection(
            text_in(lang, "QUÉ HACER", "WHAT TO DO"),
            lines=(
                text_in(
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
        text_in(lang, f"Parecido {number[0]}", f"Likeness {number[0]}"),
        text_in(lang, f"umbral {number[1]}", f"threshold {number[1]}"),
    )
    return replace(
        view,
        stage=Stage.COMPARE,
        panel=panel,
        keys=tuple(keyed),
        compare=CompareView(
            text_in(lang, "COMPARAR", "COMPARE"),
            text_in(lang, "1 de 1", "1 of 1"),
            text_in(lang, "volver", "back"),
            text_in(lang, "Persona", "Person"),
            text_in(lang, "Lista ECU 88", "List ECU 88"),
            text_in(lang, "sin foto", "no picture"),
            rows,
            likeness,
        ),
    )


def empty_goods(lang: str) -> DeskView:
    """The empty desk of a lane of goods."""
    view = empty(lang)
    assert view.desk is not None
    title = text_in(lang, "Deje un mensaje de carga", "Lay down a cargo message")
    hint = text_in(
        lang, "Suelte aquí su archivo, o escriba un número (F3).", "Drop the message's file here (F3: number)."
    )
    return replace(view, desk=replace(view.desk, goods=True, title=title, hint=hint))


def empty(lang: str) -> DeskView:
    """The empty desk."""
    w = WORDS[lang]
    ready = text_in(lang, "listo", "ready")
    devices = (
        DeviceView(text_in(lang, "Escáner", "Scanner"), ready, True),
        DeviceView(text_in(lang, "Ranura MRZ", "MRZ slot"), text_in(lang, "lista", "ready"), True),
        DeviceView("Chip", ready, True),
        DeviceView(text_in(lang, "Cámara", "Camera"), text_in(lang, "no conectada", "not connected"), False),
    )
    panel = (
        PanelSection(
            text_in(lang, "ESTE PUESTO, HOY", "THIS BOOTH, TODAY"),
            table=(
                (text_in(lang, "Personas", "Persons"), "", "142"),
                (text_in(lang, "Derivadas", "Referred"), "", "3"),
                (text_in(lang, "Incompletas", "Incomplete"), "", "0"),
            ),
        ),
        PanelSection(
            text_in(lang, "LISTAS", "LISTS"),
            table=(
                (w["lost"], "INTL 4711", "2 h"),
                (w["wanted"], "ECU 88", "6 h"),
                (text_in(lang, "Reglas de riesgo", "Risk rules"), w["set"], "20 h"),
            ),
        ),
        PanelSection(
            text_in(lang, "CASOS", "CASES"),
            rows=(
                ReasonRow(text_in(lang, "1 hallazgo tardío sin dueño", "1 late hit, nobody has it yet"), symbol="open"),
            ),
            muted=(text_in(lang, "Ctrl+K y «casos» para verlo", "Ctrl+K and “cases” to see it"),),
        ),
    )
    keyed = list(keys(lang, reread=OFF, let_pass=OFF, compare=OFF, refer=OFF))
    keyed[0] = replace(keyed[0], word=w["by_hand"])
    return replace(
        proceed(lang),
        stage=Stage.EMPTY,
        advice=AdviceView(None, text_in(lang, "Todavía no hay consejo", "No advice yet")),
        panel=panel,
        keys=tuple(keyed),
        message=MessageView(
            text_in(lang, "14:31 dejó pasar, guardado y enviado", "14:31 let pass, saved and sent"),
            "tick",
            "Esc",
            Action.PREVIOUS,
        ),
        document=None,
        person=None,
        checks=None,
        desk=EmptyDeskView(
            text_in(lang, "Coloque un documento", "Lay down a document"),
            text_in(
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
        *(CheckRow(name, None, text_in(lang, "preguntando…", "asking…"), "") for name in (w["wanted"], w["rules"])),
    )
    wrong = text_in(lang, "leído 7, calculado 3", "read 7, computed 3")
    fields = (
        FieldRow(w["type"], w["passport"]),
        FieldRow(w["number"], "L898902C3", Mark.WRONG, wrong),
        FieldRow(w["birth"], "1974-08-12", Mark.BY_HAND, text_in(lang, "a mano", "by hand")),
        FieldRow(w["expiry"], "", Mark.UNREAD, text_in(lang, "no leído", "not read")),
    )
    boxes = (replace(specimen.BOXES[0]), replace(specimen.BOXES[1], doubtful=True))
    page = replace(
        document(lang), fields=fields, boxes=boxes, state=text_in(lang, "lectura en duda", "reading in doubt")
    )
    return replace(
        view,
        advice=AdviceView(None, text_in(lang, "Todavía no hay consejo", "No advice yet")),
        panel=(),
        document=page,
        checks=ChecksView(w["checks"], text_in(lang, "2 sin hallazgo · 2 en espera", "2 clear · 2 waiting"), rows, ""),
    )


def long_case(lang: str) -> DeskView:
    """Long names, eight checks, and the longest reasons."""
    view = refer(lang)
    rows = view.checks.rows if view.checks else ()
    more = (clear(WORDS[lang]["wanted"], "INTERPOL-SLTD 4711", "20 h"), replace(rows[2], source="CHL 12"))
    matched = _matched(lang)
    extra = ReasonRow(
        text_in(
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
