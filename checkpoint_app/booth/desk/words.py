"""Phrases in the officer's language, from `resources/words/LANGUAGE/*.toml`."""

from __future__ import annotations

import tomllib
from functools import cache

from checkpoint_app.resources import resource_path

LANGUAGES = ("es", "en")


class Words:
    """The phrases of one language. ``say`` fills a phrase; a key that is missing is a defect and raises KeyError."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._phrases = _phrases(language)

    def say(self, key: str, /, **params: object) -> str:
        """Return the phrase of ``key`` with ``params`` put in; with ``count`` = 1 the form ``key.one`` comes first."""
        if params.get("count") == 1 and f"{key}.one" in self._phrases:
            key = f"{key}.one"
        return self._phrases[key].format_map(params)

    def knows(self, key: str) -> bool:
        """Tell whether there is a phrase for ``key``."""
        return key in self._phrases

    def decimal(self, value: float, places: int = 1) -> str:
        """Return ``value`` with the language's decimal sign."""
        text = f"{value:.{places}f}"
        return text if self.language == "en" else text.replace(".", ",")

    def whole(self, value: int) -> str:
        """Return a whole number with its thousands apart, as the language parts them."""
        text = f"{value:,}"
        return text if self.language == "en" else text.replace(",", "\u00a0")

    def keys(self) -> frozenset[str]:
        """Return every key, so that tests can compare languages."""
        return frozenset(self._phrases)


@cache
def _phrases(language: str) -> dict[str, str]:
    """Read all files of a language; tables become dotted keys."""
    phrases: dict[str, str] = {}
    for path in sorted(resource_path(f"words/{language}").glob("*.toml")):
        flat = _flat(tomllib.loads(path.read_text(encoding="utf-8")), "")
        if twice := phrases.keys() & flat.keys():
            raise ValueError(f"{path.name}: phrases defined twice: {', '.join(sorted(twice))}")
        phrases |= flat
    return phrases


def _flat(table: dict[str, object], prefix: str) -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = str(value)
    return flat
