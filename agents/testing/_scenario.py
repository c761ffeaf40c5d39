"""A simulated call as data: what everybody does, how late, how badly, and in which order."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import attrs

from trialogue.agents.testing._actions import WORD_S, Action, Says
from trialogue.agents.testing._fake_llm import Answer
from trialogue.agents.testing._fake_stt import Utterance
from trialogue.agents.testing._fake_tts import Speech
from trialogue.engine import ConfigurationError, ProviderError
from trialogue.frames import ChatRequest, TextDelta
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from trialogue.agents._settings import Models, SessionSettings
    from trialogue.agents.testing._caller import Caller


@frozen(kw_only=True)
class Recognition:
    """How the caller is understood, where nothing else is said of single sentences.

    Args:
        final_delay_s: the final words come so long after the recogniser was told of the end of speech, seconds.
        interim_delay_s: a guess comes so long after the sound of its last word, seconds.
        interims: whether there are guesses.
    """

    final_delay_s: float = 0.1
    interim_delay_s: float = 0.1
    interims: bool = True

    def of(self, saying: Says) -> Utterance:
        """What is understood of something that the caller says."""
        if saying.understood is not None:
            return saying.understood
        words = len(saying.text.split())
        return Utterance(
            text=saying.text,
            final_delay_s=self.final_delay_s,
            word_s=saying.length_s / words if self.interims and words else None,
            interim_delay_s=self.interim_delay_s,
        )


@frozen(kw_only=True)
class Wire:
    """What the transport does to the sound.

    Args:
        latency_s: a remote buffer: what was handed over is heard so much later, and a flush throws it away; seconds.
        jitter_s: each frame of the microphone comes up to so much too late, in order; seconds. Only with sound.
        echo_db: so loud the agent's voice comes back through the microphone, beside what the caller hears; -20 is a
            tenth. None: not at all. Only with sound.
        keys: how the caller's keys come: as tones in the microphone's sound, or as messages beside it. Without sound,
            always as messages.
    """

    latency_s: float = 0.0
    jitter_s: float = 0.0
    echo_db: float | None = None
    keys: Literal["tones", "messages"] = "tones"


@frozen(kw_only=True)
class Scenario:
    """A call.

    Args:
        caller: what happens from outside, as data; or an async function that is given the `Caller`. When it is over
            and the conversation has come to rest, the caller hangs up.
        answers: of the language model, in order, or a function of the request.
        then: its answer to everything after these; None lets such requests fail.
        speech: how the agent's sentences sound.
        exceptions: how single ones sound instead, by number from 0 in the order of speaking.
        recognition: how the caller is understood.
        wire: what the transport does.
        settings: of the session.
        models: real models in place of the fakes that the above describe; those that hear need `level="sound"`.
        level: `text` moves no sound: words and the edges of speech come at their moments, and the agent's speech
            passes sentence by sentence; `sound` moves real samples through the real path.
        seed: of the order of tasks that are ready at the same moment, and of the jitter.

    Raises:
        ConfigurationError: a turn detector is to listen where there is no sound.
    """

    caller: Sequence[Action] | Callable[[Caller], Awaitable[object]] = ()
    answers: Sequence[Answer | str] | Callable[[ChatRequest], Answer | str] = ()
    then: Answer | str | None = None
    speech: Speech = attrs.Factory(lambda: Speech(word_s=WORD_S))
    exceptions: Mapping[int, Speech] = attrs.Factory(dict)
    recognition: Recognition = attrs.Factory(Recognition)
    wire: Wire = attrs.Factory(Wire)
    settings: SessionSettings | None = None
    models: Models | None = None
    level: Literal["text", "sound"] = "text"
    seed: int = 0

    def __attrs_post_init__(self) -> None:
        if self.level == "text" and self.models is not None and self.models.turn_detector is not None:
            raise ConfigurationError('a turn detector listens to sound; give its scenario level="sound"')

    def model(self) -> Callable[[ChatRequest], Answer | str]:
        """A function that gives the answers, in order, and then `then`; each call of it a new one."""
        if callable(self.answers):
            return self.answers
        left, many = iter(self.answers), len(self.answers)

        def answer(request: ChatRequest) -> Answer | str:
            del request
            given = next(left, self.then)
            if given is None:
                raise ProviderError(f"the scenario has no more than {many} answers; set `then`, too")
            return given

        return answer

    def as_code(self) -> str:
        """The scenario as Python, to be copied into a test; with what differs from the defaults alone."""
        return as_code(self)


def as_code(thing: object) -> str:
    """A piece of a scenario as Python."""
    match thing:
        case ProviderError():
            arguments = [repr(str(thing)), *(["retryable=True"] if thing.retryable else [])]
            return f"ProviderError({', '.join(arguments)})"
        case TextDelta():
            return repr(thing.text)
        case float() if math.isinf(thing):
            return "math.inf"
        case tuple() | list():
            return f"[{', '.join(map(as_code, thing))}]"
        case dict():
            return f"{{{', '.join(f'{key!r}: {as_code(value)}' for key, value in thing.items())}}}"
    kind = type(thing)
    if callable(thing) or not attrs.has(kind):
        return str(getattr(thing, "__qualname__", repr(thing)))
    told: list[str] = []
    for field in attrs.fields(kind):
        value = getattr(thing, field.name)
        default = field.default
        if isinstance(default, attrs.Factory):  # type: ignore[arg-type]  # typed as the value that it makes
            default = default.factory()
        same = (value == default) is True  # of arrays it is an array
        if not same and not (isinstance(value, ProviderError) and str(value) == str(default)):
            told.append(f"{field.name}={as_code(value)}" if field.kw_only else as_code(value))
    return f"{kind.__name__}({', '.join(told)})"
