"""One child process with limits on memory, CPU and time, for everything that comes from outside."""

from checkpoint_app.confined.errors import (
    ConfinedClosedError,
    ConfinedDiedError,
    ConfinedError,
    ConfinedRefusedError,
    ConfinedSpentError,
    ConfinedTimeoutError,
    RefusalError,
)
from checkpoint_app.confined.limits import Limits
from checkpoint_app.confined.progress import emit
from checkpoint_app.confined.runner import Confined

__all__ = [
    "Confined",
    "ConfinedClosedError",
    "ConfinedDiedError",
    "ConfinedError",
    "ConfinedRefusedError",
    "ConfinedSpentError",
    "ConfinedTimeoutError",
    "Limits",
    "RefusalError",
    "emit",
]
