"""Sample views of a consignment: as the picture of the specification shows it, and one with the most there can be."""

from __future__ import annotations

from dataclasses import replace

from checkpoint_app.booth.view.consignment import ConsignmentView, EquipmentRow, GoodsRow, PartyRow, TableHead
from checkpoint_app.booth.view.screen import (
    Action,
    AdviceView,
    CheckRow,
    ChecksView,
    DeskView,
    FieldRow,
    FormField,
    FormView,
    KeyView,
    Mark,
    MessageView,
    PanelSection,
    ReasonRow,
    Stage,
)
from checkpoint_app.verdict import Advice, Outcome
from tests.ui.sample_parts import MAIN, OFF, WORDS, bar, clear, keys, status, steps, text_in

TICK, WRONG, UNREAD, NONE = Mark.TICK, Mark.WRONG, Mark.UNREAD, Mark.NONE
CLEAR, NOTE, HIT, NOT_CHECKED = Outcome.CLEAR, Outcome.NOTE, Outcome.HIT, Outcome.NOT_CHECKED
GAP = "\u00a0"


def _fields(lang: str) -> tuple[FieldRow, ...]:
    def row(es: str, en: str, value_es: str, value_en: str = "", mark: Mark = NONE, said: str = "") -> FieldRow:
        return FieldRow(text_in(lang, es, en), text_in(lang, value_es, value_en or value_es), mark, said)

    return (
        row("Camión", "Lorry", "PDM-0417"),
        row("De", "From", "Puerto Demo, ECU"),
        row("A", "To", "Villa Prueba, CHL"),
        row("Bultos", "Packages", "640, contados 640", "640, counted 640"),
        row("Peso", "Weight", f"24{GAP}080 kg"),
        row("Pesado", "Weighed", f"26{GAP}910 kg, +12 %"),
    )


def _parties(lang: str) -> tuple[PartyRow, ...]:
    clear_es, clear_en = "sin hallazgo", "clear"
    return (
        PartyRow("Frutas Ejemplo S.A.", text_in(lang, f"Remitente, {clear_es}", f"Consignor, {clear_en}"), CLEAR),
        PartyRow("Comercial Muestra Ltda.", text_in(lang, f"Destino, {clear_es}", f"Consignee, {clear_en}"), CLEAR),
        PartyRow("PRUEBA, JUAN", text_in(lang, f"Conductor, {clear_es}", f"Driver, {clear_en}"), CLEAR),
        PartyRow(
            text_in(lang, "a la orden", "to order"),
            text_in(lang, "Avisar a, sin nombre: no se buscó", "Notify, no name: not searched"),
            NOT_CHECKED,
        ),
    )


def _head(
    lang: str, title: tuple[str, str], count: tuple[str, str], columns: tuple[str, str], more: str = ""
) -> TableHead:
    return TableHead(text_in(lang, *title), text_in(lang, *count), tuple(text_in(lang, *columns).split(",")), more)


def _consignment(lang: str) -> ConsignmentView:
    equipment = (
        EquipmentRow("DMOU 304512", "0", WRONG, "45G1", "SL-0044812", WRONG),
        EquipmentRow("DMOU 718306", "2", TICK, "22R1", "SL-0051177", TICK),
    )
    goods = (
        GoodsRow("0803.90", text_in(lang, "Banano fresco", "Fresh bananas"), "520", f"19{GAP}200"),
        GoodsRow("0810.90", text_in(lang, "Fruta de la pasión", "Passion fruit"), "96", f"3{GAP}480"),
        GoodsRow("4819.10", text_in(lang, "Cajas de cartón", "Cardboard boxes"), "24", f"1{GAP}400"),
    )
    return ConsignmentView(
        text_in(lang, "ENVÍO", "CONSIGNMENT"),
        "DEMO 26-004417",
        text_in(lang, "CUSCAR D.95B, leído 14:30", "CUSCAR D.95B, read 14:30"),
        _fields(lang),
        text_in(lang, "PARTES", "PARTIES"),
        _parties(lang),
        "",
        _head(
            lang,
            ("EQUIPO Y SELLOS", "EQUIPMENT AND SEALS"),
            ("2 contenedores", "2 containers"),
            ("Número y dígito,Tipo,Sello visto", "Number and digit,Type,Seal seen"),
        ),
        equipment,
        _head(
            lang,
            ("MERCANCÍA", "GOODS"),
            ("3 líneas", "3 lines"),
            ("Código SA,Texto,Bultos,kg", "HS code,Text,Packages,kg"),
        ),
        goods,
    )


def _checks(lang: str) -> ChecksView:
    w = WORDS[lang]
    rows = (
        clear(text_in(lang, "Mensaje y cuentas", "Message and counts"), w["booth"], w["now"]),
        clear(text_in(lang, "Partes", "Parties"), "ECU 88", "6 h"),
        CheckRow(text_in(lang, "Sellos: 1 distinto", "Seals: 1 differs"), HIT, w["booth"], w["now"]),
        CheckRow(text_in(lang, "Peso y dígito: 2 avisos", "Weight and digit: 2 notes"), NOTE, w["booth"], w["now"]),
        CheckRow(
            text_in(lang, "Reglas (28): 1 sin evaluar", "Rules (28): 1 not evaluated"),
            NOT_CHECKED,
            text_in(lang, "juego 9", "set 9"),
            "20 h",
        ),
    )
    count = text_in(lang, "2 sin hallazgo · 2 con hallazgo · 1 en parte", "2 clear · 2 with findings · 1 in part")
    return ChecksView(w["checks"], count, rows, "")


def _panel(lang: str) -> tuple[PanelSection, ...]:
    found = (
        ReasonRow(
            text_in(
                lang,
                "Sello distinto: se vio SL-0044812, se declaró SL-0044821. R-17",
                "Seal differs: seen SL-0044812, declared SL-0044821. R-17",
            ),
            symbol=HIT,
        ),
        ReasonRow(
            text_in(
                lang,
                "El contenedor DMOU 304512 lleva dígito 0. Por cálculo es 6. R-03",
                "Container DMOU 304512 has digit 0. Computed it is 6. R-03",
            ),
            symbol=NOTE,
        ),
        ReasonRow(
            text_in(
                lang,
                "Pesó 2\u00a0830\u00a0kg más de lo declarado, +12\u00a0%. Tolerancia 5\u00a0%. R-11",
                "Weighed 2\u00a0830\u00a0kg more than declared, +12\u00a0%. Tolerance 5\u00a0%. R-11",
            ),
            symbol=NOTE,
        ),
    )
    missing = ReasonRow(
        text_in(
            lang,
            "R-22 precio por kilo: falta el valor declarado.",
            "R-22 price per kilo: the declared value is missing.",
        ),
        symbol=NOT_CHECKED,
    )
    to_do = steps(
        text_in(lang, "Fotografíe los sellos y lea otra vez (F4).", "Photograph the seals and read again (F4)."),
        text_in(lang, "Derive a revisión (F7).", "Refer to inspection (F7)."),
    )
    return (
        PanelSection(text_in(lang, "HALLAZGOS", "FINDINGS"), rows=found),
        PanelSection(text_in(lang, "NO SE PUDO EVALUAR", "COULD NOT BE EVALUATED"), rows=(missing,)),
        PanelSection(text_in(lang, "QUÉ HACER", "WHAT TO DO"), rows=to_do),
    )


def _keys(lang: str) -> tuple[KeyView, ...]:
    made = list(keys(lang, compare=OFF, refer=MAIN))
    made[3] = KeyView(Action.CARGO, "F8", text_in(lang, "Personas", "People"))
    return tuple(made)


def cargo(lang: str) -> DeskView:
    """A lorry with a seal that differs, a wrong digit, and more weight than was declared."""
    line = text_in(lang, "1 hallazgo · 2 avisos · 1 sin evaluar", "1 finding · 2 notes · 1 not evaluated")
    top = replace(bar(lang), lane=text_in(lang, "carga 1", "cargo 1"))
    return DeskView(
        Stage.CARGO,
        lang,
        top,
        AdviceView(Advice.REFER, text_in(lang, "DERIVAR", "REFER"), line),
        _panel(lang),
        _keys(lang),
        MessageView(
            text_in(lang, "Pesaje recibido de la báscula 2, 14:29", "Weight received from scale 2, 14:29"), "envelope"
        ),
        status(lang),
        checks=_checks(lang),
        consignment=_consignment(lang),
    )


def cargo_crowded(lang: str) -> DeskView:
    """The most rows there can be: seven fields, four parties and more, three containers and goods, eight checks."""
    view, w = cargo(lang), WORDS[lang]
    there, seen = view.consignment, view.checks
    assert there is not None
    assert seen is not None
    parties = (
        there.parties[0],
        replace(there.parties[1], outcome=HIT, said=text_in(lang, "Destino, 1 posible", "Consignee, 1 possible match")),
        replace(there.parties[2], outcome=None, said=text_in(lang, "Conductor, se busca", "Driver, being searched")),
        there.parties[3],
    )
    equipment = (
        *there.equipment,
        EquipmentRow("", "", NONE, "", "SL-0051178", UNREAD),
    )
    checks = (
        *seen.rows[:2],
        clear(text_in(lang, "Perdidos y robados", "Lost and stolen"), "INTL 4711", "2 h"),
        *seen.rows[2:],
        clear(text_in(lang, "Manifiesto", "Manifest"), w["booth"], w["now"]),
        clear(text_in(lang, "Sorteo: no salió", "Lot: not drawn"), w["booth"], w["now"]),
    )
    weighed = there.fields[-1]
    return replace(
        view,
        checks=replace(seen, rows=checks),
        consignment=replace(
            there,
            fields=(*there.fields[:-1], replace(weighed, mark=WRONG), FieldRow("Ref.", "26EC-0417-000334")),
            parties=parties,
            parties_more=text_in(lang, "y 3 partes más, sin hallazgo", "and 3 more parties, clear"),
            equipment=equipment,
            equipment_head=replace(
                there.equipment_head, more=text_in(lang, "y 12 contenedores más", "and 12 more containers")
            ),
            goods_head=replace(there.goods_head, more=text_in(lang, "y 40 líneas más", "and 40 more lines")),
        ),
    )


def cargo_long(lang: str) -> DeskView:
    """Names, numbers and texts of a length that no column holds."""
    view = cargo(lang)
    there = view.consignment
    assert there is not None
    long = "Sociedad Importadora y Comercializadora Ejemplo de Productos Tropicales del Pacífico S.A."
    return replace(
        view,
        consignment=replace(
            there,
            number="DEMO-26-004417/2026-ECU-PUERTO-DEMO-000000417",
            said=f"{there.said}, {long}",
            fields=(replace(there.fields[0], value=long), *there.fields[1:]),
            parties=(replace(there.parties[0], name=long), *there.parties[1:]),
            equipment=(
                replace(there.equipment[0], number="REMOLQUE PDM-0417-LARGO", seal="SL-0044812-ADUANA-ECUADOR-2026"),
                there.equipment[1],
            ),
            goods=(replace(there.goods[0], hs="0803.90.11.00.19", text=long), *there.goods[1:]),
        ),
    )


def cargo_bare(lang: str) -> DeskView:
    """A consignment of which nearly nothing came: no equipment, no goods, one party, and a check that waits."""
    view, w = cargo(lang), WORDS[lang]
    there = view.consignment
    assert there is not None
    none = text_in(lang, "no se recibió", "not received")
    rows = (
        clear(text_in(lang, "Mensaje y cuentas", "Message and counts"), w["booth"], w["now"]),
        CheckRow(text_in(lang, "Partes", "Parties"), None, text_in(lang, "preguntando…", "asking…"), ""),
    )
    count = text_in(lang, "1 sin hallazgo · 1 en curso", "1 clear · 1 under way")
    return replace(
        view,
        advice=AdviceView(None, text_in(lang, "Todavía no hay consejo", "No advice yet")),
        panel=(),
        keys=keys(lang, compare=OFF),
        checks=ChecksView(w["checks"], count, rows, w["centre"]),
        consignment=replace(
            there,
            fields=there.fields[:3],
            parties=(
                replace(
                    there.parties[0],
                    outcome=None,
                    said=text_in(lang, "Remitente, se busca", "Consignor, being searched"),
                ),
            ),
            equipment=(),
            equipment_head=replace(there.equipment_head, count=none),
            goods=(),
            goods_head=replace(there.goods_head, count=none),
        ),
    )


def cargo_seen(lang: str) -> DeskView:
    """What was seen of twelve containers is typed, with a fault: the longest form there is."""
    numbers = [f"DMOU{number:07}" for number in range(3045100, 3045112)]
    declared = text_in(lang, "declarado", "declared")
    asked = [
        FormField(
            number, f"{text_in(lang, 'Sellos de', 'Seals of')} {number}", "", mark_text=f"{declared} SL-00448{at:02}"
        )
        for at, number in enumerate(numbers)
    ]
    form = FormView(
        "cargo_seen",
        text_in(lang, "Lo que se vio", "What was seen"),
        text_in(
            lang,
            "Los sellos de cada contenedor, como están en él. Un guion (-) donde no hay; vacío: nadie miró.",
            "The seals of each container, as they are on it. A dash (-) where there is none; empty: nobody looked.",
        ),
        (*asked, FormField("weight", text_in(lang, "Pesado, kg", "Weighed, kg"), "26910x")),
        text_in(lang, "Intro", "Enter"),
        text_in(
            lang, "Escriba el peso en kilos: 26910 o 26910,5.", "Type the weight in kilograms, as 26910 or 26910.5."
        ),
    )
    return replace(cargo(lang), stage=Stage.FORM, form=form)


def cargo_number(lang: str) -> DeskView:
    """The number of a consignment is typed."""
    field = FormField("number", text_in(lang, "Número", "Number"), "DMOU3045120")
    title = text_in(lang, "Número de envío o contenedor", "Number of consignment or container")
    hint = text_in(lang, "Como está en el papel o en el contenedor.", "As on the paper or on the container.")
    return replace(
        cargo(lang),
        stage=Stage.FORM,
        form=FormView("cargo_number", title, hint, (field,), text_in(lang, "Intro", "Enter")),
    )
