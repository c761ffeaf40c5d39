"""What machines say when they answer a telephone. Tables; matched on words in lower case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from trialogue.actors.text._later import later

CalleeKind = Literal["person", "mailbox", "menu", "unavailable", "uncertain"]

#: By language, what only a machine of each kind says. The first kind that fits counts: a mailbox may say that its
#: owner cannot be reached, and a menu that a message can be left.
_PHRASES: Final[Mapping[str, tuple[tuple[CalleeKind, tuple[str, ...]], ...]]] = {
    "en": (
        (
            "unavailable",
            (
                r"(number|person|party|customer|subscriber) you .*(not in service|no longer|disconnected|switched off)",
                r"number you .*(does not exist|cannot be completed)",
                r"call (cannot|can ?not|could not) be completed",
                r"check the number",
            ),
        ),
        (
            "menu",
            (
                r"\b(press|dial|say) (one|two|three|four|five|six|seven|eight|nine|zero|star|pound|hash|\d)\b",
                r"listen (carefully )?to the following|menu options|for english|party'?s extension",
            ),
        ),
        (
            "mailbox",
            (
                r"(leave|record) (me |us )?(a|your|the) (\w+ )?message",
                r"(after|at) the (tone|beep)|voice ?mail|mailbox|automated voice messag",
                r"(can'?t|cannot|can not|unable to) (come to|take|answer|get to) (the|your|my) (phone|call)",
                r"get back to you|return your call|(is|am|are) not available|away from (my|the) (desk|phone)",
            ),
        ),
    ),
    "de": (
        ("unavailable", (r"nummer (ist )?(nicht vergeben|nicht bekannt|unbekannt)|kein anschluss unter",)),
        (
            "menu",
            (
                r"\b(drücken|wählen|sagen) sie (bitte )?(die )?(eins|zwei|drei|vier|fünf|null|\d)\b",
                r"folgenden? (optionen|möglichkeiten)",
            ),
        ),
        (
            "mailbox",
            (
                r"hinterlassen sie|nach dem (signalton|ton|piep\w*)|mailbox|anrufbeantworter|sprachnachricht",
                r"(zurzeit|zur zeit|momentan|gerade|derzeit|im moment|leider) nicht (erreichbar|zu erreichen|da)",
                r"rufe? (sie )?zurück",
            ),
        ),
    ),
    "es": (
        (
            "unavailable",
            (r"número (marcado|que (usted )?marc\w+) (no existe|no está|está fuera)|fuera de servicio",),
        ),
        (
            "menu",
            (r"\b(marque|presione|pulse|oprima) (el )?(uno|dos|tres|cuatro|cinco|cero|\d)\b|siguientes opciones",),
        ),
        (
            "mailbox",
            (
                r"deje (su|un) (mensaje|recado)|después (de la señal|del tono)|buzón de voz|contestador",
                r"no (puedo|podemos) atender",
            ),
        ),
    ),
    "fr": (
        ("unavailable", (r"numéro .*(n'est pas|n'existe)|n'est pas attribué",)),
        ("menu", (r"\b(tapez|appuyez sur|composez|dites) (le |la )?(un|deux|trois|quatre|cinq|zéro|\d)\b",)),
        (
            "mailbox",
            (
                r"laiss(ez|er) (moi |nous )?(un|votre) message|après le (bip|signal)|messagerie|répondeur",
                r"(ne suis|n'est) pas (disponible|là)",
            ),
        ),
    ),
}

_COMPILED: Final = {
    language: tuple((kind, later("|".join(patterns))) for kind, patterns in table)
    for language, table in _PHRASES.items()
}


def kind_of(text: str, language: str) -> CalleeKind | None:
    """Which machine says this; None if it may be a person.

    Args:
        text: what was understood so far.
        language: such as "en" or "de-AT"; one without a table is judged as English.
    """
    table = _COMPILED.get(language.split("-")[0].lower(), _COMPILED["en"])
    said = " ".join(text.lower().replace("’", "'").split())
    return next((kind for kind, pattern in table if pattern.search(said)), None)
