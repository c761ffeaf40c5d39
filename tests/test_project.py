"""The rules of the layout: what a linter has no rule for."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LAYERS = ("frames", "engine", "actors", "providers", "transports", "agents", "cli")
MODULES = sorted(path.relative_to(ROOT) for layer in LAYERS for path in (ROOT / layer).rglob("*.py"))
MODULE_LINES = 500


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_a_module_fits_in_one_head(module: Path) -> None:
    assert len((ROOT / module).read_text().splitlines()) <= MODULE_LINES


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_a_module_parses_and_says_what_it_is_for(module: Path) -> None:
    tree = ast.parse((ROOT / module).read_text())
    assert not tree.body or ast.get_docstring(tree)
