"""Lists to choose from, and the plots of rules, as plain values: see `booth.view.screen`."""

from __future__ import annotations

from dataclasses import dataclass

from checkpoint_app.booth.view.screen import CaseTab
from checkpoint_app.verdict import Outcome

MOST_LISTED, MOST_PLOTS = 7, 4
"""How many rows, and how many plots, a page has."""


@dataclass(frozen=True, slots=True)
class ListingRow:
    """One row of a listing: a sign (an ``Outcome``; None: waits), its cells, and whether it is bold.

    ``bare``: nothing is looked for here, the row has no sign at all.
    """

    outcome: Outcome | None
    cells: tuple[str, ...]
    strong: bool = False
    accessible: str = ""
    bare: bool = False


@dataclass(frozen=True, slots=True)
class ListingView:
    """A list to choose from (arrivals, who is on one, inspections): at most 7 rows of the page shown.

    ``selected`` counts from 0, -1 where there is none. ``progress`` is how far what is listed has been screened, 0..1,
    None where nothing is under way, with ``progress_text``.
    """

    title: str
    tabs: tuple[CaseTab, ...]
    heads: tuple[str, ...]
    rows: tuple[ListingRow, ...]
    selected: int
    page: str = ""
    empty: str = ""
    progress: float | None = None
    progress_text: str = ""


@dataclass(frozen=True, slots=True)
class RulePlot:
    """One rule over its days: share of subjects that it hit, 0..1 of the plot's height; ``limit`` its highest share.

    ``precision`` is low end, found share, high end of what inspections found, 0..1, None before the first result;
    ``drawn`` the share that the lot finds in the same lane, None where nothing is known. ``flag`` is why it stands out.
    In words: ``limit_text`` at the limit's line, ``span`` the first and the last day, ``precision_text`` above the bar.
    """

    rule: str
    title: str
    said: str
    days: tuple[float | None, ...]
    limit: float
    precision: tuple[float, float, float] | None = None
    drawn: float | None = None
    flag: str = ""
    accessible: str = ""
    limit_text: str = ""
    span: tuple[str, str] = ("", "")
    precision_text: str = ""


@dataclass(frozen=True, slots=True)
class RulesView:
    """The rules in force, a plot each: at most 4 of the page shown. ``legend``: hits a day, limit, precision, lot."""

    title: str
    said: str
    plots: tuple[RulePlot, ...]
    selected: int
    legend: tuple[str, str, str, str]
    page: str = ""
    empty: str = ""
