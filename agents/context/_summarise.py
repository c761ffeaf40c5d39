"""Summaries: the older part of a conversation in short, written by a model while nobody waits for it."""

from __future__ import annotations

import contextlib
import functools
from typing import TYPE_CHECKING

from trialogue.agents.context._asking import ask_model
from trialogue.agents.context._chat_context import Handoff, SettingsChanged, Summary
from trialogue.engine import PolicyError
from trialogue.frames import ChatMessage, ToolCall

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trialogue.agents._settings import SummarySettings
    from trialogue.agents.context._chat_context import ContextItem, SummaryPlan
    from trialogue.agents.context._history import History
    from trialogue.agents.session._hooks import HookCalls
    from trialogue.engine import LanguageModel


class Summariser:
    """Has a model summarise, one piece after another. What is said meanwhile stays as it is.

    Args:
        history: what is summarised.
        settings: when, and how much.
        calls: bounds it; what fails is told, and tried again later.
    """

    def __init__(self, history: History, settings: SummarySettings, calls: HookCalls) -> None:
        self._history = history
        self._settings = settings
        self._calls = calls
        self._plan: SummaryPlan | None = None

    async def run_if_due(self, llm: LanguageModel) -> None:
        """Write a summary, where there is enough for one and none is being written.

        Args:
            llm: who writes it, unless the settings name somebody else.
        """
        told = self._history.told
        if self._plan is not None or told.turns < self._settings.after_turns:
            return
        self._plan = told.plan_summary(self._settings.keep_turns)
        if self._plan is None:
            return
        try:
            write = functools.partial(self._write, self._plan, self._settings.llm or llm)
            text = await self._calls.call("summary", write, self._settings.within_s)
            if isinstance(text, str):
                with contextlib.suppress(PolicyError):  # a task has ended meanwhile, and its recap stands there
                    self._history.finish_summary(self._plan, text)
        finally:
            self._plan = None

    async def _write(self, plan: SummaryPlan, llm: LanguageModel) -> str:
        said = transcript_of(plan.items)
        return await ask_model(llm, self._settings.instructions, said, name="the model that summarises")


def transcript_of(items: Iterable[ContextItem]) -> str:
    """A conversation for a model that is to write about it, a line for each item."""
    return "\n".join(filter(None, map(_line, items)))


def _line(item: ContextItem) -> str:
    """An item in words; empty where there is nothing to summarise."""
    match item:
        case ChatMessage():
            return f"{item.role}: {item.text}"
        case Summary():
            return f"earlier: {item.text}"
        case ToolCall():
            return f"{item.name} was called with {item.arguments}"
        case Handoff() | SettingsChanged():
            return ""
        case _:
            return f"{item.name} gave {item.output}"
