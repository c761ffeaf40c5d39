"""Running one conversation with the embedded models: what `demo` and `talk` have in common."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Generator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

from trialogue.agents import Agent, Event, FlightRecord, Models, Session, embedded_models
from trialogue.cli._console import Console
from trialogue.cli._journal import Journal
from trialogue.cli.report import CallLog
from trialogue.engine import AudioSink, ConfigurationError, Stall, Transport, offload, watch_for_stalls
from trialogue.frames import AudioFormat
from trialogue.frames._attrs import frozen
from trialogue.providers import RuleScript
from trialogue.transports import AudioFileSink

if TYPE_CHECKING:
    import trio

#: Both sides of a call: the user left, the agent right.
_STEREO: Final = AudioFormat(rate_hz=16_000, channels=2)

#: How long the embedded dialogue model takes, as a fast vendor's model would: to its first token, and between two.
FIRST_TOKEN_S: Final = 0.12
TOKEN_INTERVAL_S: Final = 0.01


@frozen(kw_only=True)
class Outputs:
    """What a conversation leaves behind.

    Args:
        recording: where to write both sides, WAV or FLAC; None keeps no sound.
        events: where to write the event log, JSON lines; None keeps none.
        log: follows the session for a report; None where there will be none.
        flight_record: where to write what decided the turns, for `trialogue replay`; None keeps none.
        console: prints it.
    """

    recording: Path | None
    events: Path | None
    log: CallLog | None = None
    flight_record: Path | None = None
    console: Console = attrs.Factory(Console)

    @property
    def flight(self) -> FlightRecord | None:
        """The flight record, with a note of where the sound is."""
        if self.flight_record is None:
            return None
        return FlightRecord(to=self.flight_record, recording="" if self.recording is None else str(self.recording))

    @contextlib.contextmanager
    def open(self) -> Generator[tuple[AudioSink | None, list[Callable[[Event], None]]], None, None]:
        """The sink of the recording, and the observers to tell.

        Raises:
            ConfigurationError: a file cannot be written.
            AudioError: the recording's name says no format that can be written.
        """
        with contextlib.ExitStack() as stack:
            sink: AudioSink | None = None
            observers: list[Callable[[Event], None]] = [] if self.log is None else [self.log]
            try:
                if self.recording is not None:
                    self.recording.parent.mkdir(parents=True, exist_ok=True)
                    sink = stack.enter_context(AudioFileSink(self.recording, _STEREO))
                if self.events is not None:
                    self.events.parent.mkdir(parents=True, exist_ok=True)
                    file = self.events.open("w", encoding="utf-8", errors="backslashreplace")
                    observers.append(Journal(stack.enter_context(file)))
            except OSError as error:
                raise ConfigurationError(f"{error.filename or self.recording} cannot be written: {error}") from error
            yield sink, observers


def check_distinct(files: Mapping[str, Path | None]) -> None:
    """See that no file of a call is written over another one.

    Args:
        files: by what they are called on the command line; None where there is none.

    Raises:
        ConfigurationError: two of them are one.
    """
    names: dict[Path, str] = {}
    for name, path in files.items():
        other = name if path is None else names.setdefault(path.resolve(), name)
        if other != name:
            raise ConfigurationError(f"{other} and {name} are the same file, {path}; give {name} another name")


def offline_models(script: RuleScript, *, general_recogniser: bool = False, denoise: bool = False) -> Models:
    """The embedded models, with the model's delays that a fast vendor would have."""
    return embedded_models(
        script,
        general_recogniser=general_recogniser,
        denoise=denoise,
        first_token_s=FIRST_TOKEN_S,
        token_interval_s=TOKEN_INTERVAL_S,
    )


async def hold_conversation(
    agent: Agent,
    models: Models,
    transport: Transport,
    outputs: Outputs,
    until_over: Callable[[Session], Awaitable[object]],
    *,
    realtime: bool,
) -> Console:
    """Run one conversation to its end, printing it as it unfolds.

    Args:
        agent: who speaks.
        models: with what.
        transport: to whom.
        outputs: what to keep.
        until_over: returns when the conversation is over.
        realtime: whether it runs on the real clock; then code that blocks the loop is named.

    Returns:
        What was printed, and its figures.
    """
    console = outputs.console

    def note_stall(stall: Stall) -> None:
        console.print_stall(stall)
        if outputs.log is not None:
            outputs.log.note_stall(stall)

    with outputs.open() as (sink, observers):
        session = Session(
            agent,
            models=models,
            transport=transport,
            recording=sink,
            observers=[console, *observers],
            flight_record=outputs.flight,
        )
        async with contextlib.AsyncExitStack() as stack:
            if realtime:
                await stack.enter_async_context(watch_for_stalls(note_stall))
            await stack.enter_async_context(session)
            if outputs.log is not None:
                outputs.log.witness(session)
            await until_over(session)
    return console


async def load_script(source: str) -> RuleScript:
    """A rule script by its name or its path. Raises ConfigurationError where it is missing or wrong."""
    bundled = Path(source).suffix == ""
    return await offload(RuleScript.bundled if bundled else RuleScript.load, source)


async def until_ended(session: Session) -> None:
    """Until somebody has ended it."""
    await session.wait_ended()


def nothing_heard_for(file_over: trio.Event, quiet_s: float) -> Callable[[Session], Awaitable[None]]:
    """Until the file is over and nobody has said anything more for a while, seconds."""

    async def wait(session: Session) -> None:
        await file_over.wait()
        await session.wait_idle(quiet_s)
        session.end("the recording is over")

    return wait
