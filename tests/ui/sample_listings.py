"""Sample views of lists to choose from and of rules: arrivals, who is on one, inspections, plots, findings of rules."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from checkpoint_app.booth.view.listing import ListingRow, ListingView, RulePlot, RulesView
from checkpoint_app.booth.view.screen import (
    Action,
    AdviceView,
    CaseTab,
    CheckRow,
    DeskView,
    KeyState,
    KeyView,
    MessageView,
    PanelSection,
    ReasonRow,
    Stage,
)
from checkpoint_app.verdict import Advice, Outcome
from tests.ui.sample_parts import MAIN, OFF, PLAIN, WORDS, steps, text_in
from tests.ui.sample_states import empty, refer

CLEAR, NOTE, HIT, NOT_CHECKED = Outcome.CLEAR, Outcome.NOTE, Outcome.HIT, Outcome.NOT_CHECKED


def _tabs(lang: str, es: str, en: str) -> tuple[CaseTab, ...]:
    return tuple(CaseTab(word, number == 0) for number, word in enumerate(text_in(lang, es, en).split(",")))


def _heads(lang: str, es: str, en: str) -> tuple[str, ...]:
    return tuple(text_in(lang, es, en).split(","))


def _row(outcome: Outcome | None, *cells: str, strong: bool = False) -> ListingRow:
    return ListingRow(outcome, cells, strong)


def _keys(lang: str, opens: KeyState = PLAIN) -> tuple[KeyView, ...]:
    w = WORDS[lang]
    return (
        KeyView(Action.CHOOSE, "↑ ↓", text_in(lang, "Elegir", "Choose")),
        KeyView(Action.PREVIOUS, "Esc", text_in(lang, "Puesto", "Desk")),
        KeyView(Action.CONFIRM, "Enter", text_in(lang, "Abrir", "Open"), opens),
        KeyView(Action.PROTECT, "F9", w["protect"], icon="shield"),
        KeyView(Action.LET_PASS, "F5", w["let_pass"], OFF),
        KeyView(Action.COMPARE, "F6", w["compare"], OFF),
        KeyView(Action.REFER, "F7", w["refer"], OFF),
    )


def _shown(lang: str, stage: Stage, listing: ListingView | None, panel: tuple[PanelSection, ...]) -> DeskView:
    return replace(
        empty(lang),
        stage=stage,
        desk=None,
        panel=panel,
        keys=_keys(lang, MAIN if listing and listing.rows else OFF),
        message=MessageView(WORDS[lang]["no_messages"]),
        listing=listing,
    )


def _how(lang: str) -> PanelSection:
    rows = steps(
        text_in(lang, "Elija con las flechas y abra con Enter.", "Choose with the arrows, open with Enter."),
        text_in(
            lang,
            "Suelte aquí otro manifiesto, o tráigalo en una memoria.",
            "Drop another manifest here, or bring it on a stick.",
        ),
    )
    return PanelSection(text_in(lang, "QUÉ HACER", "WHAT TO DO"), rows=rows)


def arrivals(lang: str) -> DeskView:
    """Manifests and passenger lists, one of them being screened."""
    people, goods = text_in(lang, "personas", "people"), text_in(lang, "envíos", "consignments")
    found = text_in(lang, "con hallazgo", "with findings")
    rows = (
        _row(
            HIT,
            text_in(
                lang, "Bus Transportes Ejemplo 214, de Puerto Demo", "Coach Transportes Ejemplo 214, from Puerto Demo"
            ),
            text_in(lang, "hoy 15:10", "today 15:10"),
            f"44 {people}",
            f"2 {found}",
            strong=True,
        ),
        _row(
            None,
            text_in(lang, "Vuelo XX 0417, de Ciudad Muestra", "Flight XX 0417, from Ciudad Muestra"),
            text_in(lang, "hoy 16:25", "today 16:25"),
            f"181 {people}",
            text_in(lang, "62 de 181 miradas", "62 of 181 screened"),
        ),
        _row(
            NOTE,
            text_in(lang, "Nave MV EJEMPLO STAR, viaje 26017", "Ship MV EJEMPLO STAR, voyage 26017"),
            text_in(lang, "mañana 06:00", "tomorrow 06:00"),
            f"312 {goods}",
            f"9 {found}",
        ),
        _row(
            CLEAR,
            text_in(lang, "Camión PDM-0417, DEMO 26-004417", "Lorry PDM-0417, DEMO 26-004417"),
            text_in(lang, "hoy 14:30", "today 14:30"),
            text_in(lang, "1 envío", "1 consignment"),
            text_in(lang, "sin hallazgo", "clear"),
        ),
        _row(
            NOT_CHECKED,
            text_in(lang, "Tren 8, de Villa Prueba", "Train 8, from Villa Prueba"),
            text_in(lang, "hoy 18:40", "today 18:40"),
            f"96 {people}",
            text_in(lang, "lista vencida", "list too old"),
        ),
    )
    listing = ListingView(
        text_in(lang, "Llegadas", "Arrivals"),
        _tabs(lang, "Hoy 4,Mañana 1,Cerradas 12", "Today 4,Tomorrow 1,Closed 12"),
        _heads(lang, "Transporte,Llega,Cuántos,Hallado", "Carrier,Due,How many,Found"),
        rows,
        0,
        progress=62 / 181,
        progress_text=text_in(
            lang, "Vuelo XX 0417: 62 de 181 personas miradas", "Flight XX 0417: 62 of 181 people screened"
        ),
    )
    told = PanelSection(
        text_in(lang, "MANIFIESTO", "MANIFEST"),
        "PAXLST D.02B",
        text_in(lang, "Bus Transportes Ejemplo 214", "Coach Transportes Ejemplo 214"),
        lines=(
            text_in(
                lang,
                "Recibido 13:02, mirado 13:03. Ningún segmento malo.",
                "Received 13:02, screened 13:03. No bad segment.",
            ),
        ),
    )
    return _shown(lang, Stage.ARRIVALS, listing, (told, _how(lang)))


def listed(lang: str) -> DeskView:
    """Who is on a passenger list: seven of a page, with names that are too long for a line."""
    long = "WOLFESCHLEGELSTEINHAUSENBERGERDORFF DE LA CONCEPCIÓN, MARÍA DE LOS ÁNGELES GUADALUPE"
    waits, there = text_in(lang, "no ha llegado", "not here yet"), text_in(lang, "pasó 15:22", "let pass 15:22")
    missing = text_in(lang, "no apareció", "did not appear")
    rows = (
        _row(HIT, "ERIKSSON, ANNA MARIA", "L898902C3", "UTO · 1974-08-12", waits, strong=True),
        _row(NOTE, "PRUEBA SOL, CARLOS", "X0000417", "UTO · 1981-02-03", waits),
        _row(CLEAR, "MUSTER, MAX", "C01X00T47", "UTO · 1990-11-30", there),
        _row(CLEAR, long, "E0004170", "UTO · 1966-05-17", there),
        _row(None, "SPECIMEN, LI", "SP0000417", "UTO · 2001-01-09", waits),
        _row(NOT_CHECKED, text_in(lang, "nombre no legible", "name not readable"), "T0000041", "UTO", missing),
        _row(CLEAR, "TESTA, MARIA", "K0417417", "UTO · 1958-12-24", there),
    )
    listing = ListingView(
        text_in(lang, "Bus 214", "Coach 214"),
        _tabs(lang, "Todos 44,Con hallazgo 2,Faltan 3", "All 44,With findings 2,Missing 3"),
        _heads(lang, "Persona,Documento,Nación y nacimiento,Aquí", "Person,Document,Nation and birth,Here"),
        rows,
        1,
        page=text_in(lang, "Página 1 de 7", "Page 1 of 7"),
    )
    told = PanelSection(
        text_in(lang, "QUÉ SE HALLÓ", "WHAT WAS FOUND"),
        bold="PRUEBA SOL, CARLOS",
        rows=(
            ReasonRow(
                text_in(
                    lang, "Documento de otra persona de la lista. R-31", "Document of another person on the list. R-31"
                ),
                symbol=NOTE,
            ),
        ),
    )
    return _shown(lang, Stage.ARRIVALS, listing, (told, _how(lang)))


def inspections(lang: str) -> DeskView:
    """Inspections that await a result."""
    rows = (
        _row(
            HIT,
            "DEMO 26-004417",
            text_in(lang, "Abrir", "Open"),
            text_in(lang, "R-17 sello distinto", "R-17 seal differs"),
            text_in(lang, "hace 24 min", "24 min ago"),
            strong=True,
        ),
        _row(
            NOTE,
            "MUSTER, MAX",
            text_in(lang, "Documento", "Document"),
            text_in(lang, "sorteo", "lot"),
            text_in(lang, "hace 2 h", "2 h ago"),
        ),
    )
    listing = ListingView(
        text_in(lang, "Inspecciones", "Inspections"),
        _tabs(lang, "Sin resultado 2,Hoy 14", "No result 2,Today 14"),
        _heads(lang, "Persona o envío,Inspección,Por qué,Desde", "Person or consignment,Inspection,Why,Since"),
        rows,
        0,
    )
    asked = PanelSection(
        text_in(lang, "RESULTADO", "RESULT"),
        bold="DEMO 26-004417",
        lines=(
            text_in(
                lang,
                "Enter abre la pregunta: qué se halló, o nada.",
                "Enter opens the question: what was found, or nothing.",
            ),
        ),
    )
    return _shown(lang, Stage.INSPECTIONS, listing, (asked,))


def arrivals_none(lang: str) -> DeskView:
    """Nothing is announced."""
    none = text_in(lang, "No hay llegadas anunciadas.", "No arrival is announced.")
    title = text_in(lang, "Llegadas", "Arrivals")
    tabs = _tabs(lang, "Hoy 0,Mañana 0", "Today 0,Tomorrow 0")
    return _shown(lang, Stage.ARRIVALS, ListingView(title, tabs, (), (), -1, empty=none), (_how(lang),))


def _days(seed: int, most: float, days: int = 30) -> tuple[float | None, ...]:
    chance = Random(seed)
    return tuple(None if day < 3 and seed == 2 else chance.random() * most for day in range(days))


def _plots(lang: str) -> tuple[RulePlot, ...]:
    def plot(number: int, rule: str, title: tuple[str, str], said: tuple[str, str], **more: object) -> RulePlot:
        span = text_in(lang, "28 oct", "28 Oct"), text_in(lang, "26 nov", "26 Nov")
        shown = {"limit_text": text_in(lang, "máximo 2 %", "at most 2 %"), "limit": 0.6, **more}
        days = shown.pop("days", _days(number, 0.5))
        return RulePlot(rule, text_in(lang, *title), text_in(lang, *said), days, span=span, **shown)  # type: ignore[arg-type]

    return (
        plot(
            1,
            "R-17",
            ("Sello distinto del declarado", "Seal differs from the declared one"),
            ("42 de 3\u00a0812 · 31 inspecciones · 9 hallaron", "42 of 3\u00a0812 · 31 inspections · 9 found"),
            precision=(0.16, 0.29, 0.47),
            drawn=0.04,
            precision_text=text_in(lang, "9 de 31, 16–47 %", "9 of 31, 16–47 %"),
        ),
        plot(
            2,
            "R-11",
            ("Peso fuera de tolerancia", "Weight out of tolerance"),
            ("310 de 3\u00a0812 · 88 inspecciones · 2 hallaron", "310 of 3\u00a0812 · 88 inspections · 2 found"),
            days=_days(2, 1.0),
            precision=(0.006, 0.023, 0.08),
            drawn=0.04,
            precision_text=text_in(lang, "2 de 88, 1–8 %", "2 of 88, 1–8 %"),
            flag=text_in(
                lang,
                "Por encima de su máximo 6 días de 30; halla menos que el sorteo",
                "Above its maximum on 6 of 30 days; finds less than the lot",
            ),
        ),
        plot(
            3,
            "R-22",
            (
                "Precio por kilo fuera de lo usual en su código de mercancía",
                "Price per kilo outside the usual for its goods code",
            ),
            ("0 de 3\u00a0812 · ninguna inspección", "0 of 3\u00a0812 · no inspection"),
            days=(0.0,) * 30,
            precision_text=text_in(lang, "sin resultados", "no result yet"),
            flag=text_in(lang, "No acertó nunca en 30 días", "Never hit in 30 days"),
        ),
        plot(
            4,
            "R-31",
            ("Documento de otra persona de la lista", "Document of another person on the list"),
            ("7 de 18\u00a0220 · 7 inspecciones · 6 hallaron", "7 of 18\u00a0220 · 7 inspections · 6 found"),
            days=_days(4, 0.2),
            precision=(0.49, 0.86, 0.97),
            drawn=None,
            precision_text=text_in(lang, "6 de 7, 49–97 %", "6 of 7, 49–97 %"),
        ),
    )


def rules(lang: str) -> DeskView:
    """Four rules, two of which stand out."""
    view = RulesView(
        text_in(lang, "Reglas", "Rules"),
        text_in(
            lang,
            "demo-carga 9, 28 reglas en vigor, 30 días, carril de carga",
            "demo-cargo 9, 28 rules in force, 30 days, cargo lane",
        ),
        _plots(lang),
        1,
        (
            text_in(lang, "impactos al día", "hits a day"),
            text_in(lang, "máximo", "maximum"),
            text_in(lang, "hallado, con su intervalo", "found, with its interval"),
            text_in(lang, "lo que halla el sorteo", "what the lot finds"),
        ),
        page=text_in(lang, "Página 1 de 7", "Page 1 of 7"),
    )
    told = PanelSection(
        text_in(lang, "REGLA", "RULE"),
        "R-11",
        text_in(lang, "Peso fuera de tolerancia", "Weight out of tolerance"),
        lines=(
            text_in(
                lang,
                "Dueño: Aduana Demo. Aprobó: K. Prova, 2026-10-01.",
                "Owner: Demo Customs. Approved: K. Prova, 2026-10-01.",
            ),
            text_in(lang, "Base legal: Ley de Aduana Demo, art. 41.", "Legal basis: Demo Customs Act, art. 41."),
        ),
    )
    return replace(_shown(lang, Stage.RULES, None, (told,)), rules=view)


def rules_none(lang: str) -> DeskView:
    """No rule is in force."""
    none = text_in(lang, "No hay reglas en vigor para este carril.", "No rules are in force for this lane.")
    view = RulesView(text_in(lang, "Reglas", "Rules"), "", (), -1, ("", "", "", ""), empty=none)
    return replace(_shown(lang, Stage.RULES, None, ()), rules=view)


def rules_found(lang: str) -> DeskView:
    """A traveller with as many findings of rules as are told at once, in long sentences."""
    view = refer(lang)
    found = (
        (
            "El documento fue emitido hace 3 días y el viajero salió por otro puesto ayer. R-07, juego 12",
            "The document was issued 3 days ago and its holder left by another post yesterday. R-07, set 12",
            HIT,
        ),
        (
            "El mismo vehículo cruzó 4 veces en 7 días con personas distintas. R-19, juego 12",
            "The same vehicle crossed 4 times in 7 days with other people. R-19, set 12",
            NOTE,
        ),
        (
            "El contacto declarado figura en otros 3 manifiestos de esta semana. R-23, juego 12",
            "The contact given stands in 3 other manifests of this week. R-23, set 12",
            NOTE,
        ),
    )
    unknown = (
        (
            "R-27 estancia más larga que la pedida: no se recibió la fecha de salida.",
            "R-27 stay longer than asked for: the date of departure was not received.",
        ),
        (
            "R-33 equipaje distinto del anunciado: no se recibió el número de bultos.",
            "R-33 baggage differs from what was announced: number of bags not received.",
        ),
    )
    panel = (
        PanelSection(
            text_in(lang, "HALLAZGOS", "FINDINGS"),
            rows=tuple(ReasonRow(text_in(lang, es, en), symbol=sign) for es, en, sign in found),
        ),
        PanelSection(
            text_in(lang, "NO SE PUDO EVALUAR", "COULD NOT BE EVALUATED"),
            rows=tuple(ReasonRow(text_in(lang, *texts), symbol=NOT_CHECKED) for texts in unknown),
        ),
        PanelSection(
            text_in(lang, "QUÉ HACER", "WHAT TO DO"),
            rows=steps(
                text_in(lang, "Pregunte cuándo y por dónde salió.", "Ask when and where the person left."),
                text_in(lang, "Si sigue la duda, derive (F7).", "If the doubt stays, refer (F7)."),
            ),
        ),
    )
    line = text_in(lang, "1 hallazgo · 2 avisos · 2 sin evaluar", "1 finding · 2 notes · 2 not evaluated")
    rows = list(view.checks.rows if view.checks else ())
    rows[2] = CheckRow(WORDS[lang]["wanted"], CLEAR, "ECU 88", "6 h")
    detail = text_in(lang, "1 hallazgo, 2 avisos; 2 sin evaluar", "1 finding, 2 notes; 2 not evaluated")
    rows[3] = CheckRow(WORDS[lang]["rules"], HIT, WORDS[lang]["set"], "20 h", detail=detail)
    return replace(
        view,
        advice=AdviceView(Advice.REFER, text_in(lang, "DERIVAR", "REFER"), line),
        panel=panel,
        checks=replace(view.checks, rows=tuple(rows)) if view.checks else None,
    )


def rules_crowded(lang: str) -> DeskView:
    """Sentences as long as a rule may have them: they do not fit at once, and the panel pages."""
    view = rules_found(lang)
    found, unknown, to_do = view.panel
    longer = text_in(
        lang,
        " Lo mismo pasó en la semana anterior con el documento de otra persona.",
        " The same came about the week before with the document of another person.",
    )
    rows = tuple(replace(row, text=row.text + longer) for row in found.rows)
    return replace(view, panel=(replace(found, rows=rows), unknown, to_do))
