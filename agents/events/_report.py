"""What a call has cost, and all of it in one document."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, get_args

import attrs

from trialogue.actors import Clip
from trialogue.agents.context._typed_json import TypedJson
from trialogue.agents.events._call_events import CallTagged
from trialogue.agents.events._events import (
    AgentStoppedSpeaking,
    Event,
    Part,
    RequestMeasured,
    UserSaid,
    UserStartedSpeaking,
    UserStoppedSpeaking,
)
from trialogue.agents.events._requests import model_name
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trialogue.agents._settings import SessionSettings
    from trialogue.agents.context._chat_context import ReadOnlyContext
    from trialogue.engine import AudioSink

#: Events that a report holds: some hours of a conversation. Of a longer one, the latest.
_EVENTS: Final = 20_000

#: Of the document.
_VERSION: Final = 1

_JSON: Final = TypedJson[Event](get_args(Event))


@frozen(kw_only=True)
class Usage:
    """What was used.

    Args:
        input_tokens, output_tokens: of the language model, as it counts them.
        requests: to the language model, of which it told the tokens.
        characters: what was handed to the voice, but for answers that were prepared in vain.
        played_s: how much of that was played, seconds.
        listened_s: how long the user spoke, which is what a recogniser hears, seconds.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    requests: int = 0
    characters: int = 0
    played_s: float = 0.0
    listened_s: float = 0.0

    def after(self, event: Event, spoke_since_s: float | None) -> Usage:
        """What was used once this has happened.

        Args:
            event: anything.
            spoke_since_s: when the user began to speak who speaks now, session time, seconds.
        """
        match event:
            case RequestMeasured(input_tokens=int(input_tokens), output_tokens=int(output_tokens)):
                return attrs.evolve(
                    self,
                    input_tokens=self.input_tokens + input_tokens,
                    output_tokens=self.output_tokens + output_tokens,
                    requests=self.requests + 1,
                )
            case AgentStoppedSpeaking():
                return attrs.evolve(
                    self, characters=self.characters + event.characters, played_s=self.played_s + event.played_s
                )
            case UserStoppedSpeaking() if spoke_since_s is not None:
                return attrs.evolve(self, listened_s=self.listened_s + max(0.0, event.at_s - spoke_since_s))
            case _:
                return self


@frozen(kw_only=True)
class ModelUsage:
    """What was used of one model, with what was prepared or said in vain.

    Args:
        part: what it does.
        model: its name.
        requests: how many there were: of a language model requests, of a voice sentences, of a recogniser utterances.
        failed: how many of them failed.
        input_tokens, output_tokens: as a language model counts them.
        characters: what a voice was given.
        audio_s: the sound that a voice gave, or a recogniser heard, seconds.
    """

    part: Part
    model: str
    requests: int = 0
    failed: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    characters: int = 0
    audio_s: float = 0.0

    def after(self, request: RequestMeasured) -> ModelUsage:
        """What was used once this request is over."""
        return ModelUsage(  # a reply has some ten of them, and attrs.evolve would ask for each field by its name
            part=self.part,
            model=self.model,
            requests=self.requests + 1,
            failed=self.failed + (request.outcome == "failed"),
            input_tokens=self.input_tokens + (request.input_tokens or 0),
            output_tokens=self.output_tokens + (request.output_tokens or 0),
            characters=self.characters + request.characters,
            audio_s=self.audio_s + request.audio_s,
        )


class _Meter:
    """Sums up usage, event by event."""

    def __init__(self) -> None:
        self.usage = Usage()
        self.models: dict[tuple[Part, str], ModelUsage] = {}
        self._spoke_since_s: float | None = None

    def __call__(self, event: Event) -> None:
        self.usage = self.usage.after(event, self._spoke_since_s)
        if isinstance(event, RequestMeasured):
            key = (event.part, event.model)
            before = self.models.get(key) or ModelUsage(part=event.part, model=event.model)
            self.models[key] = before.after(event)
        if isinstance(event, UserStartedSpeaking):
            self._spoke_since_s = event.at_s
        elif isinstance(event, UserStoppedSpeaking):
            self._spoke_since_s = None


@frozen(kw_only=True)
class Limits:
    """How much may be used before somebody is told; None is without end. See Usage."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    requests: int | None = None
    characters: int | None = None
    played_s: float | None = None
    listened_s: float | None = None


class UsageAlert:
    """An observer that tells when a limit is passed, once for each limit. Give it to `Session(observers=...)`.

    Args:
        limits: how much may be used.
        tell: called with the name of the limit and what was used; short and synchronous. It may end the call.
    """

    def __init__(self, limits: Limits, tell: Callable[[str, Usage], object]) -> None:
        self._left: dict[str, float] = {
            field.name: limit for field in attrs.fields(Limits) if (limit := getattr(limits, field.name)) is not None
        }
        self._tell = tell
        self._meter = _Meter()

    def __call__(self, event: Event) -> None:
        """Take in an event."""
        self._meter(event)
        usage = self._meter.usage
        for name in [name for name, limit in self._left.items() if getattr(usage, name) > limit]:
            del self._left[name]
            self._tell(name, usage)


@frozen(kw_only=True)
class SessionReport:
    """A call in one document; made by `Session.report`. It holds what was said: keep it as you would a recording.

    Args:
        settings: of all stages, in words of JSON.
        events: what happened, oldest first, without what was only believed for a moment to have been said.
        dropped_events: how many older ones there were.
        context: what is remembered.
        usage: what was used.
        models: what was used of each model, in the order of their first requests.
        recording: the file that holds both sides; None where there is none.
    """

    settings: Mapping[str, object]
    events: tuple[Event, ...]
    dropped_events: int
    context: ReadOnlyContext
    usage: Usage
    models: tuple[ModelUsage, ...] = ()
    recording: str | None = None

    @property
    def tags(self) -> tuple[CallTagged, ...]:
        """What `Session.tag` has said of the call, oldest first."""
        return tuple(event for event in self.events if isinstance(event, CallTagged))

    def to_json(self) -> str:
        """All of it."""
        document = {
            "version": _VERSION,
            "settings": self.settings,
            "events": [_JSON.encode(event) for event in self.events],
            "dropped_events": self.dropped_events,
            "context": json.loads(self.context.to_json()),
            "usage": attrs.asdict(self.usage),
            "models": [attrs.asdict(model) for model in self.models],
            "recording": self.recording,
        }
        return json.dumps(document, ensure_ascii=False, allow_nan=False)


class Reporter:
    """An observer that keeps what a report needs.

    Args:
        recording: where its sound is kept.
    """

    def __init__(self, recording: AudioSink | None = None) -> None:
        path = getattr(recording, "path", None)
        self._recording = None if path is None else str(path)
        self._events: list[Event] = []
        self._seen = 0
        self._meter = _Meter()

    def __call__(self, event: Event) -> None:
        """Take in an event."""
        self._meter(event)
        if not (isinstance(event, UserSaid) and not event.final):
            self._seen += 1
            self._events.append(event)
            del self._events[:-_EVENTS]

    def report(self, context: ReadOnlyContext, settings: SessionSettings) -> SessionReport:
        """The call so far.

        Args:
            context: what is remembered.
            settings: of all stages, as they are now.
        """
        told = attrs.asdict(settings, value_serializer=_told)
        return SessionReport(
            settings={name: _plain(value) for name, value in told.items()},
            events=tuple(self._events),
            dropped_events=self._seen - len(self._events),
            context=context,
            usage=self._meter.usage,
            models=tuple(self._meter.models.values()),
            recording=self._recording,
        )


def _told(_: object, __: object, value: object) -> object:
    """A sound is told by its name, and not by its samples; a model likewise, and not by its settings and key."""
    if isinstance(value, Clip):
        return value.name
    return model_name(value) if callable(getattr(value, "open", None)) else value


def _plain(value: object) -> object:
    """A setting as JSON can say it: what has no end is null, what is a function or the like is its name."""
    match value:
        case dict():
            return {str(name): _plain(each) for name, each in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_plain(each) for each in value]
        case float() if value in (float("inf"), float("-inf")):
            return None
        case str() | int() | float() | None:
            return value
        case _:
            return str(getattr(value, "__qualname__", value))
