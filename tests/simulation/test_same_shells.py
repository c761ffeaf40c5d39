"""What is simulated is what runs in production: nobody in it knows whether time is virtual."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

#: Who may ask, because waiting for something outside of the program depends on it.
MAY_ASK = {"engine/_clock.py", "engine/_offload.py"}

#: What tells whether time is virtual.
TELLS = {"virtual_clock", "current_clock", "MockClock", "AutojumpClock"}

MODULES = sorted(
    path.relative_to(ROOT).as_posix()
    for layer in ("frames", "engine", "actors", "providers", "transports", "agents", "cli")
    for path in (ROOT / layer).rglob("*.py")
)


def asks(source: str) -> set[str]:
    """The names in a module that tell it."""
    names = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    names |= {node.attr for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)}
    imported = {
        alias.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    return (names | imported) & TELLS


@pytest.mark.parametrize("module", MODULES)
def test_only_clock_and_offload_ask_whether_time_is_virtual(module: str) -> None:
    found = asks((ROOT / module).read_text(encoding="utf-8"))
    assert not found or module in MAY_ASK, f"{module} asks {sorted(found)}"


def test_those_who_ask_are_found() -> None:
    assert all(asks((ROOT / module).read_text(encoding="utf-8")) for module in MAY_ASK)
