"""A case of a suite, and how it is played: one conversation by script, call or persona, with checks and judges."""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import attrs
import trio

from trialogue.agents.testing._judge import Outcome, Verdict
from trialogue.agents.testing._scenario import Scenario
from trialogue.agents.testing._simulate import simulate
from trialogue.agents.testing._simulated_user import Persona, Played, least, play
from trialogue.agents.testing._text_session import TextTalk, text_session
from trialogue.agents.testing._text_turn import transcript
from trialogue.engine import ConfigurationError, VirtualTime, leaves_of, run
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from trialogue.agents._agent import Agent
    from trialogue.agents._settings import SessionSettings
    from trialogue.agents.context._chat_context import ContextItem
    from trialogue.agents.testing._call import Call
    from trialogue.engine import LanguageModel

#: A conversation in text, turn by turn; it asserts as it goes.
Script = Callable[[TextTalk], Awaitable[object]]


@frozen(kw_only=True)
class Case:
    """A conversation of a suite.

    Args:
        name: unique in its suite.
        agent: makes the agent, a new one for each run.
        talks: what happens: an async function that is given a `TextTalk`; a `Persona`, whom `user` plays; or a
            `Scenario`, a whole call.
        llm: makes the agent's model; a scenario has its own.
        user: makes the model that plays the persona.
        checks: called when it is over, each with what the agent's conversation held; one that raises AssertionError has
            failed. For a scenario they are given the `Call`, for all others the `TextTalk`.
        criteria: by name, what the suite's judge is asked of the conversation.
        seed: of the order of tasks that are ready at the same moment.
        clock: `virtual` takes no time, and gives the same each time; `real` is for models behind a network.
        settings: of the session; a scenario has its own.
    """

    name: str
    agent: Callable[[], Agent]
    talks: Script | Persona | Scenario
    llm: Callable[[], LanguageModel] | None = None
    user: Callable[[], LanguageModel] | None = None
    checks: Sequence[Callable[[TextTalk], object] | Callable[[Call], object]] = ()
    criteria: Mapping[str, str] = attrs.Factory(dict)
    seed: int = 0
    clock: Literal["virtual", "real"] = "virtual"
    settings: SessionSettings | None = None

    def __attrs_post_init__(self) -> None:
        if self.llm is None and not isinstance(self.talks, Scenario):
            raise ConfigurationError(f"case {self.name}: give `llm`, a function that makes the agent's language model")
        if self.user is None and isinstance(self.talks, Persona):
            raise ConfigurationError(f"case {self.name}: give `user`, a function that makes the model of the persona")


@frozen(kw_only=True)
class CaseResult:
    """What came of a case.

    Args:
        name, seed: the case's.
        items: the conversation, as far as it came.
        complaint: what a check, a script or the user says has failed; empty where nothing has.
        detail: more of it: the timeline of a call, or where an error was raised.
        played: how it ended for the persona.
        verdicts: of the suite's judge; none where something had failed before.
        lasted_s: how long the conversation was, session time in seconds.
    """

    name: str
    seed: int
    items: tuple[ContextItem, ...] = ()
    complaint: str = ""
    detail: str = ""
    played: Played | None = None
    verdicts: tuple[Verdict, ...] = ()
    lasted_s: float = 0.0

    @property
    def outcome(self) -> Outcome:
        """The least of all: what has failed is not rescued by any judge."""
        told: list[Outcome] = ["fail"] if self.complaint else []
        told += [] if self.played is None else [self.played.outcome]
        return least([*told, *(verdict.outcome for verdict in self.verdicts)])

    @property
    def score(self) -> float:
        """The mean of its judges' scores; 1 without any, and 0 where something has failed."""
        if self.complaint:
            return 0.0
        return sum(verdict.score for verdict in self.verdicts) / len(self.verdicts) if self.verdicts else 1.0

    @property
    def transcript(self) -> str:
        """The conversation, a line for each item."""
        return transcript(self.items)


def play_case(case: Case) -> CaseResult:
    """Play a case to its end, in a run of its own. Not from inside an async function."""
    playing = _Playing(case)
    complaint = detail = ""
    try:
        playing.run()
    except AssertionError as error:
        complaint, _, detail = (str(error) or "an assertion failed; see where").partition("\n\n")
        detail = "\n".join([detail, *getattr(error, "__notes__", [])]).strip("\n") or _where(error)
    except Exception as error:  # noqa: BLE001  # a supervisor: one case that breaks must not end the suite
        cause = next(iter(leaves_of(error)))
        complaint, detail = f"{type(cause).__name__}: {cause}", _where(error)
    result = CaseResult(
        name=case.name,
        seed=case.seed,
        items=playing.items,
        complaint=complaint,
        detail=detail,
        played=playing.played,
        lasted_s=playing.lasted_s,
    )
    if not complaint and playing.played is not None and not playing.played.reached:
        return attrs.evolve(result, complaint=f"the user's goal was not reached: {playing.played.reason}")
    return result


class _Playing:
    """A case while it is played."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self.items: tuple[ContextItem, ...] = ()
        self.played: Played | None = None
        self.lasted_s = 0.0

    def run(self) -> None:
        """Play it. Raises what fails."""
        case = self._case
        if isinstance(case.talks, Scenario):
            call = simulate(case.agent(), attrs.evolve(case.talks, seed=case.seed))
            self.items, self.lasted_s = call.history, call.record.left_s
            self._check(call)
        else:
            run(self._talk, virtual=VirtualTime(seed=case.seed) if case.clock == "virtual" else None)

    async def _talk(self) -> None:
        case = self._case
        assert case.llm is not None
        async with text_session(case.agent(), llm=case.llm(), settings=case.settings) as talk:
            try:
                if isinstance(case.talks, Persona):
                    assert case.user is not None
                    self.played = await play(talk, case.talks, case.user())
                elif callable(case.talks):
                    await case.talks(talk)
                await trio.lowlevel.checkpoint()
                self._check(talk)
            finally:
                self.items, self.lasted_s = talk.items, talk.session.now_s

    def _check(self, subject: Call | TextTalk) -> None:
        for check in self._case.checks:
            check(subject)  # type: ignore[arg-type]  # a case's checks are for what it is: a call, or a talk


def _where(error: BaseException) -> str:
    return "".join(traceback.format_exception(error)).strip()
