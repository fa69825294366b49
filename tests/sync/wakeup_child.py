"""Runs in a network of its own: for each line on stdin, does what it says with `ip`, and prints how often it woke."""

from __future__ import annotations

import subprocess
import sys
import time

from checkpoint_app.sync import wakeup

WAITS_S = 0.4


def main() -> None:
    wakeup.SETTLES_S = wakeup.LEAST_BETWEEN_S = 0.05
    woken: list[float] = []
    watcher = wakeup.Wakeup(lambda: woken.append(time.monotonic()))
    print("told" if watcher.start() else "untold", flush=True)
    for line in sys.stdin:
        subprocess.run(["ip", *line.split()], check=True)
        time.sleep(WAITS_S)
        print(len(woken), flush=True)
        woken.clear()
    watcher.close()


if __name__ == "__main__":
    main()
