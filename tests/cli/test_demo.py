"""`trialogue demo`: each call that comes with the package, on the real models, in virtual time."""

from __future__ import annotations

import contextlib
import io
import json
import tomllib
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
import pytest

from tests.cli.recordings import RATE_HZ, Conversation, loudness, read_conversation
from trialogue.actors import is_backchannel
from trialogue.agents import STAGES
from trialogue.cli import main
from trialogue.providers import find_model

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration

CALLS = sorted(folder.name for folder in files("trialogue.cli.calls").iterdir() if (folder / "call.toml").is_file())

#: What each call is about: the tool that must be called, once, with what the caller has said last.
BOOKED: dict[str, tuple[str, dict[str, object]]] = {
    "restaurant": ("book_table", {"people": 6, "day": "friday", "time": "20:00", "name": "Smith"}),
    "library": ("reserve_book", {"title": "Jane Eyre", "branch": "Riverside", "name": "Peter Walker"}),
}


@attrs.frozen(kw_only=True)
class Demo:
    """A call that was held."""

    name: str
    lines: list[dict[str, Any]]
    conversation: Conversation
    out: Path
    printed: str

    @property
    def taken(self) -> list[str]:
        """The lines that take the floor."""
        return [line["text"] for line in self.lines if not self.is_aside(line)]

    @staticmethod
    def is_aside(line: dict[str, Any]) -> bool:
        """Whether a line is only a sign of listening."""
        return line["when"] == "during the agent" and is_backchannel(line["text"])


@pytest.fixture(scope="module", params=CALLS)
def demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Each call, held once for all tests."""
    name: str = request.param
    out: Path = tmp_path_factory.mktemp(name) / "call.flac"
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        assert main(["demo", name, "--fast", "--out", str(out), "--seed", "7"]) == 0
    table = tomllib.loads((files("trialogue.cli.calls") / name / "call.toml").read_text(encoding="utf-8"))
    return Demo(
        name=name,
        lines=table["line"],
        conversation=read_conversation(out, out.with_suffix(".jsonl")),
        out=out,
        printed=printed.getvalue(),
    )


def test_every_turn_is_understood_and_answered(demo: Demo) -> None:
    call = demo.conversation
    assert len(call.of("UserTurnEnded")) == len(demo.taken)
    answered = [event for event in call.of("AgentStartedSpeaking") if event["latency_s"] is not None]
    assert len(answered) == len(demo.taken)
    # A judge that listens, where it is there, has its doubts now and then: they cost a second at most.
    most_s = 1.5 if find_model("smart-turn") is None else 2.2
    assert all(0.5 < float(str(event["latency_s"])) < most_s for event in answered)
    assert call.of("ReplyFailed") == []
    assert call.of("ActorFailed") == []
    assert call.events[-1] == {
        "event": "SessionEnded",
        "at_s": call.times("SessionEnded")[0],
        "reason": "the user has gone",
        "cause": "user gone",
    }


def test_where_the_time_went_is_what_the_recording_shows(demo: Demo) -> None:
    """From the end of the speech as the detector heard it, the parts lead to the first sample of the answer."""
    call = demo.conversation
    for turn in call.of("TurnMeasured"):
        parts_s = sum(float(str(turn[f"{stage}_s"])) for stage in STAGES)
        ended_s = float(str(turn["speech_ended_s"]))
        begin = round((ended_s + parts_s - 0.3) * RATE_HZ)
        shown_s = (begin + np.flatnonzero(call.agent[begin:])[0]) / RATE_HZ
        assert ended_s + parts_s == pytest.approx(shown_s, abs=0.02)
        # The last sound of a word fades; where it ends is a matter of opinion, of a tenth of a second.
        audible = np.flatnonzero(np.abs(call.user[:begin].astype(int)) > 100)
        assert ended_s == pytest.approx(audible[-1] / RATE_HZ, abs=0.12)


def test_most_words_are_understood(demo: Demo) -> None:
    said = {word for line in demo.taken for word in line.casefold().replace("?", "").replace(",", "").split()}
    understood = set(demo.conversation.transcript().casefold().split())
    assert len({word.strip(".") for word in said} & understood) > 0.8 * len(said)


def test_the_booking_is_made_once_with_what_was_said_last(demo: Demo) -> None:
    name, arguments = BOOKED[demo.name]
    (started,) = demo.conversation.of("ToolStarted")
    (finished,) = demo.conversation.of("ToolFinished")
    assert (started["name"], json.loads(str(started["arguments"]))) == (name, arguments)
    assert (finished["call_id"], finished["is_error"]) == (started["call_id"], False)
    status = json.loads(str(finished["output"]))["status"]
    after = [event for event in demo.conversation.of("AgentStoppedSpeaking") if event["at_s"] > finished["at_s"]]  # type: ignore[operator]  # both are numbers
    assert status in str(after[0]["heard"])


def test_exactly_the_scripted_interruptions_happen(demo: Demo) -> None:
    scripted = [line for line in demo.lines if line["when"] == "during the agent" and not demo.is_aside(line)]
    stopped = demo.conversation.of("AgentStoppedSpeaking")
    interrupted = [event for event in stopped if event["interrupted"]]
    assert [event["interrupted"] for event in interrupted] == ["barge-in"] * len(scripted)
    assert all(event["heard"] and event["unheard"] for event in interrupted)
    assert all(not event["unheard"] for event in stopped if not event["interrupted"])


def test_mhm_stops_nobody(demo: Demo) -> None:
    asides = [line for line in demo.lines if demo.is_aside(line)]
    ignored = demo.conversation.of("SpeechIgnored")
    assert len(ignored) == len(asides) == 1
    at_s = float(str(ignored[0]["started_s"]))
    spoken = zip(
        demo.conversation.times("AgentStartedSpeaking"), demo.conversation.of("AgentStoppedSpeaking"), strict=True
    )
    (meanwhile,) = [ended for began_s, ended in spoken if began_s < at_s < float(str(ended["at_s"]))]
    assert meanwhile["interrupted"] is None


def test_the_agent_is_on_the_right_exactly_while_it_speaks(demo: Demo) -> None:
    call = demo.conversation
    silent = np.ones(len(call.agent), dtype=bool)
    began = call.times("AgentStartedSpeaking")
    for began_s, event in zip(began, call.of("AgentStoppedSpeaking"), strict=True):
        ended_s = float(str(event["at_s"])) + (0.1 if event["interrupted"] else 0.02)  # its fade, and a frame
        silent[round(began_s * RATE_HZ) : round(ended_s * RATE_HZ)] = False
        assert loudness(call.agent, began_s, began_s + float(str(event["played_s"]))) > 300
    assert not call.agent[silent].any()


def test_the_caller_is_on_the_left_exactly_while_she_speaks(demo: Demo) -> None:
    call = demo.conversation
    silent = np.ones(len(call.user), dtype=bool)
    spans = list(zip(call.times("UserStartedSpeaking"), call.times("UserStoppedSpeaking"), strict=True))
    assert len(spans) >= len(demo.lines)
    for began_s, ended_s in spans:
        silent[round((began_s - 0.5) * RATE_HZ) : round((ended_s + 0.7) * RATE_HZ)] = False
        assert loudness(call.user, began_s, ended_s) > 300
    assert loudness(call.user[silent], 0.0, 1e6) < 20


def test_the_conversation_and_what_to_do_next_are_printed(demo: Demo) -> None:
    printed = demo.printed
    for turn in demo.conversation.of("UserTurnEnded"):
        assert f"caller  {turn['text']}" in printed
    for reply in demo.conversation.of("AgentStoppedSpeaking"):
        assert f"agent   {' '.join(str(reply['heard']).split())}" in printed
    assert f"tool    {BOOKED[demo.name][0]}" in printed
    assert f"{len(demo.taken)} answers" in printed
    assert "1 interruption(s)" in printed
    assert "trialogue talk YOURS.wav --out ANSWER.wav" in printed
    assert str(demo.out) in printed


def test_a_call_that_does_not_exist_is_told_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "opera"]) == 1
    assert capsys.readouterr().err == f"trialogue demo: there is no call 'opera'; choose one of {', '.join(CALLS)}\n"
