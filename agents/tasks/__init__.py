"""Tasks: what takes over a conversation for a while and comes back with a value."""

from trialogue.agents.tasks._task import Task as Task
