"""What the sentence chunker costs: microseconds of CPU for a token of four characters, and that it stays flat.

    python benches/text_chunker.py

A novel, and what a voice agent says, which is full of numbers, addresses and quotations; then text that was made to
hurt. That the cost is flat is also tested, in counts (`tests/actors/sentence_chunker/test_cost.py`).
"""

from __future__ import annotations

import platform
import statistics
import time
from collections.abc import Callable
from functools import partial

from trialogue.actors import SentenceChunker, SentenceChunkerSettings

PROSE = (
    "Sure, I can help you with that. Dr. Smith has an opening on Tuesday at 10:30 a.m., and another one at 3 "
    "p.m. Which one would you prefer? The first visit costs $125.50, and it takes about an hour. If you'd "
    "rather come in the evening, we're open until 8 p.m. on Thursdays. Your last visit was on March 3, 2024. "
    'She said, "Please bring your insurance card." You can also write to us at hello@example.com, or look at '
    "www.example.com/visit for directions. The office (it is the one with the blue door) is on Main St. near "
    "the library. Is there anything else that you'd like to know? I'm happy to answer. Great! Let me book "
    "that for you... One moment, please. Done: you're all set.\n"
)
PLAIN = (
    "Alice was not a bit hurt, and she jumped up in a moment. She looked up, but it was all dark overhead; "
    "before her was another long passage and the White Rabbit was still in sight, hurrying down it. There was "
    "not a moment to be lost. Away went Alice like the wind and was just in time to hear it say, as it turned "
    "a corner, how late it was getting.\n"
)
GERMAN = (
    "Gerne, ich schaue kurz nach. Herr Dr. Meyer hat am 3. Mai um 10.30 Uhr einen Termin frei, z. B. für ein "
    "Erstgespräch. Möchten Sie den nehmen? Die Untersuchung kostet 125,50 Euro und dauert ca. eine Stunde.\n"
)
CHINESE = (
    "好的，我来帮您查一下。史密斯医生星期二上午十点半有空，下午三点也可以。"
    "您想要哪一个时间？第一次检查的费用是一百二十五元。\n"
)
HOSTILE = {
    "no terminator": "word ",
    "no space": "a",
    "dots": ".",
    "dots and spaces": ". ",
    "exclamations": "!? ",
    "ellipses": "... ",
    "full-width stops": "。",
    "brackets that open": "(",
    "brackets before words": "(word ",
    "brackets that close": ")",
    "quotation marks": '"',
    "quotation marks before words": '"a. ',
    "apostrophes": "'a ",
    "first halves of quotations": "“",
    "deep nesting": "(“[‘«",
    "halves of tags": "<a ",
    "tags": "<a>",
    "digits": "1",
    "digits and dots": "1.",
    "numbers": "1. ",
    "dates": "12. 5. ",
    "abbreviations": "Dr. ",
    "abbreviations with dots": "e.g. ",
    "initials": "A. ",
    "acronyms": "U.S. ",
    "units": "5 a. ",
    "list items": "1. a ",
    "bullets": "• ",
    "late closers": ". ) ",
    "emoji": ". 😀 ",
    "notes": ". [1] ",
    "words without a space between": "Abc.Def",
    "Thai": "กข ",
    "Arabic clauses": "كتب، ",
    "combining marks": "\u0301",
    "line breaks": "\n",
    "spaces": " ",
}
"""Units of which hostile texts are made by repeating them."""

TOKEN = 4
ROUNDS = 15


def chunk(text: str, settings: SentenceChunkerSettings, size: int = TOKEN) -> int:
    """Push the text in tokens of so many characters; return how many chunks came."""
    chunker = SentenceChunker(settings)
    push = chunker.push
    count = sum(len(push(text[n : n + size])) for n in range(0, len(text), size))
    return count + len(chunker.finish())


def nothing(text: str) -> int:
    """What slicing the text and calling a function cost: not the chunker's."""
    push = str.isspace
    return sum(push(text[n : n + TOKEN]) for n in range(0, len(text), TOKEN))


def microseconds(run: Callable[[], int], tokens: int, rounds: int = ROUNDS) -> tuple[float, float]:
    """Median and best CPU time for one token, in microseconds."""
    times = []
    for _ in range(rounds):
        began_ns = time.process_time_ns()
        run()
        times.append((time.process_time_ns() - began_ns) / 1000 / tokens)
    return statistics.median(times), min(times)


def report(name: str, run: Callable[[], int], tokens: int) -> float:
    """Print one line; return the median."""
    median, best = microseconds(run, tokens)
    print(f"{name:44} {median:7.3f} {best:7.3f}")
    return median


def report_growth(name: str, unit: str, settings: SentenceChunkerSettings) -> None:
    """Print what a token of a long hostile text costs, and how many times as much as one of a short one."""
    short, long = (unit * (size // len(unit)) for size in (4_000, 40_000))
    _, brief = microseconds(partial(chunk, short, settings), len(short) // TOKEN, rounds=5)
    _, best = microseconds(partial(chunk, long, settings), len(long) // TOKEN, rounds=2)
    print(f"all {name:40} {best:7.3f}, {best / brief:4.2f} times a short one's")


def main() -> None:
    """Print the costs, in microseconds of CPU for a token: median and best of the rounds."""
    print(
        f"{platform.python_implementation()} {platform.python_version()}, {platform.machine()}; µs per token of {TOKEN}"
    )
    plain, spoken = SentenceChunkerSettings(), SentenceChunkerSettings.for_speech()
    text, novel = PROSE * 20, PLAIN * 50
    report("loop alone (contained in all)", lambda: nothing(text), len(text) // TOKEN)
    report("English, a novel", partial(chunk, novel, plain), len(novel) // TOKEN)
    report("English, defaults", lambda: chunk(text, plain), len(text) // TOKEN)
    report("English, told", lambda: chunk(text, SentenceChunkerSettings(language="en")), len(text) // TOKEN)
    report("English, for speech", lambda: chunk(text, spoken), len(text) // TOKEN)
    report("English, character by character (x 4)", lambda: chunk(text, plain, 1), len(text) // TOKEN)
    for name, sample in (("German, defaults", GERMAN * 20), ("Chinese, defaults", CHINESE * 20)):
        report(name, partial(chunk, sample, plain), len(sample) // TOKEN)
    for size in (1_000, 32_000, 1_000_000):
        sized = (PROSE * (size // len(PROSE) + 1))[:size]
        report(f"English, {size:,} characters", partial(chunk, sized, plain), size // TOKEN)
    for name, unit in HOSTILE.items():
        report_growth(name, unit, plain)


if __name__ == "__main__":
    main()
