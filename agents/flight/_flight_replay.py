"""Replaying a flight record: the same facts, told to the turn policy of today, and what it decides otherwise. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import attrs

from trialogue.actors import TurnDecision, TurnInput, TurnPolicy, TurnSettings, TurnSettingsChanged
from trialogue.agents.flight._flight_record import DECISIONS, FACTS, FORMAT, SETTINGS
from trialogue.engine import ConfigurationError, PolicyError, TrialogueError
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from trialogue.engine import TurnJudge

#: The judge that a policy has where it is given none.
_OWN_JUDGE: Final = "TextTurnDetector"


class FlightRecordDamaged(TrialogueError, ValueError):
    """A line of a flight record cannot be read.

    Args:
        message: what is wrong with it, and what to do.
        line: its number, from 1 on.
    """

    def __init__(self, message: str, *, line: int) -> None:
        super().__init__(f"line {line}: {message}")
        self.line = line


@frozen(kw_only=True)
class FlightEntry:
    """One judgement.

    Args:
        line: where it is in the record.
        at_s: when, as the policy was told, session time, seconds.
        deadline_s: when the policy had wanted to be woken, if nothing came before.
        fact: what it was told; None where that was the time alone.
        decisions: what it decided.
        error: what it said, where it refused the fact; None where it took it.
    """

    line: int
    at_s: float
    deadline_s: float | None
    fact: TurnInput | None
    decisions: tuple[TurnDecision, ...]
    error: str | None = None


@frozen(kw_only=True)
class Flight:
    """A flight record that was read.

    Args:
        version: of the package that wrote it.
        settings: what the policy was made with.
        judge: the type of what judged by their words whether turns were over.
        recording: where the sound is kept; empty if that is not known.
        entries: all judgements, in order.
        left_out: judgements for which there was no room.
        is_whole: whether its end was written; a crash leaves none.
    """

    version: str
    settings: TurnSettings
    judge: str
    recording: str
    entries: tuple[FlightEntry, ...]
    left_out: int = 0
    is_whole: bool = False

    @property
    def decisions(self) -> int:
        """How many decisions it holds."""
        return sum(len(entry.decisions) for entry in self.entries)


@frozen(kw_only=True)
class FlightDifference:
    """Something that the policy decides otherwise today.

    Args:
        at_s: when, session time, seconds.
        line: the record's line by which that was decided, or before which it would have been.
        recorded: what was decided then; None where nothing was.
        replayed: what is decided today; None where nothing is.
        refused: what the policy says of the recorded fact, where it cannot happen any more after what it has decided.
    """

    at_s: float
    line: int
    recorded: TurnDecision | None = None
    replayed: TurnDecision | None = None
    refused: str | None = None


def read_flight(lines: Iterable[str], *, before_damage: bool = False) -> Flight:
    """Read a flight record.

    Args:
        lines: of the file.
        before_damage: whether what comes before a damaged line is enough; not where that is the first one.

    Raises:
        FlightRecordDamaged: a line cannot be read, or lines are missing.
    """
    numbered = enumerate(lines, 1)
    flight = _begin(*next(numbered, (1, "")))
    entries: list[FlightEntry] = []
    left_out, is_whole = 0, False
    try:
        for number, text in numbered:
            if is_whole:
                raise FlightRecordDamaged("the record is over before it; is this two records in one file?", line=number)
            value = _object(number, text)
            if "end" in value:
                left_out, is_whole = _count(number, value), True
            else:
                entries.append(_entry(number, value))
    except FlightRecordDamaged:
        if not before_damage:
            raise
    return attrs.evolve(flight, entries=tuple(entries), left_out=left_out, is_whole=is_whole)


def replay(
    flight: Flight, settings: TurnSettings | None = None, judge: TurnJudge | None = None
) -> tuple[FlightDifference, ...]:
    """Tell a policy of today what was recorded, and compare what it decides.

    What people and models do next is as recorded: after the first difference of weight, the rest is what the policy
    makes of facts that its own decisions might have kept from happening.

    Args:
        flight: the record.
        settings: other ones than recorded, from beginning to end; then the policy is also woken when it wants to be.
        judge: what judged then, where that was none of the package's own.

    Raises:
        ConfigurationError: such a judge is needed.
    """
    if judge is None and flight.judge != _OWN_JUDGE:
        raise ConfigurationError(f"a {flight.judge} judged this conversation's turns; give replay() one as `judge`")
    policy = TurnPolicy(settings or flight.settings, judge)
    replayed: list[_Decided] = []
    refused: list[FlightDifference] = []
    now_s = 0.0
    for entry in flight.entries:
        if settings is not None and isinstance(entry.fact, TurnSettingsChanged):
            continue  # other ones are wanted
        replayed += _woken(policy, entry, now_s)
        now_s = max(now_s, entry.at_s)
        if entry.fact is None and policy.deadline != entry.deadline_s:
            continue  # woken for a deadline that this policy does not have
        try:
            decisions = _tell(policy, entry)
        except PolicyError as error:
            if entry.error is None:
                refused.append(FlightDifference(at_s=entry.at_s, line=entry.line, refused=str(error)))
            continue
        replayed += [_Decided(entry.at_s, entry.line, decision) for decision in decisions]
    recorded = [_Decided(each.at_s, each.line, decision) for each in flight.entries for decision in each.decisions]
    return tuple(sorted([*_differences(recorded, replayed), *refused], key=lambda each: (each.line, each.at_s)))


def settings_with(settings: TurnSettings, changes: Mapping[str, object]) -> TurnSettings:
    """The settings with some of them changed.

    Args:
        settings: the others.
        changes: by name; those of a group by the group's name, a dot, and their own, as in `endpointing.min_delay_s`.

    Raises:
        ConfigurationError: there is no such setting, or it cannot have that value.
    """
    value = SETTINGS.encode(settings)
    for name, changed in changes.items():
        *groups, last = name.split(".")
        group: object = value
        for each in groups:
            group = group.get(each) if isinstance(group, dict) else None
        if not isinstance(group, dict) or last not in group or isinstance(group[last], dict) or name == "type":
            raise ConfigurationError(f"there is no setting {name} of turn-taking; {', '.join(_names(value))} are")
        group[last] = changed
    return SETTINGS.decode(value)


def flight_json(difference: FlightDifference) -> dict[str, object]:
    """A difference, to be written as JSON."""
    recorded, replayed = difference.recorded, difference.replayed
    return {
        "at_s": difference.at_s,
        "line": difference.line,
        "recorded": None if recorded is None else DECISIONS.encode(recorded),
        "replayed": None if replayed is None else DECISIONS.encode(replayed),
        "refused": difference.refused,
    }


def _names(settings: Mapping[str, object], before: str = "") -> Iterator[str]:
    for name, value in settings.items():
        if isinstance(value, dict):
            yield from _names(value, f"{before}{name}.")
        elif name != "type":
            yield before + name


# -- reading


def _begin(number: int, text: str) -> Flight:
    value = _object(number, text)
    if value.get("flight_record") != FORMAT:
        raise FlightRecordDamaged(
            f"this is no flight record of format {FORMAT}, which begins with a line that says so", line=number
        )
    try:
        return Flight(
            version=str(value["trialogue"]),
            settings=SETTINGS.decode(value["settings"]),
            judge=str(value["judge"]),
            recording=str(value["recording"]),
            entries=(),
        )
    except (KeyError, ConfigurationError) as error:
        raise FlightRecordDamaged(_reason(error), line=number) from error


def _object(number: int, text: str) -> dict[str, object]:
    try:
        value: object = json.loads(text)
    except ValueError as error:
        what = "it was cut off" if not text.endswith("\n") else f"it is no JSON: {error}"
        raise FlightRecordDamaged(f"{what}; what comes before it can be replayed", line=number) from error
    if not isinstance(value, dict):
        raise FlightRecordDamaged("a JSON object was expected", line=number)
    return value


def _entry(number: int, value: dict[str, object]) -> FlightEntry:
    try:
        decisions = value["decisions"]
        if not isinstance(decisions, list):
            raise ConfigurationError("decisions are no list")
        error = value.get("error")
        return FlightEntry(
            line=number,
            at_s=_seconds(value["at_s"]),
            deadline_s=None if value["deadline_s"] is None else _seconds(value["deadline_s"]),
            fact=None if value["fact"] is None else FACTS.decode(value["fact"]),
            decisions=tuple(DECISIONS.decode(decision) for decision in decisions),
            error=None if error is None else str(error),
        )
    except (KeyError, ConfigurationError) as error:
        raise FlightRecordDamaged(_reason(error), line=number) from error


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConfigurationError(f"a time in seconds was expected, not {value!r}")
    return float(value)


def _count(number: int, value: dict[str, object]) -> int:
    count = value.get("left_out")
    if not isinstance(count, int):
        raise FlightRecordDamaged("its end does not say how much was left out", line=number)
    return count


def _reason(error: KeyError | ConfigurationError) -> str:
    return f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)


# -- replaying


@frozen
class _Decided:
    at_s: float
    line: int
    decision: TurnDecision

    @property
    def what(self) -> tuple[object, ...]:
        """The decision apart from its times."""
        of = type(self.decision)
        names = [field.name for field in attrs.fields(of) if not field.name.endswith("_s")]
        return (of, *(getattr(self.decision, name) for name in names))


def _woken(policy: TurnPolicy, until: FlightEntry, now_s: float) -> Iterator[_Decided]:
    """What becomes due between now and an entry, and was not due when that was recorded.

    A policy that wants to be woken when the recorded one did is woken when that was: late, perhaps.
    """
    while (deadline_s := policy.deadline) is not None and deadline_s < until.at_s:
        if deadline_s == until.deadline_s:
            return
        now_s = max(now_s, deadline_s)
        decisions = policy.on_time(now_s)
        yield from (_Decided(now_s, until.line, decision) for decision in decisions)
        if policy.deadline == deadline_s:
            return  # it has done what it could


def _tell(policy: TurnPolicy, entry: FlightEntry) -> list[TurnDecision]:
    return policy.on_time(entry.at_s) if entry.fact is None else policy.on_frame(entry.fact, entry.at_s)


def _differences(recorded: Sequence[_Decided], replayed: Sequence[_Decided]) -> Iterator[FlightDifference]:
    from difflib import SequenceMatcher  # here, because sessions do without it

    matcher = SequenceMatcher(None, [each.what for each in recorded], [each.what for each in replayed], autojunk=False)
    for tag, first, last, other_first, other_last in matcher.get_opcodes():
        before, after = recorded[first:last], replayed[other_first:other_last]
        if tag == "equal":
            pairs = zip(before, after, strict=True)
            yield from (_difference(a, b) for a, b in pairs if a.decision != b.decision)
        elif [type(each.decision) for each in before] == [type(each.decision) for each in after]:
            yield from (_difference(a, b) for a, b in zip(before, after, strict=True))
        else:
            yield from (_difference(each, None) for each in before)
            yield from (_difference(None, each) for each in after)


def _difference(recorded: _Decided | None, replayed: _Decided | None) -> FlightDifference:
    one = recorded or replayed
    assert one is not None
    return FlightDifference(
        at_s=one.at_s,
        line=one.line,
        recorded=None if recorded is None else recorded.decision,
        replayed=None if replayed is None else replayed.decision,
    )
