"""The conversation on the terminal, as it unfolds."""

from __future__ import annotations

import contextlib
import sys
from typing import IO

from trialogue.agents import (
    AgentResumed,
    AgentStartedSpeaking,
    AgentStoppedSpeaking,
    Event,
    ReplyFailed,
    SessionEnded,
    SpeechIgnored,
    ToolFinished,
    ToolStarted,
    UserMuted,
    UserTurnEnded,
    UserUnmuted,
    UserWentAway,
    WordsMissing,
)
from trialogue.engine import Stall


class Console:
    """Prints who said what, when, and how long the agent took.

    Args:
        file: where to.
    """

    def __init__(self, file: IO[str] | None = None) -> None:
        self._file = sys.stdout if file is None else file
        self._began: AgentStartedSpeaking | None = None
        self.latencies_s: list[float] = []
        self.interruptions = 0

    def __call__(self, event: Event) -> None:
        """Print what is worth it."""
        match event:
            case UserTurnEnded():
                self._print(event.speech_ended_s, "caller", event.text)
            case SpeechIgnored():
                self._print(event.started_s, "", f"(caller: {event.text or 'a sound'!r}; the agent goes on)")
            case AgentStartedSpeaking():
                self._began = event
                if event.latency_s is not None:
                    self.latencies_s.append(event.latency_s)
            case AgentStoppedSpeaking():
                self._print_reply(event)
            case ToolStarted():
                self._print(event.at_s, "tool", f"{event.name} {event.arguments}")
            case ToolFinished():
                self._print(event.at_s, "", f"-> {event.output}")
            case _:
                self._print_aside(event)

    def _print_aside(self, event: Event) -> None:
        """What happens beside the talking."""
        match event:
            case AgentResumed():
                self._print(event.at_s, "", f"(the agent rested for {event.paused_s:.2f} s, and goes on)")
            case UserWentAway():
                self._print(event.at_s, "", f"(nobody has said anything for {event.at_s - event.silent_since_s:.0f} s)")
            case UserMuted():
                self._print(event.at_s, "", f"(the caller is muted: {event.reason})")
            case UserUnmuted():
                self._print(event.at_s, "", "(the caller is heard again)")
            case WordsMissing():
                self._print(event.at_s, "fault", "no words have come for what the caller said")
            case ReplyFailed():
                self._print(event.at_s, "fault", event.error)
            case SessionEnded():
                self._print(event.at_s, "", f"({event.reason})")
            case _:
                pass

    def print_stall(self, stall: Stall) -> None:
        """Say which code blocked the loop."""
        print(f"{'':8}  stall   {stall.blocked_s:.2f} s in {stall.where}", file=self._file, flush=True)

    def _print_reply(self, event: AgentStoppedSpeaking) -> None:
        began = self._began
        if began is None or began.reply_id != event.reply_id:
            return
        waited = "" if began.latency_s is None else f"  [{began.latency_s:.2f} s]"
        heard = " ".join(event.heard.split()) or "(cut off before its first word)"
        self._print(began.at_s, "agent", f"{heard}{waited}")
        if event.interrupted:
            self.interruptions += 1
            self._print(event.at_s, "", f"-- {event.interrupted}; not heard: {event.unheard.strip()!r}")

    def _print(self, at_s: float, who: str, text: str) -> None:
        with contextlib.suppress(BrokenPipeError):  # `| head`: the call goes on although nobody reads any more
            print(f"{at_s:8.2f}  {who:<6}  {text}", file=self._file, flush=True)
