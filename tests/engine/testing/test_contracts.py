"""The contracts themselves: a provider without fault keeps them, and each rule is broken by a fault made for it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
import trio

from tests.engine.testing.broken import LEFT_OPEN, Calls, Denoisers, Detectors, Models, Recognisers, Voices
from trialogue.engine import testing
from trialogue.engine.testing import (
    ContractBroken,
    check_denoiser,
    check_language_model,
    check_speech_to_text,
    check_text_to_speech,
    check_transport,
    check_voice_activity_detector,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator

    from trio.testing import MockClock

#: A fault of a kind of provider, and what the rule says that it breaks.
FAULTS = {
    "voices": {
        "stereo": "The format is mono int16",
        "other format": "All sound is in the voice's format",
        "half samples": "All sound is in the voice's format",
        "only silence": "All sound is in the voice's format",
        "all of one length": "A longer text takes longer",
        "words beyond the text": "Words, where they are placed",
        "words beyond the sound": "Words, where they are placed",
        "words all at once": "Words, where they are placed",
        "silent where marked": "A voice that understands marks",
        "places words among marks": "A voice that understands marks",
        "goes on": "After the end of a sentence's sound",
        "leaves sound over": "Leaving a sentence early",
        "leaves unheard sound over": "A sentence whose sound nobody asks for",
        "untyped errors": "Odd text is spoken",
        "falls silent": "Odd text is spoken",
        "opens once": "One provider opens any number of sessions",
        "wears out": "A session can be used again and again",
        "shares state": "Sessions of one provider do not disturb",
        "swallows errors": "What is raised inside a session",
        "slow when cancelled": "A session that is cancelled",
        "raises when cancelled": "A session that is cancelled",
        "leaves a descriptor": "Sessions leave no process",
        "leaves a process": "Sessions leave no process",
    },
    "models": {
        "empty words": "A reply is text",
        "no words": "A reply is text",
        "cost first": "A reply is text",
        "arguments that are no object": "A reply is text",
        "calls without id": "A reply is text",
        "calls of one id": "A reply is text",
        "goes on": "After the end of a reply",
        "leaves words over": "Leaving a reply early",
        "untyped errors": "Odd text is answered",
        "confused by calls": "A conversation as interruptions leave it",
    },
    "recognisers": {
        "deaf": "Speech is understood",
        "wrong places": "Speech is understood",
        "more than sure": "Speech is understood",
        "a rate of bats": "The rate is one that speech can have",
        "no end for silence": "Each utterance ends with exactly one",
        "two ends": "Speech is understood",
        "confused by edges": "Audio outside of utterances",
        "takes anything": "Audio of another format is refused",
        "must hear the end": "A session may end in the middle",
        "swallows cancels": "Waiting for a transcript can be cancelled",
    },
    "detectors": {
        "hears what is not there": "Silence is probably no speech",
        "deaf": "Silence is probably no speech",
        "costs more than it hears": "Rate and hop are those of speech",
        "more than sure": "Whatever the sound",
        "not a number": "Whatever the sound",
        "remembers": "After a reset",
        "shared state": "Two detectors that are called in turn",
        "hears what others say": "Where several sessions",
        "any length": "Audio that is no hop",
    },
    "denoisers": {
        "late": "The rate is that of speech",
        "loses samples": "As many samples come out",
        "fades in each piece": "However the sound is cut",
        "hums": "Silence stays silent",
        "shared state": "Two reducers that are called in turn",
    },
    "calls": {
        "a stereo speaker": "Both formats are those of speech",
        "heard before it is said": "Both formats are those of speech",
        "another format": "The microphone's frames are in its format",
        "overlaps": "The microphone's frames are in its format",
        "says nothing": "The microphone's frames are in its format",
        "too fast": "The microphone sends in real time",
        "astonished that nobody listens": "When nobody listens any more",
        "breaks in gaps": "The speaker takes frames wherever they lie",
        "plays for ever": "The speaker takes frames wherever they lie",
        "deaf once flushed": "What is on its way to the speaker",
        "slow when cancelled": "A call that is cancelled",
    },
}
LOUD = b"\x00\x40" * 8_000


def check(kind: str, fault: str, within_s: float = 20.0) -> Awaitable[None]:
    """The contract of a kind, on a provider with a fault."""
    match kind:
        case "voices":
            provider = Voices(fault=fault)
            return check_text_to_speech(lambda: provider, within_s=within_s)
        case "models":
            return check_language_model(lambda: Models(fault=fault), repeatable=True, within_s=within_s)
        case "recognisers":
            return check_speech_to_text(lambda: Recognisers(fault=fault), speech=LOUD, within_s=within_s)
        case "detectors":
            detectors = Detectors(fault=fault)
            return check_voice_activity_detector(lambda: detectors, speech=LOUD, within_s=within_s)
        case "calls":
            return check_transport(lambda: Calls(fault=fault), within_s=within_s)
    denoisers = Denoisers(fault=fault)
    return check_denoiser(lambda: denoisers, within_s=within_s)


@pytest.fixture(autouse=True)
def _taken_away() -> Generator[None, None, None]:
    yield
    while LEFT_OPEN:
        left = LEFT_OPEN.pop()
        if isinstance(left, int):
            os.close(left)
        else:
            left.communicate()


@pytest.mark.parametrize("kind", FAULTS)
async def test_without_a_fault_every_rule_is_kept(kind: str, autojump_clock: MockClock) -> None:
    await check(kind, "")


@pytest.mark.parametrize(
    ("kind", "fault", "rule"),
    [(kind, fault, rule) for kind, faults in FAULTS.items() for fault, rule in faults.items()],
)
async def test_each_fault_is_found_by_its_rule(kind: str, fault: str, rule: str, autojump_clock: MockClock) -> None:
    with pytest.raises(ContractBroken, match="breaks the rule: ") as caught:
        await check(kind, fault, within_s=1.0)
    assert caught.value.rule.startswith(rule), str(caught.value)
    assert caught.value.happened


@pytest.mark.parametrize("kind", FAULTS)
async def test_each_rule_has_a_fault_that_breaks_it(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Callable[..., object]] = []

    async def collect(rules: tuple[Callable[..., object], ...], *_: object, **__: object) -> None:
        await trio.lowlevel.checkpoint()
        seen.extend(rules)

    for module in (
        "_text_to_speech",
        "_language_model",
        "_speech_to_text",
        "_voice_activity",
        "_denoiser",
        "_transport",
    ):
        monkeypatch.setattr(f"{testing.__name__}.{module}.check_rules", collect)
    await check(kind, "")
    # The rules of sessions are the same for all kinds; the voices break them.
    broken = [*FAULTS[kind].values(), *FAULTS["voices"].values()]
    rules = [(rule.__doc__ or "").partition("\n")[0] for rule in seen]
    assert [rule for rule in rules if not any(rule.startswith(name) for name in broken)] == []
