"""Worker processes: messages whole, deaths told, nothing left behind; under both clocks."""

from __future__ import annotations

import contextlib
import os
import sys
import textwrap
import time
from typing import TYPE_CHECKING

import pytest
import trio

from trialogue.engine import MESSAGE_LENGTHS, ProviderError, VirtualTime, WorkerMessage, WorkerProcess, open_worker, run

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

pytestmark = [
    pytest.mark.integration,
    pytest.mark.parametrize("virtual", [None, VirtualTime()], ids=["real", "virtual"]),
]

#: What each worker begins with: how to read and write messages.
PREAMBLE = f"""
import json, os, struct, sys, time
lengths = struct.Struct({MESSAGE_LENGTHS.format!r})
def receive():
    start = sys.stdin.buffer.read(lengths.size)
    if len(start) < lengths.size:
        return None
    header, body = lengths.unpack(start)
    return json.loads(sys.stdin.buffer.read(header)), sys.stdin.buffer.read(body)
def encode(header, body=b""):
    header = json.dumps(header).encode()
    return lengths.pack(len(header), len(body)) + header + body
def send(header, body=b""):
    sys.stdout.buffer.write(encode(header, body))
    sys.stdout.buffer.flush()
"""

ECHO = "while (message := receive()) is not None: send(*message)"


@contextlib.asynccontextmanager
async def worker(body: str) -> AsyncGenerator[WorkerProcess, None]:
    async with open_worker([sys.executable, "-c", PREAMBLE + textwrap.dedent(body)], name="echo") as process:
        yield process


def assert_no_child_is_left() -> None:
    with pytest.raises(ChildProcessError):  # what the system says when there is neither a child nor a zombie
        os.waitpid(-1, os.WNOHANG)


def test_messages_come_back_as_they_were_sent(virtual: VirtualTime | None) -> None:
    sizes = [0, 1, 640, 65_535, 65_536, 300_000]

    async def main() -> None:
        async with worker(ECHO) as process:
            for number, size in enumerate(sizes):
                await process.send({"id": number, "text": "Grüße"}, os.urandom(8) * (size // 8))
                answer = await process.receive()
                assert answer.header == {"id": number, "text": "Grüße"}
                assert len(answer.body) == size // 8 * 8
            assert process.alive
        assert not process.alive

    run(main, virtual=virtual)
    assert_no_child_is_left()


def test_several_answers_in_one_read_and_one_in_several(virtual: VirtualTime | None) -> None:
    chatty = """
    data = b"".join(encode({"id": number}, bytes(number)) for number in range(100))
    for at in range(0, len(data), 777):
        sys.stdout.buffer.write(data[at:at + 777])
        sys.stdout.buffer.flush()
    receive()
    """

    async def main() -> None:
        async with worker(chatty) as process:
            got = [await process.receive() for _ in range(100)]
        assert got == [WorkerMessage(header={"id": number}, body=bytes(number)) for number in range(100)]

    run(main, virtual=virtual)


def test_a_receive_that_is_cancelled_in_mid_message_loses_nothing(virtual: VirtualTime | None) -> None:
    halting = """
    first, second = encode({"id": 1}, b"abc"), encode({"id": 2}, b"defg")
    for cut in range(1, len(first)):
        sys.stdout.buffer.write(first[:cut])
        sys.stdout.buffer.flush()
        receive()
        sys.stdout.buffer.write(first[cut:] + second)
        sys.stdout.buffer.flush()
    receive()
    """

    async def main() -> None:
        length = len(WorkerMessage(header={"id": 1}, body=b"abc").encode())
        async with worker(halting) as process:
            for _ in range(1, length):
                with trio.CancelScope() as scope:
                    async with trio.open_nursery() as nursery:
                        nursery.start_soon(cancel_later, scope)
                        if virtual is None:
                            await process.receive()
                await process.send({})
                assert (await process.receive()).body == b"abc"
                assert (await process.receive()).body == b"defg"

    run(main, virtual=virtual)


async def cancel_later(scope: trio.CancelScope) -> None:
    for _ in range(20):
        await trio.lowlevel.checkpoint()
    scope.cancel()


def test_a_send_that_is_cancelled_never_leaves_half_a_message(virtual: VirtualTime | None) -> None:
    """A worker that does not read for a while; some sends are cancelled before, some in the middle."""
    large = bytes(50_000)

    async def main() -> None:
        async with worker("receive()\n" + ECHO) as process:
            sent = []
            with trio.CancelScope() as scope:
                scope.cancel()
                await process.send({"id": "never"})
            for number in range(6):
                with trio.CancelScope() as scope:
                    if virtual is None and number:
                        async with trio.open_nursery() as nursery:
                            nursery.start_soon(cancel_later, scope)
                            await process.send({"id": number}, large)
                            nursery.cancel_scope.cancel()
                    else:
                        await process.send({"id": number}, large)
                sent.append(scope.cancelled_caught)
            await process.send({"id": "last"})
            ids: list[object] = []
            while "last" not in ids:
                answer = await process.receive()
                assert len(answer.body) in (0, 50_000)
                ids.append(answer.header["id"])
        assert "never" not in ids
        assert ids == sorted(ids, key=str)  # those that went, in their order, each once
        assert len(set(ids)) == len(ids)

    run(main, virtual=virtual)


def test_both_pipes_full_at_once_are_no_deadlock(virtual: VirtualTime | None) -> None:
    """The worker answers at length before it reads on, and so does its owner."""
    body = bytes(200_000)

    async def main() -> None:
        async with worker(ECHO) as process:
            async with trio.open_nursery() as nursery:
                if virtual is None:
                    nursery.start_soon(send_several, process, body)
                else:
                    await send_several(process, body)
                for number in range(5):
                    answer = await process.receive()
                    assert (answer.header, len(answer.body)) == ({"id": number}, 200_000)

    run(main, virtual=virtual)


async def send_several(process: WorkerProcess, body: bytes) -> None:
    for number in range(5):
        await process.send({"id": number}, body)


def test_a_worker_that_dies_is_told_of_with_its_status(virtual: VirtualTime | None) -> None:
    async def main() -> None:
        async with worker("receive(); send({'half': 1}); sys.stdout.buffer.write(b'xy'); sys.exit(7)") as process:
            await process.send({})
            assert (await process.receive()).header == {"half": 1}
            with pytest.raises(
                ProviderError, match=r"'echo' ended unexpectedly \(exit status .*\); open a new one"
            ) as e:
                await process.receive()
            assert e.value.retryable
            with pytest.raises(ProviderError, match="ended unexpectedly"):
                await process.send({}, bytes(1_000_000))

    run(main, virtual=virtual)
    assert_no_child_is_left()


def test_a_killed_worker_is_dead_at_once(virtual: VirtualTime | None) -> None:
    async def main() -> None:
        async with worker("time.sleep(60)") as process:
            process.kill()
            with pytest.raises(ProviderError, match="ended unexpectedly"):
                await process.receive()

    run(main, virtual=virtual)
    assert_no_child_is_left()


@pytest.mark.parametrize(
    "garbage", ["print('Loading the model ...')", "sys.stdout.buffer.write(lengths.pack(3, 0) + b'{a}')"]
)
def test_a_worker_that_prints_is_found_out(virtual: VirtualTime | None, garbage: str) -> None:
    async def main() -> None:
        async with worker(garbage + "\nsys.stdout.flush()\nreceive()") as process:
            with pytest.raises(ProviderError, match="'echo' wrote to its standard output what is no message, and was"):
                await process.receive()

    run(main, virtual=virtual)
    assert_no_child_is_left()


def test_what_cannot_be_started_is_told(virtual: VirtualTime | None) -> None:
    async def main() -> None:
        with pytest.raises(ProviderError, match=r"the worker process 'ghost' cannot be started: .*no-such-program"):
            async with open_worker(["./no-such-program"], name="ghost"):
                pytest.fail("it was started")

    run(main, virtual=virtual)
    assert_no_child_is_left()


def test_a_worker_that_does_not_end_by_itself_is_killed_soon(virtual: VirtualTime | None) -> None:
    """It ignores both the closing of its input and polite signals."""
    stubborn = """
    import signal
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    send({})
    while True: time.sleep(60)
    """

    async def main() -> tuple[float, float]:
        async with worker(stubborn) as process:
            await process.receive()
            began_s, virtual_s = time.monotonic(), trio.current_time()
        return time.monotonic() - began_s, trio.current_time() - virtual_s

    real_s, told_s = run(main, virtual=virtual)
    assert real_s < 2  # 50 ms, on a machine that may be busy
    if virtual is not None:
        assert told_s == 0
    assert_no_child_is_left()


def test_a_worker_ends_with_its_cancelled_owner(virtual: VirtualTime | None) -> None:
    async def main() -> None:
        with trio.CancelScope() as scope:
            async with worker("send({})\nwhile True: time.sleep(60)") as process:
                await process.receive()
                scope.cancel()
                await process.receive()
        assert scope.cancelled_caught
        assert not process.alive

    run(main, virtual=virtual)
    assert_no_child_is_left()


def test_virtual_time_stands_still_while_a_worker_works(virtual: VirtualTime | None) -> None:
    """As its start and its end do; on the real clock they take what they take."""

    async def main() -> bool:
        with trio.move_on_after(60 if virtual is None else 5) as scope:
            async with worker("receive(); time.sleep(0.2); send({})") as process:
                began_s = trio.current_time()
                await process.send({})
                await process.receive()
                assert trio.current_time() >= began_s + 0.2 if virtual is None else trio.current_time() == began_s
        return scope.cancelled_caught

    assert not run(main, virtual=virtual)
