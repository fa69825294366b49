"""Every word that the desk can need is there, in every language."""

from __future__ import annotations

import re
import string

import pytest

from checkpoint_app.booth.desk.words import LANGUAGES, Words
from checkpoint_app.booth.encounter.decisions import CHOICES, SUBJECTS
from checkpoint_app.booth.record.encounter import Disposition
from checkpoint_app.documents import FINDING_CODES, MRZ_ERROR_CODES, Format
from checkpoint_app.readers.reading import READ_ERRORS
from checkpoint_app.screening import REASON_CODES
from checkpoint_app.screening.entry import DocumentCategory
from checkpoint_app.verdict import Advice, Check, HandlingCode, NotDone
from checkpoint_app.wire.grant import GrantError
from checkpoint_app.wire.header import PackageError

NEEDED = {
    *(f"advice.{one}" for one in Advice),
    *(f"check.{one}" for one in Check),
    *(f"not_done.{one}" for one in NotDone),
    *(f"handling.{one}" for one in HandlingCode),
    *(f"category.{one}" for one in DocumentCategory),
    *(f"history.{one}" for one in Disposition),
    *(f"message.{one}" for one in Disposition),
    *(f"read.{code}" for code in READ_ERRORS),
    *(f"refused.{error.code}" for root in (PackageError, GrantError) for error in root.__subclasses__()),
    *(f"finding.{code}" for code in FINDING_CODES),
    *(f"document.format.{one}" for one in Format),
    *(f"mrz_error.{code}" for code in MRZ_ERROR_CODES),
    *(f"reason.{SUBJECTS.get(name, name)}.{code}" for name, codes in CHOICES.items() for code in codes),
    *(f"form.why_{name}" for name in CHOICES),
    *REASON_CODES,
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_needed_word_is_there(language: str) -> None:
    words = Words(language)
    assert [key for key in sorted(NEEDED) if not words.knows(key)] == []


def test_languages_have_the_same_keys_and_the_same_gaps_to_fill() -> None:
    first, *others = (Words(language) for language in LANGUAGES)
    for other in others:
        assert first.keys() == other.keys()
        for key in sorted(first.keys()):
            assert gaps(first, key) == gaps(other, key), key


def gaps(words: Words, key: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(words._phrases[key]) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrase_blames_or_panics(language: str) -> None:
    """facts of the screen: never "error", "failed", "suspicious"; say what was not done, and why."""
    words = Words(language)
    bad = re.compile(r"\b(error|fallo|suspicious|sospechos[oa]|invalid|inválid[oa])\b", re.IGNORECASE)
    assert [key for key in sorted(words.keys()) if bad.search(words._phrases[key])] == []
