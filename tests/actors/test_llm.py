"""The language model's actor: one reply with its tools, bounded in steps, tries and time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import attrs
import pytest
import trio

from trialogue.actors import LlmSettings, llm
from trialogue.agents.testing import Answer, FakeLlm
from trialogue.engine import Channel, ConfigurationError, ProviderError
from trialogue.frames import (
    ChatMessage,
    ChatRequest,
    TextDelta,
    TokenUsage,
    ToolCall,
    ToolOutput,
    ToolSchema,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from trio.testing import MockClock

TOOLS = (ToolSchema(name="look", description="Look.", parameters="{}"),)
CALL = ToolCall(call_id="1", name="look", arguments="{}")


@attrs.define(kw_only=True, eq=False)
class Paper:
    """Notes, as the conversation would take them."""

    text: str = ""
    usages: list[TokenUsage] = attrs.Factory(list)
    calls: list[ToolCall] = attrs.Factory(list)
    tool_s: float = 0.5
    out_after: int | None = None
    meanwhile: str = ""
    found: tuple[ToolSchema, ...] = ()

    def wrote(self, text: str) -> None:
        """Text."""
        self.text += text

    def used(self, usage: TokenUsage) -> None:
        """Tokens."""
        self.usages.append(usage)

    def out_of_steps(self, steps: int) -> None:
        """It must answer now."""
        self.out_after = steps

    def tools_after(self, offered: tuple[ToolSchema, ...]) -> tuple[ToolSchema, ...]:
        """Another one, where another one is to be found."""
        return (*offered, *self.found)

    async def run_tools(
        self, calls: tuple[ToolCall, ...], say: Callable[[str], Awaitable[None]]
    ) -> tuple[ToolOutput, ...]:
        """Each gives its number."""
        if self.meanwhile:
            await say(self.meanwhile)
        await trio.sleep(self.tool_s)
        self.calls += calls
        return tuple(
            ToolOutput(call_id=call.call_id, name=call.name, output=json.dumps(call.call_id)) for call in calls
        )


async def write(
    model: FakeLlm, settings: LlmSettings | None = None, paper: Paper | None = None
) -> tuple[Paper, list[tuple[float, str]]]:
    """Write a reply; what was noted, and each delta with its time."""
    paper = paper or Paper()
    deltas = Channel[TextDelta]("deltas", capacity=1000)
    found: list[tuple[float, str]] = []
    began_s = trio.current_time()

    async def read() -> None:
        async for delta in deltas.inbox:
            found.append((round(trio.current_time() - began_s, 9), delta.text))

    request = ChatRequest(instructions="Be kind.", items=(ChatMessage(role="user", text="?"),), tools=TOOLS)
    async with model.open() as connection, trio.open_nursery() as nursery:
        nursery.start_soon(read)
        try:
            await llm(
                deltas.outbox,
                connection=connection,
                request=request,
                notes=paper,
                settings=settings or LlmSettings(),
            )
        finally:
            deltas.outbox.close()
    return paper, found


async def test_text_goes_out_and_is_noted_as_it_comes(autojump_clock: MockClock) -> None:
    usage = TokenUsage(input_tokens=3, output_tokens=2)
    paper, found = await write(FakeLlm(answers=[Answer(["Hello", " there.", usage])]))
    assert found == [(0.1, "Hello"), (0.105, " there.")]
    assert (paper.text, paper.usages) == ("Hello there.", [usage])


async def test_words_before_a_tool_end_with_a_line_before_it_runs(autojump_clock: MockClock) -> None:
    model = FakeLlm(answers=[Answer(["One moment.", CALL]), "Done."])
    paper, found = await write(model)
    assert [at for at, _ in found] == [0.1, 0.105, 0.705]
    assert paper.text == "".join(text for _, text in found)
    assert paper.text.split("\n") == ["One moment.", "Done."]
    assert model.records[1].request.items == (
        ChatMessage(role="user", text="?"),
        ChatMessage(role="agent", text="One moment."),
        CALL,
        ToolOutput(call_id="1", name="look", output='"1"'),
    )


@pytest.mark.parametrize("steps", [0, 1, 3])
async def test_after_its_last_step_it_must_answer_without_tools(autojump_clock: MockClock, steps: int) -> None:
    model = FakeLlm(answers=lambda request: Answer([CALL]) if request.tools else Answer("Enough."))
    paper, found = await write(model, LlmSettings(max_tool_steps=steps))
    assert (len(paper.calls), found[-1][1]) == (steps, "Enough.")
    assert [len(record.request.tools) for record in model.records] == [1] * steps + [0]


async def test_a_failure_before_the_first_output_is_tried_again_as_asked(autojump_clock: MockClock) -> None:
    busy = Answer("", dies_at=0, error=ProviderError("busy", retryable=True, retry_after_s=1.5))
    model = FakeLlm(answers=[busy, "Hello."])
    _, found = await write(model)
    assert found == [(1.7, "Hello.")]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer("", dies_at=0, error=ProviderError("no")), id="for good"),
        pytest.param(Answer("Hel", dies_at=1, error=ProviderError("no", retryable=True)), id="after some text"),
        pytest.param(
            Answer("", dies_at=0, error=ProviderError("no", retryable=True, retry_after_s=60.0)), id="too late"
        ),
    ],
)
async def test_a_failure_that_another_try_would_not_mend_comes_out(autojump_clock: MockClock, answer: Answer) -> None:
    model = FakeLlm(answers=[answer, "Hello."])
    with pytest.RaisesGroup(pytest.RaisesExc(ProviderError, match="no")):
        await write(model)
    assert len(model.records) == 1


async def test_an_output_of_another_type_is_named_without_its_words(autojump_clock: MockClock) -> None:
    words: list[TextDelta] = [b"secret"]  # type: ignore[list-item]  # what an untyped model may give
    with pytest.RaisesGroup(
        pytest.RaisesExc(ProviderError, match="^a bytes is no output of a language model; .* TextDelta")
    ):
        await write(FakeLlm(answers=[Answer(words)]))


async def test_tries_are_counted(autojump_clock: MockClock) -> None:
    model = FakeLlm(answers=lambda _: Answer("", dies_at=0, error=ProviderError("busy", retryable=True)))
    with pytest.RaisesGroup(pytest.RaisesExc(ProviderError, match="busy")):
        await write(model, LlmSettings(retries=3))
    assert len(model.records) == 4


@pytest.mark.parametrize(
    ("answer", "after_s", "setting"),
    [
        (Answer("never", first_token_s=1000.0), 8.0, "first_output_s"),
        (Answer("One two three", stalls={2: 1000.0}), 0.105 + 4.0, "next_output_s"),
    ],
)
async def test_a_model_that_stalls_is_given_up(
    autojump_clock: MockClock, answer: Answer, after_s: float, setting: str
) -> None:
    began_s = trio.current_time()
    with pytest.RaisesGroup(pytest.RaisesExc(ProviderError, match=f"given nothing for .* raise LlmSettings.{setting}")):
        await write(FakeLlm(answers=[answer]), LlmSettings(retries=0))
    assert trio.current_time() - began_s == pytest.approx(after_s)


async def test_the_time_of_a_tool_is_not_the_models(autojump_clock: MockClock) -> None:
    model = FakeLlm(answers=[Answer(["One moment.", CALL]), "Done."])
    paper, found = await write(model, paper=Paper(tool_s=100.0))
    assert found[-1] == (100.205, "Done.")
    assert len(paper.calls) == 1


async def test_cancelling_ends_the_request(autojump_clock: MockClock) -> None:
    model = FakeLlm()
    with trio.move_on_after(0.15):
        await write(model)
    assert model.records[0].end == "cancelled"
    assert model.statistics().open_now == 0


@pytest.mark.parametrize("setting", ["max_tool_steps", "retries", "first_output_s", "next_output_s"])
def test_settings_that_cannot_work_are_refused(setting: str) -> None:
    with pytest.raises(ConfigurationError, match=setting):
        LlmSettings(**{setting: -1})
