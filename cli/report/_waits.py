"""Where the time before each answer went, as a table with bars."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Final

from trialogue.cli.report._markup import clock_link, number, text
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trialogue.agents import TurnMeasured
    from trialogue.cli.report._story import Story


@frozen
class Part:
    """A part of a wait: the event's field without its unit, its class in the style sheet, and what it means."""

    name: str
    look: str
    meaning: str

    @property
    def title(self) -> str:
        """What stands above its column."""
        return self.name.capitalize()


#: In the order in which they follow each other.
PARTS: Final = (
    Part("transcription", "p1", "until the words were final"),
    Part("endpointing", "p2", "until the turn was taken to be over"),
    Part("model", "p3", "until the model's first text"),
    Part("sentence", "p4", "until the first sentence was complete"),
    Part("voice", "p5", "until the voice's first sound"),
    Part("playout", "p6", "until that was played"),
)


def parts_of(measured: TurnMeasured) -> tuple[float, ...]:
    """The lengths of the parts, seconds; they sum to the latency."""
    return (
        measured.transcription_s,
        measured.endpointing_s,
        measured.model_s,
        measured.sentence_s,
        measured.voice_s,
        measured.playout_s,
    )


def draw_waits(story: Story) -> str:
    """The table, and under it the median of each part."""
    measured = story.measured
    if not measured:
        return "<p>No answer to the caller was heard, so there was nothing to measure.</p>"
    longest_s = max(each.latency_s for each in measured)
    legend = "".join(
        f'<li><span class="chip {part.look}"></span><b>{part.title}</b> {part.meaning}</li>' for part in PARTS
    )
    head = "".join(f'<th scope="col" class="n">{part.title}</th>' for part in PARTS)
    rows = "".join(_row(story, each, longest_s) for each in measured)
    medians = "".join(f'<td class="n">{_ms(value)}</td>' for value in _medians(measured))
    return (
        f'<ul class="legend">{legend}</ul><div class="wide"><table class="waits"><thead><tr>'
        f'<th scope="col">At</th><th scope="col">Caller</th><th scope="col" class="bar-cell">From the end of speech '
        f'to the first sound</th><th scope="col" class="n">Total</th>{head}</tr></thead><tbody>{rows}</tbody>'
        f'<tfoot><tr><th scope="row" colspan="3">Median of each column, ms</th>{medians}</tr></tfoot></table></div>'
    )


def _row(story: Story, measured: TurnMeasured, longest_s: float) -> str:
    turn = story.turn_of(measured)
    said = "" if turn is None else turn.text
    lengths = parts_of(measured)
    cells = "".join(f'<td class="n">{_ms(length_s)}</td>' for length_s in lengths)
    return (
        f'<tr data-reply="{text(measured.reply_id)}"><td>{clock_link(measured.speech_ended_s)}</td>'
        f'<td class="said">{text(said)}</td><td class="bar-cell">{_bar(lengths, longest_s)}</td>'
        f'<td class="n"><b>{_ms(measured.latency_s)}</b></td>{cells}</tr>'
    )


def _bar(lengths: Sequence[float], longest_s: float) -> str:
    rects: list[str] = []
    at_s = 0.0
    for part, length_s in zip(PARTS, lengths, strict=True):
        if length_s > 0:
            rects.append(
                f'<rect class="{part.look}" x="{number(100 * at_s / longest_s)}%" '
                f'width="{number(100 * length_s / longest_s)}%" height="100%">'
                f"<title>{part.title}, {part.meaning}: {_ms(length_s)} ms</title></rect>"
            )
        at_s += length_s
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="bar" width="100%" height="16" role="img" '
        f'aria-label="{_ms(sum(lengths))} ms">{"".join(rects)}</svg>'
    )


def _medians(measured: Sequence[TurnMeasured]) -> list[float]:
    """Of the totals, then of each part."""
    columns = [[each.latency_s for each in measured], *zip(*map(parts_of, measured), strict=True)]
    return [statistics.median(column) for column in columns]


def _ms(length_s: float) -> str:
    return f"{length_s * 1000:.0f}"
