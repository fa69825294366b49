"""Pictures of specimen documents as a camera at a booth would take them: drawn, then degraded, from a seed."""

from __future__ import annotations

import numpy as np

from checkpoint_app.demo import layouts
from checkpoint_app.demo.degrade import photograph
from checkpoint_app.documents import Format, TravelDocument, to_mrz

_LAYOUTS = {
    Format.TD3: (layouts.passport, (1920, 1560)),
    Format.TD1: (layouts.card, (1500, 1860)),
    Format.MRVA: (layouts.visa, (1920, 1440)),
}


def draw(
    document: TravelDocument, *, seed: int, hardness: float = 0.0, mrz_lines: tuple[str, ...] | None = None
) -> bytes:
    """Return a JPEG of ``document`` (TD3, TD1 or MRVA), marked SPECIMEN.

    The same ``seed`` gives the same picture. ``hardness`` runs from 0 (scanner) to 1 (hand-held, glare).
    ``mrz_lines`` are printed in place of the right ones, to plant a wrong digit. Raises ValueError for another format
    or a hardness outside 0..1, and MissingFontError where a font is not installed.
    """
    if document.format not in _LAYOUTS:
        raise ValueError(f"no specimen is drawn for format {document.format}: use TD3, TD1 or MRVA")
    if not 0.0 <= hardness <= 1.0:
        raise ValueError(f"hardness {hardness} is outside 0..1")
    layout, size = _LAYOUTS[document.format]
    rng = np.random.default_rng(seed)
    sheets = layout(document, mrz_lines or to_mrz(document), rng)
    return photograph(sheets, size, rng, hardness)
