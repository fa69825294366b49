"""What rules read: flat fields of dotted names, made of what is known of a traveller or a consignment.

Codes of states are three letters: ISO 3166-1 alpha-3 and ICAO's own (GBD, RKS, UNO …), with ``DEU`` for Germany, whose
code in a zone is ``D`` (``cargo.comparing.plain_state``). Places, carriers and flights are as sent.
"""

from checkpoint_app.risk.fields_consignment import Seen, consignment_fields
from checkpoint_app.risk.fields_traveller import CrossingFacts, Listed, Vehicle, traveller_fields

__all__ = [
    "CrossingFacts",
    "Listed",
    "Seen",
    "Vehicle",
    "consignment_fields",
    "traveller_fields",
]
