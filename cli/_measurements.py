"""What `trialogue doctor` measures: each part of the default conversation at work on recorded speech."""

from __future__ import annotations

import statistics
import time
import tomllib
from collections.abc import Awaitable, Callable
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Final, Literal

import trio

from trialogue.engine import Resampler, offload
from trialogue.frames import (
    SPEECH_FORMAT,
    AudioFormat,
    AudioFrame,
    ChatMessage,
    ChatRequest,
    FinalTranscript,
    SpeechEnded,
    SpeechStarted,
    TextDelta,
)
from trialogue.frames._attrs import frozen
from trialogue.providers import Espeak, PocketSphinx, RNNoise, RuleModel, RuleScript, voice_activity_detector
from trialogue.transports import AudioFileSource

if TYPE_CHECKING:
    from collections.abc import Sequence

#: How something is.
Status = Literal["ok", "missing", "broken", "slow"]

#: A part that needs more of a core than this share for one conversation is called slow.
_SHARE: Final = 0.5

#: Wake-ups that are measured, the pause before each, and how late the slowest hundredth may be, seconds: the track is
#: 60 ms ahead of the speaker.
_WAKE_UPS: Final = 100
_PAUSE_S: Final = 0.01
_LATE_S: Final = 0.03

_STUDIO: Final = AudioFormat(rate_hz=48_000)
_SENTENCE: Final = "Your table is booked for eight o'clock."


@frozen(kw_only=True)
class Sample:
    """Recorded speech, in frames of 20 ms, and what is said in it."""

    frames: tuple[AudioFrame, ...]
    text: str

    @property
    def duration_s(self) -> float:
        """Its length, seconds."""
        return sum(frame.duration_s for frame in self.frames)

    @property
    def pcm(self) -> bytes:
        """All of its samples."""
        return b"".join(frame.pcm for frame in self.frames)


@frozen(kw_only=True)
class Result:
    """What was measured, in words; whether the part did what it is for, and whether it is too slow for conversation."""

    text: str
    works: bool = True
    slow: bool = False

    @property
    def status(self) -> Status:
        """In a word."""
        return "broken" if not self.works else "slow" if self.slow else "ok"


@frozen
class Measurement:
    """One part: its name, how it is measured, and whether the default conversation needs it."""

    name: str
    measure: Callable[[Sample], Awaitable[Result]]
    needed: bool


async def load_sample() -> Sample:
    """A line of the recorded caller who comes with the package. Raises AudioError where it cannot be read."""
    return await offload(_read_sample)


def _read_sample() -> Sample:
    folder = files("trialogue.cli.calls") / "restaurant"
    line = tomllib.loads((folder / "call.toml").read_text(encoding="utf-8"))["line"][0]
    with as_file(folder / f"{line['name']}.flac") as path, AudioFileSource(path, format=SPEECH_FORMAT) as source:
        return Sample(frames=tuple(source), text=line["text"])


async def detect(sample: Sample) -> Result:
    """Each hop through the voice-activity detector."""
    opened_s = time.perf_counter()
    async with voice_activity_detector().open() as detector:
        opened_s = time.perf_counter() - opened_s
        pcm, size = sample.pcm, detector.hop_samples * SPEECH_FORMAT.bytes_per_sample
        costs: list[float] = []
        highest = 0.0
        for start in range(0, len(pcm) - size, size):
            began_s = time.perf_counter()
            highest = max(highest, detector.probability(pcm[start : start + size]))
            costs.append(time.perf_counter() - began_s)
    hop_s = detector.hop_samples / detector.rate_hz
    kind = type(detector).__name__.removesuffix("Detector")
    hearing = "" if highest > 0.5 else f"; it hears no speech where somebody speaks ({highest:.2f} at most)"
    return Result(
        text=f"{kind}: {_spread_ms(costs)} for {hop_s * 1000:.0f} ms of sound; ready in {opened_s:.2f} s{hearing}",
        works=highest > 0.5,
        slow=statistics.median(costs) > _SHARE * hop_s,
    )


async def recognise(sample: Sample) -> Result:
    """An utterance through PocketSphinx with the restaurant's vocabulary."""
    script = await offload(RuleScript.bundled, "restaurant")
    began_s = trio.current_time()
    async with PocketSphinx(vocabulary=script.vocabulary()).open() as recogniser, trio.open_nursery() as nursery:
        opened_s = trio.current_time() - began_s
        end_s, end = sample.duration_s, sum(frame.samples for frame in sample.frames)

        async def send() -> None:
            await recogniser.send(SpeechStarted(at_sample=0, at_s=0.0, detected_s=0.0))
            for frame in sample.frames:
                await recogniser.send(frame)
            await recogniser.send(SpeechEnded(at_sample=end, at_s=end_s, detected_s=end_s))

        began_s = trio.current_time()
        nursery.start_soon(send, name="send the sample")
        while not isinstance(transcript := await recogniser.receive(), FinalTranscript):
            pass
        spent_s = trio.current_time() - began_s
    return Result(
        text=f"PocketSphinx: {_share(spent_s, end_s)}; ready in {opened_s:.2f} s; understood {transcript.text!r} "
        f"of {sample.text!r}",
        works=bool(transcript.text),
        slow=spent_s > _SHARE * end_s,
    )


async def answer(sample: Sample) -> Result:
    """A turn through the rules."""
    model = RuleModel(script=await offload(RuleScript.bundled, "restaurant"))
    request = ChatRequest(instructions="", items=(ChatMessage(role="user", text=sample.text),), tools=())
    said: list[str] = []
    async with model.open() as connection:
        began_s = trio.current_time()
        async with connection.reply(request) as outputs:
            async for output in outputs:
                if isinstance(output, TextDelta):
                    said.append(output.text)
        spent_s = trio.current_time() - began_s
    return Result(text=f"rules: {spent_s * 1000:.1f} ms to answer {''.join(said)!r}", works=bool(said))


async def speak(_: Sample) -> Result:
    """A sentence through espeak-ng."""
    began_s = trio.current_time()
    first_s, sound_s = 0.0, 0.0
    async with Espeak().open() as voice:
        opened_s = trio.current_time() - began_s
        began_s = trio.current_time()
        async with voice.speak(_SENTENCE) as speech:
            async for piece in speech:
                first_s = first_s or trio.current_time() - began_s
                sound_s += len(piece.pcm) / piece.format.bytes_per_sample / piece.format.rate_hz
        spent_s = trio.current_time() - began_s
    return Result(
        text=f"espeak-ng: first sound after {first_s * 1000:.0f} ms, then {_share(spent_s, sound_s)}; "
        f"ready in {opened_s:.2f} s",
        works=sound_s > 0,
        slow=spent_s > _SHARE * sound_s,
    )


async def reduce_noise(sample: Sample) -> Result:
    """The utterance through RNNoise."""
    async with RNNoise().open() as reducer:
        began_s = time.perf_counter()
        for frame in sample.frames:
            reducer.process(frame.pcm)
        spent_s = time.perf_counter() - began_s
    share = _share(spent_s, sample.duration_s)
    return Result(text=f"RNNoise: {share}", slow=spent_s > _SHARE * sample.duration_s)


async def resample(sample: Sample) -> Result:
    """The utterance from 16 to 48 kHz and back, as for a browser's microphone and speaker."""
    up, down = Resampler(SPEECH_FORMAT, _STUDIO), Resampler(_STUDIO, SPEECH_FORMAT)
    began_s = time.perf_counter()
    kept = 0
    for frame in sample.frames:
        if (high := up.push(frame)) is not None and (low := down.push(high)) is not None:
            kept += low.samples
    spent_s = time.perf_counter() - began_s
    await trio.lowlevel.checkpoint()
    text = f"16 to 48 kHz and back: {_share(spent_s, sample.duration_s)}"
    return Result(text=text, works=kept > 0, slow=spent_s > _SHARE * sample.duration_s)


async def wake_up(_: Sample) -> Result:
    """Short pauses, and how much longer they were."""
    late: list[float] = []
    for _count in range(_WAKE_UPS):
        due_s = trio.current_time() + _PAUSE_S
        await trio.sleep_until(due_s)
        late.append(trio.current_time() - due_s)
    worst = _percentile(late, 99)
    advice = "; speech may stutter: is the machine busy, or its clock coarse?" if worst > _LATE_S else ""
    return Result(text=f"wakes up {_spread_ms(late)} late{advice}", slow=worst > _LATE_S)


#: In the order of a turn.
MEASUREMENTS: Final = (
    Measurement("voice activity", detect, needed=True),
    Measurement("speech to text", recognise, needed=True),
    Measurement("language model", answer, needed=True),
    Measurement("text to speech", speak, needed=True),
    Measurement("noise reduction", reduce_noise, needed=False),
    Measurement("resampling", resample, needed=True),
    Measurement("event loop", wake_up, needed=True),
)


def _spread_ms(values: Sequence[float]) -> str:
    return f"{statistics.median(values) * 1000:.2f} ms (p99 {_percentile(values, 99) * 1000:.2f})"


def _percentile(values: Sequence[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def _share(spent_s: float, sound_s: float) -> str:
    """How fast, against the sound's own length."""
    if not (spent_s and sound_s):
        return "no sound"
    return f"{1000 * spent_s / sound_s:.1f} ms for a second of sound ({sound_s / spent_s:.0f} × real time)"
