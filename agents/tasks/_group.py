"""Groups of tasks: one after another, and back to an earlier one where the user wants that."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from trialogue.agents._instructions import joined
from trialogue.agents.session._stays import TaskEnded
from trialogue.agents.tasks._task import Task
from trialogue.agents.tools._tool_results import Silently, ToolError
from trialogue.agents.tools._tools import Tool
from trialogue.engine import ConfigurationError
from trialogue.frames import ToolSchema
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trialogue.agents.session._session import Session
    from trialogue.agents.tools._tool_context import ToolContext

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class _GoneBack(TaskEnded):
    """The user wants to change what an earlier step has found."""

    def __init__(self, to: str) -> None:
        super().__init__(f"the user goes back to {to}")
        self.to = to


class Results:
    """What the steps of a group have found so far: `results[step]` is of the step's own type."""

    def __init__(self) -> None:
        self._found: dict[str, object] = {}

    def __getitem__(self, step: Step[T]) -> T:
        """What a step has found. Raises ConfigurationError where it has found nothing yet."""
        if step.name not in self._found:
            raise ConfigurationError(
                f"the step {step.name!r} has found nothing yet; there are: {', '.join(self._found)}"
            )
        return cast("T", self._found[step.name])

    def __contains__(self, step: Step[T]) -> bool:
        """Whether a step has found something."""
        return step.name in self._found

    @property
    def by_name(self) -> Mapping[str, object]:
        """All that was found, by the names of the steps, in the order in which it was first found."""
        return dict(self._found)

    def put(self, step: Step[T], value: T) -> None:
        """Note what a step has found; in the place of what it had found before. For the group."""
        self._found[step.name] = value


@frozen(eq=False)
class Step(Generic[T_co]):
    """A step of a group.

    Args:
        name: what it finds, as the user would call it: "the date"; unique in its group.
        task: makes its task; given what the other steps have found so far, and this one, if the user has come back.
    """

    name: str
    task: Callable[[Results], Task[T_co]]


class TaskGroup:
    """Tasks that follow each other: `results = await TaskGroup(stars, praise).run(session)`, `results[stars]`.

    From the second one on the model of each has the tool `go_back`: the user changes an earlier answer, and goes on
    where they were; the other results are kept.

    Args:
        steps: in their order.

    Raises:
        ConfigurationError: there is none, or two have the same name.
    """

    def __init__(self, *steps: Step[object]) -> None:
        names = [step.name for step in steps]
        if not names or len(set(names)) < len(names):
            raise ConfigurationError(f"a group needs steps whose names differ, not {names}")
        self._steps = steps

    async def run(self, within: Session | ToolContext) -> Results:
        """Run one task after another, from wherever a task may be run.

        Args:
            within: as Task.run.

        Raises:
            TaskEnded: as Task.run, of the first task that ends without a value; the later ones do not begin.
        """
        results = Results()
        waiting = list(self._steps)
        while waiting:
            step = waiting[0]
            task = step.task(results)
            self._offer_way_back(task, [each.name for each in self._steps if each in results and each is not step])
            try:
                results.put(step, await task.run(within))
            except _GoneBack as back:
                waiting.insert(0, next(each for each in self._steps if each.name == back.to))
            else:
                waiting.pop(0)
        return results

    def _offer_way_back(self, task: Task[object], names: list[str]) -> None:
        """Let the model of a task go back to one of these."""
        if not names:
            return

        def go_back(to: str) -> Silently:
            if to not in names:
                raise ToolError(f"there is no earlier answer {to!r}; there are: {', '.join(names)}")
            return task.end_with(_GoneBack(to))

        schema = {"type": "object", "properties": {"to": {"enum": names}}, "required": ["to"]}
        description = "The user wants to change an earlier answer; it is asked for anew, and then this goes on."
        told = ToolSchema(name="go_back", description=description, parameters=json.dumps(schema))
        task.tools = {**task.tools, told.name: Tool.from_schema(go_back, told)}
        way_back = f"Answered before: {', '.join(names)}. Who wants to change that: call `go_back`."
        task.instructions = joined(task.instructions, way_back, by="\n")
