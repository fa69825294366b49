"""The demo's rule sets as their owner signs them: files of `resources/demo/rules`, dated for the day of the demo."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checkpoint_app.resources import resource_path

AGE = timedelta(hours=20)
"""How old the newest version is: the screen then says so, and no check is "as of" for it."""
RULE_OWNER = "ECU"
_FOLDER = "demo/rules"


@dataclass(frozen=True, slots=True)
class DemoRules:
    """A rule set of the demo: the list's name, which is the set's, and the file that it is made from."""

    name: str
    file: str

    @property
    def path(self) -> Path:
        """Return where its file is."""
        return resource_path(f"{_FOLDER}/{self.file}")

    def issued(self, at: datetime) -> bytes:
        """Return the exact bytes of the set as issued ``at``: its rules are in force a year before and after."""
        plain = json.loads(self.path.read_bytes())
        first, last = at.date() - timedelta(days=365), at.date() + timedelta(days=365)
        plain["version"], plain["issued"] = f"{at:%Y.%m.%d-%H%M%S}", f"{at:%Y-%m-%dT%H:%M:%SZ}"
        for rule in plain["rules"]:
            rule["starts"], rule["ends"] = first.isoformat(), last.isoformat()
        return json.dumps(plain, ensure_ascii=False, indent=1).encode()


RULE_SETS = (DemoRules("demo-viajeros", "traveller.json"), DemoRules("demo-carga", "consignment.json"))


def write_signed(data: bytes, folder: Path, key: Ed25519PrivateKey) -> tuple[Path, Path]:
    """Write a set and its owner's detached signature; return both files."""
    source, signature = folder / "rules.json", folder / "rules.sig"
    source.write_bytes(data)
    signature.write_bytes(key.sign(data))
    return source, signature
