"""What can be said of the comparison without the peers: its adapters, its driver, its arithmetic, its tables."""

from __future__ import annotations

import asyncio
import json
import py_compile
from pathlib import Path

import attrs
import pytest

from benches import side_by_side
from benches.hear_it._page import Recording, page_of, silence_ms
from benches.peers import drivers, scenario
from docs import make_numbers

ROOT = Path(__file__).resolve().parents[2]
ADAPTERS = sorted({engine.adapter for engine in side_by_side.ENGINES})
PLAIN = {"version": "1", "python": "3.11"}


@attrs.define(eq=False)
class Loopback:
    """An engine that shows each frame to both ears, to the recogniser a moment later; or not, once in so often."""

    ears: scenario.Ears
    forgets_every: int = 0

    async def push(self, pcm: bytes) -> None:
        self.ears.seen_by_vad()
        if not self.forgets_every or self.ears.pushed % self.forgets_every:
            asyncio.get_running_loop().call_soon(self.ears.seen_by_stt)
        else:
            self.ears.seen_by_stt()
            self.ears.seen_by_stt()  # a frame too many

    async def begin_speech(self) -> None:
        raise NotImplementedError

    async def end_speech(self) -> None:
        raise NotImplementedError


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_an_adapter_compiles(adapter: str, tmp_path: Path) -> None:
    source = ROOT / "benches" / "peers" / f"{adapter}.py"
    assert py_compile.compile(str(source), cfile=str(tmp_path / "compiled"), doraise=True)


def test_every_engine_has_an_environment_with_pinned_versions() -> None:
    assert {engine.peer for engine in side_by_side.ENGINES} == {"", *side_by_side.PINS}
    assert all("==" in pin for pins in side_by_side.PINS.values() for pin in pins)


def test_the_driver_goes_on_when_both_ears_have_seen_the_frame() -> None:
    ears = scenario.Ears()
    assert asyncio.run(drivers.lockstep(Loopback(ears))) > 0
    assert ears.vad == ears.stt == ears.pushed == scenario.WARM_UP_FRAMES + scenario.FRAMES


def test_a_frame_that_came_twice_is_no_measurement() -> None:
    with pytest.raises(RuntimeError, match="reached the detector"):
        asyncio.run(drivers.lockstep(Loopback(scenario.Ears(), forgets_every=100)))


def test_an_answer_that_never_came_is_no_measurement() -> None:
    with pytest.raises(RuntimeError, match="31 answers to 32 turns"):
        scenario.as_ms([0.001] * 31)


def test_turns_of_warming_up_do_not_count() -> None:
    assert scenario.as_ms([1.0] * 2 + [0.002] * 30) == [2.0] * 30


def test_ratios_are_taken_within_a_round() -> None:
    """The machine was twice as slow in the second round: for both."""
    runs = {
        "ours": [{"us": 10.0, **PLAIN}, {"us": 20.0, **PLAIN}, {"us": 10.0, **PLAIN}],
        "theirs": [{"us": 30.0, **PLAIN}, {"us": 60.0, **PLAIN}, {"us": 31.0, **PLAIN}],
    }
    ours, theirs = side_by_side.summarise("s3", runs)
    assert (ours["us"], ours["ratio"]) == (10.0, 1.0)
    assert (theirs["us"], theirs["ratio"], theirs["ratio_least"], theirs["ratio_most"]) == (31.0, 3.0, 3.0, 3.1)


def test_sound_is_late_by_what_it_comes_after_the_end_of_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = [10.0]
    monkeypatch.setattr("time.perf_counter", lambda: now_s[0])
    ears = scenario.Ears()
    ears.awaits_answer()
    for now_s[0] in (10.2, 10.22, 10.245, 10.25):
        ears.heard_back()
        ears.plays(scenario.SPEECH)
    assert ears.is_answered()
    assert ears.overheads_s == [pytest.approx(0.2 - scenario.PROVIDERS_S)]
    assert list(ears.lateness_s) == pytest.approx([0.0, 0.005, 0.0])
    assert ears.heard_until_s == pytest.approx(10.27)


def test_silence_is_no_sound_and_the_end_of_a_fade_counts_to_its_last_sample() -> None:
    ears = scenario.Ears()
    ears.plays(scenario.SPEECH[:200] + bytes(440), at_s=5.0)
    ears.plays(scenario.SILENCE, at_s=6.0)
    assert ears.heard_until_s == pytest.approx(5.0 + 100 / scenario.RATE_HZ)


def test_what_a_speaker_holds_is_not_heard_once_it_is_cleared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.perf_counter", lambda: 1.01)
    ears = scenario.Ears(kept=[])
    for number in range(3):
        ears.plays(scenario.SPEECH, at_s=1.0 + 0.02 * number)
    ears.cut()
    assert (ears.stopped_s, ears.heard_until_s) == pytest.approx((1.01, 1.01))
    assert [(at_s, len(pcm)) for at_s, pcm in ears.kept or ()] == [(1.0, 320), (1.02, 0), (1.04, 0)]


def test_another_rate_keeps_length_and_level() -> None:
    there = scenario.at_rate(scenario.SPEECH, 24_000)
    assert there == b"\xe8\x03" * 480
    assert scenario.at_rate(there, scenario.RATE_HZ, 24_000) == scenario.SPEECH


def test_an_engine_without_default_filters_says_so() -> None:
    plain = {"us": 2.0, "sentences": 7, **PLAIN}
    ours, theirs = side_by_side.summarise("s6", {"ours": [{**plain, "filtered_us": 3.0}], "theirs": [plain]})
    assert (ours["filtered_us"], theirs["filtered_us"]) == (3.0, "no default filter")


def test_every_scenario_has_a_table() -> None:
    assert set(make_numbers._SCENARIOS) == set(side_by_side.SCENARIOS)
    assert {name for engine in side_by_side.ENGINES for name in engine.does} == {*side_by_side.SCENARIOS, "hear"}


def test_a_recording_says_when_it_was_silent_and_the_page_has_the_sound_in_it() -> None:
    quick, slow = (
        Recording(
            engine=name, version="1", agent=scenario.SPEECH * frames + bytes(32_000), words=b"\1\0", interrupted_s=0.1
        )
        for name, frames in (("quick", 6), ("slow", 10))
    )
    assert (silence_ms(quick), silence_ms(slow)) == pytest.approx((20, 100))
    page = page_of([slow, quick], {"date": "2026-01-02", "machine": "a machine", "load": 0.5})
    assert page.index("quick: silent after 20 ms") < page.index("slow: silent after 100 ms")
    assert page.count('src="data:audio/mpeg;base64,') == 2
    assert page.count("<svg") == 4


def test_answers_are_summed_up_by_their_distribution() -> None:
    (line,) = side_by_side.summarise("s1", {"ours": [{"overheads_ms": [float(n) for n in range(30)], **PLAIN}]})
    assert line["turns"] == 30
    assert (line["overhead_median_ms"], line["overhead_p95_ms"], line["overhead_most_ms"]) == (14.5, 28.0, 29.0)


def test_the_page_of_benchmarks_shows_every_engine_of_the_last_run() -> None:
    lines = make_numbers.read_lines((ROOT / "docs" / "numbers.jsonl").read_text(encoding="utf-8").splitlines())
    page = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    table = make_numbers.side_by_side(lines)
    assert make_numbers.with_table(page, table) == page, "run `python docs/make_numbers.py < /dev/null`"
    assert all(f"| {engine.name} | " in table for engine in side_by_side.ENGINES)


def test_a_table_is_sorted_by_cost_and_says_when_and_where() -> None:
    around = {"date": "2026-01-02", "machine": "a machine", "load": 0.5}
    runs = {"dear": [{"us": 9.0, **PLAIN}], "cheap": [{"us": 3.0, **PLAIN}]}
    lines = [{**line, **around} for line in side_by_side.summarise("s3", runs)]
    assert json.loads(json.dumps(lines)) == lines
    table = make_numbers.side_by_side(lines)
    assert table.index("| cheap | 1 | 3.0 | 0.33 | 0.33 | 0.33 |") < table.index("| dear | 1 | 9.0 | 1.0 |")
    assert "2026-01-02, a machine, CPython 3.11, load 0.5." in table


def test_a_cell_of_the_readme_is_a_figure_of_a_line_or_as_it_stands() -> None:
    row = {"figures": ["us"], "peers": [{"claim": "s3, theirs"}, "12 or so", {"claim": "not measured"}]}
    assert make_numbers._theirs(row, [{"claim": "s3, theirs", "us": 21.04}]) == ["21", "12 or so", ""]
