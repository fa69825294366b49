"""What the centre says of the rules that were played: evaluated again, and tried as before going live."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from checkpoint_app.demo.centre import DemoCentre
from checkpoint_app.demo.hands import PlayError
from checkpoint_app.demo.remote import Told
from checkpoint_app.demo.rule_sets import RULE_SETS

_BACK_TEST_S = 120.0


def measured(centre: DemoCentre) -> list[Told]:
    """Return what came of it. Raises DemoCentreError, and PlayError where booth and centre differ."""
    return [_repeated(centre), _tried(centre)]


def _repeated(centre: DemoCentre) -> Told:
    """Every evaluation of the booth was made again by the centre, and came to the same."""
    sets = json.loads(centre.command("rules", "--json"))["rules"]
    counted = [one for each in sets for one in each["counted"]]
    same, differ = (sum(one[name] for one in counted) for name in ("same", "differ"))
    if differ or not same:
        raise PlayError(f"rules: {same} evaluations are the same at the centre, {differ} are not")
    return Told("rules, evaluated again by the centre", f"{same} evaluations the same, {differ} not")


def _tried(centre: DemoCentre) -> Told:
    """The passages of goods, written by the centre, and what the set would have done with them."""
    goods = RULE_SETS[1]
    with tempfile.TemporaryDirectory(dir=centre.folder) as name:  # the passages are personal, and don't stay
        rules, passages = Path(name) / "rules.json", Path(name) / "passages.jsonl"
        rules.write_bytes(goods.issued(datetime.now(UTC)))
        centre.command("rules", f"--journal={passages}", "--subject=consignment")
        words = ("rules", "backtest", str(rules), f"--journal={passages}", "--json")
        done = subprocess.run(
            [sys.executable, "-m", "checkpoint_app", *words],
            capture_output=True,
            text=True,
            timeout=_BACK_TEST_S,
            check=False,
        )
    if done.returncode != 0:
        raise PlayError(f"the back-test failed: {done.stderr.strip()}")
    told = json.loads(done.stdout)
    hit = ", ".join(f"{one['rule']} {one['outcomes']['hit']}" for one in told["rules"] if one["outcomes"].get("hit"))
    return Told("the same, tried as before going live", f"{told['passages']} consignments, hits: {hit or 'none'}")
