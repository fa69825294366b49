"""Which way leads a list to its newest version by the fewest bytes still missing: a chain of deltas, or the whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from checkpoint_app.sync.offers import Delta, Offer, Package
from checkpoint_app.wire.repository import ListTarget


@dataclass(frozen=True, slots=True)
class Way:
    """What leads to the newest version: ``steps`` are deltas in their order, none for the whole package."""

    offer: Offer
    steps: tuple[Delta, ...] = ()

    @property
    def packages(self) -> tuple[Package, ...]:
        """The files of the way, in the order in which they are brought and applied."""
        return tuple(delta.package for delta in self.steps) or (self.offer.package,)

    @property
    def total(self) -> int:
        """The bytes of the whole way."""
        return sum(package.length for package in self.packages)

    def led_to(self, package: Package) -> ListTarget:
        """Return the version that the list has after ``package``; of one on the way only the moment is the newest's."""
        for delta in self.steps:
            if delta.package == package:
                return replace(self.offer.listed, version=delta.step.version, digest=delta.step.digest)
        return self.offer.listed


def shortest(
    offer: Offer, version: int, digest: str, missing: Callable[[Package], int], barred: Callable[[Package], bool]
) -> Way:
    """Return the way from ``version`` in force, whose whole payload has ``digest``, to the newest.

    ``missing`` tells how many bytes of a file are still to come, ``barred`` whether this booth refused it. A chain
    begins at just that version and digest, each step at the digest that the one before leads to, all under the one key
    that the grant of the newest version opens. No step leads to a list that is withdrawn.
    """
    none: tuple[Delta, ...] = ()
    ends = {(version, digest): (0, none)}
    for delta in () if offer.listed.withdrawn else offer.deltas:  # ascending: a step comes after all that lead to it
        step = delta.step
        before = ends.get((step.base_version, step.base_digest))
        if before is None or step.key_id != offer.listed.key_id or barred(delta.package):
            continue
        cost, steps = before[0] + missing(delta.package), (*before[1], delta)
        after = step.version, step.digest
        if after not in ends or cost < ends[after][0]:
            ends[after] = cost, steps
    cost, steps = ends.get((offer.listed.version, offer.listed.digest), (0, none))
    return Way(offer, steps) if steps and cost < missing(offer.package) else Way(offer)
