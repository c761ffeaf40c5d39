"""What an OpenAI-compatible server streams, read without I/O: bytes go in, the model's outputs come out.

Servers stray from the protocol in known ways, and all of these are read: tool calls without an id, without an index,
or all with index 0; the name repeated in every piece; arguments as an object; usage in the last piece with text, or in
every piece; no `[DONE]`, or no blank line after it; comments that only keep the connection open.
"""

from __future__ import annotations

import json
import uuid
from collections import deque
from typing import TYPE_CHECKING, Final

import attrs

from trialogue.engine import ProviderError
from trialogue.frames import ModelOutput, TextDelta, TokenUsage, ToolCall
from trialogue.frames._attrs import define

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The most that one event may have, bytes. The longest in use are whole tool calls of some kB.
_MAX_EVENT_BYTES: Final = 1 << 20

#: How much of what cannot be read an error shows, characters.
_SHOWN_CHARS: Final = 80

_DONE: Final = "[DONE]"


class EventLines:
    """The data of server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []
        self._size = 0

    def feed(self, received: bytes) -> Iterator[str]:
        """The data of each event that is now complete.

        Raises:
            ProviderError: an event is longer than any that a model streams.
        """
        # A CR at the end may be half of a CR LF, so it stays until what follows is known.
        lines = (self._rest + received).replace(b"\r\n", b"\n")
        held = b"\r" if lines.endswith(b"\r") else b""
        # Never `splitlines`: text may hold U+2028, U+0085 and other ends of line that are none here.
        *complete, rest = lines.removesuffix(held).replace(b"\r", b"\n").split(b"\n")
        self._rest = rest + held
        for line in complete:
            if line.startswith(b"data:"):
                self._data.append(line[5:].removeprefix(b" "))
                self._size += len(line)
            elif not line and self._data:
                yield self._take()
        if self._size + len(self._rest) > _MAX_EVENT_BYTES:
            raise ProviderError(f"the server sent an event of more than {_MAX_EVENT_BYTES} bytes; is it a chat server?")

    def end(self) -> Iterator[str]:
        """The data of an event whose blank line never came."""
        yield from self.feed(b"\n\n")

    def _take(self) -> str:
        data = b"\n".join(self._data).decode("utf-8", "replace")
        self._data = []
        self._size = 0
        return data


@define
class _CallPieces:
    """A tool call on its way. Ids and names come whole, arguments in pieces."""

    index: int | None
    call_id: str
    name: str
    arguments: list[str] = attrs.Factory(list)

    def continues(self, index: int | None, call_id: str, name: str) -> bool:
        """Whether a piece with the same index, or with none, goes on with this call.

        Ids tell; where there are none, a name begins a new call, unless the server repeats it with every piece. It does
        so only where it counts the calls, and then the arguments are not complete yet.
        """
        if call_id:
            return self.call_id in {"", call_id}
        return not name or (index is not None and not _is_object(self.text()))

    def text(self) -> str:
        """The arguments so far."""
        return "".join(self.arguments).strip()


class ReplyReader:
    """Makes outputs of what the server streams."""

    def __init__(self) -> None:
        self.ready: deque[ModelOutput] = deque()
        #: How many pieces brought text or a part of a tool call; a reasoning model's thoughts are neither.
        self.useful = 0
        #: Whether the server said that this was all.
        self.done = False
        self._events = EventLines()
        self._calls: list[_CallPieces] = []
        self._usage: TokenUsage | None = None
        self._finish_reason = ""

    def feed(self, received: bytes) -> None:
        """Read what has come; outputs go to `ready`.

        Raises:
            ProviderError: the server tells of an error, or what it sends is no chat completion.
        """
        for data in self._events.feed(received):
            self._read(data)

    def end(self) -> None:
        """The stream is over.

        Raises:
            ProviderError: it broke off before the reply was complete.
        """
        if not self.done:
            for data in self._events.end():
                self._read(data)
        if not self.done and not self._finish_reason:
            raise ProviderError("the stream broke off in the middle of the reply; ask again", retryable=True)
        self._complete()

    def _read(self, data: str) -> None:
        if self.done:
            return
        if data.strip() == _DONE:
            self._complete()
            return
        piece = _piece(data)
        if error := piece.get("error"):
            raise ProviderError(f"the server failed in the middle of the reply: {error_text(error)}", retryable=True)
        self._read_usage(piece.get("usage"))
        for choice in _objects(piece.get("choices")):
            self._read_delta(_object(choice.get("delta")))
            if reason := choice.get("finish_reason"):
                self._finish_reason = str(reason)

    def _read_delta(self, delta: dict[str, object]) -> None:
        # A refusal is what the model has to say.
        for text in (delta.get("content"), delta.get("refusal")):
            if isinstance(text, str) and text:
                self.useful += 1
                self.ready.append(TextDelta(text=text))
        for entry in _objects(delta.get("tool_calls")):
            self.useful += 1
            self._read_call(entry)

    def _read_call(self, entry: dict[str, object]) -> None:
        function = _object(entry.get("function"))
        call_id, name = str(entry.get("id") or ""), str(function.get("name") or "")
        index = entry.get("index")
        call = self._call_of(index if isinstance(index, int) else None, call_id, name)
        call.call_id = call.call_id or call_id
        call.name = call.name or name
        arguments = function.get("arguments")
        if isinstance(arguments, dict):
            arguments = json.dumps(arguments, ensure_ascii=False)
        if isinstance(arguments, str):
            call.arguments.append(arguments)

    def _call_of(self, index: int | None, call_id: str, name: str) -> _CallPieces:
        """The call that a piece belongs to; a new one where it belongs to none."""
        for call in reversed(self._calls):
            if index in {None, call.index} and call.continues(index, call_id, name):
                return call
        call = _CallPieces(index=index, call_id=call_id, name=name)
        self._calls.append(call)
        return call

    def _read_usage(self, usage: object) -> None:
        counts = _object(usage)
        read, written = counts.get("prompt_tokens"), counts.get("completion_tokens")
        if isinstance(read, int) and isinstance(written, int):
            self._usage = TokenUsage(input_tokens=read, output_tokens=written)

    def _complete(self) -> None:
        """Give out what is known only at the end: whole tool calls, and what the reply cost."""
        if self.done:
            return
        self.done = True
        if not self.useful:
            raise ProviderError(
                f"the model finished without a word (finish_reason {self._finish_reason or 'not told'}); ask again, or "
                "where it thinks first, allow it more tokens",
                retryable=self._finish_reason != "content_filter",
            )
        for call in self._calls:
            self.ready.append(
                ToolCall(
                    call_id=call.call_id or f"call_{uuid.uuid4().hex}",
                    name=call.name,
                    arguments=call.text() or "{}",
                )
            )
        if self._usage is not None:
            self.ready.append(self._usage)


def error_text(error: object) -> str:
    """What a server says is wrong, in any of the shapes that servers use."""
    match error:
        case str():
            return error.strip()
        case {"error": inner} | {"message": inner} | {"detail": inner} | {"msg": inner}:
            return error_text(inner)
        case [first, *_]:
            return error_text(first)
    return json.dumps(error, ensure_ascii=False)


def _piece(data: str) -> dict[str, object]:
    try:
        piece: object = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ProviderError(
            f"the server streams something that is no JSON: {data[:_SHOWN_CHARS]!r} ({error}); is this a chat server?",
            retryable=True,
        ) from error
    return _object(piece)


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _object(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> list[dict[str, object]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
