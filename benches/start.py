"""How soon it is there (S5): import, and the first and second session: `python -m benches.start`."""

from __future__ import annotations

import gc
import json
import os
import statistics
import subprocess
import sys
import time
from typing import Final

import attrs
import trio

from benches._measure import Figure, publish, quick

ROUNDS: Final = 9

#: Run in a fresh process each; a JSON line says what it took.
_IMPORT: Final = """
import json, resource, sys, time
wall, cpu = time.perf_counter(), time.process_time()
import trialogue.agents
print(json.dumps({
    "wall_ms": 1e3 * (time.perf_counter() - wall), "cpu_ms": 1e3 * (time.process_time() - cpu),
    "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    "heavy": sorted(set(sys.modules) & {"torch", "scipy", "onnxruntime", "numpy"}),
}))
"""
_SESSIONS: Final = "from benches.start import two_sessions; two_sessions()"


def fresh(program: str) -> dict[str, float | list[str]]:
    """What a program says in a process of its own, of which all byte code is there."""
    surroundings = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, env=surroundings)
    said: dict[str, float | list[str]] = json.loads(done.stdout)
    return said


def importing() -> bool:
    """S5: `import trialogue.agents` takes at most 150 ms and 60 MB, and loads no torch and no scipy."""
    fresh(_IMPORT)
    runs = [fresh(_IMPORT) for _ in range(3 if quick() else ROUNDS)]
    figures: dict[str, Figure] = {"bench": "S5", "claim": "import"}
    for name in ("wall_ms", "cpu_ms", "rss_mb"):
        figures[name] = round(statistics.median(float(str(each[name])) for each in runs), 1)
    heavy = runs[0]["heavy"]
    publish(f"import of trialogue.agents (heavy: {heavy or 'none'})", figures)
    assert isinstance(heavy, list)
    return float(figures["cpu_ms"]) <= 150 and float(figures["rss_mb"]) <= 60 and not {"torch", "scipy"} & set(heavy)


def starting() -> bool:
    """S5: a session sees its first frame of sound within 5 ms, the first of a process too."""
    fresh(_SESSIONS)
    runs = [fresh(_SESSIONS) for _ in range(3 if quick() else ROUNDS)]
    first, second = (statistics.median(float(str(each[name])) for each in runs) for name in ("first_ms", "second_ms"))
    publish(
        "session to its first frame",
        {"bench": "S5", "claim": "sessions", "first_ms": round(first, 2), "second_ms": round(second, 2)},
    )
    return max(first, second) <= 5


def two_sessions() -> None:
    """Hold two sessions, one after the other; print how long each took until its detector had a frame, ms.

    Looking through all that was imported for garbage takes longer than a session does to begin; it is done before, as
    by a server that has started.
    """
    from benches.turns import SILENCE, BenchCall, fake_models, quick_settings
    from trialogue.agents import Agent, Session
    from trialogue.agents.testing import FakeVad
    from trialogue.engine import Inbox, Outbox
    from trialogue.frames import SPEECH_FORMAT, AudioFrame

    class EagerCall(BenchCall):
        """A caller whose first frame is there at once."""

        async def microphone(self, audio_out: Outbox[AudioFrame]) -> None:
            await audio_out.send(AudioFrame(pcm=SILENCE, at_sample=0, format=SPEECH_FORMAT))
            await trio.sleep_forever()

        async def speaker(self, audio_in: Inbox[AudioFrame]) -> None:
            async for _ in audio_in:
                pass

    async def until_first_frame() -> float:
        models, vad = fake_models(), FakeVad()
        models = attrs.evolve(models, vad=vad)
        began_s = time.perf_counter()
        call = EagerCall(cycles=1, phase=0)
        async with Session(Agent(instructions="Answer."), models=models, transport=call, settings=quick_settings()):
            while not vad.hops:  # noqa: ASYNC110  # nothing tells of it, and no time may pass
                await trio.lowlevel.checkpoint()
            took_s = time.perf_counter() - began_s
        return took_s

    async def both() -> list[float]:
        return [1e3 * await until_first_frame(), 1e3 * await until_first_frame()]

    gc.collect()
    gc.freeze()
    first, second = trio.run(both)
    print(json.dumps({"first_ms": first, "second_ms": second}))


def main() -> int:
    """All claims.

    Returns:
        0 if each holds.
    """
    return 0 if all([importing(), starting()]) else 1


if __name__ == "__main__":
    sys.exit(main())
