"""espeak-ng: a robot voice that needs no model, starts at once and knows where each word lies."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs
import trio

from trialogue.engine import ProviderError, open_worker
from trialogue.engine._checks import between
from trialogue.frames import AudioFormat, SpeechAudio, WordTiming
from trialogue.frames._attrs import frozen
from trialogue.providers._models import wheel_file
from trialogue.providers._ssml import UNDERSTOOD, Ssml

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Sequence

    from trialogue.engine import WorkerMessage, WorkerProcess
    from trialogue.frames import Delivery, DeliveryMark

_WORKER: Final = Path(__file__).with_name("_espeak_worker.py")

#: espeak-ng's own sample rate for its built-in voices, samples per second.
_FORMAT: Final = AudioFormat(rate_hz=22_050)

#: How long a worker may take to be ready, seconds: a hundred times what it takes here.
_START_S: Final = 5.0

#: How long a worker may take for one buffer of sound, seconds: ten thousand times what it takes here.
_SILENCE_S: Final = 5.0

#: How long a worker may take to stop in mid-word before it is killed, seconds. It needs about one.
_STOP_S: Final = 0.02

#: How long that, and starting a new worker if need be, may take in all, seconds; it takes some 30 ms here.
_REPLACE_S: Final = 0.5


@frozen(kw_only=True)
class Espeak:
    """The espeak-ng voices, as a text-to-speech provider; needs the extra `trialogue[espeak]`.

    Each session has its own worker process (about 15 MB), because espeak-ng speaks one sentence at a time.

    Args:
        voice: a voice or language of espeak-ng, such as `en-us`, `de` or `en-gb+f3` (with a variant).
        rate_wpm: speed, words per minute.
        pitch: 0 to 100.
        pitch_range: 0 (monotone) to 100.
        volume: 0 to 200; 100 is espeak-ng's normal level.
    """

    voice: str = "en-us"
    rate_wpm: int = attrs.field(default=170, validator=between(80, 450))
    pitch: int = attrs.field(default=50, validator=between(0, 100))
    pitch_range: int = attrs.field(default=50, validator=between(0, 100))
    volume: int = attrs.field(default=100, validator=between(0, 200))

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[EspeakVoice, None]:
        """A voice for one session.

        Raises:
            ProviderError: espeak-ng is not installed, or its worker does not start.
        """
        async with contextlib.AsyncExitStack() as stack:
            lane = _Lane(stack, _worker_command())
            await lane.ready_worker()
            yield EspeakVoice(self, lane)


class EspeakVoice:
    """One session's voice. It speaks one sentence at a time; a second call waits for the first."""

    def __init__(self, settings: Espeak, lane: _Lane) -> None:
        self._settings = settings
        self._lane = lane
        self._one_at_a_time = trio.Lock()

    @property
    def format(self) -> AudioFormat:
        """Mono int16 at 22,050 Hz."""
        return _FORMAT

    @property
    def understands(self) -> frozenset[Delivery]:
        """Silences, stress, pace and volume; no moods."""
        return UNDERSTOOD

    def speak(self, text: str) -> contextlib.AbstractAsyncContextManager[EspeakSpeech]:
        """Synthesise one sentence and iterate over its sound in buffers of 60 ms.

        Raises:
            ProviderError: the worker died (retryable: the next call starts a new one), or there is no such voice.
        """
        return self._speak(Ssml(text, ()))

    def speak_marked(
        self, text: str, marks: Sequence[DeliveryMark]
    ) -> contextlib.AbstractAsyncContextManager[EspeakSpeech]:
        """Like `speak`, but parts of it in a certain way."""
        return self._speak(Ssml(text, marks))

    @contextlib.asynccontextmanager
    async def _speak(self, said: Ssml) -> AsyncGenerator[EspeakSpeech, None]:
        async with self._one_at_a_time:
            worker = await self._lane.ready_worker()
            request = self._lane.next_request()
            settings = attrs.asdict(self._settings)
            speech = EspeakSpeech(worker, request, said)
            try:
                header = {"do": "speak", "id": request, "ssml": said.is_marked, **settings}
                await worker.send(header, _speakable(said.document))
                yield speech
            finally:
                if not speech.ended:
                    with trio.move_on_after(_REPLACE_S, shield=True):
                        await self._lane.stop(worker, request)


class EspeakSpeech:
    """The sound of one sentence, as it comes."""

    def __init__(self, worker: WorkerProcess, request: int, said: Ssml) -> None:
        self._worker = worker
        self._request = request
        self._said = said
        self._placed_end = 0
        self.ended = False

    def __aiter__(self) -> EspeakSpeech:
        return self

    async def __anext__(self) -> SpeechAudio:
        if self.ended:
            raise StopAsyncIteration
        message = await self._receive()
        match message.header["is"]:
            case "sound":
                words = message.header["words"]
                assert isinstance(words, list)
                events = [(at, self._said.position(start), length) for at, start, length in words]
                timings = place_words(self._said.text, events, after=self._placed_end)
                if timings:
                    self._placed_end = timings[-1].end
                return SpeechAudio(pcm=message.body, format=_FORMAT, words=timings)
            case "done":
                self.ended = True
                raise StopAsyncIteration
            case _:
                self.ended = True
                raise ProviderError(
                    f"espeak-ng cannot speak: {message.header['message']}; `espeak-ng --voices` lists the voices"
                )

    async def _receive(self) -> WorkerMessage:
        """The next message about this request; what is left over from others is dropped."""
        with trio.move_on_after(_SILENCE_S):
            while (message := await self._worker.receive()).header["id"] != self._request:
                pass
            return message
        self._worker.kill()
        raise ProviderError(
            f"the espeak worker has not answered for {_SILENCE_S:.0f} s and was killed; speak again to get a new one",
            retryable=True,
        )


def _speakable(text: str) -> bytes:
    """The text as espeak-ng takes it: every character stays one character, so that word positions fit."""
    return text.replace("\0", " ").encode(errors="replace")


def place_words(text: str, events: Iterable[tuple[int, int, int]], *, after: int) -> tuple[WordTiming, ...]:
    """Make word timings of espeak-ng's word events: inside the text, in order, without overlap or white space.

    espeak-ng gives several events for what it reads as several words, such as "25"; the first one counts.

    Args:
        text: what is spoken.
        events: sample, start and length in characters of each word.
        after: where in the text the last placed word ended, characters.
    """
    placed: list[WordTiming] = []
    for at_sample, start, length in events:
        end = min(start + length, len(text))
        written = text[start:end]
        if start < after or not written.strip():
            continue
        end = start + len(written.rstrip())
        placed.append(WordTiming(at_sample=at_sample, start=start, end=end))
        after = end
    return tuple(placed)


class _Lane:
    """One session's worker process; replaced when it dies or does not stop."""

    def __init__(self, stack: contextlib.AsyncExitStack, command: list[str]) -> None:
        self._stack = stack
        self._command = command
        self._worker: WorkerProcess | None = None
        self._greeted = False
        self._request = 0

    def next_request(self) -> int:
        """A new request's number."""
        self._request += 1
        return self._request

    async def ready_worker(self) -> WorkerProcess:
        """A living worker that waits for requests."""
        if self._worker is None or not self._worker.alive:
            await self._replace()
        assert self._worker is not None
        if not self._greeted:
            with trio.move_on_after(_START_S):
                await self._worker.receive()
                self._greeted = True
        if not self._greeted:
            self._worker.kill()
            raise ProviderError(f"the espeak worker is not ready after {_START_S:.0f} s", retryable=True)
        return self._worker

    async def stop(self, worker: WorkerProcess, request: int) -> None:
        """Stop a request: politely within 20 ms, else by killing the worker; its successor warms up meanwhile."""
        with contextlib.suppress(ProviderError), trio.move_on_after(_STOP_S):
            await worker.send({"do": "stop", "id": request})
            while not _is_last(await worker.receive(), request):
                pass
            return
        worker.kill()
        with contextlib.suppress(ProviderError):  # the next speak tries again, and reports
            await self._replace()

    async def _replace(self) -> None:
        """Start a new worker without waiting until it is ready."""
        self._worker, self._greeted = None, False
        await self._stack.aclose()
        self._worker = await self._stack.enter_async_context(open_worker(self._command, name="espeak"))


def _is_last(message: WorkerMessage, request: int) -> bool:
    return message.header["is"] in {"done", "failed"} and message.header["id"] == request


def _worker_command() -> list[str]:
    """The command line of the worker.

    Raises:
        ProviderError: espeak-ng is not installed.
    """
    library = wheel_file("espeakng_loader", _LIBRARY_NAMES.get(sys.platform, "libespeak-ng.so"))
    data = wheel_file("espeakng_loader", "espeak-ng-data")
    if library is None or data is None:
        raise ProviderError("the espeak voice needs espeak-ng, which is not installed: pip install 'trialogue[espeak]'")
    return [sys.executable, "-I", "-S", str(_WORKER), str(library), str(data)]


#: espeak-ng's library in the wheel of espeakng-loader, where it is not the .so file.
_LIBRARY_NAMES: Final = {"win32": "espeak-ng.dll", "darwin": "libespeak-ng.dylib"}
