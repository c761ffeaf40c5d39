"""What the terminal shows of a conversation."""

from __future__ import annotations

import io

import pytest

from trialogue.agents import (
    AgentPaused,
    AgentResumed,
    Event,
    ReplyFailed,
    SessionEnded,
    UserMuted,
    UserUnmuted,
    UserWentAway,
    WordsMissing,
)
from trialogue.cli._console import Console


@pytest.mark.parametrize(
    ("event", "shown"),
    [
        (
            AgentResumed(at_s=4.25, reply_id="reply 1", paused_s=0.85),
            "    4.25          (the agent rested for 0.85 s, and goes on)",
        ),
        (UserWentAway(at_s=20.0, silent_since_s=5.0), "   20.00          (nobody has said anything for 15 s)"),
        (UserMuted(at_s=1.0, reason="while tools run"), "    1.00          (the caller is muted: while tools run)"),
        (UserUnmuted(at_s=2.0), "    2.00          (the caller is heard again)"),
        (WordsMissing(at_s=3.5, speech_ended_s=0.5), "    3.50  fault   no words have come for what the caller said"),
        (ReplyFailed(at_s=3.5, reply_id="reply 1", error="down"), "    3.50  fault   down"),
        (SessionEnded(at_s=9.0, reason="the user has gone"), "    9.00          (the user has gone)"),
    ],
)
def test_what_happens_beside_the_talking_is_a_line(event: Event, shown: str) -> None:
    file = io.StringIO()
    Console(file)(event)
    assert file.getvalue() == f"{shown}\n"


def test_a_rest_that_may_be_an_interruption_is_told_when_it_is_known() -> None:
    file = io.StringIO()
    Console(file)(AgentPaused(at_s=3.4, reply_id="reply 1", speech_started_s=3.0))
    assert file.getvalue() == ""
