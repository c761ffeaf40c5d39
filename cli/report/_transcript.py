"""What was said, as it was heard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialogue.cli.report._markup import clock_link, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trialogue.cli.report._story import Spoken, Story


def draw_transcript(story: Story) -> str:
    """The lines of both sides, the tools and the faults, in the order in which they began."""
    lines = sorted(_lines(story), key=lambda line: line[0])
    items = "".join(
        f'<li class="line {look}"><span class="when">{clock_link(at_s)}</span><span class="who">{who}</span>'
        f'<div class="what">{what}</div></li>'
        for at_s, look, who, what in lines
    )
    return f'<ol class="transcript">{items}</ol>' if items else "<p>Nobody said anything.</p>"


def _lines(story: Story) -> Iterator[tuple[float, str, str, str]]:
    """When, the class in the style sheet, who, and what, as markup."""
    for turn in story.turns:
        yield turn.started_s, "user", "caller", text(turn.text)
    for speech in story.speeches:
        if speech.fate == "ignored":
            words = text(speech.text) or "a sound"
            yield speech.started_s, "aside", "caller", f'{words} <span class="note">let pass; the agent went on</span>'
        elif speech.fate == "unanswered":
            words = text(speech.text) or "a sound"
            yield speech.started_s, "aside", "caller", f'{words} <span class="note">not answered</span>'
    for reply in story.replies:
        yield _reply(reply)
    for tool in story.tools:
        output = text(tool.output) if tool.ended_s is not None else "(still running)"
        failed = ' <span class="note bad">failed</span>' if tool.is_error else ""
        call = f"<code>{text(tool.name)} {text(tool.arguments)}</code> → <code>{output}</code>{failed}"
        yield tool.started_s, "tool", "tool", call
    for fault in story.faults:
        yield fault.at_s, "fault", "fault", text(fault.text)
    for stall in story.stalls:
        yield stall.at_s, "fault", "stall", f"the event loop was blocked for {text(stall.text)}"


def _reply(reply: Spoken) -> tuple[float, str, str, str]:
    if reply.began_s is None:
        why = f" ({text(reply.interrupted)})" if reply.interrupted else ""
        note = f'<span class="note">nothing of this reply was heard{why}</span>'
        return reply.thought_s, "aside", "agent", note
    parts = [text(reply.heard.strip())]
    if reply.unheard.strip():
        parts.append(f'<del title="written, but not heard">{text(reply.unheard.strip())}</del>')
    for began_s, ended_s in reply.rests:
        parts.append(f'<span class="note">rested for {ended_s - began_s:.2f} s</span>')
    if reply.interrupted:
        parts.append(f'<span class="note bad">cut off: {text(reply.interrupted)}</span>')
    if reply.latency_s is not None:
        parts.append(
            f'<span class="note" title="from the end of speech to the first sound">{reply.latency_s:.2f} s</span>'
        )
    return reply.began_s, "agent", "agent", " ".join(parts)
