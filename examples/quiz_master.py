"""A quiz whose candidate may cut in: who answers before the question is read to its end gets two points instead of one.

`python examples/quiz_master.py` holds a round with an impatient candidate, simulated and offline. `quiz_model` writes
there what a language model would; for a real round, give the agent and `SETTINGS` to a `Session` with your models.
"""

from __future__ import annotations

import json

import attrs

from trialogue.actors import InterruptionSettings, TurnSettings
from trialogue.agents import Agent, Session, SessionSettings, ToolContext, tool
from trialogue.agents.testing import Answer, Caller, Scenario, simulate
from trialogue.frames import ChatMessage, ChatRequest, ToolCall, ToolOutput


@attrs.frozen
class Question:
    """What is asked, and every answer that counts."""

    text: str
    answers: tuple[str, ...]


QUESTIONS = (
    Question(
        "Which river flows through Vienna, Budapest and Belgrade, and ends in the Black Sea?", ("danube", "donau")
    ),
    Question("Which planet is the largest of our solar system, and has a red spot that is a storm?", ("jupiter",)),
    Question("Who wrote the play in which a prince of Denmark speaks to a skull?", ("shakespeare",)),
)

#: One word is an answer, so one word is enough to cut in; "mhm" is none.
SETTINGS = SessionSettings(turn=TurnSettings(interruption=InterruptionSettings(min_words=1)))


class QuizMaster(Agent):
    """Asks, judges, and counts. The questions and the points are the program's, and not left to the model.

    Args:
        questions: in the order of asking.
    """

    def __init__(self, questions: tuple[Question, ...] = QUESTIONS) -> None:
        super().__init__(
            instructions=(
                "You are the host of a quiz. What the candidate says is an answer: have it judged with `judge`. Then "
                "get the next question with `next_question` and read it word by word. When there are no questions "
                "left, tell the points and say goodbye."
            )
        )
        self._left = iter(questions)
        self._asked: Question | None = None
        self.points = 0

    async def on_enter(self, session: Session) -> None:
        """The rules first, which may not be cut short, and then a question, which may."""
        session.say("Welcome! An early answer counts twice. Here we go.", protected=True)
        session.say(self._next())

    @tool
    def next_question(self) -> str:
        """The next question, to be read word by word; empty if there is none."""
        return self._next()

    @tool
    def judge(self, answer: str, context: ToolContext) -> dict[str, str | int]:
        """Judge an answer to the question that was asked last, and count its points.

        Args:
            answer: what the candidate has said.
        """
        asked, self._asked = self._asked, None
        if asked is None:
            return {"verdict": "nothing is asked at the moment", "points": self.points}
        said = answer.lower()
        if not any(right in said for right in asked.answers):
            return {"verdict": "wrong", "right": asked.answers[0], "points": self.points}
        early = was_cut_short(context.session, asked.text)
        self.points += 2 if early else 1
        return {"verdict": "right and early" if early else "right", "points": self.points}

    @tool
    def points_so_far(self) -> int:
        """How many points the candidate has; for the end, when there are no questions left."""
        return self.points

    def _next(self) -> str:
        self._asked = next(self._left, None)
        return self._asked.text if self._asked else ""


def was_cut_short(session: Session, question: str) -> bool:
    """Whether the candidate has not heard a question to its end: what is remembered is what was heard."""
    spoken = [item.text for item in session.history if isinstance(item, ChatMessage) and item.role == "agent"]
    return not any(question in text for text in spoken)


def quiz_model(request: ChatRequest) -> Answer:
    """What a language model would write, by rules, so that the example runs offline."""
    call_id = str(sum(isinstance(item, ToolCall) for item in request.items))
    last = request.items[-1] if request.items else None
    match last:
        case ChatMessage(role="user"):
            return Answer([ToolCall(call_id=call_id, name="judge", arguments=json.dumps({"answer": last.text}))])
        case ToolOutput(name="next_question"):
            question = json.loads(last.output)
            asks = ToolCall(call_id=call_id, name="points_so_far", arguments="{}")
            return Answer(question) if question else Answer([asks])
        case ToolOutput(name="points_so_far"):
            return Answer(f"That was the last one. You have {last.output} points. Goodbye!")
        case ToolOutput(name="judge"):
            verdict = json.loads(last.output)["verdict"]
            ask = ToolCall(call_id=call_id, name="next_question", arguments="{}")
            return Answer([f"{verdict.capitalize()}! ", ask])
        case _:
            raise AssertionError(f"nobody asks for an answer to {last}")


async def impatient(caller: Caller) -> None:
    """Coughs, agrees, and answers before the question is out."""
    await caller.hears("Which river flows")
    await caller.coughs()
    await caller.hears("through Vienna")
    await caller.says("mhm")
    await caller.hears("Budapest")
    await caller.says("The Danube")
    await caller.hears("Which planet")
    await caller.says("Jupiter")
    await caller.hears("speaks to a skull?")
    await caller.says("Shakespeare")
    await caller.hears("You have 5 points.")


def main() -> None:
    """Hold a round and show what happened in it."""
    agent = QuizMaster()
    call = simulate(agent, Scenario(caller=impatient, answers=quiz_model, settings=SETTINGS))
    print(f"{agent.points} points\n\n{call.timeline()}")
    print("\nWhat is remembered, and after a bar what nobody heard:")
    for item in call.history:
        if isinstance(item, ChatMessage):
            print(f"  {item.role:5}  {item.text}" + (f" | {item.unheard}" if item.unheard else ""))


if __name__ == "__main__":
    main()
