"""What frames and replies cost: a hop through a channel, the way to the ears, the beginning of an answer."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Callable
from functools import partial

from benches import channel_hop, frame_path
from benches import reply as replies
from benches._harness import tell
from trialogue.cli.bench import Claim, Distribution, Findings, Row
from trialogue.engine import run


def hop(*, quick: bool) -> Findings:
    """A hop through a channel beside asyncio's queue: no more CPU in a burst, at most twice as much one by one.

    Both are measured in turn, A B A B; the ratio is the median of the pairs'.
    """
    rounds = 5 if quick else channel_hop.ROUNDS
    pairs: tuple[tuple[str, float, Callable[[], float], Callable[[], float]], ...] = (
        (
            "burst, capacity 8",
            1.0,
            partial(run, channel_hop.channel_burst, 8),
            lambda: asyncio.run(channel_hop.queue_burst(8)),
        ),
        (
            "burst, capacity 64",
            1.0,
            partial(run, channel_hop.channel_burst, 64),
            lambda: asyncio.run(channel_hop.queue_burst(64)),
        ),
        ("one by one", 2.0, partial(run, channel_hop.channel_paced), lambda: asyncio.run(channel_hop.queue_paced())),
    )
    rows: list[Row] = []
    samples: dict[str, list[float]] = {}
    for case, most, ours, theirs in pairs:
        tell(case)
        ours(), theirs()  # to warm up
        taken = [(ours(), theirs()) for _ in range(rounds)]
        samples[case] = [a / b for a, b in taken]
        figures = {
            "ours_us": round(statistics.median(a for a, _ in taken), 3),
            "asyncio_us": round(statistics.median(b for _, b in taken), 3),
            "ratio": round(statistics.median(samples[case]), 3),
            "ratio_least": round(min(samples[case]), 3),
            "ratio_most": round(max(samples[case]), 3),
        }
        rows.append(Row(case=case, figures=figures, claims=(Claim("ratio", "<=", most),)))
    return Findings(rows=rows, plots=[Distribution(title="Ratio to asyncio's queue", unit="×", samples=samples)])


def s3(*, quick: bool) -> Findings:
    """A frame to detector and recogniser: at most 10 µs of CPU where one is a stage of the other, 12 µs as two actors.

    20 ms frames of silence; the next one is pushed when both have seen the last. The frame's making is included.
    """
    rounds = 3 if quick else frame_path.ROUNDS
    cases = (
        ("fused", 10.0, frame_path.fused, True),
        ("unfused", 12.0, frame_path.unfused, True),
        ("unfused, shown in place", 12.0, frame_path.in_place, True),
        ("fused, in a burst", None, frame_path.fused, False),
        ("unfused, in a burst", None, frame_path.unfused, False),
    )
    rows: list[Row] = []
    samples: dict[str, list[float]] = {}
    for case, most_us, build, lockstep in cases:
        tell(case)
        samples[case] = [run(partial(frame_path.drive, build, lockstep=lockstep)) for _ in range(rounds)]
        figures = {"cpu_us": round(statistics.median(samples[case]), 2), "cpu_least_us": round(min(samples[case]), 2)}
        claims = () if most_us is None else (Claim("cpu_us", "<=", most_us),)
        rows.append(Row(case=case, figures=figures, claims=claims))
    return Findings(rows=rows, plots=[Distribution(title="A frame's way to both ears", unit="µs", samples=samples)])


def reply(*, quick: bool) -> Findings:
    """Beginning a reply and cancelling it costs at most 0.3 ms of CPU.

    Its graph is built and checked, its tasks start, the model is asked, and all of it is cancelled.
    """
    tell("begin and cancel")
    runs_ms = [run(replies.replies, 60 if quick else 300) for _ in range(3 if quick else replies.ROUNDS)]
    figures = {"cpu_ms": round(statistics.median(runs_ms), 3), "cpu_least_ms": round(min(runs_ms), 3)}
    return Findings(rows=[Row(case="begun and cancelled", figures=figures, claims=(Claim("cpu_ms", "<=", 0.3),))])
