"""Work that must not run on the loop: threads for long calls, processes for what may have to be killed.

Under a virtual clock both wait for the work synchronously, so no virtual time passes while it runs and its result
arrives at an exact, repeatable moment. That is how real models take part in deterministic runs.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import struct
import subprocess
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Final, TypeVar, TypeVarTuple, Unpack

import trio

from trialogue.engine._clock import hold_virtual_time, virtual_clock
from trialogue.engine._errors import ProviderError
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

#: Lengths of a message's header and body in bytes, before both on the wire.
MESSAGE_LENGTHS: Final = struct.Struct("<II")

_READ_BYTES: Final = 65_536

#: Headers are small; a longer one is no header, bytes.
_MOST_HEADER_BYTES: Final = 1_048_576

#: How long a worker may stay silent under a virtual clock, where no deadline of the program can end the wait, seconds.
_VIRTUAL_SILENCE_S: Final = 20.0

#: How long a worker gets to end by itself after its input was closed, seconds.
_POLITE_END_S: Final = 0.05


async def offload(function: Callable[[Unpack[Ts]], T], *args: *Ts, cost_s: float = 0.0) -> T:
    """Run a synchronous function that takes longer than about a millisecond, without blocking the loop.

    On the real clock it runs in a worker thread; keep each call under about 20 ms, since a thread cannot be
    cancelled. On a virtual clock it runs here and now.

    Args:
        function: the work. It must touch nothing that belongs to the loop.
        args: its positional arguments.
        cost_s: virtual time to charge for it, seconds; of no effect on the real clock.
    """
    if virtual_clock() is None:
        return await trio.to_thread.run_sync(function, *args)
    await trio.lowlevel.checkpoint_if_cancelled()
    result = function(*args)
    await trio.sleep(cost_s)
    return result


@frozen(kw_only=True)
class WorkerMessage:
    """What a worker process and its owner tell each other.

    Args:
        header: a JSON object.
        body: bytes that come with it, such as samples.
    """

    header: Mapping[str, object]
    body: bytes = b""

    def encode(self) -> bytes:
        """The message as it goes over the pipe."""
        header = json.dumps(self.header, separators=(",", ":")).encode()
        return MESSAGE_LENGTHS.pack(len(header), len(self.body)) + header + self.body


class WorkerProcess:
    """A child process that answers messages over its standard input and output; made by `open_worker`.

    Not for several tasks at once: one sends, the same or another one receives. A message is never sent or received by
    halves: where a call is cancelled in the middle of one, the next call goes on with it.
    """

    def __init__(self, process: trio.Process, name: str) -> None:
        self._process = process
        self._name = name
        self._received = bytearray()
        self._unsent = bytearray()

    @property
    def alive(self) -> bool:
        """Whether the process has not ended yet."""
        return self._process.poll() is None

    async def send(self, header: Mapping[str, object], body: bytes = b"") -> None:
        """Send one message.

        Raises:
            ProviderError: the process has died (retryable with a new one) or, under a virtual clock, has neither read
                nor answered for 20 s.
        """
        await trio.lowlevel.checkpoint()
        data = WorkerMessage(header=header, body=body).encode()
        self._unsent += data
        try:
            await self._write()
        except trio.Cancelled:
            if len(self._unsent) >= len(data):  # nothing of it has gone, so nothing has to follow
                del self._unsent[-len(data) :]
            raise

    async def receive(self) -> WorkerMessage:
        """The next message. Cancelled in the middle of one, it loses nothing: the next call goes on with it.

        Raises:
            ProviderError: the process has died; it wrote what is no message; or, under a virtual clock, it has not
                answered for 20 s.
        """
        if virtual_clock() is not None:
            # One step for each message, however many have come at once: what else runs must not depend on its speed.
            await trio.lowlevel.checkpoint()
        while (message := self._take()) is None:
            if not await self._read_some():
                raise self._died()
        return message

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()

    def _take(self) -> WorkerMessage | None:
        received = self._received
        if len(received) < MESSAGE_LENGTHS.size:
            return None
        header_bytes, body_bytes = MESSAGE_LENGTHS.unpack_from(received)
        if header_bytes > _MOST_HEADER_BYTES:
            raise self._no_message()
        body_at = MESSAGE_LENGTHS.size + header_bytes
        if len(received) < body_at + body_bytes:
            return None
        header = self._decode(received[MESSAGE_LENGTHS.size : body_at])
        body = bytes(received[body_at : body_at + body_bytes])
        del received[: body_at + body_bytes]
        return WorkerMessage(header=header, body=body)

    def _decode(self, header: bytearray) -> Mapping[str, object]:
        try:
            decoded: Mapping[str, object] = json.loads(header)
        except ValueError as error:
            raise self._no_message() from error
        return decoded

    async def _write(self) -> None:
        assert self._process.stdin is not None
        fileno: int = self._process.stdin.fileno()  # type: ignore[attr-defined]  # a FdStream on POSIX
        while self._unsent:
            try:
                written = os.write(fileno, self._unsent)
            except BlockingIOError:
                await self._wait_until_writable(fileno)
            except OSError as error:
                raise self._died() from error
            else:
                del self._unsent[:written]

    async def _wait_until_writable(self, fileno: int) -> None:
        if virtual_clock() is None:
            await trio.lowlevel.wait_writable(fileno)
            return
        # The worker may itself be waiting until its answers are read.
        readable, writable = self._select([self._stdout()], [fileno])
        if readable and not writable and not self._read_now():
            raise self._died()

    async def _read_some(self) -> bool:
        """Whether there was something to read before the end."""
        assert self._process.stdout is not None
        if virtual_clock() is None:
            data = await self._process.stdout.receive_some(_READ_BYTES)
            self._received += data
            return bool(data)
        self._select([self._stdout()], [])
        return self._read_now()

    def _read_now(self) -> bool:
        data = os.read(self._stdout(), _READ_BYTES)
        self._received += data
        return bool(data)

    def _stdout(self) -> int:
        assert self._process.stdout is not None
        fileno: int = self._process.stdout.fileno()  # type: ignore[attr-defined]  # a FdStream on POSIX
        return fileno

    def _select(self, readers: list[int], writers: list[int]) -> tuple[list[int], list[int]]:
        """Wait in real time, while virtual time stands still, but not for ever."""
        readable, writable, _ = select.select(readers, writers, [], _VIRTUAL_SILENCE_S)
        if not readable and not writable:
            self._process.kill()
            raise ProviderError(
                f"the worker process {self._name!r} has not answered for {_VIRTUAL_SILENCE_S:.0f} s and was killed",
                retryable=True,
            )
        return readable, writable

    def _no_message(self) -> ProviderError:
        self._process.kill()
        return ProviderError(
            f"the worker process {self._name!r} wrote to its standard output what is no message, and was killed; see "
            f"that nothing in it prints there"
        )

    def _died(self) -> ProviderError:
        code = self._process.poll()
        return ProviderError(
            f"the worker process {self._name!r} ended unexpectedly (exit status {code}); open a new one",
            retryable=True,
        )


@contextlib.asynccontextmanager
async def open_worker(argv: Sequence[str], *, name: str) -> AsyncGenerator[WorkerProcess, None]:
    """Start a worker process and end it on leaving: politely, then by force; never longer than about 50 ms.

    Args:
        argv: the command line.
        name: for messages and errors.

    Raises:
        ProviderError: the command cannot be started.
    """
    try:
        with hold_virtual_time():  # Trio starts processes in a thread
            process = await trio.lowlevel.open_process(
                list(argv), stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
            )
    except OSError as error:
        raise ProviderError(f"the worker process {name!r} cannot be started: {error}") from error
    try:
        yield WorkerProcess(process, name)
    finally:
        await _end(process)  # noqa: ASYNC102  # it shields itself, and is bounded


async def _end(process: trio.Process) -> None:
    """Close its input, give it a moment, kill it, and leave no zombie."""
    assert process.stdin is not None
    assert process.stdout is not None
    with trio.CancelScope(shield=True):  # bounded: the kill below always ends it
        with trio.move_on_after(_POLITE_END_S):
            await process.stdin.aclose()
            await _wait(process)
        if process.poll() is None:
            process.kill()
            await _wait(process)
        await process.stdout.aclose()


async def _wait(process: trio.Process) -> None:
    if virtual_clock() is None:
        await process.wait()
        return
    with contextlib.suppress(subprocess.TimeoutExpired):
        process._proc.wait(timeout=_POLITE_END_S)  # the Popen object waits in real time, without jumping virtual time
    if process.poll() is None:
        process.kill()
        process._proc.wait()
    await trio.lowlevel.checkpoint()
