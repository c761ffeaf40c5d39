"""The page itself: everything in one file that refers to nothing outside it."""

from __future__ import annotations

import statistics
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

from trialogue.agents.testing._markup import write_text
from trialogue.cli.report._markup import clock, number, text
from trialogue.cli.report._sound import embed, read_envelope
from trialogue.cli.report._story import tell
from trialogue.cli.report._timeline import draw_timeline
from trialogue.cli.report._transcript import draw_transcript
from trialogue.cli.report._waits import draw_waits

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from trialogue.cli.report._call_log import CallLog, Circumstances
    from trialogue.cli.report._story import Story
    from trialogue.engine import ChannelStatistics, Graph

_MODELLED = (
    "<b>Virtual clock: delays are modelled.</b> Words, sound and the order of things are real, but the models' waiting "
    "times were set and not measured, and computing took no time. Measure latency with a call on the real clock."
)
_MEASURED = "<b>Real clock: delays were measured</b> on the machine named below, with all that it had to do meanwhile."


def write_report(
    path: Path, log: CallLog, *, recording: Path | None, about: Circumstances, reply_graph: Graph | None = None
) -> None:
    """Write the report of a call that is over.

    Args:
        path: the HTML file.
        log: what happened.
        recording: both sides, the user left and the agent right; None leaves out the sound.
        about: the circumstances.
        reply_graph: the graph of one reply, to be drawn beside the session's.

    Raises:
        ConfigurationError: the file cannot be written.
        AudioError: the recording cannot be read.
    """
    write_text(path, render(log, recording=recording, about=about, reply_graph=reply_graph))


def render(log: CallLog, *, recording: Path | None, about: Circumstances, reply_graph: Graph | None) -> str:
    """The page as text; see `write_report`."""
    story = tell(log.events, log.stalls)
    envelope = None if recording is None else read_envelope(recording, story.ended_s)
    template = Template((files("trialogue.cli.report") / "report.html").read_text(encoding="utf-8"))
    return template.substitute(
        title=text(about.title),
        date=text(about.started_at.strftime("%Y-%m-%d %H:%M:%S %Z")),
        clock_kind="modelled" if about.virtual else "measured",
        clock_text=f"{_MODELLED if about.virtual else _MEASURED} {text(about.remark)}".strip(),
        figures=_figures(story),
        timeline=draw_timeline(story, envelope),
        sound=_sound(recording, envelope.duration_s if envelope else 0.0),
        transcript=draw_transcript(story),
        waits=draw_waits(story),
        channels=_channels(log.statistics()),
        graphs=_graphs(log, reply_graph),
        versions=_versions(about),
    )


def _figures(story: Story) -> str:
    latencies = [each.latency_s for each in story.measured]
    figures = [("Length", clock(story.ended_s)), ("Turns", str(len(story.turns)))]
    if latencies:
        figures.append(("Median wait", f"{statistics.median(latencies):.2f} s"))
        figures.append(("Longest wait", f"{max(latencies):.2f} s"))
    figures.append(("Interruptions", str(story.interruptions)))
    figures.append(("Let pass", str(sum(speech.fate == "ignored" for speech in story.speeches))))
    figures.append(("Tools", str(len(story.tools))))
    figures.append(("Faults and stalls", str(len(story.faults) + len(story.stalls))))
    cards = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in figures)
    ending = f'<p class="dim">The call ended because {text(story.reason)}.</p>' if story.reason else ""
    return f'<dl class="figures">{cards}</dl>{ending}'


def _sound(recording: Path | None, duration_s: float) -> str:
    """The sound, where it is short enough; else a button that opens the file, which the page never does by itself."""
    if recording is None:
        return "<p>This call was not recorded.</p>"
    sound = embed(recording, duration_s)
    if sound:
        return f'<audio id="sound" controls="controls" preload="metadata" src="{sound}"></audio>'
    return (
        f"<p>The recording is too big to be part of this page. To listen, choose {text(recording.name)}: "
        '<input id="sound-file" type="file" accept="audio/*" aria-label="the recording"/></p>'
        '<audio id="sound" controls="controls"></audio>'
    )


def _channels(channels: Sequence[ChannelStatistics]) -> str:
    if not channels:
        return "<p>The session's channels were not looked at.</p>"
    titles = ("Waiting now", "Most", "Sent", "Dropped", "Senders waited", "Oldest item")
    head = "".join(f'<th scope="col" class="n">{title}</th>' for title in titles)
    rows = "".join(map(_channel, channels))
    return (
        f'<div class="wide"><table><thead><tr><th scope="col">Channel</th>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _channel(channel: ChannelStatistics) -> str:
    waits = (channel.wait_s, channel.worst_age_s)
    cells = [str(count) for count in (channel.depth, channel.high_water, channel.sent, channel.dropped)]
    cells += [f"{number(wait_s * 1000, 1)} ms" for wait_s in waits]
    columns = "".join(f'<td class="n">{cell}</td>' for cell in cells)
    mark = ' class="bad"' if channel.dropped else ""
    return f'<tr{mark}><th scope="row">{text(channel.name)}</th>{columns}</tr>'


def _graphs(log: CallLog, reply_graph: Graph | None) -> str:
    parts: list[str] = []
    if log.graph is not None:
        drawing = log.graph.to_svg(statistics=log.statistics())
        parts.append(f'<h3>The session, when it ended</h3><div class="wide graph">{drawing}</div>')
    if reply_graph is not None:
        parts.append(f'<h3>One reply</h3><div class="wide graph">{reply_graph.to_svg()}</div>')
    return "".join(parts)


def _versions(about: Circumstances) -> str:
    cells = "".join(
        f"<div><dt>{text(name)}</dt><dd>{text(version)}</dd></div>" for name, version in about.versions.items()
    )
    return f'<p>{text(about.machine)}</p><dl class="versions">{cells}</dl>'
