"""Write the note on scale from the measured numbers: `python docs/make_scale.py`, or with `make_numbers.py`.

What was measured comes from `numbers.jsonl`; what a machine of a computing centre has, and what a packet carries beside
its sound, are the tables below. Nothing on the page is written by hand but its sentences.
"""

from __future__ import annotations

import math
from pathlib import Path
from string import Template
from typing import Final

import attrs

from trialogue.cli.bench import Result, in_words, read_results, shown

DOCS: Final = Path(__file__).resolve().parent
PAGE: Final = DOCS / "scale.md"
RESULTS: Final = DOCS / "numbers.jsonl"

#: Packets a second in each direction: one for each 20 ms of sound.
PACKETS_S: Final = 50

#: What an IP packet carries beside its sound: RTP 12, UDP 8, IPv4 20 bytes; and on the wire preamble, head, checksum
#: and gap of Ethernet, 38 bytes. An IP packet has at most 1,500 bytes.
IP_BYTES: Final = 12 + 8 + 20
WIRE_BYTES: Final = IP_BYTES + 38
MOST_BYTES: Final = 1500 - IP_BYTES

#: Sound of 20 ms, bytes.
SOUND: Final = {
    "Opus, 24 kbit/s": 24_000 // 8 // PACKETS_S,
    "G.711, 8 kHz": 8_000 // PACKETS_S,
    "PCM, 8 kHz": 2 * 8_000 // PACKETS_S,
    "PCM, 16 kHz": 2 * 16_000 // PACKETS_S,
    "PCM, 48 kHz": 2 * 48_000 // PACKETS_S,
}

#: Each way a session has two streams of sound: its caller's, and one to the recogniser or from the voice.
STREAMS: Final = 2

MILLION: Final = 1_000_000


@attrs.frozen(kw_only=True)
class Machine:
    """A machine as they stand in computing centres; assumptions, not measurements.

    Args:
        cores: of the kind that was measured.
        memory_gb: all of it.
        network_gbit_s: each way.
        packets_s: that its kernel handles, in and out together, without special drivers.
        files: that its processes may open together.
        in_rack: how many stand in a rack.
        used: what part of all that is used; the rest is for peaks and for machines that fail.
    """

    cores: int = 64
    memory_gb: int = 256
    network_gbit_s: int = 25
    packets_s: int = 2_000_000
    files: int = 1_000_000
    in_rack: int = 20
    used: float = 0.7


@attrs.frozen(kw_only=True)
class Measured:
    """What a caller needs, of which scenario.

    Args:
        callers_per_core: the most that one core serves in time.
        core_percent: of a core, of each of them where there are many.
        idle_percent: the same of a session in which nobody speaks.
        session_kb: memory after some answers.
        process_mb: memory of a process without sessions.
        files: open files of a session with fake models.
        threads: of a whole process.
        made: when and where.
    """

    callers_per_core: int
    core_percent: float
    idle_percent: float
    session_kb: float
    process_mb: float
    files: float
    threads: int
    made: str


#: A session with models elsewhere holds its caller's socket, and one each to recogniser, language model and voice.
SOCKETS: Final = 4


def measured(results: list[Result]) -> Measured:
    """The figures that the note is made of."""
    rows = {(result.bench, row.case): row.figures for result in results for row in result.findings.rows}
    most = int(rows["density", "the most in time"]["callers"])
    memory = rows["memory", "after five answers"]
    made = next(in_words(result.made) for result in results if result.bench == "density")
    return Measured(
        callers_per_core=most,
        core_percent=rows["density", f"{most} callers"]["core_percent"],
        idle_percent=rows["cpu", "idle"]["core_percent"],
        session_kb=memory["session_kb"],
        process_mb=memory["rss_mb"] - memory["session_kb"] * memory["callers"] / 1e3,
        files=memory["session_files"],
        threads=int(memory["threads"]),
        made=made,
    )


def network() -> str:
    """What a caller's sound needs, each way, and how many callers fill the network."""
    machine = Machine()
    rows = [
        "| sound | bytes in 20 ms | packets/s | on the wire, kbit/s | callers in "
        f"{machine.network_gbit_s} Gbit/s | one million, Gbit/s |",
        "|---|---|---|---|---|---|",
    ]
    for name, sound in SOUND.items():
        packets_s, bit_s = on_the_wire(sound)
        callers = machine.network_gbit_s * 1e9 / bit_s
        cells = (sound, packets_s, shown(bit_s / 1e3), f"{callers:,.0f}", shown(bit_s * MILLION / 1e9))
        rows.append(f"| {name} | {' | '.join(map(str, cells))} |")
    return "\n".join(rows)


def on_the_wire(sound: int) -> tuple[int, float]:
    """Packets and bits a second, each way, of a caller whose 20 ms have so many bytes; what is too long is split."""
    packets = math.ceil(sound / MOST_BYTES)
    return packets * PACKETS_S, 8.0 * PACKETS_S * (sound + packets * WIRE_BYTES)


def limits(found: Measured, machine: Machine) -> dict[str, tuple[str, float]]:
    """Of each resource of a machine: the arithmetic, and how many callers it bears."""
    process_gb, session_gb = found.process_mb * machine.cores / 1e3, found.session_kb / 1e6
    packets_s, bit_s = on_the_wire(SOUND["PCM, 16 kHz"])
    return {
        "CPU": (f"{machine.cores} cores × {found.callers_per_core}", machine.cores * found.callers_per_core),
        "memory": (
            f"({machine.memory_gb} GB − {machine.cores} × {found.process_mb:.0f} MB) ÷ {found.session_kb:.0f} kB",
            (machine.memory_gb - process_gb) / session_gb,
        ),
        "network, PCM at 16 kHz": (
            f"{machine.network_gbit_s} Gbit/s ÷ ({STREAMS} × {shown(bit_s / 1e3)} kbit/s)",
            machine.network_gbit_s * 1e9 / (STREAMS * bit_s),
        ),
        "packets in and out": (
            f"{machine.packets_s:,}/s ÷ (2 × {STREAMS} × {packets_s}/s)",
            machine.packets_s / (2 * STREAMS * packets_s),
        ),
        "open files": (f"{machine.files:,} ÷ {SOCKETS}", machine.files / SOCKETS),
    }


def make_page(results: list[Result]) -> str:
    """The note."""
    found, machine = measured(results), Machine()
    borne = limits(found, machine)
    tightest = min(borne, key=lambda name: borne[name][1])
    planned = math.floor(machine.used * borne[tightest][1])
    machines = math.ceil(MILLION / planned)
    packets_s, bit_s = on_the_wire(SOUND["PCM, 16 kHz"])
    table = "\n".join(f"| {name} | {sum_} | {callers:,.0f} |" for name, (sum_, callers) in borne.items())
    return Template((DOCS / "scale.template.txt").read_text(encoding="utf-8")).substitute(
        made=found.made,
        callers_per_core=found.callers_per_core,
        core_percent=shown(found.core_percent),
        idle_percent=shown(found.idle_percent),
        busy=f"{found.callers_per_core * found.core_percent:.0f}",
        session_kb=f"{found.session_kb:.0f}",
        process_mb=f"{found.process_mb:.0f}",
        process_full_mb=f"{found.process_mb + found.callers_per_core * found.session_kb / 1e3:.0f}",
        files=shown(found.files),
        threads=found.threads,
        network=network(),
        cores=machine.cores,
        memory_gb=machine.memory_gb,
        network_gbit_s=machine.network_gbit_s,
        packets_s=f"{machine.packets_s:,}",
        open_files=f"{machine.files:,}",
        limits=table,
        tightest=tightest,
        second=sorted(borne, key=lambda name: borne[name][1])[1],
        used=f"{100 * machine.used:.0f}",
        planned=f"{planned:,}",
        sockets=SOCKETS,
        planned_sockets=f"{planned * SOCKETS:,}",
        planned_gbit_s=shown(planned * STREAMS * bit_s / 1e9),
        planned_packets_s=f"{planned * STREAMS * packets_s * 2:,}",
        planned_gb=shown((planned * found.session_kb / 1e3 + machine.cores * found.process_mb) / 1e3),
        in_rack=machine.in_rack,
        rack=f"{planned * machine.in_rack:,}",
        rack_gbit_s=shown(planned * machine.in_rack * STREAMS * bit_s / 1e9),
        machines=machines,
        racks=math.ceil(machines / machine.in_rack),
        million_cores=f"{machines * machine.cores:,}",
        million_bare_cores=f"{math.ceil(MILLION / found.callers_per_core):,}",
        million_tb=shown(MILLION * found.session_kb / 1e9),
        million_gbit_s=f"{MILLION * STREAMS * bit_s / 1e9:,.0f}",
        million_packets_s=f"{2 * STREAMS * packets_s * MILLION / 1e6:,.0f}",
        million_opus=f"{MILLION * STREAMS * on_the_wire(SOUND['Opus, 24 kbit/s'])[1] / 1e9:,.0f}",
    )


def main() -> None:
    """Write the page."""
    PAGE.write_text(make_page(read_results(RESULTS.read_text(encoding="utf-8").splitlines())), encoding="utf-8")


if __name__ == "__main__":
    main()
