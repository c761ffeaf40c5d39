"""`trialogue replay`: what today's turn policy makes of a recorded conversation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

from trialogue.agents import FlightRecordDamaged, flight_json, read_flight, replay, settings_with
from trialogue.engine import ConfigurationError

if TYPE_CHECKING:
    import argparse

    from trialogue.actors import TurnDecision
    from trialogue.agents import Flight, FlightDifference

#: The exit status where decisions differ; 1 is an error.
DIFFERS: Final = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("record", type=Path, metavar="RECORD", help="a flight record, as a session writes it")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        dest="changes",
        help="another setting of the turn policy, such as endpointing.min_delay_s=0.3; may be given several times",
    )
    parser.add_argument(
        "--before-damage", action="store_true", help="replay what comes before a damaged line, or one that was cut off"
    )
    parser.add_argument("--json", action="store_true", help="the differences as one JSON object")


def main(arguments: argparse.Namespace) -> int:
    """Replay it; 0 if every decision is as recorded, 3 if not."""
    flight = _read(arguments.record, before_damage=arguments.before_damage)
    changes = dict(_change(text) for text in arguments.changes)
    differences = replay(flight, settings_with(flight.settings, changes))
    if arguments.json:
        print(json.dumps(_summary(flight, differences), ensure_ascii=False, indent=2))
    else:
        print(_heading(arguments.record, flight))
        for difference in differences:
            print(_told(difference))
        print(_verdict(len(differences)))
    return DIFFERS if differences else 0


def _read(path: Path, *, before_damage: bool) -> Flight:
    try:
        with path.open(encoding="utf-8", newline="\n") as file:
            return read_flight(file, before_damage=before_damage)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path} is no flight record: it is no text") from error
    except FlightRecordDamaged as error:
        remedy = "" if error.line == 1 else "; with --before-damage the lines before it are replayed"
        raise ConfigurationError(f"{path}, {error}{remedy}") from error


def _change(text: str) -> tuple[str, object]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise ConfigurationError(f"--set takes NAME=VALUE, such as endpointing.min_delay_s=0.3, not {text!r}")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value  # a word needs no quotation marks


def _heading(path: Path, flight: Flight) -> str:
    last_s = flight.entries[-1].at_s if flight.entries else 0.0
    facts = sum(entry.fact is not None for entry in flight.entries)
    heading = (
        f"{path}: {last_s:.1f} s, {facts} facts, {flight.decisions} decisions; written by trialogue {flight.version}"
    )
    if flight.recording:
        heading += f"\nits sound: {flight.recording}"
    if flight.left_out:
        heading += f"\n{flight.left_out} judgements at its end had no room in it"
    elif not flight.is_whole:
        heading += "\nits end is missing: the program was stopped, or the file was cut off"
    return heading


def _told(difference: FlightDifference) -> str:
    place = f"{difference.at_s:10.3f} s  line {difference.line:<6}"
    if difference.refused is not None:
        return f"{place} ! the fact cannot follow what was decided: {difference.refused}"
    recorded, replayed = difference.recorded, difference.replayed
    if recorded is not None and replayed is not None:
        return f"{place} ~ {type(recorded).__name__}: {_changed(recorded, replayed)}"
    if recorded is not None:
        return f"{place} - {recorded}"
    return f"{place} + {replayed}"


def _changed(recorded: TurnDecision, replayed: TurnDecision) -> str:
    names = [field.name for field in attrs.fields(type(recorded))]
    values = [(name, getattr(recorded, name), getattr(replayed, name)) for name in names]
    same = [f"{name} {before!r}" for name, before, after in values if before == after and name in {"text", "reason"}]
    other = [f"{name} {_shown(before)} -> {_shown(after)}" for name, before, after in values if before != after]
    return ", ".join(other) + (f" ({', '.join(same)})" if same else "")


def _shown(value: object) -> str:
    """As it is read; times to the microsecond."""
    rounded = round(value, 6) if isinstance(value, float) else value
    return repr(rounded)


def _verdict(count: int) -> str:
    if not count:
        return "every decision is as recorded"
    return (
        f"{count} {'difference' if count == 1 else 'differences'}: - only recorded, + only today, ~ changed, ! refused"
    )


def _summary(flight: Flight, differences: tuple[FlightDifference, ...]) -> dict[str, object]:
    return {
        "version": flight.version,
        "judgements": len(flight.entries),
        "decisions": flight.decisions,
        "left_out": flight.left_out,
        "is_whole": flight.is_whole,
        "differences": [flight_json(difference) for difference in differences],
    }
