"""Reading of words that are not plain: addresses, domains, names joined by signs."""

from __future__ import annotations

import re
from typing import Final

from trialogue.actors.text_filter._settings import Rule, TextFilterSettings

EMAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
HOST: Final = re.compile(r"(?:https?://)?(?:www\.)?([^/?#:\s]+)", re.IGNORECASE)
DOMAIN: Final = re.compile(
    r"(?:[a-z0-9-]+\.)+(?:com|org|net|io|ai|dev|app|edu|gov|info|biz|me|co|tv|xyz|eu|uk|us|de|fr|es|it|pt|nl|pl|ru|tr|in|"
    r"br|ca|au|ch|at|be|jp|cn|kr|se|no|dk|fi)(?:/[^\s]*)?",
    re.IGNORECASE,
)
SIGNS: Final = {".": "dot", "@": "at", "-": "dash", "_": "underscore", "/": "slash", "+": "plus"}


class WordRules:
    """Reads words that are not plain.

    Args:
        settings: the language and which rules apply.
    """

    def __init__(self, settings: TextFilterSettings) -> None:
        self._settings = settings

    def url(self, url: str) -> str | None:
        """The host of an address, as it is said."""
        match = HOST.match(url)
        if match is None or not self._settings.has(Rule.URLS):
            return None
        return self._spelled(match[1])

    def read(self, atom: str) -> str | None:
        """What is said for it; None for the word itself."""
        if self._settings.has(Rule.EMAILS) and EMAIL.fullmatch(atom):
            return self._spelled(atom)
        if self._settings.has(Rule.URLS) and DOMAIN.fullmatch(atom):
            return self.url(atom)
        return None

    def _spelled(self, address: str) -> str:
        said = [f" {SIGNS[part]} " if part in SIGNS else part for part in re.split(r"([.@_/+-])", address)]
        return "".join(said).strip()
