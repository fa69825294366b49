"""Passenger lists as JSON: the contract of `checkpoint passengers read --json`, whose keys stay what they are."""

from __future__ import annotations

from typing import Any

from checkpoint_app.cargo.values import Leg, ListedDocument, MessageFault, Passenger, PassengerList, Pnr


def list_to_plain(listed: PassengerList) -> dict[str, Any]:
    """Return the whole list. Absent values are absent keys but in legs, people and documents, where they are null."""
    plain = head_to_plain(listed)
    if listed.kind == "PAXLST":
        plain["passengers"] = [passenger_to_plain(one) for one in listed.passengers]
    else:
        plain["pnrs"] = [pnr_to_plain(one) for one in listed.pnrs]
    if listed.declared is not None:
        plain |= {"declared_count": listed.declared, "count_matches": listed.count_matches}
    plain["faults"] = [fault_to_plain(one) for one in listed.faults]
    return plain


def head_to_plain(listed: PassengerList) -> dict[str, Any]:
    """Return kind, version and legs."""
    legs = [_leg(one, arrives=listed.kind == "PAXLST") for one in listed.legs]
    return {"kind": listed.kind, "version": listed.version, "legs": legs}


def passenger_to_plain(one: Passenger) -> dict[str, Any]:
    """Return somebody on a PAXLST."""
    return {
        "family": one.family,
        "given": one.given,
        "role": one.role.value,
        "sex": one.sex,
        "birth": one.birth,
        "nationality": one.nationality,
        "embark": one.embark,
        "debark": one.debark,
        "locator": one.locator,
        "documents": [
            {"type": doc.type, "number": doc.number, "issuer": doc.issuer, "expires": doc.expires}
            for doc in one.documents
        ],
    }


def pnr_to_plain(pnr: Pnr) -> dict[str, Any]:
    """Return a booking; its documents in the order of their numbers."""
    documents = sorted(pnr.documents, key=lambda one: one.number or "")
    return {
        "locator": pnr.locator,
        "passengers": [{"family": one.family, "given": one.given} for one in pnr.passengers],
        "documents": [_document(one) for one in documents],
    }


def fault_to_plain(fault: MessageFault) -> dict[str, Any]:
    """Return a fault: its code, the segment and its tag."""
    return {"code": fault.code, "segment": fault.where, "tag": fault.tag}


def _leg(leg: Leg, arrives: bool) -> dict[str, Any]:
    plain = {"flight": leg.flight, "from": leg.origin, "to": leg.destination, "departs": leg.departs}
    return plain | {"arrives": leg.arrives} if arrives else plain


def _document(one: ListedDocument) -> dict[str, Any]:
    return {
        "type": one.type,
        "issuer": one.issuer,
        "number": one.number,
        "nationality": one.nationality,
        "birth": one.birth,
        "sex": one.sex,
        "expires": one.expires,
    }
