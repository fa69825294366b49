"""What a message says against itself: each finding where it has to be, and none where there is doubt."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest

from checkpoint_app.cargo.crosschecks import Known, findings_of, house_findings
from checkpoint_app.cargo.hs import goods_disagree, load_hs
from checkpoint_app.cargo.read import read_message
from checkpoint_app.cargo.un_numbers import load_un_numbers
from checkpoint_app.cargo.values import CargoMessage, Consignment, Dangerous, Equipment, Goods, Party, Transport
from tests.cargo.truths import folder
from tests.cargo.xml_messages import HOUSE_WAYBILL, bill, manifest, unit

GOOD = Consignment(
    "B1",
    load="CLSAI",
    discharge="ECGYE",
    packages=10,
    weight_kg=100.0,
    goods=(Goods("SAWN TIMBER", ("440711",), 10, 100.0),),
    parties=(Party("shipper", "MUSTER SPA", "CL"), Party("consignee", "EJEMPLO SA", "EC")),
    equipment=("CSQU3054383",),
)
BOX = Equipment("CSQU3054383", full=True, weight_kg=100.0, verified_kg=104.0, seals=("S1",), seals_sent=True)
MESSAGE = CargoMessage(
    "CUSCAR", transport=Transport(rotation=("CLSAI", "ECGYE")), consignments=(GOOD,), equipment=(BOX,)
)


def found(one=GOOD, message=MESSAGE, known=None, **changes):
    return {
        finding.code: dict(finding.params)
        for finding in findings_of(message, replace(one, **changes), known or Known())
    }


def with_box(**changes):
    return found(message=replace(MESSAGE, equipment=(replace(BOX, **changes),)))


def test_what_is_in_order_has_no_finding():
    assert found() == {}


def test_a_wrong_check_digit_is_told_with_the_right_one():
    wrong = found(message=replace(MESSAGE, equipment=(replace(BOX, number="CSQU3054384"),)), equipment=("CSQU3054384",))
    assert wrong == {"equipment.check_digit": {"number": "CSQU3054384", "read": "4", "computed": "3"}}


def test_containers_of_other_consignments_are_not_its_own():
    other = replace(BOX, number="MSKU2191172", seals=())
    assert found(message=replace(MESSAGE, equipment=(BOX, other))) == {}


@pytest.mark.parametrize(
    ("full", "seals", "sent", "missing"),
    [
        (True, (), True, True),
        (True, (), False, False),
        (False, (), True, False),
        (None, (), True, False),
        (True, ("S",), True, False),
    ],
)
def test_seals_are_missing_on_a_full_container_only_where_the_message_speaks_of_seals(full, seals, sent, missing):
    assert ("seals.missing" in with_box(full=full, seals=seals, seals_sent=sent)) is missing


@pytest.mark.parametrize(("weighed", "told"), [(105.0, False), (105.1, True), (94.9, True), (None, False)])
def test_a_verified_weight_far_from_the_declared_one(weighed, told):
    assert ("equipment.verified_weight" in with_box(verified_kg=weighed)) is told


def test_the_tolerance_is_given():
    heavy = replace(MESSAGE, equipment=(replace(BOX, verified_kg=108.0),))
    assert found(message=heavy, known=Known(tolerance_percent=8)) == {}
    assert found(message=heavy)["equipment.verified_weight"] == {
        "number": "CSQU3054383",
        "declared": "100",
        "weighed": "108",
        "percent": "+8",
        "tolerance": "5",
    }


def test_counts_that_do_not_match():
    assert found(message=replace(MESSAGE, declared=3, count_matches=False)) == {"message.counts": {"declared": "3"}}
    assert found(message=replace(MESSAGE, declared=1, count_matches=True)) == {}


def test_all_houses_have_to_be_the_master():
    houses = [Consignment(packages=6, weight_kg=60.0), Consignment(packages=4, weight_kg=40.5)]
    assert house_findings(10, 100.5, houses, complete=True) == ()
    codes = {one.code: one.params for one in house_findings(11, 90.0, houses, complete=True)}
    assert codes == {
        "message.house_pieces": {"declared": "11", "counted": "10"},
        "message.house_weight": {"declared": "90", "counted": "100.5"},
    }
    assert [one.code for one in house_findings(9, None, houses, complete=False)] == ["message.house_pieces"]
    assert house_findings(11, 200.0, houses, complete=False) == ()
    assert house_findings(9, 1.0, [*houses, Consignment()], complete=True) == ()


def test_houses_are_compared_in_the_message():
    message = read_message(HOUSE_WAYBILL.encode())
    assert isinstance(message, CargoMessage)
    assert found(message.consignments[0], message) == {}
    more = read_message(HOUSE_WAYBILL.replace(">4<", ">5<").encode())
    assert isinstance(more, CargoMessage)
    assert found(more.consignments[0], more)["message.house_pieces"] == {"declared": "10", "counted": "11"}


def test_houses_that_come_one_by_one_may_be_fewer_than_the_master():
    master = {"pieces": 10, "weight_kg": 100.0}
    one = replace(GOOD, goods=(), packages=6, weight_kg=60.0)
    two = (one, replace(one, packages=3, weight_kg=40.0))
    by_kind = {
        kind: set(found(one, replace(MESSAGE, kind=kind, consignments=houses, extras={"master": master})))
        for kind, houses in (("FHL", two), ("XFZB", two))
    }
    assert by_kind == {"FHL": {"message.house_pieces"}, "XFZB": set()}
    alone = replace(MESSAGE, kind="FHL", consignments=(one,), extras={"master": master})
    assert found(one, alone) == {}


def test_lines_have_to_be_the_whole():
    lines = (Goods("PUMPS", packages=6, weight_kg=60.0), Goods("VALVES", packages=3, weight_kg=39.5))
    assert set(found(goods=lines)) == {"message.line_pieces"}
    assert set(found(goods=(lines[0], replace(lines[1], packages=4, weight_kg=20.0)))) == {"message.line_weight"}
    assert found(goods=(lines[0], Goods("VALVES"))) == {}


@pytest.mark.parametrize(
    ("text", "code", "disagree"),
    [
        ("WINE IN BOTTLES", "220421", False),
        ("WINE IN BOTTLES", "870323", True),
        ("VINO TINTO", "8471300000", True),
        ("T-SHIRTS", "930120", True),
        ("RIFLES", "950300", True),
        ("GLASSES FOR WINE", "701349", False),
        ("COFFEE MACHINES", "841981", False),
        ("LAPTOPS, WINE", "847130", False),
        ("STRAW ENVELOPES FOR BOTTLES", "460219", False),
        ("WINE", "", False),
        ("WINE", "9905", False),
        ("", "220421", False),
        ("SOMETHING NOBODY KNOWS", "220421", False),
    ],
)
def test_goods_and_code_disagree_only_without_doubt(text, code, disagree):
    assert goods_disagree(text, code) is disagree


def test_a_code_that_does_not_go_with_the_goods():
    assert found(goods=(Goods("WINE IN BOTTLES", ("870323",)),)) == {"message.goods_code": {"code": "870323"}}


def test_a_code_is_unknown_only_against_a_list():
    hs = load_hs(BytesIO(b"hscode,description\n4407,Wood sawn\n440711,of pine\n"))
    assert found(known=Known(hs=hs)) == {}
    assert found(goods=(Goods("X", ("999999",)),), known=Known(hs=hs)) == {"message.unknown_code": {"code": "999999"}}
    assert found(goods=(Goods("X", ("999999",)),)) == {}


@pytest.mark.parametrize(
    "text", ["SULPHURIC ACID UN 1830 CLASS 8", "UN1830", "ACID, UN-1830", "UN NO. 1830", "acid un no 1830 (8)"]
)
def test_a_un_number_in_the_text_that_nobody_declares(text):
    un = load_un_numbers(BytesIO(b"un,class,name\n1830,8,SULPHURIC ACID\n"))
    goods = (Goods(text),)
    assert found(goods=goods) == {"message.undeclared_un": {"un": "1830", "class": ""}}
    assert found(goods=goods, known=Known(un_numbers=un)) == {"message.undeclared_un": {"un": "1830", "class": "8"}}
    assert found(goods=goods, dangerous=(Dangerous("8", "1830"),)) == {}
    assert found(goods=(Goods(text, dangerous=(Dangerous(None, "1830"),)),)) == {}
    assert found(goods=goods, handling=("COL", "RCM")) == {}
    assert set(found(goods=goods, handling=("COL",))) == {"message.undeclared_un"}
    boxed = replace(MESSAGE, equipment=(replace(BOX, dangerous=(Dangerous("8", "1830"),)),))
    assert found(message=boxed, goods=goods) == {}


@pytest.mark.parametrize("text", ["UNIT 1830", "UN 18301", "RUN 1830", "UN 0000", "1830 UNITS", "UN 9999"])
def test_other_numbers_are_no_un_numbers(text):
    assert found(goods=(Goods(text),)) == {}


@pytest.mark.parametrize(
    "name",
    ["TO ORDER OF BANK", "to the order of: Bank", "To-Order", "ORDER", "A LA ORDEN DE BANCO"],
)
def test_goods_to_order_name_nobody(name):
    assert found(parties=(Party("consignee", name),)) == {"parties.to_order": {}}


@pytest.mark.parametrize("name", ["ORDER DIRECT SA", "ORDER OF MALTA", "TORDER LTD", "ORDEN Y PAZ"])
def test_who_is_called_so_is_somebody(name):
    assert found(parties=(Party("consignee", name),)) == {}


def test_a_way_off_the_rotation_and_over_other_ports():
    assert found(discharge="PEPAI") == {"message.off_rotation": {"place": "PEPAI"}}
    assert found(discharge="PEPAI", message=replace(MESSAGE, kind="BAPLIE")) == {}
    assert found(discharge="PEPAI", message=replace(MESSAGE, transport=Transport())) == {}
    assert found(transshipments=("PABLB",)) == {"message.transshipment": {"places": "PABLB"}}


def test_codes_of_no_country_are_told_and_those_of_customs_are_not():
    assert found(origin_country="ZQ") == {"message.unknown_country": {"country": "ZQ"}}
    assert found(load="YYABC") == {"message.unknown_country": {"country": "YY"}}
    assert found(parties=(Party("shipper", "MUSTER", "AX1"),)) == {
        "parties.unknown_country": {"role": "shipper", "country": "AX1"}
    }
    assert found(origin_country="D", destination_country="XK", parties=(Party("shipper", "MUSTER", "RKS"),)) == {}


def test_a_manifest_of_customs_with_all_of_it():
    message = read_message(
        manifest(
            bill(
                "B1",
                units=unit("CSQU3054384", seals="") + unit("MSKU2191175"),
                goods="ACID UN 1830",
                consignee="TO ORDER",
            ),
            totals=(2,),
        )
    )
    assert isinstance(message, CargoMessage)
    assert set(found(message.consignments[0], message)) == {
        "message.counts",
        "message.undeclared_un",
        "parties.to_order",
        "equipment.check_digit",
        "seals.missing",
    }


@pytest.mark.data
def test_the_texts_of_the_tariff_itself_go_with_their_codes():
    with (folder("codes") / "hs_2022.csv").open("rb") as file:
        hs = load_hs(file)
    wrong = [code for code, text in hs.texts.items() if goods_disagree(text, code)]
    assert set(wrong) <= {"7401", "740100"}  # "cement copper"
    assert len(hs.texts) > 6_900


@pytest.mark.parametrize(
    ("name", "sought"),
    [
        ("TO ORDER", None),
        ("TO THE ORDER OF  EJEMPLO, JUAN", "EJEMPLO, JUAN"),
        ("To order of: Banco Muestra S.A.", "Banco Muestra S.A."),
        ("A LA ORDEN DE MUSTER ERIKA", "MUSTER ERIKA"),
        ("TO ORDER OF SHIPPER", None),
        ("ORDEN Y PATRIA LTDA", "ORDEN Y PATRIA LTDA"),
        (" ", None),
        (None, None),
    ],
)
def test_whoever_an_order_names_is_sought(name, sought):
    assert Party("consignee", name).sought == sought
