"""From which naming custom a name seems to come: a rough guess, for counting whom rules fall upon and nothing else.

Told by particles, endings and syllables alone. Nobody's origin follows from it, no rule can read it, and it is never
shown of one person.
"""

from __future__ import annotations

import re
from collections.abc import Collection

OTHER = "other"
_ARABIC = frozenset(
    ("AL", "EL", "BIN", "BEN", "IBN", "BINT", "ABU", "ABD", "ABDULLAH", "MOHAMED", "MOHAMMED", "MUHAMMAD", "AHMED")
)
_IBERIAN = frozenset(["DE", "DEL", "DA", "DO", "DOS", "DAS"])
_SLAVIC = re.compile(r".{3,}(OV|EV|OVA|EVA|SKY|SKIY|SKII|SKAYA|ENKO|CHUK|OVICH|EVICH|OVNA|EVNA)")
_SPANISH = re.compile(r".{2,}(EZ|IZ|OZ|ES|EIRA|EIRO|ILLO|ILLA|ITO|ARDO|ANDO)|[A-Z]*Ñ[A-Z]*")
_HAITIAN = frozenset(
    ("JEAN", "PIERRE", "JOSEPH", "LOUIS", "CHARLES", "MARIE", "FRANCOIS", "ETIENNE", "BAPTISTE", "PAUL", "JACQUES")
)
_SYLLABLE = (
    r"(?:[BPMFDTNLGKHJQXRZCSYW]|ZH|CH|SH)?(?:IANG|IONG|UANG|ANG|ENG|ONG|IAO|IAN|UAI|UAN|ING|AI|EI|AO|OU|AN|EN|IA|IE"
    r"|IU|IN|UA|UO|UI|UN|UE|A|O|E|I|U)"
)
_CHINESE = re.compile(f"(?:{_SYLLABLE}){{1,2}}")


def culture_of(tokens: Collection[str]) -> str:
    """Return the custom that a name's tokens (capitals) look like: arabic, slavic, spanish, haitian, chinese, other."""
    names = [token for token in tokens if token]
    if not names:
        return OTHER
    if _ARABIC.intersection(names) or any(name.startswith(("ABDEL", "ABDUL")) for name in names):
        return "arabic"
    if any(_SLAVIC.fullmatch(name) for name in names):
        return "slavic"
    if len(_HAITIAN.intersection(names)) > 1:
        return "haitian"
    if _IBERIAN.intersection(names) or any(_SPANISH.fullmatch(name) for name in names):
        return "spanish"
    if all(_CHINESE.fullmatch(name) for name in names):
        return "chinese"
    return OTHER
