"""Who answers an outbound call."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.providers.speech import frames, recording, recordings
from trialogue.actors import (
    BeepDetector,
    BeepHeard,
    CalleeInput,
    CalleeJudged,
    CalleePolicy,
    CalleeSettings,
    CalleeState,
    beeps,
    key_tones,
)
from trialogue.actors.callee._phrases import kind_of
from trialogue.actors.callee._policy import TABLE
from trialogue.engine import Channel, ConfigurationError, PolicyError
from trialogue.frames import SPEECH_FORMAT, AudioFrame, FinalTranscript, InterimTranscript, SpeechEnded, SpeechStarted


def began(at_s: float) -> SpeechStarted:
    """Somebody speaks."""
    return SpeechStarted(at_sample=0, at_s=at_s, detected_s=at_s)


def ended(at_s: float) -> SpeechEnded:
    """And falls silent."""
    return SpeechEnded(at_sample=0, at_s=at_s, detected_s=at_s)


def said(text: str) -> FinalTranscript:
    """These were the words."""
    return FinalTranscript(text=text, start_sample=0, end_sample=1)


def answer(*speech: tuple[float, float, str], settings: CalleeSettings | None = None) -> CalleeJudged:
    """Who answers at 0 s and says this, from when to when."""
    policy = CalleePolicy(0.0, settings)

    def pass_until(at_s: float) -> CalleeJudged | None:
        while policy.deadline is not None and policy.deadline <= at_s:
            judged = policy.on_time(policy.deadline)
            if judged is not None:
                return judged
        return None

    for start_s, end_s, text in speech:
        judged = pass_until(start_s) or policy.on_frame(began(start_s), start_s) or pass_until(end_s)
        judged = judged or policy.on_frame(ended(end_s), end_s) or policy.on_frame(said(text), end_s + 0.1)
        if judged is not None:
            return judged
    judged = pass_until(100.0)
    assert judged is not None
    return judged


def test_a_short_greeting_and_silence_are_a_person_at_once() -> None:
    judged = answer((1.0, 1.6, "hello"))
    assert (judged.kind, judged.text) == ("person", "hello")
    assert judged.at_s == pytest.approx(2.1)
    assert answer((1.0, 3.0, "")).kind == "person"  # not understood, but as short as a person


def test_a_mailbox_is_told_from_a_person_by_its_words_and_awaited() -> None:
    judged = answer((1.0, 2.5, "you have reached anna"), (2.8, 6.0, "please leave a message after the tone"))
    assert (judged.kind, judged.reason) == ("mailbox", "its words")
    assert judged.at_s == pytest.approx(7.5)
    assert answer((1.0, 2.0, "leave a message")).at_s == pytest.approx(3.5)


def test_who_speaks_long_is_a_machine_even_if_not_understood() -> None:
    judged = answer((1.0, 6.0, "mumble mumble"))
    assert (judged.kind, judged.reason) == ("mailbox", "a long greeting, then silence")
    assert judged.at_s == pytest.approx(7.5)


def test_a_menu_is_known_as_soon_as_it_pauses() -> None:
    policy = CalleePolicy(0.0)
    policy.on_frame(began(1.0), 1.0)
    interim = InterimTranscript(text="for sales press one", start_sample=0, end_sample=1)
    assert policy.on_frame(interim, 3.0) is None
    policy.on_frame(ended(9.0), 9.3)
    assert policy.deadline == pytest.approx(9.5)
    judged = policy.on_time(9.5)
    assert judged is not None
    assert (judged.kind, judged.reason) == ("menu", "its words")
    assert policy.deadline is None
    assert policy.on_frame(began(10.0), 10.0) is None


def test_who_is_no_longer_there_is_known_while_the_machine_speaks() -> None:
    policy = CalleePolicy(0.0)
    policy.on_frame(began(1.0), 1.0)
    interim = InterimTranscript(text="the number you have dialed is not in service", start_sample=0, end_sample=1)
    judged = policy.on_frame(interim, 3.0)
    assert judged is not None
    assert (judged.kind, judged.at_s) == ("unavailable", 3.0)


def test_without_a_detector_the_words_say_when_somebody_spoke() -> None:
    def heard(text: str, start_s: float, end_s: float) -> FinalTranscript:
        samples = (SPEECH_FORMAT.samples(each) for each in (start_s, end_s))
        return FinalTranscript(text=text, start_sample=next(samples), end_sample=next(samples))

    policy = CalleePolicy(0.0)
    assert policy.on_frame(heard("hello", 1.0, 1.6), 1.8) is None
    assert policy.deadline == pytest.approx(2.1)
    judged = policy.on_time(2.1)
    assert judged is not None
    assert judged.kind == "person"

    policy = CalleePolicy(0.0)
    policy.on_frame(heard("mumble", 1.0, 3.0), 3.1)
    policy.on_frame(heard("mumble", 3.2, 5.0), 5.1)
    assert policy.deadline == pytest.approx(6.5)
    judged = policy.on_time(6.5)
    assert judged is not None
    assert judged.reason == "a long greeting, then silence"


def test_a_beep_after_a_greeting_is_a_mailbox_at_once() -> None:
    policy = CalleePolicy(0.0)
    assert policy.on_frame(BeepHeard(at_s=0.5), 0.5) is None  # of the line: nobody has greeted yet
    policy.on_frame(began(1.0), 1.0)
    policy.on_frame(ended(2.0), 2.3)
    judged = policy.on_frame(BeepHeard(at_s=2.4), 2.4)
    assert judged is not None
    assert (judged.kind, judged.reason, judged.at_s) == ("mailbox", "a beep", 2.4)


def test_who_says_nothing_or_does_not_end_is_uncertain() -> None:
    assert answer().reason == "nobody has spoken"
    assert answer().at_s == pytest.approx(10.0)
    judged = answer((1.0, 60.0, ""))
    assert (judged.kind, judged.reason) == ("uncertain", "it took too long")
    assert judged.at_s == pytest.approx(20.0)


@pytest.mark.parametrize(
    ("language", "text", "kind"),
    [
        ("en", "Hi, you've reached Bob. I can't come to the phone right now.", "mailbox"),
        ("en-GB", "the person you are calling is not available please leave your message", "mailbox"),
        ("en", "the number you have dialed is not in service", "unavailable"),
        ("en", "thank you for calling, please listen carefully to the following options", "menu"),
        ("en", "press 2 for support", "menu"),
        ("en", "hello this is bob", None),
        ("en", "yes who is this", None),
        ("en", "i am at the press conference", None),
        ("de", "hier ist der Anrufbeantworter von Familie Meier", "mailbox"),
        ("de-AT", "Sprechen Sie bitte nach dem Signalton", "mailbox"),
        ("de", "kein Anschluss unter dieser Nummer", "unavailable"),
        ("de", "für Fragen zur Rechnung drücken Sie die Eins", "menu"),
        ("de", "Meier", None),
        ("es", "deje su mensaje después de la señal", "mailbox"),
        ("es", "para ventas marque uno", "menu"),
        ("es", "¿diga?", None),
        ("fr", "laissez un message après le bip", "mailbox"),
        ("fr", "allô", None),
        ("xx", "leave a message", "mailbox"),
    ],
)
def test_machines_are_known_by_their_words(language: str, text: str, kind: str | None) -> None:
    assert kind_of(text, language) == kind


@pytest.mark.parametrize(
    ("state", "kind"),
    [*itertools.product(CalleeState, [SpeechStarted, SpeechEnded, InterimTranscript, FinalTranscript, BeepHeard])],
)
def test_a_pair_that_is_not_in_the_table_raises(state: CalleeState, kind: type) -> None:
    policy = CalleePolicy(0.0)
    if state is not CalleeState.WAITING:
        policy.on_frame(began(1.0), 1.0)
    if state is CalleeState.SILENT:
        policy.on_frame(ended(2.0), 2.0)
    if state is CalleeState.JUDGED:
        policy.on_time(20.0)
    assert policy.state is state
    frames: dict[type, CalleeInput] = {
        SpeechStarted: began(3.0),
        SpeechEnded: ended(3.0),
        FinalTranscript: said("x"),
        InterimTranscript: InterimTranscript(text="x", start_sample=0, end_sample=1),
        BeepHeard: BeepHeard(at_s=3.0),
    }
    frame = frames[kind]
    if (state, kind) in TABLE:
        policy.on_frame(frame, 3.0)
    else:
        with pytest.raises(PolicyError, match=f"{kind.__name__} cannot happen while the callee is {state.name}"):
            policy.on_frame(frame, 3.0)
        assert policy.state is state


class Callee(RuleBasedStateMachine):
    """Whatever is said and when: there is one judgement, in time."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0
        self.policy = CalleePolicy(0.0)
        self.judged: list[CalleeJudged] = []

    def note(self, judged: CalleeJudged | None) -> None:
        """Keep it."""
        if judged is not None:
            self.judged.append(judged)

    @rule(by_s=st.floats(0.01, 5.0))
    def time_passes(self, by_s: float) -> None:
        until_s = self.now_s + by_s
        while self.policy.deadline is not None and self.policy.deadline <= until_s:
            self.now_s = max(self.now_s, self.policy.deadline)
            self.note(self.policy.on_time(self.now_s))
        self.now_s = until_s

    @precondition(lambda self: self.policy.state in (CalleeState.WAITING, CalleeState.SILENT))
    @rule()
    def speaks(self) -> None:
        self.note(self.policy.on_frame(began(self.now_s), self.now_s))

    @precondition(lambda self: self.policy.state is CalleeState.SPEAKING)
    @rule()
    def falls_silent(self) -> None:
        self.note(self.policy.on_frame(ended(self.now_s), self.now_s))

    @rule(text=st.sampled_from(["", "hello", "leave a message", "press one", "the"]), final=st.booleans())
    def is_understood(self, text: str, final: bool) -> None:
        kind = FinalTranscript if final else InterimTranscript
        self.note(self.policy.on_frame(kind(text=text, start_sample=0, end_sample=1), self.now_s))

    @rule()
    def beeps(self) -> None:
        self.note(self.policy.on_frame(BeepHeard(at_s=self.now_s), self.now_s))

    @invariant()
    def one_judgement_in_time(self) -> None:
        assert len(self.judged) <= 1
        assert bool(self.judged) is (self.policy.deadline is None)
        if self.now_s > 20.0:
            assert self.judged
        if self.judged:
            assert self.judged[0].at_s <= 20.0


TestCallee = Callee.TestCase


@pytest.mark.parametrize("settings", [{"person_speech_s": 0}, {"no_speech_s": 30.0}])
def test_settings_that_cannot_work_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(ConfigurationError, match="judging a callee"):
        CalleeSettings(**settings)  # type: ignore[arg-type]  # that is the point


# -- the beep


def beep(hz: float, for_s: float, *, rate_hz: int = 16_000) -> bytes:
    """A tone, with silence round it."""
    time_s = np.arange(round(for_s * rate_hz)) / rate_hz
    wave = 0.3 * np.sin(2 * math.pi * hz * time_s)
    silence = bytes(2 * round(0.3 * rate_hz))
    return silence + (wave * 32_767).astype("<i2").tobytes() + silence


def beeps_in(pcm: bytes, rate_hz: int = 16_000, piece: int = 640) -> list[float]:
    """When beeps have ended in a sound that comes in pieces, seconds."""
    detector = BeepDetector(rate_hz)
    return [end / rate_hz for at in range(0, len(pcm), piece) for end in detector.push(pcm[at : at + piece])]


@pytest.mark.parametrize("rate_hz", [8000, 16_000, 48_000])
@pytest.mark.parametrize("hz", [400, 440, 800, 1000, 1400, 2000])
@pytest.mark.parametrize("for_s", [0.2, 0.5, 1.2])
def test_beeps_are_heard_when_they_are_over(hz: float, for_s: float, rate_hz: int) -> None:
    assert beeps_in(beep(hz, for_s, rate_hz=rate_hz), rate_hz) == [pytest.approx(0.3 + for_s, abs=0.03)]


def test_what_is_too_short_too_low_or_two_tones_is_no_beep() -> None:
    assert beeps_in(beep(1000, 0.1)) == []
    assert beeps_in(beep(200, 1.0)) == []
    assert beeps_in(key_tones("1A", SPEECH_FORMAT, tone_s=0.5)) == []


@pytest.mark.parametrize("name", recordings())
def test_speech_is_no_beep(name: str) -> None:
    assert beeps_in(recording(name) + bytes(3200)) == []


async def test_the_actor_tells_of_a_beep() -> None:
    microphone = Channel[AudioFrame]("microphone", capacity=100)
    heard = Channel[BeepHeard]("beeps", capacity=8)
    for frame in frames(beep(1000, 0.4), at_sample=SPEECH_FORMAT.samples(60.0)):
        microphone.outbox.send_nowait(frame)
    microphone.outbox.close()
    await beeps(microphone.inbox, heard.outbox)
    heard.outbox.close()
    assert [each.at_s async for each in heard.inbox] == [pytest.approx(60.7, abs=0.03)]
