"""Run the public rule sets through our chunker and through the splitters of others; print the pass table as Markdown.

    python docs/text/compare_splitters.py            the table of docs/text/chunker.md
    python docs/text/compare_splitters.py --json     the same as numbers

The others are optional: pysbd, nltk (with its punkt data), blingfire, livekit-agents, pipecat-ai, sentencex. One
that is not installed is skipped, and the reason printed. Each gets the whole text and the language; Pipecat's and
ours, which are made for streams, get it character by character.
"""

from __future__ import annotations

import asyncio
import datetime
import importlib.metadata
import json
import platform
import sys
from collections.abc import Callable
from pathlib import Path

from trialogue.actors import SentenceChunker, SentenceChunkerSettings

Split = Callable[[str, str], list[str]]

ROOT = Path(__file__).parents[2]
RULES = ROOT / "tests" / "actors" / "sentence_chunker"
PUNKT = {
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "fr": "french",
    "it": "italian",
    "nl": "dutch",
    "pl": "polish",
    "ru": "russian",
}
"""The languages that punkt has a model of; English for the others."""


def ours(text: str, language: str) -> list[str]:
    """A SentenceChunker with the language told."""
    chunker = SentenceChunker(SentenceChunkerSettings(language=language))
    chunks = [chunk for char in text for chunk in chunker.push(char)] + chunker.finish()
    return [chunk.text for chunk in chunks]


def ours_detecting(text: str, language: str) -> list[str]:
    """A SentenceChunker that has to find the language out."""
    return ours(text, "auto")


def pysbd() -> Split:
    """Segmenters as their authors test them: no cleaning."""
    import pysbd as library

    segmenters: dict[str, Callable[[str], list[str]]] = {}

    def split(text: str, language: str) -> list[str]:
        if language not in segmenters:
            segmenters[language] = library.Segmenter(language=language, clean=False).segment
        return list(segmenters[language](text))

    return split


def punkt() -> Split:
    """NLTK's sent_tokenize."""
    import nltk

    nltk.sent_tokenize("Its data is a download of its own.")
    return lambda text, language: list(nltk.sent_tokenize(text, language=PUNKT.get(language, "english")))


def blingfire() -> Split:
    """Microsoft's blingfire: one model for all languages."""
    import blingfire as library

    return lambda text, language: str(library.text_to_sentences(text.replace("\n", " "))).split("\n")


def livekit_default() -> Split:
    """LiveKit's default tokenizer (blingfire and danda), without its minimum of 20 characters."""
    from livekit.agents.tokenize import blingfire as tokenize

    tokenizer = tokenize.SentenceTokenizer(min_sentence_len=1)
    return lambda text, language: tokenizer.tokenize(text, language=language)


def livekit_basic() -> Split:
    """LiveKit's rule-based tokenizer, without its minimum."""
    from livekit.agents.tokenize import basic

    tokenizer = basic.SentenceTokenizer(min_sentence_len=1)
    return lambda text, language: tokenizer.tokenize(text, language=language)


def pipecat() -> Split:
    """Pipecat's aggregator, fed as in a pipeline."""
    from pipecat.utils.text.simple_text_aggregator import SimpleTextAggregator

    async def stream(text: str, language: str) -> list[str]:
        aggregator = SimpleTextAggregator(language=language)
        found = [aggregation.text async for aggregation in aggregator.aggregate(text)]
        rest = await aggregator.flush()
        return [*found, rest.text] if rest else found

    def split(text: str, language: str) -> list[str]:
        return asyncio.run(stream(text, language))

    return split


def sentencex() -> Split:
    """Wikimedia's sentencex."""
    import sentencex as library

    return lambda text, language: list(library.segment(language, text))


OTHERS: dict[str, tuple[str, Callable[[], Split]]] = {
    "pySBD": ("pysbd", pysbd),
    "NLTK punkt": ("nltk", punkt),
    "blingfire": ("blingfire", blingfire),
    "LiveKit default": ("livekit-agents", livekit_default),
    "LiveKit basic": ("livekit-agents", livekit_basic),
    "Pipecat": ("pipecat-ai", pipecat),
    "sentencex": ("sentencex", sentencex),
}


SETS = {
    "The rule sets of pySBD": ("golden", "more"),
    "Those that pySBD runs behind its cleaner": ("clean",),
    "Our own: languages without a public set, and what voice agents say": ("own", "open"),
}


def load() -> tuple[dict[str, Split], dict[str, str]]:
    """The splitters that are here, and why the others are not."""
    splitters: dict[str, Split] = {"Trialogue": ours, "Trialogue, language detected": ours_detecting}
    skipped = {}
    for name, (package, make) in OTHERS.items():
        try:
            splitters[f"{name} {importlib.metadata.version(package)}"] = make()
        except (ImportError, LookupError) as error:
            missing = (
                "it is not installed"
                if isinstance(error, ImportError)
                else "its data, a separate download, is not here"
            )
            skipped[name] = f"{missing} ({package})"
    return splitters, skipped


def rule_sets(kinds: tuple[str, ...]) -> dict[str, list[tuple[str, list[str]]]]:
    """Language to its texts and their sentences."""
    sets: dict[str, list[tuple[str, list[str]]]] = {}
    for file in sorted(RULES.glob("*/*.json")):
        for kind, cases in json.loads(file.read_text(encoding="utf-8")).items():
            if kind in kinds:
                found = sets.setdefault(file.stem, [])
                found += [(case["text"], [sentence.strip() for sentence in case["sentences"]]) for case in cases]
    return sets


def passes(split: Split, text: str, sentences: list[str], language: str) -> bool:
    """Whether the splitter finds exactly these sentences; one that raises has failed."""
    try:
        found = split(text, language)
    except Exception as error:  # noqa: BLE001 - another project's error is a failed rule, whatever it is
        print(f"{language}: {type(error).__name__}: {error}", file=sys.stderr)
        return False
    return tidy(found) == tidy(sentences)


def tidy(sentences: list[str]) -> list[str]:
    """Without white space at the ends, and with single spaces within: the expectations come out of a cleaner."""
    return [" ".join(sentence.split()) for sentence in sentences if sentence.strip()]


def count(splitters: dict[str, Split], kinds: tuple[str, ...]) -> dict[str, dict[str, tuple[int, int]]]:
    """Splitter to language to rules passed and rules run."""
    sets = rule_sets(kinds)
    return {
        name: {
            language: (sum(passes(split, text, sentences, language) for text, sentences in cases), len(cases))
            for language, cases in sets.items()
        }
        for name, split in splitters.items()
    }


def table(counts: dict[str, dict[str, tuple[int, int]]]) -> str:
    """Markdown, a row for each language."""
    names = list(counts)
    languages = sorted(counts[names[0]], key=lambda language: (language != "en", language))
    rows = [["language", "rules", *names], ["---"] * (len(names) + 2)]
    for language in languages:
        rows.append([language, str(counts[names[0]][language][1]), *(str(counts[name][language][0]) for name in names)])
    totals = [sum(passed for passed, _ in counts[name].values()) for name in names]
    rows.append(["all", str(sum(run for _, run in counts[names[0]].values())), *map(str, totals)])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def report() -> str:
    """The tables, when they were made, and what was skipped, as Markdown."""
    splitters, skipped = load()
    tables = [f"**{title}**\n\n{table(count(splitters, kinds))}\n" for title, kinds in SETS.items()]
    made = f"One run, {datetime.date.today().isoformat()}, CPython {platform.python_version()}."
    return "\n".join([*tables, made, *(f"{name} was not run: {reason}." for name, reason in skipped.items())])


def main() -> None:
    """Print the tables."""
    if "--json" not in sys.argv:
        print(report())
        return
    splitters, _ = load()
    counts = {title: count(splitters, kinds) for title, kinds in SETS.items()}
    print(json.dumps(counts, indent=1))


if __name__ == "__main__":
    main()
