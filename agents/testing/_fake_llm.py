"""A language model that writes what its script says, each token at its moment."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, Self

import attrs
import trio

from trialogue.agents.testing._leases import Leases, LeaseStatistics, StreamEnd, note_the_end, sleep_until
from trialogue.engine import ModelConnection, Pacer, ProviderError
from trialogue.frames import ChatRequest, ModelOutput, TextDelta
from trialogue.frames._attrs import define, frozen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager
    from types import TracebackType

#: Tokens as vendors cut them: a word with the space before it.
_TOKEN: Final = re.compile(r"\s*\S+|\s+$")

#: Eight sentences of five words: the answer of the shared scenarios, 40 tokens.
DEFAULT_ANSWER: Final = (
    "The quick brown fox jumps. Every good boy does fine. Seven small ships sailed south. Nobody knows what comes "
    "next. Rain falls on the hills. Bread tastes best when warm. Old clocks tick very slowly. Birds sing before the "
    "dawn."
)


def _outputs_of(given: str | Sequence[str | ModelOutput]) -> tuple[ModelOutput, ...]:
    tokens = _TOKEN.findall(given) if isinstance(given, str) else given
    return tuple(TextDelta(text=token) if isinstance(token, str) else token for token in tokens)


@frozen
class Answer:
    """What the model writes in answer to one request, and when.

    Args:
        outputs: tokens, tool calls, usage; a text is cut into words with the space before each.
        first_token_s: the first one comes so long after the request, seconds.
        token_interval_s: the others follow on a schedule of that interval from the first one on, seconds, however
            slowly they are taken.
        stalls: extra delay before single tokens, by number from 0, seconds; those that follow are later, too.
        dies_at: the number of the token instead of which `error` comes.
        error: what then comes.
    """

    outputs: tuple[ModelOutput, ...] = attrs.field(converter=_outputs_of)
    first_token_s: float = attrs.field(default=0.1, kw_only=True)
    token_interval_s: float = attrs.field(default=0.005, kw_only=True)
    stalls: Mapping[int, float] = attrs.field(factory=dict, kw_only=True)
    dies_at: int | None = attrs.field(default=None, kw_only=True)
    error: ProviderError = attrs.field(
        factory=lambda: ProviderError("the fake model died, as its script says", retryable=True), kw_only=True
    )


@define(kw_only=True, eq=False)
class AnswerRecord:
    """How a request was served. Times on Trio's clock.

    Args:
        request: what was asked.
        asked_s: when the request came.
    """

    request: ChatRequest
    asked_s: float
    #: When each output was handed over.
    sent_s: list[float] = attrs.Factory(list)
    #: When and how it ended: all was taken, the reader left before that or was cancelled, or it failed.
    ended_s: float | None = None
    end: StreamEnd | None = None


@define(kw_only=True, eq=False)
class FakeLlm:
    """Writes one answer after another as its script says.

    Args:
        answers: in the order of the requests, or a function of the request; a text alone is an answer with all
            defaults. A request after the last one fails.
        sees: whether it may be sent pictures.
        error: what opening it raises.
        pacer: times the tokens of many sessions in one task, which somebody else runs; None sets a timer for each.
    """

    answers: Sequence[Answer | str] | Callable[[ChatRequest], Answer | str] = lambda _: DEFAULT_ANSWER
    sees: bool = True
    error: ProviderError | None = None
    pacer: Pacer | None = None
    #: The requests of all sessions, in order.
    records: list[AnswerRecord] = attrs.field(factory=list, init=False)
    _leases: Leases = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._leases = Leases(error=self.error)

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[ModelConnection, None]:
        """A connection for one session; all of them go through the one script. Raises the error that was set."""
        with self._leases.lease():
            yield _Connection(self)

    def statistics(self) -> LeaseStatistics:
        """How often it was opened, and is now."""
        return self._leases.statistics()

    def answer(self, request: ChatRequest) -> Answer:
        """What it writes next. Raises ProviderError where the script is over."""
        if callable(self.answers):
            scripted = self.answers(request)
        elif len(self.records) < len(self.answers):
            scripted = self.answers[len(self.records)]
        else:
            raise ProviderError(f"the fake model has no more than {len(self.answers)} answers; give it another one")
        return Answer(scripted) if isinstance(scripted, str) else scripted


class _Connection:
    """One session's way to the script."""

    def __init__(self, owner: FakeLlm) -> None:
        self._owner = owner

    def reply(self, request: ChatRequest) -> AbstractAsyncContextManager[AsyncIterator[ModelOutput]]:
        """Start the next answer of the script."""
        return _AnswerStream(self._owner, request)


class _AnswerStream:
    """The outputs of one answer, on their schedule."""

    def __init__(self, owner: FakeLlm, request: ChatRequest) -> None:
        self._answer = owner.answer(request)
        self._record = AnswerRecord(request=request, asked_s=trio.current_time())
        owner.records.append(self._record)
        self._pacer = owner.pacer
        self._next = 0
        self._late_s = 0.0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        note_the_end(self._record, error)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> ModelOutput:
        answer, record, number = self._answer, self._record, self._next
        if number >= len(answer.outputs) and answer.dies_at != number:
            record.end = "complete"
            raise StopAsyncIteration
        self._next += 1
        self._late_s += answer.stalls.get(number, 0.0)
        due_s = record.asked_s + answer.first_token_s + number * answer.token_interval_s + self._late_s
        await sleep_until(due_s, self._pacer)
        if answer.dies_at == number:
            record.end = "failed"
            raise answer.error
        record.sent_s.append(trio.current_time())
        return answer.outputs[number]
