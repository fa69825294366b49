"""`python -m tests.bench [AREA|all]`: runs the areas, writes build/bench/AREA.json, prints tables.

An area is a module of this folder with ``run() -> Report``.
"""

from __future__ import annotations

import importlib
import sys

from tests.bench.report import Report, SkippedError

AREAS = ("booth", "reading", "risk", "screening", "sync")


def main(arguments: list[str]) -> int:
    """Run the area named, or all; 0 done, 1 where one was skipped, 2 on bad usage."""
    name = arguments[0] if arguments else "all"
    if len(arguments) > 1 or (name != "all" and name not in AREAS):
        print(f"bench: no area {name}: give one of all, {', '.join(AREAS)}", file=sys.stderr)
        return 2
    chosen = AREAS if name == "all" else (name,)
    return max([_run(area) for area in chosen], default=0)


def _run(area: str) -> int:
    try:
        report: Report = importlib.import_module(f"tests.bench.{area}").run()
    except SkippedError as reason:
        print(f"{area}: skipped: {reason}")
        return 1
    path = report.write(area)
    print(f"{report.table(area)}\n  written to {path}\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
