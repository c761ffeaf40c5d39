"""What the chat client costs, and what ten thousand cancels leave behind. Run with `python -m benches.chat_client`."""

from __future__ import annotations

import os
import platform
import resource
import statistics
import subprocess
import sys
import time

import trio

from tests.providers.chat_server import KEY, MODEL, chat_server, say
from tests.providers.test_openai_cancels import REQUEST, storm
from trialogue.engine import run
from trialogue.providers import OpenAIChat
from trialogue.providers._openai_stream import ReplyReader

TOKENS = 2_000
REPLIES = 200
CANCELS = 10_000


def imports() -> None:
    """Importing the HTTP library takes a tenth of a second, so it is put off until a session opens."""
    for name in ("trialogue.providers", "httpx2"):
        code = f"import time, trio; t = time.perf_counter(); import {name}; print(time.perf_counter() - t)"
        times_s = [float(subprocess.check_output([sys.executable, "-c", code])) for _ in range(5)]
        print(f"import {name:<51} {statistics.median(times_s) * 1e3:8.1f} ms")


def reading() -> None:
    """Reading a token without the network."""
    parts = [step for step in say(*[" token"] * TOKENS).steps if isinstance(step, bytes)]
    reader = ReplyReader()
    began_s = time.process_time()
    for part in parts:
        reader.feed(part)
    print(f"{'reading a token, µs of CPU':<58} {(time.process_time() - began_s) / TOKENS * 1e6:8.1f} µs")


async def replying() -> None:
    """A request on a kept connection until its first token, and a token, with the server in the same process."""
    async with chat_server() as server:
        model = OpenAIChat(base_url=server.url, model=MODEL, api_key=KEY)
        began_s = time.perf_counter()
        async with model.open() as connection:
            print(
                f"{'opening the first session, imports included':<58} {(time.perf_counter() - began_s) * 1e3:8.1f} ms"
            )
            times_s = []
            for _ in range(REPLIES):
                began_s = time.perf_counter()
                async with connection.reply(REQUEST) as reply:
                    times_s.append(time.perf_counter() - began_s)
                    async for _ in reply:
                        pass
            cuts = statistics.quantiles((each * 1e3 for each in times_s), n=100, method="inclusive")
            print(f"{'first token, p50 / p99':<58} {cuts[49]:8.2f} / {cuts[98]:.2f} ms")
            server.otherwise = say(*[" token"] * TOKENS)
            began_s = time.process_time()
            async with connection.reply(REQUEST) as reply:
                async for _ in reply:
                    pass
            print(f"{'a token, server included, CPU':<58} {(time.process_time() - began_s) / TOKENS * 1e6:8.1f} µs")
        began_s = time.perf_counter()
        async with model.open():
            print(f"{'opening another session':<58} {(time.perf_counter() - began_s) * 1e3:8.1f} ms")


async def cancelling() -> None:
    """Ten thousand cancels at random stages leave no connection, no slot, no descriptor and no memory."""
    with trio.fail_after(600):
        await storm(CANCELS // 10)
        descriptors, peak_kib = len(os.listdir("/proc/self/fd")), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began_s = time.perf_counter()
        broken_off = 0
        for _ in range(10):
            broken_off += await storm(CANCELS // 10)
        took_s = time.perf_counter() - began_s
    left = len(os.listdir("/proc/self/fd")) - descriptors
    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak_kib
    print(f"{CANCELS} cancels, {broken_off} seen by the server, in {took_s:.0f} s")
    print(f"left behind: {left} descriptors, {grown_kib} KiB of memory")


if __name__ == "__main__":
    print(
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, CPython {platform.python_version()}\n"
    )
    imports()
    reading()
    run(replying)
    run(cancelling)
