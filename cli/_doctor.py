"""`trialogue doctor`: what is installed here, whether it works, how fast it is, and how to mend what is not."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

import trio

from trialogue.cli._measurements import MEASUREMENTS, Measurement, Status, load_sample
from trialogue.engine import TrialogueError, leaves_of, run
from trialogue.frames._attrs import frozen
from trialogue.providers import MODEL_FILES, find_model

if TYPE_CHECKING:
    import argparse

    from trialogue.cli._measurements import Sample

#: How long one measurement may take, seconds: ten times what the slowest takes on two small cores.
_PATIENCE_S: Final = 15.0

_REQUIREMENT: Final = re.compile(
    r"(?P<name>[\w.-]+)(\[[^]]*\])?(>=(?P<least>[\d.]+))?[^;]*(;.*extra == .(?P<extra>\w+))?"
)


@frozen(kw_only=True)
class Finding:
    """What was found out about one thing.

    Args:
        name: of the thing.
        status: how it is.
        text: what there is, what it measured, or what went wrong and how to mend it.
        needed: whether the default conversation cannot do without.
    """

    name: str
    status: Status
    text: str
    needed: bool = False

    @property
    def fatal(self) -> bool:
        """Whether it keeps the default conversation from running."""
        return self.needed and self.status in ("missing", "broken")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No options."""


def main(_: argparse.Namespace) -> int:
    """Look at everything and say so; 1 if the default conversation could not run."""
    findings: list[Finding] = []

    def tell(finding: Finding) -> None:
        findings.append(finding)
        mark = "" if finding.needed or finding.status == "ok" else " (optional)"
        print(f"  {finding.status:<8} {finding.name:<26} {finding.text}{mark}", flush=True)

    print(f"Python {platform.python_version()} ({sys.executable}), {platform.platform()}, {os.cpu_count()} CPUs")
    print("\nPackages")
    for finding in look_at_packages(requirements()):
        tell(finding)
    print("\nModel and library files")
    for finding in look_at_files():
        tell(finding)
    print("\nAt work here, each on recorded speech (some seconds)", flush=True)
    run(measure_all, tell)
    fatal = [finding.name for finding in findings if finding.fatal]
    if fatal:
        print(f"\nThe default conversation cannot run: mend {', '.join(fatal)} as said above.")
        return 1
    print("\nThe default conversation can run: try `trialogue demo`.")
    return 0


def requirements() -> list[str]:
    """What our package says that it asks for; nothing where it is run without being installed."""
    try:
        return importlib.metadata.requires("trialogue") or []
    except importlib.metadata.PackageNotFoundError:
        return []


def look_at_packages(lines: Sequence[str]) -> Iterator[Finding]:
    """The packages that are asked for: those that are needed, then those of the extras.

    Args:
        lines: requirements as package metadata writes them: `trio>=0.32`, `pocketsphinx>=5; extra == "stt"`.
    """
    seen: set[str] = set()
    for line in sorted(lines, key=lambda line: "extra ==" in line):
        match = _REQUIREMENT.match(line)
        if match is not None and match["name"] not in {"trialogue", *seen}:
            seen.add(match["name"])
            yield _look_at_package(match["name"], match["least"] or "", match["extra"] or "")


def _look_at_package(name: str, least: str, extra: str) -> Finding:
    target = f"'trialogue[{extra}]'" if extra else f"'{name}>={least}'" if least else name
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return Finding(name=name, status="missing", text=f"pip install {target}", needed=not extra)
    if _numbers(version) < _numbers(least):
        text = f"{version} is too old: pip install --upgrade {target}"
        return Finding(name=name, status="broken", text=text, needed=not extra)
    return Finding(name=name, status="ok", text=version, needed=not extra)


def _numbers(version: str) -> tuple[int, ...]:
    """A version's leading numbers, for comparing."""
    return tuple(int(part) for part in re.findall(r"\d+", re.split(r"[a-z+-]", version)[0]))


def look_at_files() -> Iterator[Finding]:
    """The files that `trialogue models fetch` gets. None is needed by itself: there is another voice detector."""
    for name, file in MODEL_FILES.items():
        path = find_model(name)
        if path is None:
            text = f"for {file.purpose}: trialogue models fetch {name}"
            yield Finding(name=name, status="missing", text=text)
        else:
            yield Finding(
                name=name, status="ok", text=f"{path.stat().st_size / 1e6:.1f} MB, for {file.purpose}, {path}"
            )


async def measure_all(tell: Callable[[Finding], None]) -> None:
    """Run every part on recorded speech, one after the other, and tell each result as it comes."""
    try:
        sample = await load_sample()
    except (TrialogueError, ImportError) as error:
        text = f"{error}; without it nothing can be measured: pip install --force-reinstall trialogue"
        tell(Finding(name="recorded speech", status="broken", text=text, needed=True))
        return
    for measurement in MEASUREMENTS:
        tell(await _measure(measurement, sample))


async def _measure(measurement: Measurement, sample: Sample) -> Finding:
    status: Status = "broken"
    text = f"gave no result within {_PATIENCE_S:.0f} s; is the machine overloaded?"
    with trio.move_on_after(_PATIENCE_S):
        try:
            result = await measurement.measure(sample)
        except* (TrialogueError, ImportError, OSError) as group:
            text = "; ".join(str(leaf) for leaf in leaves_of(group))
        else:
            text, status = result.text, result.status
    return Finding(name=measurement.name, status=status, text=text, needed=measurement.needed)
