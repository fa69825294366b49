"""What is to be found in a document: a code that the post's policy weighs, and what fills its words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class DocumentFinding:
    """One finding: ``code`` is of ``FINDING_CODES``; ``params`` fill its words, ``field`` among them names a field."""

    code: str
    params: Mapping[str, str] = field(default_factory=dict)
