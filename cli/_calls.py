"""The calls that come with the package: agents, scripts and callers to try."""

from __future__ import annotations

import importlib
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from trialogue.agents import Agent


def call_names() -> list[str]:
    """The names of the calls."""
    folders = (folder for folder in files("trialogue.cli.calls").iterdir() if folder.is_dir())
    return sorted(folder.name for folder in folders if (folder / "call.toml").is_file())


def call_folder(name: str) -> Traversable:
    """Where a call's `call.toml` and recordings are."""
    return files("trialogue.cli.calls") / name


def make_agent(name: str) -> Agent:
    """The agent of a call, new."""
    agent: Agent = importlib.import_module(f"trialogue.cli.calls.{name}._agent").make_agent()
    return agent
