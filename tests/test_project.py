"""The rules of the layout and of the house style that no linter knows."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import pytest
from packaging.requirements import Requirement

import trialogue.frames

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
LAYERS = ("frames", "engine", "actors", "providers", "transports", "agents", "cli")
MODULES = sorted(path.relative_to(ROOT) for layer in LAYERS for path in (ROOT / layer).rglob("*.py"))
# Nothing of these is published, but somebody reads it.
UNPUBLISHED = sorted(
    path.relative_to(ROOT) for folder in (".ci", "benches", "examples") for path in (ROOT / folder).rglob("*.py")
)
FACADES = [module for module in MODULES if module.name == "__init__.py"]

MODULE_LINES = 500
FUNCTION_LINES = 40
CLASS_ATTRIBUTES = 12

every_module = pytest.mark.parametrize("module", MODULES, ids=str)
every_module_and_script = pytest.mark.parametrize("module", MODULES + UNPUBLISHED, ids=str)


def tree_of(module: Path) -> ast.Module:
    return ast.parse((ROOT / module).read_text())


# Sizes


@every_module_and_script
def test_a_module_fits_in_one_head(module: Path) -> None:
    assert len((ROOT / module).read_text().splitlines()) <= MODULE_LINES


@every_module_and_script
def test_a_function_fits_on_a_screen(module: Path) -> None:
    long = {
        f"{module}:{node.lineno} {node.name}": code_lines(node)
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and code_lines(node) > FUNCTION_LINES
    }
    assert not long, f"more than {FUNCTION_LINES} lines of code: {long}"


@every_module_and_script
def test_a_class_holds_few_attributes(module: Path) -> None:
    large = {
        f"{module}:{node.lineno} {node.name}": sorted(attributes(node))
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.ClassDef) and len(attributes(node)) > CLASS_ATTRIBUTES
    }
    assert not large, f"more than {CLASS_ATTRIBUTES} attributes: {large}"


def code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines that hold a statement or a part of one: no docstring, no comment, nothing blank."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    lines = {
        line
        for statement in body
        for node in ast.walk(statement)
        if (node_end := getattr(node, "end_lineno", None)) is not None
        for line in range(node.lineno, node_end + 1)  # type: ignore[attr-defined]  # as in the line above
    }
    return len(lines) + 1


def attributes(of: ast.ClassDef) -> set[str]:
    """What an instance stores: annotated fields, and everything that a method assigns to `self`."""
    fields = {
        statement.target.id
        for statement in of.body
        if isinstance(statement, ast.AnnAssign)
        and isinstance(statement.target, ast.Name)
        and "ClassVar" not in ast.unparse(statement.annotation)
    }
    stored = {
        node.attr
        for node in ast.walk(of)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    }
    return fields | stored


# Folders and frames


def test_the_top_level_folders_are_the_architecture() -> None:
    made = {"build", "dist", "out", "htmlcov", "__pycache__"}
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}
    others = {name for name in folders - made if not name.endswith(".egg-info")}
    assert others <= {*LAYERS, "benches", "docs", "examples", "newsfragments", "tests"}


FRAMES = [value for value in vars(trialogue.frames).values() if isinstance(value, type) and attrs.has(value)]


@pytest.mark.parametrize("frame", FRAMES)
def test_frames_are_small_immutable_messages(frame: type[attrs.AttrsInstance]) -> None:
    properties = attrs.inspect(frame)
    assert properties.is_frozen
    assert properties.is_slotted
    assert all(field.kw_only for field in attrs.fields(frame))


# Names


def test_every_public_name_has_one_home() -> None:
    homes = defaultdict(set)
    for facade in FACADES:
        for name in exports(facade):
            homes[name].add(package_of(facade))
    shared = {name: sorted(packages) for name, packages in homes.items() if len(packages) > 1}
    assert not shared, f"exported from more than one package: {shared}"


@pytest.mark.parametrize("facade", FACADES, ids=str)
def test_a_package_only_passes_on_what_its_private_modules_hold(facade: Path) -> None:
    inside = package_of(facade)
    for statement in tree_of(facade).body:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue  # the docstring
        assert isinstance(statement, ast.ImportFrom), f"{facade}:{statement.lineno} holds more than imports"
        source = statement.module or ""
        if source == "__future__":
            continue
        assert statement.level == 0, f"{facade}:{statement.lineno} imports relatively"
        assert source.startswith(f"{inside}."), f"{facade}:{statement.lineno} passes on another package's name"
        for name in statement.names:
            assert name.asname == name.name, f"{facade}:{statement.lineno} write `{name.name} as {name.name}`"


@every_module_and_script
def test_a_module_with_code_says_what_it_is_for(module: Path) -> None:
    tree = tree_of(module)
    assert not tree.body or ast.get_docstring(tree)


@every_module
def test_imports_are_absolute(module: Path) -> None:
    relative = [node.lineno for node in ast.walk(tree_of(module)) if isinstance(node, ast.ImportFrom) and node.level]
    assert not relative


def exports(facade: Path) -> Iterator[str]:
    for statement in tree_of(facade).body:
        if isinstance(statement, ast.ImportFrom) and statement.module != "__future__":
            yield from (name.asname for name in statement.names if name.asname)


def package_of(facade: Path) -> str:
    return ".".join(("trialogue", *facade.parent.parts))


# What only some modules may touch

CLOCKS = {"time.time", "time.sleep", "time.monotonic", "time.perf_counter", "datetime.datetime.now"}
UNOWNED = {"asyncio.create_task", "asyncio.ensure_future", "threading.Thread", "trio.lowlevel.spawn_system_task"}
UNBOUNDED = {"queue.Queue", "queue.SimpleQueue", "asyncio.Queue", "trio.lowlevel.UnboundedQueue"}
OFFLOAD = "engine/_offload.py"
STALL = "engine/_stall.py"
ESPEAK = "providers/_espeak_worker.py"

# What is named on the left, dots and all, may be used only under the paths on the right.
RESERVED: dict[str, tuple[str, ...]] = {
    # Hundreds of classes share what attrs would compile for each.
    **dict.fromkeys({"attrs.frozen", "attrs.define"}, ("frames/_attrs.py",)),
    # Durations come from `trio.current_time()`, or are told; sleeping blocks every conversation.
    # The stall detector watches the loop from outside, in real time and from a thread that it joins.
    **dict.fromkeys(CLOCKS, ("cli/", STALL)),
    # Whether time is virtual is the business of two modules.
    "trio.testing": ("engine/_clock.py", OFFLOAD, "agents/testing/"),
    "trio.lowlevel.current_clock": ("engine/_clock.py", OFFLOAD),
    # Every task has an owner, and threads have one door. Under a virtual clock only that door holds the clock.
    **dict.fromkeys(UNOWNED, (STALL,)),
    "trio.to_thread": (OFFLOAD, "engine/_asyncio.py"),  # a loop of asyncio lives in a thread of its own
    # A queue states its bound.
    **dict.fromkeys(UNBOUNDED, ()),
    # Settings are passed by hand.
    "os.environ": ("cli/", "providers/"),
    "os.getenv": ("cli/", "providers/"),
    # GPL-3: stays in its own process. The others drag in gigabytes, or fail without them: read as files only.
    "espeakng_loader": (ESPEAK,),
    "silero_vad": (),
    "pyrnnoise": (),
    "torch": (),
    "scipy": (),
}


@every_module
def test_reserved_names_are_used_only_where_they_belong(module: Path) -> None:
    trespasses = [
        f"{module}:{line} {name}"
        for line, name in dotted_uses(tree_of(module))
        for reserved, allowed in RESERVED.items()
        if (name == reserved or name.startswith(f"{reserved}."))
        and not any(str(module).startswith(path) for path in allowed)
    ]
    assert not trespasses


@every_module
def test_memory_channels_are_bounded(module: Path) -> None:
    unbounded = [
        node.lineno
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.Call) and "open_memory_channel" in ast.unparse(node.func) and "inf" in ast.unparse(node)
    ]
    assert not unbounded


def dotted_uses(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every imported thing that a module uses, by its full name, whatever it is called there."""
    full_names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                full_names[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                full_names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
                yield node.lineno, f"{node.module}.{alias.name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            first, _, rest = ast.unparse(node).partition(".")
            if first in full_names:
                yield node.lineno, f"{full_names[first]}.{rest}"


def test_the_reserved_names_are_found_however_they_are_imported() -> None:
    source = """
import os, time as clock
import trio.testing
from datetime import datetime as when
from threading import Thread
clock.sleep(1)
os.environ["HOME"]
when.now()
"""
    found = {name for _, name in dotted_uses(ast.parse(source))}
    assert {"time.sleep", "os.environ", "trio.testing", "datetime.datetime.now", "threading.Thread"} <= found


# The environment


def test_the_lock_pins_and_hashes_everything_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked = [
        *project["project"]["dependencies"],
        *(line for extra in project["project"]["optional-dependencies"].values() for line in extra),
        *(line for group in project["dependency-groups"].values() for line in group),
        *project["build-system"]["requires"],
    ]
    pinned = locked_versions()
    for requirement in map(Requirement, asked):
        if requirement.name == "trialogue":
            continue
        version = pinned.get(requirement.name)
        assert version, f"{requirement} is not in requirements.lock: run `make lock`"
        assert version in requirement.specifier, f"requirements.lock has {requirement.name} {version}: run `make lock`"


def test_the_lock_names_no_index_and_brings_in_nothing_that_we_avoid() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    assert "--index" not in lock
    assert "--find-links" not in lock
    assert not {"torch", "scipy", "matplotlib"} & set(locked_versions())


def locked_versions() -> dict[str, str]:
    """The pinned version of each package; each entry of the lock must carry a hash."""
    lock = (ROOT / "requirements.lock").read_text().replace("\\\n", " ")
    entries = [line for line in lock.splitlines() if line.strip() and not line.startswith("#")]
    assert all(" --hash=sha256:" in entry for entry in entries)
    return dict(entry.split()[0].split("==") for entry in entries)


# News


def test_news_fragments_are_named_so_that_the_changelog_finds_them() -> None:
    towncrier = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["towncrier"]
    types = "|".join(each["directory"] for each in towncrier["type"])
    names = {path.name for path in (ROOT / towncrier["directory"]).iterdir()} - {"README.md"}
    lost = {name for name in names if not re.fullmatch(rf"(\d+|\+[a-z0-9-]+)\.({types})\.md", name)}
    assert not lost, "call a fragment <number>.<type>.md or +<words>.<type>.md"


# Start-up

LATE = (
    "numpy",
    "onnxruntime",
    "av",
    "soundfile",
    "soxr",
    "torch",
    "scipy",
    "trio.testing",
    "pytest",
    "espeakng_loader",
)


def test_importing_the_conversation_api_loads_nothing_heavy() -> None:
    program = f"import sys, trialogue.agents; print([name for name in {LATE} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
