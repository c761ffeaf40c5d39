"""What the text filter costs: microseconds of CPU for a token of four characters, and that it stays flat.

    python benches/text_filter.py

Realistic input: replies as a language model sends them, plain and with markup and figures. How figures are read is
remembered for a while, so there are also figures of which hardly any comes twice.
"""

from __future__ import annotations

import platform
import random
import re
import statistics
import time
from collections.abc import Callable

from trialogue.actors import SentenceChunker, SentenceStage, TextFilter
from trialogue.frames import TextDelta

PROSE = (
    "Sure, I can help you with that. Doctor Smith has an opening on Tuesday morning, and another one in the afternoon. "
    "Which one would you prefer? If you'd rather come in the evening, we're open late on Thursdays. Please bring your "
    "insurance card. The office is on Main Street, near the library. Is there anything else that you'd like to know?\n"
)
FIGURES = (
    "Sure! Here's what I found: Dr. Smith has an opening on May 5, 2024 at 3:30 p.m., which costs $125.50, or 10% less "
    "for members. It is 5 km from you, and you can call 555-1234 or write to hello@example.com for directions.\n"
)
MARKUP = (
    "## Plans\n\n- **Basic** is *free* 😀\n- **Pro** has [more](https://example.com/pro) and `api_keys`\n\n"
    "Which one would you like? I can __set it up__ for you right away, if you want.\n\n"
)
TOKEN = 4
ROUNDS = 9


def filter_alone(text: str, size: int = TOKEN) -> int:
    """Push the text in tokens of so many characters; return how many pieces came."""
    push = (text_filter := TextFilter()).push
    count = sum(len(push(text[at : at + size])) for at in range(0, len(text), size))
    return count + len(text_filter.finish())


def filter_and_chunker(text: str, size: int = TOKEN) -> int:
    """Like filter_alone, but through the sentence chunker as well; return how many chunks came."""
    text_filter, chunker = TextFilter(), SentenceChunker()
    count = 0
    for at in range(0, len(text), size):
        if pieces := text_filter.push(text[at : at + size]):
            count += len(chunker.push("".join([piece.text for piece in pieces])))
    rest = "".join([piece.text for piece in text_filter.finish()])
    return count + len(chunker.push(rest)) + len(chunker.finish())


def stage(text: str, size: int = TOKEN) -> int:
    """Like filter_and_chunker, but with the way back from each sentence to the text; return how many sentences came."""
    sentences = SentenceStage()
    count = sum(len(sentences.push(TextDelta(text=text[at : at + size]))) for at in range(0, len(text), size))
    return count + len(sentences.finish())


def with_other_figures(text: str, chance: random.Random) -> str:
    """The text with figures of as many digits, but other ones; they begin with 1 or 2, as hours and days may."""
    return re.sub(r"\d+", lambda figure: str(chance.randint(1, 2)) + _digits(len(figure[0]) - 1, chance), text)


def _digits(count: int, chance: random.Random) -> str:
    return "".join(str(chance.randrange(10)) for _ in range(count))


def per_token(work: Callable[[str], int], text: str, rounds: int = ROUNDS) -> list[float]:
    """CPU microseconds for each token, one value for each round."""
    work(text)
    times_us: list[float] = []
    for _ in range(rounds):
        began_s = time.process_time()
        work(text)
        times_us.append((time.process_time() - began_s) * 1e6 / (len(text) / TOKEN))
    return times_us


def report(claim: str, times_us: list[float]) -> None:
    """Best, median and worst round."""
    best, median, worst = min(times_us), statistics.median(times_us), max(times_us)
    print(f"{claim:<52} best {best:6.2f}  median {median:6.2f}  worst {worst:6.2f} µs")


def tokens() -> None:
    """Filter and chunker together cost at most 6 µs for a token of plain prose."""
    for name, text in (("prose", PROSE), ("figures", FIGURES), ("markup", MARKUP)):
        source = text * (40_000 // len(text))
        report(f"{name}: filter", per_token(filter_alone, source))
        report(f"{name}: filter and chunker", per_token(filter_and_chunker, source))
        report(f"{name}: the stage of a session", per_token(stage, source))
    source = with_other_figures(FIGURES * (40_000 // len(FIGURES)), random.Random(1))
    report("figures, others each time: filter and chunker", per_token(filter_and_chunker, source))


def flatness() -> None:
    """A megabyte costs per token what a kilobyte does, whatever it is made of."""
    for size in (1_000, 1_000_000):
        source = (PROSE * (size // len(PROSE) + 1))[:size]
        report(f"prose of {size:,} characters", per_token(filter_alone, source, rounds=3 if size > 1000 else 50))
    for monster in ("a", "*", "[", "<", "`", "```\n", "<think>", "|", "1 ", "- ", "(", "<a b=", "!["):
        short, long = (monster * (size // len(monster)) for size in (10_000, 100_000))
        ratio = min(per_token(filter_alone, long, rounds=1)) / min(per_token(filter_alone, short, rounds=3))
        print(f"{monster!r:<12} 100 kB cost {ratio:4.1f} times as much per token as 10 kB")


if __name__ == "__main__":
    print(f"{platform.python_implementation()} {platform.python_version()}, {platform.machine()}, tokens of {TOKEN}")
    tokens()
    flatness()
