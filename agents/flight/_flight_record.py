"""Flight records: everything that decided a conversation's turns, written down while it happens.

JSON lines. The first says what the policy was made with; each further one is one judgement: what the policy was told
and when, when it wanted to be woken, and what it decided; the last one says that the record is whole. `read_flight`
and `replay` are the way back.
"""

from __future__ import annotations

import contextlib
import json
import re
import sys
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO, get_args

import attrs

from trialogue.actors import TurnDecision, TurnInput, TurnPolicy, TurnSettings
from trialogue.agents.context._typed_json import TypedJson
from trialogue.engine import ConfigurationError, PolicyError
from trialogue.engine._checks import at_least
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Callable

#: Of the lines; a reader refuses others.
FORMAT: Final = 1

FACTS: Final = TypedJson[TurnInput](get_args(TurnInput))
DECISIONS: Final = TypedJson[TurnDecision](get_args(TurnDecision))
SETTINGS: Final = TypedJson[TurnSettings]([TurnSettings])

#: A judgement takes 150 to 400 bytes, and a lively conversation has some five a second: these are four hours at least.
_MAX_BYTES: Final = 32_000_000

#: The fields of facts and decisions that hold what was said.
_WORDS: Final = frozenset({"text", "earlier", "heard"})

#: Infinity as Python writes it, or a text in which it may stand.
_INFINITY: Final = re.compile(r'("(?:[^"\\]|\\.)*")|Infinity')

#: What a file raises that is full, or broken; and one that is closed already.
_UNWRITABLE: Final = (OSError, ValueError)

#: Enough for the lines that begin and end a record, which are always written.
_LEAST_BYTES: Final = 4_000


@frozen(kw_only=True)
class FlightRecord:
    """Where a session writes its flight record. It holds what the user said: keep it as you would a recording.

    Args:
        to: a file, which is made anew, or an open text file, which is not closed.
        max_bytes: no record becomes larger. What comes later is counted, and left out: so the record can be replayed
            from the beginning on.
        recording: where the sound of the same conversation is kept; a note for readers, nothing more.
    """

    to: Path | str | TextIO
    max_bytes: int = attrs.field(default=_MAX_BYTES, validator=at_least(_LEAST_BYTES))
    recording: str = ""


class RecordedPolicy(TurnPolicy):
    """A turn policy that writes down what it judges.

    Args:
        settings: see TurnPolicy.
        record: where to.
        withholds: says whether now of words only their shape is written down, a letter x for each of theirs.
    """

    def __init__(
        self, settings: TurnSettings, record: FlightRecord, withholds: Callable[[], bool] = lambda: False
    ) -> None:
        super().__init__(settings)
        self._record = record
        self._withholds = withholds
        self._header = _header(settings, judge=type(self._judge).__name__, recording=record.recording)
        self._writer: _Writer | None = None

    @contextlib.contextmanager
    def recording(self, gone_on_without: Callable[[Exception], None]) -> Generator[None]:
        """Record while the block lasts.

        Args:
            gone_on_without: told once, where writing fails in the middle; the conversation goes on.

        Raises:
            ConfigurationError: the file cannot be made or written.
        """
        with _opened(self._record.to) as file:
            writer = _Writer(file, self._record.max_bytes, gone_on_without)
            try:
                writer.write(self._header)
            except _UNWRITABLE as error:
                raise _not_written(self._record.to, error) from error
            self._writer = writer
            try:
                yield
            finally:
                self._writer = None
                writer.end()

    def on_frame(self, frame: TurnInput, now_s: float) -> list[TurnDecision]:
        """As TurnPolicy.on_frame."""
        deadline_s = self.deadline
        try:
            decisions = super().on_frame(frame, now_s)
        except PolicyError as error:
            self._note(now_s, deadline_s, frame, [], error=str(error))
            raise
        self._note(now_s, deadline_s, frame, decisions)
        return decisions

    def on_time(self, now_s: float) -> list[TurnDecision]:
        """As TurnPolicy.on_time."""
        deadline_s = self.deadline
        decisions = super().on_time(now_s)
        self._note(now_s, deadline_s, None, decisions)
        return decisions

    def _note(
        self,
        at_s: float,
        deadline_s: float | None,
        fact: TurnInput | None,
        decisions: list[TurnDecision],
        error: str | None = None,
    ) -> None:
        if self._writer is None:
            return
        shown = _shape_of_words if self._withholds() else dict
        line: dict[str, object] = {
            "at_s": at_s,
            "deadline_s": deadline_s,
            "fact": None if fact is None else shown(FACTS.encode(fact)),
            "decisions": [shown(DECISIONS.encode(decision)) for decision in decisions],
        }
        self._writer.try_to_write(_json(line if error is None else {**line, "error": error}))


def _shape_of_words(encoded: dict[str, object]) -> dict[str, object]:
    return {
        name: re.sub(r"\w", "x", value) if name in _WORDS and isinstance(value, str) else value
        for name, value in encoded.items()
    }


def turn_policy(settings: TurnSettings, record: FlightRecord | None, withholds: Callable[[], bool]) -> TurnPolicy:
    """A turn policy, recorded where that is wanted."""
    return TurnPolicy(settings) if record is None else RecordedPolicy(settings, record, withholds)


def flight_recorded(
    policy: TurnPolicy, gone_on_without: Callable[[Exception], None]
) -> contextlib.AbstractContextManager[None]:
    """Record while the block lasts, where the policy is one that is recorded. Args and Raises as there."""
    return policy.recording(gone_on_without) if isinstance(policy, RecordedPolicy) else contextlib.nullcontext()


class _Writer:
    """Writes lines up to a bound.

    They go to the file's buffer at once and to the disk with each line, so that a crash leaves whole lines behind;
    there are a few in a second, and each takes some microseconds.
    """

    def __init__(self, file: TextIO, max_bytes: int, gone_on_without: Callable[[Exception], None]) -> None:
        self._file = file
        self._left_bytes = max_bytes - len(_end(2**63))
        self._left_out = 0
        self._gone_on_without = gone_on_without
        self._failed = False

    def write(self, line: str) -> None:
        """Write a line, if there is room for it and was for all before. Raises as the file does: see _UNWRITABLE."""
        text = f"{line}\n"
        self._left_bytes -= len(text)  # all of it is ASCII
        if self._left_bytes < 0:
            self._left_bytes = -1  # nothing shorter may follow
            self._left_out += 1
        else:
            self._put(text)

    def try_to_write(self, line: str) -> None:
        """Like `write`, but an error is told once, and then nothing is written any more."""
        if self._failed:
            return
        try:
            self.write(line)
        except _UNWRITABLE as error:
            self._failed = True
            self._gone_on_without(error)

    def end(self) -> None:
        """Say that the record is whole, if it is."""
        if not self._failed:
            with contextlib.suppress(*_UNWRITABLE):  # whoever reads it sees that its end is missing
                self._put(_end(self._left_out))

    def _put(self, text: str) -> None:
        self._file.write(text)
        self._file.flush()


def _not_written(to: Path | str | TextIO, error: OSError | ValueError) -> ConfigurationError:
    why = error.strerror if isinstance(error, OSError) else None
    return ConfigurationError(f"the flight record {to} cannot be written: {why or error}")


def _header(settings: TurnSettings, *, judge: str, recording: str) -> str:
    return _json(
        {
            "flight_record": FORMAT,
            "trialogue": version(),
            "python": ".".join(map(str, sys.version_info[:3])),
            "judge": judge,
            "recording": recording,
            "settings": SETTINGS.encode(settings),
        }
    )


def _json(value: dict[str, object]) -> str:
    """In ASCII, so that half a character of a model breaks no file; and JSON knows no infinity, but this number."""
    text = json.dumps(value, separators=(",", ":"))
    return _INFINITY.sub(lambda found: found[1] or "1e999", text) if "Infinity" in text else text


def _end(left_out: int) -> str:
    return _json({"end": True, "left_out": left_out}) + "\n"


def version() -> str:
    """Of this package."""
    import importlib.metadata  # here, because it takes longer than all else that a session imports for this

    try:
        return importlib.metadata.version("trialogue")
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


@contextlib.contextmanager
def _opened(to: Path | str | TextIO) -> Generator[TextIO]:
    if not isinstance(to, str | Path):
        yield to
        return
    try:
        file = Path(to).open("w", encoding="utf-8")
    except OSError as error:
        raise _not_written(to, error) from error
    with file:
        yield file
