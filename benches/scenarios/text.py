"""What the way from the model's tokens to sentences costs, S6."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from functools import partial
from typing import Final

from benches import text_chunker, text_filter
from benches._harness import tell
from trialogue.actors import SentenceChunkerSettings
from trialogue.cli.bench import Claim, Curve, Distribution, Findings, Row

#: Lengths of text, characters.
_SIZES: Final = (1_000, 10_000, 100_000, 1_000_000)


def chunker(*, quick: bool) -> Findings:
    """Cutting a model's text into sentences costs at most 2 µs of CPU a token of four characters, however long it is.

    A novel, and what an agent says, which is full of numbers, addresses and quotations; in three languages.
    """
    plain, spoken = SentenceChunkerSettings(), SentenceChunkerSettings.for_speech()
    texts = {
        "a novel": (text_chunker.PLAIN, plain),
        "an agent's talk": (text_chunker.PROSE, plain),
        "an agent's talk, settings for speech": (text_chunker.PROSE, spoken),
        "German": (text_chunker.GERMAN, plain),
        "Chinese": (text_chunker.CHINESE, plain),
    }
    work: dict[str, tuple[Callable[[str], int], str]] = {
        case: (partial(_chunk, settings), _of_length(text, 5_000 if quick else 20_000))
        for case, (text, settings) in texts.items()
    }
    rows, samples = _costs(work, {"a novel": 2.0, "an agent's talk": 2.0}, rounds=5 if quick else 15)
    curve = _by_length("Cutting, by the length of the text", partial(_chunk, plain), text_chunker.PROSE, quick=quick)
    plot = Distribution(title="Cutting a token's text", unit="µs", samples=samples, limit=2.0)
    return Findings(rows=rows, plots=[plot, curve])


def filter(*, quick: bool) -> Findings:
    """Filtering markup and reading figures out, with cutting into sentences: at most 6 µs of CPU a token of prose."""
    texts = {"prose": text_filter.PROSE, "figures": text_filter.FIGURES, "markup": text_filter.MARKUP}
    length = 8_000 if quick else 40_000
    work: dict[str, tuple[Callable[[str], int], str]] = {}
    for name, text in texts.items():
        work[f"{name}, filter"] = (text_filter.filter_alone, _of_length(text, length))
        work[f"{name}, filter and chunker"] = (text_filter.filter_and_chunker, _of_length(text, length))
    rows, samples = _costs(work, {"prose, filter and chunker": 6.0}, rounds=3 if quick else 9)
    curve = _by_length("Filtering, by the length of the text", text_filter.filter_alone, text_filter.PROSE, quick=quick)
    return Findings(rows=rows, plots=[Distribution(title="Filtering a token", unit="µs", samples=samples), curve])


def _chunk(settings: SentenceChunkerSettings, text: str) -> int:
    return text_chunker.chunk(text, settings)


def _of_length(text: str, length: int) -> str:
    return (text * (length // len(text) + 1))[:length]


def _costs(
    work: dict[str, tuple[Callable[[str], int], str]], claims: dict[str, float], rounds: int
) -> tuple[list[Row], dict[str, list[float]]]:
    rows: list[Row] = []
    samples: dict[str, list[float]] = {}
    for case, (function, text) in work.items():
        tell(case)
        samples[case] = text_filter.per_token(function, text, rounds)
        figures = {"cpu_us": round(statistics.median(samples[case]), 2), "cpu_least_us": round(min(samples[case]), 2)}
        claim = (Claim("cpu_us", "<=", claims[case]),) if case in claims else ()
        rows.append(Row(case=case, figures=figures, claims=claim))
    return rows, samples


def _by_length(title: str, function: Callable[[str], int], text: str, *, quick: bool) -> Curve:
    tell("by length")
    points = [
        (size, round(min(text_filter.per_token(function, _of_length(text, size), rounds=3)), 3))
        for size in (_SIZES[:3] if quick else _SIZES)
    ]
    return Curve(title=title, x="characters", y="CPU, µs a token", series={"English": points})
