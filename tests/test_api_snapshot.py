"""The public API as lines of text, each of which stands for itself: so a change of it is seen, and meant.

`python tests/test_api_snapshot.py` writes it anew. A line that goes, changes or moves among the parameters of its
function is what CONTRIBUTING.md calls a change of the public API; one that is only added breaks nobody.
"""

from __future__ import annotations

import ast
import difflib
import runpy
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).resolve().parents[1]
SNAPSHOT: Final = ROOT / "tests" / "api_snapshot.txt"
LAYERS: Final = ("frames", "engine", "actors", "providers", "transports", "agents", "cli")

#: It reads the sources and knows how attrs makes a constructor.
_reader = runpy.run_path(str(ROOT / "docs" / "make_reference.py"))

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def public_api() -> list[str]:
    """Every public name of every package, with what can be called, given and read of it, a line for each."""
    facades = (path for layer in LAYERS for path in sorted((ROOT / layer).rglob("__init__.py")))
    return list(dict.fromkeys(line for facade in facades for line in _package(facade)))  # overloads share lines


def _package(facade: Path) -> Iterator[str]:
    package = ".".join(facade.parent.relative_to(ROOT).parts)
    names = _reader["_public_names"](_reader["_parse"](facade))
    for public in sorted(names, key=lambda each: str(each.name)):
        for node in public.nodes:
            yield from _lines(f"{package}.{public.name}", node)


def _lines(path: str, node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.ClassDef():
            yield from _class(path, node)
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            yield from _function(path, node)
        case ast.Assign(value=ast.BinOp(op=ast.BitOr()) as union):
            yield from (f"{path} may be {ast.unparse(member)}" for member in _members(union))
        case _:
            yield f"{path} = {ast.unparse(node).partition(' = ')[2]}"


def _members(union: ast.expr) -> Iterator[ast.expr]:
    """Of a union, one after another: so a new one is one line more."""
    if isinstance(union, ast.BinOp):
        yield from _members(union.left)
        yield from _members(union.right)
    else:
        yield union


def _class(path: str, node: ast.ClassDef) -> Iterator[str]:
    yield " ".join([path, "is a", *(map(ast.unparse, node.bases) if node.bases else ["class"])])
    yield from _arguments(path, _constructor(node))
    yield from (f"{path}.{text}" for text, _ in _reader["_plain_attributes"](node))
    for method in node.body:
        if isinstance(method, _Function) and not method.name.startswith("_"):
            yield from _function(f"{path}.{method.name}", method)


def _constructor(node: ast.ClassDef) -> list[str]:
    for method in node.body:
        if isinstance(method, ast.FunctionDef) and method.name == "__init__":
            return list(_reader["_parameters"](method.args))
    settings = _reader["_attrs_settings"](node)
    if settings is None:
        return []
    fields = [field for field in map(_reader["_field"], _reader["_annotated"](node)) if field]
    return ["*", *fields] if "kw_only=True" in settings else fields


def _function(path: str, node: _Function) -> Iterator[str]:
    returns = "" if node.returns is None else ast.unparse(node.returns)
    if {ast.unparse(decorator) for decorator in node.decorator_list} & {"property", "functools.cached_property"}:
        yield f"{path}: {returns}"
        return
    awaited = "await " if isinstance(node, ast.AsyncFunctionDef) else ""
    yield f"{path}() -> {awaited}{returns}"
    yield from _arguments(path, _reader["_parameters"](node.args))


def _arguments(path: str, parameters: list[str]) -> Iterator[str]:
    """A line for each parameter, which says itself whether it must be given by name."""
    by_name = ""
    for parameter in parameters:
        if parameter == "*":
            by_name = "*, "
        elif parameter != "/":
            yield f"{path}({by_name}{parameter})"
        if parameter.startswith("*") and not parameter.startswith("**"):
            by_name = "*, "


def _difference(was: list[str], now: list[str]) -> str:
    changed = [line for line in difflib.ndiff(was, now) if line[:2] in {"- ", "+ "}]
    return "\n".join(changed)


def test_the_public_api_is_what_was_written_down() -> None:
    """If the change is meant, run `python tests/test_api_snapshot.py`."""
    difference = _difference(SNAPSHOT.read_text(encoding="utf-8").splitlines(), public_api())
    assert not difference, f"if this is meant, run `python tests/test_api_snapshot.py`:\n{difference}"


def test_the_snapshot_has_every_kind_of_line() -> None:
    api = public_api()
    assert "agents.Session is a SessionView" in api
    assert "agents.Session(agent: Agent)" in api
    assert "agents.Session(*, models: Models)" in api
    assert "agents.Session.say() -> Reply" in api
    assert "agents.SessionView.wait_ended() -> await str" in api
    assert "agents.SessionView.history: tuple[ChatItem, ...]" in api
    assert "actors.EndpointingSettings(*, min_delay_s: float = 0.5)" in api
    assert any(line.startswith("agents.Priority = Literal") for line in api)
    assert "agents.Event may be SessionEnded" in api
    assert any(line.startswith("agents.telemetry.OpenTelemetry") for line in api)
    assert any(line.startswith("agents.testing.simulate() -> ") for line in api)
    assert not any("._" in line.split("(")[0].split(":")[0].split(" ")[0] for line in api)


def test_a_difference_is_shown_by_the_lines_that_changed_alone() -> None:
    was = ["a.f() -> int", "a.f(x: int)", "a.g() -> None"]
    now = ["a.f() -> int", "a.f(x: float)", "a.g() -> None"]
    assert _difference(was, now) == "- a.f(x: int)\n+ a.f(x: float)"


if __name__ == "__main__":
    SNAPSHOT.write_text("\n".join(public_api()) + "\n", encoding="utf-8")
