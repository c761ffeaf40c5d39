"""A strict chat server on a real socket: it takes what the protocol allows and nothing else, and answers as told."""

from __future__ import annotations

import contextlib
import json
from collections import deque
from typing import TYPE_CHECKING, Final, Literal

import attrs
import h11
import trio

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable

Json = dict[str, object]

KEY: Final = "sk-test-0123456789"
MODEL: Final = "tiny"


@attrs.frozen
class Pause:
    """Nothing is sent for so long, seconds."""

    seconds: float


@attrs.frozen
class Stall:
    """Nothing is sent any more, and the connection stays open."""


@attrs.frozen
class Cut:
    """The connection ends, without the end that HTTP wants."""


Step = bytes | Pause | Stall | Cut

#: How an answer ended: told whole, the client left, or cut off as it should be.
Outcome = Literal["complete", "left", "cut"]


@attrs.frozen(kw_only=True)
class Answer:
    """What the server does with a request.

    Args:
        steps: the body, and what happens between its parts.
        status, headers: of the answer.
        before: what happens before its headers.
        piece_bytes: the body goes out in pieces of so many bytes, each by itself; 0 sends the parts as they are.
    """

    steps: tuple[Step, ...] = ()
    status: int = 200
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/event-stream; charset=utf-8"),)
    before: tuple[Step, ...] = ()
    piece_bytes: int = 0


def event(value: object) -> bytes:
    """A server-sent event with a JSON value."""
    return b"data: " + json.dumps(value, ensure_ascii=False).encode() + b"\n\n"


def delta(finish_reason: str | None = None, **fields: object) -> Json:
    """A piece of a chat completion."""
    choice = {"index": 0, "delta": fields, "finish_reason": finish_reason}
    return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": MODEL, "choices": [choice]}


def call_piece(index: int | None, arguments: object, *, call_id: str = "", name: str = "") -> Json:
    """A piece of a tool call; what is empty is left out."""
    function = {"arguments": arguments} | ({"name": name} if name else {})
    entry: Json = {"type": "function", "function": function}
    entry |= {} if index is None else {"index": index}
    entry |= {"id": call_id} if call_id else {}
    return delta(tool_calls=[entry])


def usage(read: int = 7, written: int = 3) -> Json:
    """The last piece, which says what the reply cost."""
    counts = {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
    return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": MODEL, "choices": [], "usage": counts}


DONE: Final = b"data: [DONE]\n\n"


def ending(reason: str = "stop") -> tuple[bytes, ...]:
    """How a reply ends."""
    return event(delta(reason)), event(usage()), DONE


def say(*tokens: str, pause_s: float = 0.0) -> Answer:
    """A reply of these tokens."""
    steps: list[Step] = [event(delta(role="assistant", content=""))]
    for token in tokens:
        if pause_s:
            steps.append(Pause(pause_s))
        steps.append(event(delta(content=token)))
    return Answer(steps=(*steps, *ending()))


def stream(*pieces: Json, reason: str = "tool_calls") -> Answer:
    """A reply of these pieces."""
    return Answer(steps=(*(event(piece) for piece in pieces), *ending(reason)))


def refuse(status: int, error: object, *headers: tuple[str, str]) -> Answer:
    """An error with a JSON body."""
    return Answer(
        status=status,
        headers=(("Content-Type", "application/json"), *headers),
        steps=(json.dumps(error).encode(),),
    )


class ProtocolViolationError(Exception):
    """A request that the protocol does not allow; the message says why."""


class ChatServer:
    """What the server was asked and how it answers.

    Args:
        url: the base URL.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        #: What the next requests get, in order; after them, and if there are none, `otherwise`.
        self.answers: deque[Answer] = deque()
        self.otherwise = say("Hello", " there", ".")
        #: The bodies of all chat requests.
        self.requests: list[Json] = []
        #: What was wrong with them.
        self.violations: list[str] = []
        #: Chat requests that the client left before their end.
        self.left = 0
        #: Connections ever made, and those that are open.
        self.connections = 0
        self.open_connections = 0
        self._changed = trio.Condition()

    def contents(self) -> list[object]:
        """What the messages of the last request hold."""
        messages = self.requests[-1]["messages"]
        assert isinstance(messages, list)
        return [message["content"] for message in messages]

    async def wait_connections(self, count: int) -> None:
        """Return once there are so many open connections."""
        async with self._changed:
            while self.open_connections != count:
                await self._changed.wait()

    async def wait_requests(self, count: int) -> None:
        """Return once so many chat requests have come."""
        async with self._changed:
            while len(self.requests) < count:
                await self._changed.wait()

    async def serve(self, tcp: trio.SocketStream) -> None:
        """Serve one connection to its end."""
        self.connections += 1
        self.open_connections += 1
        try:
            async with tcp:
                with contextlib.suppress(trio.BrokenResourceError, h11.RemoteProtocolError):
                    await _Connection(self, tcp).run()
        finally:
            self.open_connections -= 1
            with trio.CancelScope(shield=True):  # nothing that waits without end holds this lock
                await self._notify()

    async def answer_for(self, request: h11.Request, body: bytes) -> Answer:
        """What a request gets; a violation is written down, and refused."""
        headers = {name.decode(): value.decode() for name, value in request.headers}
        try:
            if headers.get("authorization") != f"Bearer {KEY}":
                return refuse(401, {"error": {"message": f"Incorrect API key: {headers.get('authorization')}"}})
            if request.target == b"/v1/models" and request.method == b"GET":
                return refuse(200, {"object": "list", "data": [{"id": MODEL, "object": "model"}]})
            if request.target != b"/v1/chat/completions" or request.method != b"POST":
                return refuse(404, {"error": {"message": "no such address"}})
            parsed = check_request(headers, body)
        except ProtocolViolationError as error:
            self.violations.append(str(error))
            return refuse(400, {"error": {"message": str(error)}})
        self.requests.append(parsed)
        await self._notify()
        if parsed["model"] != MODEL:
            return refuse(
                404, {"error": {"message": f"model {parsed['model']!r} not found", "code": "model_not_found"}}
            )
        return self.answers.popleft() if self.answers else self.otherwise

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()


class _Connection:
    def __init__(self, server: ChatServer, tcp: trio.SocketStream) -> None:
        self._server = server
        self._tcp = tcp
        self._http = h11.Connection(h11.SERVER)

    async def run(self) -> None:
        while True:
            request = await self._next_event()
            if not isinstance(request, h11.Request):
                return
            body = b""
            while isinstance(part := await self._next_event(), h11.Data):
                body += part.data
            answer = await self._server.answer_for(request, body)
            outcome = await self._watched(answer)
            if outcome == "left":
                self._server.left += 1
            if outcome != "complete" or self._http.our_state is h11.MUST_CLOSE:
                return
            self._http.start_next_cycle()

    async def _watched(self, answer: Answer) -> Outcome:
        """Answer, and see when the client leaves before the end."""
        outcome: Outcome = "left"
        async with trio.open_nursery() as nursery:

            @nursery.start_soon
            async def watch() -> None:
                with contextlib.suppress(trio.BrokenResourceError):
                    if await self._tcp.receive_some(1):
                        self._server.violations.append("the client spoke before the answer was complete")
                nursery.cancel_scope.cancel()

            with contextlib.suppress(trio.BrokenResourceError):
                outcome = await self._answer(answer)
            nursery.cancel_scope.cancel()
        return outcome

    async def _answer(self, answer: Answer) -> Outcome:
        for step in answer.before:
            if isinstance(step, Cut):
                return "cut"
            await self._step(step, 0)
        await self._send(h11.Response(status_code=answer.status, headers=list(answer.headers)))
        for step in answer.steps:
            if isinstance(step, Cut):
                return "cut"
            await self._step(step, answer.piece_bytes)
        await self._send(h11.EndOfMessage())
        return "complete"

    async def _step(self, step: Pause | Stall | bytes, piece_bytes: int) -> None:
        match step:
            case Pause():
                await trio.sleep(step.seconds)
            case Stall():
                await trio.sleep_forever()
            case bytes():
                size = piece_bytes or max(1, len(step))
                for start in range(0, len(step), size):
                    await self._send(h11.Data(data=step[start : start + size]))

    async def _send(self, what: h11.Event) -> None:
        data = self._http.send(what)
        if data:
            await self._tcp.send_all(data)

    async def _next_event(self) -> object:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            self._http.receive_data(await self._tcp.receive_some(65_536))
        return event


@contextlib.asynccontextmanager
async def chat_server() -> AsyncGenerator[ChatServer, None]:
    """A server on a free port of the loopback interface. At its end it wants to have seen no violation."""
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    server = ChatServer(f"http://127.0.0.1:{listeners[0].socket.getsockname()[1]}/v1")
    async with trio.open_nursery() as nursery:
        await nursery.start(trio.serve_listeners, server.serve, listeners)
        try:
            yield server
        finally:
            nursery.cancel_scope.cancel()
    assert server.violations == []


def check_request(headers: dict[str, str], body: bytes) -> Json:
    """The request's body, if it is what the protocol allows.

    Raises:
        ProtocolViolationError: it is not.
    """
    _need(headers.get("content-type") == "application/json", "Content-Type must be application/json")
    _need("text/event-stream" in headers.get("accept", ""), "Accept must have text/event-stream")
    _need(int(headers.get("content-length", -1)) == len(body), "Content-Length must be the body's")
    request = json.loads(body)
    known = {"model", "messages", "stream", "stream_options", "tools", "temperature", "max_tokens"}
    _need(set(request) <= known, f"unknown fields {set(request) - known}")
    _need(isinstance(request.get("model"), str) and bool(request["model"]), "model must be a name")
    _need(request.get("stream") is True, "stream must be true")
    _need(request.get("stream_options", {"include_usage": True}) == {"include_usage": True}, "stream_options")
    for tool in request.get("tools", []):
        function = tool["function"]
        _need(tool.keys() == {"type", "function"} and tool["type"] == "function", "a tool is a function")
        _need(function.keys() == {"name", "description", "parameters"}, "a function has name, description, parameters")
        _need(function["parameters"].get("type") == "object", "parameters are a schema of an object")
    _need("tools" not in request or bool(request["tools"]), "tools must not be empty")
    _check_messages(request.get("messages"))
    return dict(request)


def _check_messages(messages: object) -> None:
    if not isinstance(messages, list) or not messages:
        raise ProtocolViolationError("messages must be a list that is not empty")
    unanswered: list[str] = []
    seen: set[str] = set()
    previous = ""
    for number, message in enumerate(messages):
        role = message.get("role")
        _need(role in {"system", "user", "assistant", "tool"}, f"unknown role {role!r}")
        _need(role != "system" or number == 0, "the system speaks first, and once")
        if role == "tool":
            _need(message.keys() == {"role", "tool_call_id", "content"}, "fields of a tool's message")
            _need(message["tool_call_id"] in unanswered, f"no call waits for {message['tool_call_id']!r}")
            unanswered.remove(message["tool_call_id"])
        else:
            _need(not unanswered, f"calls without an answer: {unanswered}")
            _need(role != previous, f"two messages of the {role} in a row")
        if role == "assistant" and "tool_calls" in message:
            unanswered = _check_calls(message, seen)
        else:
            content = message.get("content")
            _need(isinstance(content, str) and bool(content.strip()), f"empty content of the {role}")
        previous = role
    _need(not unanswered, f"calls without an answer: {unanswered}")


def _check_calls(message: Json, seen: set[str]) -> list[str]:
    calls = message["tool_calls"]
    assert isinstance(calls, list)
    content = message.get("content", "")
    _need(content is None or (isinstance(content, str) and bool(content.strip())), "content of calls is null or text")
    ids: list[str] = []
    for call in calls:
        _need(call.keys() == {"id", "type", "function"} and call["type"] == "function", "fields of a call")
        _need(call["function"].keys() == {"name", "arguments"} and bool(call["function"]["name"]), "fields of a call")
        _need(isinstance(json.loads(call["function"]["arguments"]), dict), "arguments must be an object")
        _need(bool(call["id"]) and call["id"] not in seen, f"the id {call['id']!r} is empty, or was used before")
        seen.add(call["id"])
        ids.append(call["id"])
    _need(bool(ids), "tool_calls must not be empty")
    return ids


def _need(fact: bool, otherwise: str) -> None:
    if not fact:
        raise ProtocolViolationError(otherwise)


def texts(outputs: Iterable[object]) -> str:
    """The text of a reply's outputs."""
    return "".join(getattr(output, "text", "") for output in outputs)
