"""The worker process of the espeak voice. It alone loads espeak-ng, and it imports nothing of ours.

Run by its file path: `python -I -S _espeak_worker.py LIBRARY DATA_DIRECTORY`. It needs only the standard library
(ctypes instead of cffi, which takes longer to import than espeak-ng to start), so it is ready after about 30 ms.
espeak-ng keeps its state in globals and is under the GPL; both stay here.

Messages are framed as by `trialogue.engine.WorkerMessage`: two little-endian 32-bit lengths, a JSON header, a body.
In:  {"do": "speak", "id", "voice", "ssml", "rate_wpm", "pitch", "pitch_range", "volume"} with the text in UTF-8 as
     body; {"do": "stop", "id"}.
Out: {"is": "ready", "rate_hz"} once; then for each request {"is": "sound", "id", "words"} with int16 samples as body,
     and at last one {"is": "done", "id"} or {"is": "failed", "id", "message"}. `words` is a list of
     [sample, start, length], where start and length are in characters of the text and count from 0.
"""

from __future__ import annotations

import collections
import ctypes
import json
import os
import select
import struct
import sys
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from ctypes import _Pointer

_LENGTHS: Final = struct.Struct("<II")
_READ_BYTES: Final = 65_536

#: Sound per callback of espeak-ng, milliseconds: the granularity of its stream and of stopping it.
_BUFFER_MS: Final = 60

# From espeak-ng's speak_lib.h.
_OUTPUT_SYNCHRONOUS: Final = 2
_INITIALIZE_DONT_EXIT: Final = 0x8000
_POSITION_IS_CHARACTER: Final = 1
_TEXT_IS_UTF8: Final = 1
_TEXT_IS_SSML: Final = 0x10
_EVENT_LIST_END: Final = 0
_EVENT_WORD: Final = 1
_PARAMETERS: Final = {"rate_wpm": 1, "volume": 2, "pitch": 3, "pitch_range": 4}


class _Event(ctypes.Structure):
    """espeak_EVENT of speak_lib.h."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


class _Message(NamedTuple):
    """What the owner asks for: `do` is "speak" or "stop"."""

    do: str
    id: int
    voice: str
    ssml: bool
    parameters: dict[int, int]
    text: bytes


def _message(encoded_header: bytearray, body: bytes) -> _Message:
    header = json.loads(encoded_header)
    parameters = {number: header[name] for name, number in _PARAMETERS.items() if name in header}
    return _Message(header["do"], header["id"], header.get("voice", ""), header.get("ssml", False), parameters, body)


class _Pipe:
    """Messages over two file descriptors; goes on reading while a write waits, so that a stop is never stuck."""

    def __init__(self, input_fd: int, output_fd: int) -> None:
        self._input_fd = input_fd
        self._output_fd = output_fd
        self._received = bytearray()
        self._messages: collections.deque[_Message] = collections.deque()  # at most a request and its stop
        self._ended = False
        os.set_blocking(output_fd, False)

    def send(self, header: dict[str, object], body: bytes = b"") -> None:
        """Send one message, whole."""
        encoded = json.dumps(header, separators=(",", ":")).encode()
        rest = memoryview(_LENGTHS.pack(len(encoded), len(body)) + encoded + body)
        while rest:
            readable, writable, _ = select.select([] if self._ended else [self._input_fd], [self._output_fd], [])
            if readable:
                self._read()
            if writable:
                rest = rest[os.write(self._output_fd, rest) :]

    def receive(self) -> _Message | None:
        """The next message; None when the owner has closed its end."""
        while not self._messages and not self._ended:
            self._read()
        return self._messages.popleft() if self._messages else None

    def asked_to_stop(self, request: int) -> bool:
        """Whether the owner has asked to stop this request, or has gone away."""
        if not self._ended and select.select([self._input_fd], [], [], 0)[0]:
            self._read()
        return self._ended or any(message.do == "stop" and message.id == request for message in self._messages)

    def _read(self) -> None:
        data = os.read(self._input_fd, _READ_BYTES)
        self._ended = not data
        self._received += data
        received = self._received
        while len(received) >= _LENGTHS.size:
            header_bytes, body_bytes = _LENGTHS.unpack_from(received)
            body_at = _LENGTHS.size + header_bytes
            if len(received) < body_at + body_bytes:
                return
            body = bytes(received[body_at : body_at + body_bytes])
            self._messages.append(_message(received[_LENGTHS.size : body_at], body))
            del received[: body_at + body_bytes]


class _Synthesiser:
    """espeak-ng, and the request that it works on."""

    def __init__(self, pipe: _Pipe, library: str, data_directory: str) -> None:
        self._pipe = pipe
        self._request = 0
        self._voice = ""
        self._library = ctypes.CDLL(library)
        self.rate_hz: int = self._library.espeak_Initialize(
            _OUTPUT_SYNCHRONOUS, _BUFFER_MS, os.fsencode(data_directory), _INITIALIZE_DONT_EXIT
        )
        self._callback = _Callback(self._on_sound)  # kept: espeak-ng holds only a pointer to it
        self._library.espeak_SetSynthCallback(self._callback)

    def speak(self, asked: _Message) -> None:
        """Send the sound of a text, and then that it is done."""
        self._request = asked.id
        if asked.voice != self._voice:
            if self._library.espeak_SetVoiceByName(asked.voice.encode()) != 0:
                self._pipe.send({"is": "failed", "id": asked.id, "message": f"there is no voice {asked.voice!r}"})
                return
            self._voice = asked.voice
        for number, value in asked.parameters.items():
            self._library.espeak_SetParameter(number, value, 0)
        text = asked.text + b"\0"
        flags = _TEXT_IS_UTF8 | (_TEXT_IS_SSML if asked.ssml else 0)
        status = self._library.espeak_Synth(text, len(text), 0, _POSITION_IS_CHARACTER, 0, flags, None, None)
        if status == 0:
            self._pipe.send({"is": "done", "id": asked.id})
        else:
            self._pipe.send({"is": "failed", "id": asked.id, "message": f"espeak_Synth gave status {status}"})

    def _on_sound(self, samples: _Pointer[ctypes.c_short], count: int, events: _Pointer[_Event]) -> int:
        """Called by espeak-ng with each buffer; 1 stops the synthesis."""
        if self._pipe.asked_to_stop(self._request):
            return 1
        words: list[tuple[int, int, int]] = []
        index = 0
        while (event := events[index]).type != _EVENT_LIST_END:
            if event.type == _EVENT_WORD:
                words.append((event.sample, event.text_position - 1, event.length))
            index += 1
        pcm = ctypes.string_at(samples, count * 2) if count else b""
        if pcm or words:
            try:
                self._pipe.send({"is": "sound", "id": self._request, "words": words}, pcm)
            except OSError:  # the owner has gone away; an exception must not cross C
                return 1
        return 0


def main(library: str, data_directory: str) -> None:
    """Serve requests until the input ends."""
    output_fd = os.dup(1)
    os.dup2(2, 1)  # whatever a library prints must not come between our messages
    pipe = _Pipe(0, output_fd)
    synthesiser = _Synthesiser(pipe, library, data_directory)
    pipe.send({"is": "ready", "rate_hz": synthesiser.rate_hz})
    while (message := pipe.receive()) is not None:
        if message.do == "speak":
            synthesiser.speak(message)


if __name__ == "__main__":
    main(*sys.argv[1:])
