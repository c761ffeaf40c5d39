"""The chat client against a strict server, over real sockets: what it says, what it hears, and what goes wrong."""

from __future__ import annotations

import contextlib
import logging
import socket
import ssl
import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING, NoReturn

import pytest
import trio
import trustme

from tests.providers.chat_server import (
    DONE,
    KEY,
    MODEL,
    Answer,
    ChatServer,
    Cut,
    Pause,
    Stall,
    call_piece,
    chat_server,
    delta,
    ending,
    event,
    refuse,
    say,
    stream,
    texts,
    usage,
)
from trialogue.engine import ConfigurationError, ModelConnection, ProviderError
from trialogue.frames import (
    ChatItem,
    ChatMessage,
    ChatRequest,
    ModelOutput,
    TextDelta,
    TokenUsage,
    ToolCall,
    ToolOutput,
    ToolSchema,
)
from trialogue.providers import OpenAIChat

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

pytestmark = pytest.mark.integration

TOOL = ToolSchema(name="lookup", description="Looks up.", parameters='{"type": "object", "properties": {}}')


def request(*items: ChatItem, tools: tuple[ToolSchema, ...] = ()) -> ChatRequest:
    """A request that ends with these items, or a greeting."""
    return ChatRequest(instructions="Be brief.", items=items or (user("Hello."),), tools=tools)


def user(text: str) -> ChatMessage:
    return ChatMessage(role="user", text=text)


def agent(text: str, *, unheard: str = "") -> ChatMessage:
    return ChatMessage(role="agent", text=text, unheard=unheard, interrupted=bool(unheard))


def model_of(server: ChatServer, **settings: object) -> OpenAIChat:
    """A model of that server that does not wait between attempts."""
    fields: dict[str, object] = {"base_url": server.url, "model": MODEL, "api_key": KEY, "backoff_s": 0.0}
    return OpenAIChat(**(fields | settings))  # type: ignore[arg-type]  # the test names the fields


async def ask(model: OpenAIChat, what: ChatRequest | None = None) -> list[ModelOutput]:
    """All outputs of one reply in a session of its own."""
    async with model.open() as connection, connection.reply(what or request()) as reply:
        return [output async for output in reply]


async def _use_up(connection: ModelConnection, heard: list[ModelOutput]) -> None:
    async with connection.reply(request()) as reply:
        async for output in reply:
            heard.append(output)


@pytest.fixture
async def server() -> AsyncGenerator[ChatServer, None]:
    async with chat_server() as serving:
        yield serving


async def test_a_reply_comes_token_by_token_and_then_says_what_it_cost(server: ChatServer) -> None:
    assert await ask(model_of(server)) == [
        TextDelta(text="Hello"),
        TextDelta(text=" there"),
        TextDelta(text="."),
        TokenUsage(input_tokens=7, output_tokens=3),
    ]


async def test_tokens_are_given_out_as_they_come(server: ChatServer) -> None:
    server.answers.append(Answer(steps=(event(delta(content="now")), Stall())))
    async with model_of(server).open() as connection, connection.reply(request()) as reply:
        assert await anext(reply) == TextDelta(text="now")


async def test_a_session_keeps_one_connection(server: ChatServer) -> None:
    async with model_of(server).open() as connection:
        for _ in range(5):
            async with connection.reply(request()) as reply:
                assert texts([output async for output in reply]) == "Hello there."
        assert server.connections == 1
    await server.wait_connections(0)


async def test_replies_of_one_session_may_overlap(server: ChatServer) -> None:
    server.answers += [say("one"), say("two")]
    async with (
        model_of(server).open() as connection,
        connection.reply(request()) as first,
        connection.reply(request()) as second,
    ):
        assert texts([output async for output in second]) == "two"
        assert texts([output async for output in first]) == "one"


@pytest.mark.parametrize("piece_bytes", [1, 2, 3, 7, 64])
async def test_pieces_cut_anywhere_are_put_together(server: ChatServer, piece_bytes: int) -> None:
    words = ("Grüße", " aus ", "東京", " 🎉", " line\u2028separator\x85 \r\n", "end")
    server.answers.append(Answer(steps=say(*words).steps, piece_bytes=piece_bytes))
    assert texts(await ask(model_of(server))) == "".join(words)


async def test_the_conversation_is_sent_in_the_protocols_order(server: ChatServer) -> None:
    items = (
        user("Is there"),
        user("a table?"),
        agent("I will look", unheard="into my book"),
        ToolCall(call_id="a", name="lookup", arguments='{"day": "Friday"}'),
        ToolCall(call_id="b", name="lookup", arguments="{broken"),
        ToolOutput(call_id="b", name="lookup", output='{"error": "no JSON"}', is_error=True),
        ToolOutput(call_id="a", name="lookup", output="3"),
        agent("", unheard="Yes, there"),
        user("Hello?"),
        ToolCall(call_id="c", name="lookup", arguments="{}"),
        user("Are you there?"),
        ToolOutput(call_id="gone", name="lookup", output="1"),
    )
    await ask(model_of(server), request(*items, tools=(TOOL,)))
    call_b = {"name": "lookup", "arguments": "{}"}
    assert server.requests[-1]["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Is there\na table?"},
        {
            "role": "assistant",
            "content": "I will look",
            "tool_calls": [
                {"id": "a", "type": "function", "function": {"name": "lookup", "arguments": '{"day": "Friday"}'}},
                {"id": "b", "type": "function", "function": call_b},
            ],
        },
        {"role": "tool", "tool_call_id": "a", "content": "3"},
        {"role": "tool", "tool_call_id": "b", "content": '{"error": "no JSON"}'},
        {"role": "user", "content": "Hello?"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "c", "type": "function", "function": call_b}],
        },
        {"role": "tool", "tool_call_id": "c", "content": '"no result: the call was interrupted"'},
        {"role": "user", "content": "Are you there?"},
    ]
    assert server.requests[-1]["tools"] == [
        {
            "type": "function",
            "function": {
                "name": "lookup",
                "description": "Looks up.",
                "parameters": {"type": "object", "properties": {}},
            },
        }
    ]


async def test_settings_reach_the_server(server: ChatServer) -> None:
    extra = {"max_tokens": 50, "stream_options": None}
    await ask(model_of(server, temperature=0.0, extra_body=extra))
    assert server.requests[-1] == {
        "model": MODEL,
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello."}],
        "stream": True,
        "temperature": 0.0,
        "max_tokens": 50,
    }


async def test_tool_calls_are_put_together_by_index(server: ChatServer) -> None:
    server.answers.append(
        stream(
            delta(role="assistant", content=None),
            call_piece(0, "", call_id="a", name="lookup"),
            call_piece(0, '{"day":'),
            call_piece(1, "", call_id="b", name="book"),
            call_piece(1, "{}"),
            call_piece(0, ' "Friday"}'),
        )
    )
    assert await ask(model_of(server), request(tools=(TOOL,))) == [
        ToolCall(call_id="a", name="lookup", arguments='{"day": "Friday"}'),
        ToolCall(call_id="b", name="book", arguments="{}"),
        TokenUsage(input_tokens=7, output_tokens=3),
    ]


@pytest.mark.parametrize(
    ("steps", "what"),
    [
        pytest.param((event(delta(content="Hi")), event(delta("stop"))), "Hi", id="no [DONE]"),
        pytest.param((event(delta("stop", content="Hi")), DONE.rstrip()), "Hi", id="no blank line at the end"),
        pytest.param((b": warming up\n\n", event(delta(content="Hi")), DONE), "Hi", id="comments"),
        pytest.param((b"event: message\r\nid: 3\r\n" + event(delta(content="Hi")), DONE), "Hi", id="other fields"),
        pytest.param((event(delta(content="Hi")).replace(b"\n", b"\r"), DONE.replace(b"\n", b"\r")), "Hi", id="CR"),
        pytest.param((event(delta(content="Hi")).replace(b"data: ", b"data:"), DONE), "Hi", id="no space"),
        pytest.param((event({**delta(content="Hi"), **usage()} | delta(content="Hi")), DONE), "Hi", id="usage inside"),
        pytest.param((event(delta(refusal="I cannot.")), *ending()), "I cannot.", id="refusal"),
        pytest.param((event(delta(reasoning_content="Hm")), event(delta(content="Hi")), DONE), "Hi", id="thoughts"),
    ],
)
async def test_servers_that_stray_are_understood(server: ChatServer, steps: tuple[bytes, ...], what: str) -> None:
    server.answers.append(Answer(steps=steps))
    assert texts(await ask(model_of(server))) == what


REFUSALS = [
    pytest.param(400, {"error": {"message": "too long"}}, False, "400: too long; .*limits", id="400"),
    pytest.param(401, {"error": {"message": f"bad key {KEY}"}}, False, r"401: bad key \*\*\*; .*`api_key`", id="401"),
    pytest.param(403, {"error": "forbidden"}, False, "403: forbidden; .*ask for access", id="403"),
    pytest.param(
        404, {"error": {"message": "model 'x' not found"}}, False, "404: model 'x' not found; .*`model`", id="404"
    ),
    pytest.param(422, {"detail": [{"msg": "field required"}]}, False, "422: field required", id="422"),
    pytest.param(429, {"error": {"message": "slow down"}}, True, "429: slow down; .*wait", id="429"),
    pytest.param(429, {"error": {"code": "insufficient_quota"}}, False, "429: .*no credit left", id="quota"),
    pytest.param(500, {"error": {"message": "oops"}}, True, "500: oops; the server failed", id="500"),
    pytest.param(503, {}, True, "503", id="503"),
    pytest.param(302, {}, False, "302.*set `base_url`", id="302"),
]


@pytest.mark.parametrize(("status", "body", "retryable", "message"), REFUSALS)
async def test_a_refusal_says_what_to_do(
    server: ChatServer, status: int, body: object, retryable: bool, message: str
) -> None:
    server.answers.append(refuse(status, body))
    with pytest.raises(ProviderError, match=message) as caught:
        await ask(model_of(server, retries=0))
    assert caught.value.retryable is retryable
    assert server.url in str(caught.value)


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ([("Retry-After", "20")], 20.0),
        ([("retry-after-ms", "20500"), ("Retry-After", "21")], 20.5),
        ([("Retry-After", "Sun, 01 Mar 2026 10:00:30 GMT"), ("Date", "Sun, 01 Mar 2026 10:00:10 GMT")], 20.0),
        ([("Retry-After", "Sun, 01 Mar 2026 10:00:00 GMT"), ("Date", "Sun, 01 Mar 2026 10:00:10 GMT")], 0.0),
        ([("Retry-After", "soon")], None),
        ([("Retry-After", "-1")], None),
        ([], None),
    ],
)
async def test_the_wait_that_a_server_asks_for_is_told(
    server: ChatServer, headers: list[tuple[str, str]], wait_s: float | None
) -> None:
    server.answers.append(refuse(429, {"error": "slow down"}, *headers))
    with pytest.raises(ProviderError) as caught:
        await ask(model_of(server, retries=0))
    assert caught.value.retry_after_s == wait_s


async def test_a_wait_beyond_the_first_tokens_deadline_is_not_waited_for(server: ChatServer) -> None:
    server.answers.append(refuse(429, {"error": "slow down"}, ("Retry-After", "20")))
    with pytest.raises(ProviderError, match="asks to wait 20 s"):
        await ask(model_of(server))
    assert len(server.requests) == 1


HTML = (("Content-Type", "text/html"),)
BROKEN_STREAMS = [
    pytest.param(
        Answer(headers=HTML, steps=(b"<p>Welcome</p>",)), "text/html in place.*Welcome", False, id="a web page"
    ),
    pytest.param(Answer(headers=()), "no content type", False, id="no content type"),
    pytest.param(refuse(200, {"error": {"message": "busy"}}), "application/json in place.*busy", False, id="JSON"),
    pytest.param(Answer(steps=(b"data: {broken\n\n",)), "is no JSON: '{broken'", True, id="broken JSON"),
    pytest.param(Answer(steps=(b"data: " + b"[" * 5_000 + b"\n\n",)), "is no JSON", True, id="brackets without end"),
    pytest.param(Answer(steps=(event({"error": {"message": "oom"}}),)), "failed in the middle.*oom", True, id="error"),
    pytest.param(Answer(steps=ending("length")), r"without a word \(finish_reason length\)", True, id="empty"),
    pytest.param(Answer(steps=ending("content_filter")), "without a word", False, id="filtered"),
    pytest.param(Answer(), "broke off", True, id="no event"),
    pytest.param(Answer(before=(Cut(),)), "broke before", True, id="cut before the headers"),
    pytest.param(Answer(steps=(event(delta(role="assistant")), Cut())), "broke before", True, id="cut before a token"),
    pytest.param(Answer(before=(Stall(),)), "did not answer within 0.3 s", True, id="no headers"),
    pytest.param(Answer(steps=(event(delta(role="assistant")), Stall())), "sent no token within", True, id="no token"),
    pytest.param(Answer(steps=(b": wait\n\n", Pause(0.06)) * 20), "sent no token within", True, id="only comments"),
    pytest.param(Answer(steps=(event(delta(reasoning="hm")), Pause(0.06)) * 20), "no token", True, id="only thoughts"),
    pytest.param(Answer(steps=(b"x" * 70_000,) * 20), "more than", False, id="one endless line"),
]


@pytest.mark.parametrize(("answer", "message", "retryable"), BROKEN_STREAMS)
async def test_a_reply_that_never_begins_is_a_typed_error(
    server: ChatServer, answer: Answer, message: str, retryable: bool
) -> None:
    server.otherwise = answer
    # Long enough for the headers on a busy machine, and short only where it is waited for.
    stalls = any(isinstance(step, Stall | Pause) for step in (*answer.before, *answer.steps))
    model = model_of(server, retries=0, **({"first_token_s": 0.3} if stalls else {}))
    with trio.fail_after(20), pytest.raises(ProviderError, match=message) as caught:
        await ask(model)
    assert caught.value.retryable is retryable
    await server.wait_connections(0)


@pytest.mark.parametrize(
    ("last", "message"),
    [
        pytest.param(Cut(), "broke before the reply was complete", id="cut"),
        pytest.param(Stall(), "no token for 0.3 s in the middle", id="stall"),
        pytest.param(event({"error": "out of memory"}), "failed in the middle.*out of memory", id="error"),
        pytest.param(b"data: 1}\n\n", "is no JSON", id="broken JSON"),
        pytest.param(b"", "broke off", id="an early end"),
    ],
)
async def test_a_reply_that_dies_is_a_typed_error_after_its_words(
    server: ChatServer, last: Cut | Stall | bytes, message: str
) -> None:
    server.answers.append(Answer(steps=(event(delta(content="Half")), event(delta(content=" a")), last)))
    heard: list[ModelOutput] = []
    async with model_of(server, between_tokens_s=0.3).open() as connection:
        with pytest.raises(ProviderError, match=message) as caught:
            await _use_up(connection, heard)
        assert texts(heard) == "Half a"
        assert caught.value.retryable
        assert len(server.requests) == 1, "no word may be said twice, so nothing is repeated after the first"
        async with connection.reply(request()) as reply:
            assert texts([output async for output in reply]) == "Hello there."


async def test_a_slow_listener_is_no_stall(server: ChatServer) -> None:
    async with model_of(server, between_tokens_s=0.3).open() as connection, connection.reply(request()) as reply:
        await anext(reply)
        await trio.sleep(0.5)  # the listener's time, which is what is tested
        assert texts([output async for output in reply]) == " there."


async def test_growing_arguments_are_no_stall(server: ChatServer) -> None:
    pieces = [event(call_piece(0, part)) for part in '{"a": 1}']
    begin = event(call_piece(0, "", call_id="a", name="lookup"))
    steps = (begin, *(step for piece in pieces for step in (Pause(0.06), piece)), *ending("tool_calls"))
    server.answers.append(Answer(steps=steps))
    outputs = await ask(model_of(server, between_tokens_s=0.3), request(tools=(TOOL,)))
    assert outputs[0] == ToolCall(call_id="a", name="lookup", arguments='{"a": 1}')


@pytest.mark.parametrize(
    "fault",
    [
        refuse(503, {}),
        refuse(429, {"error": "slow down"}, ("Retry-After", "0.01")),
        Answer(before=(Cut(),)),
        Answer(steps=(event(delta(role="assistant")), Cut())),
        Answer(steps=ending("stop")),
    ],
)
async def test_before_the_first_token_a_request_is_repeated(server: ChatServer, fault: Answer) -> None:
    server.answers += [fault, fault]
    assert texts(await ask(model_of(server))) == "Hello there."
    assert len(server.requests) == 3
    server.answers += [fault, fault, fault]
    with pytest.raises(ProviderError):
        await ask(model_of(server))
    assert len(server.requests) == 6


async def test_a_kept_connection_that_the_server_closed_is_replaced(server: ChatServer) -> None:
    server.answers.append(Answer(steps=(*say("one").steps, Cut())))
    async with model_of(server, retries=0).open() as connection:
        for expected in ("one", "Hello there."):
            async with connection.reply(request()) as reply:
                assert texts([output async for output in reply]) == expected
        assert server.connections == 2


async def test_nobody_there_is_found_when_the_session_opens() -> None:
    with trio.socket.socket() as unused:
        await unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
        with pytest.raises(ProviderError, match="/models cannot be reached: nobody listens there; start") as caught:
            await ask(OpenAIChat(base_url=url, model=MODEL))
        assert caught.value.retryable
        lazy = OpenAIChat(base_url=url, model=MODEL, check_at_open=False, backoff_s=0.0)
        with pytest.raises(ProviderError, match="/chat/completions cannot be reached"):
            await ask(lazy)


async def test_a_wrong_key_is_found_when_the_session_opens(server: ChatServer) -> None:
    wrong = "sk-secret-987"
    with pytest.raises(
        ProviderError, match=r"/models answered 401: Incorrect API key: Bearer \*\*\*; .*`api_key`"
    ) as caught:
        await ask(model_of(server, api_key=wrong))
    assert wrong not in repr(caught.value.__cause__) + str(caught.value)


async def test_tls_where_there_is_none_says_so(server: ChatServer) -> None:
    url = server.url.replace("http", "https")
    with pytest.raises(ProviderError, match="does not speak TLS; check whether"):
        await ask(model_of(server, base_url=url))


async def test_a_certificate_that_nobody_vouches_for_is_refused() -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(tls)

    async def greet(stream: trio.SSLStream[trio.SocketStream]) -> None:
        with contextlib.suppress(trio.BrokenResourceError):
            await stream.do_handshake()

    async with trio.open_nursery() as nursery:
        listeners = await nursery.start(partial(trio.serve_ssl_over_tcp, greet, 0, tls, host="127.0.0.1"))
        url = f"https://127.0.0.1:{listeners[0].transport_listener.socket.getsockname()[1]}/v1"
        with pytest.raises(ProviderError, match=r"certificate of .* cannot be trusted: .*check `base_url`") as caught:
            await ask(OpenAIChat(base_url=url, model=MODEL))
        assert not caught.value.retryable
        nursery.cancel_scope.cancel()


class _Resolver(trio.abc.HostnameResolver):
    """Knows no host.

    Args:
        reason: what it says, one of the EAI numbers.
    """

    def __init__(self, reason: int) -> None:
        self._reason = reason

    async def getaddrinfo(self, *_: object, **__: object) -> NoReturn:
        await trio.lowlevel.checkpoint()
        raise socket.gaierror(self._reason, "it is not known")

    async def getnameinfo(self, *_: object) -> NoReturn:
        await trio.lowlevel.checkpoint()
        raise socket.gaierror(self._reason, "it is not known")


@pytest.mark.parametrize(("reason", "retryable"), [(socket.EAI_NONAME, False), (socket.EAI_AGAIN, True)])
async def test_a_host_that_nobody_knows_says_so(reason: int, retryable: bool) -> None:
    trio.socket.set_custom_hostname_resolver(_Resolver(reason))
    with pytest.raises(ProviderError, match=r"the host of .* is not known \(it is not known\); check") as caught:
        await ask(OpenAIChat(base_url="http://nobody.example/v1", model=MODEL))
    assert caught.value.retryable is retryable


@pytest.mark.skipif(sys.platform != "linux", reason="others refuse, where Linux keeps a full queue waiting")
async def test_a_server_that_does_not_take_the_connection_is_given_up() -> None:
    with trio.socket.socket() as busy, trio.socket.socket() as first:
        await busy.bind(("127.0.0.1", 0))
        busy.listen(0)  # one may wait
        await first.connect(busy.getsockname())
        url = f"http://127.0.0.1:{busy.getsockname()[1]}/v1"
        with pytest.raises(ProviderError, match=r"could not be reached within 0.05 s; check") as caught:
            await ask(OpenAIChat(base_url=url, model=MODEL, connect_s=0.05))
        assert caught.value.retryable


async def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "trialogue.providers._openai_http", raising=False)
    monkeypatch.delattr("trialogue.providers._openai_http", raising=False)
    monkeypatch.setitem(sys.modules, "httpx2", None)
    with pytest.raises(ProviderError, match=r"pip install 'trialogue\[openai\]'"):
        await ask(OpenAIChat(base_url="http://host/v1", model=MODEL))


def test_the_library_is_not_loaded_before_a_session_opens() -> None:
    code = "import sys, trialogue.providers; sys.exit('httpx2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


async def test_a_server_on_this_machine_is_asked_without_a_proxy(
    server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")  # nobody listens there
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert texts(await ask(model_of(server))) == "Hello there."
    with pytest.raises(ProviderError, match="nobody listens there"):
        await ask(OpenAIChat(base_url="http://elsewhere.example/v1", model=MODEL))


async def test_a_model_that_is_not_there_says_so(server: ChatServer) -> None:
    with pytest.raises(ProviderError, match=r"404: model 'huge' not found; .*check `model`"):
        await ask(model_of(server, model="huge"))


async def test_nothing_to_reply_to_is_an_error(server: ChatServer) -> None:
    with pytest.raises(ProviderError, match="nothing to reply to"):
        await ask(model_of(server), ChatRequest(instructions=" ", items=(user(" "),)))


async def test_instructions_alone_are_enough(server: ChatServer) -> None:
    assert texts(await ask(model_of(server), ChatRequest(instructions="Greet."))) == "Hello there."


async def test_odd_text_arrives_as_it_is(server: ChatServer) -> None:
    odd = '🎉 \u2028 \x00 "quoted" \\ </s> ' + "long " * 1000
    await ask(model_of(server), request(user(odd), agent("?!…"), user("lone \ud800 surrogate")))
    assert server.contents()[1:] == [odd, "?!…", "lone ? surrogate"]


async def test_the_key_is_in_no_log_repr_or_error(server: ChatServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server.answers += [refuse(503, {"error": KEY}), say("fine"), refuse(401, {"error": f"{KEY} is wrong"})]
    model = model_of(server)
    async with model.open() as connection:
        async with connection.reply(request()) as reply:
            assert texts([output async for output in reply]) == "fine"
        with pytest.raises(ProviderError) as caught:
            async with connection.reply(request()):
                pytest.fail("it was refused")
    assert KEY not in caplog.text + repr(model) + repr(connection) + repr(caught.value) + repr(caught.value.__cause__)
    assert "attempt 1 failed" in caplog.text


async def test_leaving_a_reply_ends_the_request_and_the_next_is_not_disturbed(server: ChatServer) -> None:
    async with model_of(server).open() as connection:
        for count in range(1, 4):
            server.answers.append(Answer(steps=(event(delta(content="Well,")), Stall())))
            async with connection.reply(request()) as reply:
                assert await anext(reply) == TextDelta(text="Well,")
            await server.wait_connections(0)
            assert server.left == count
            async with connection.reply(request()) as reply:
                assert texts([output async for output in reply]) == "Hello there."


async def test_cancelling_while_it_waits_ends_the_request(server: ChatServer) -> None:
    server.answers.append(Answer(before=(Stall(),)))
    async with model_of(server).open() as connection:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_use_up, connection, [])
            await server.wait_requests(1)
            nursery.cancel_scope.cancel()
        await server.wait_connections(0)
        async with connection.reply(request()) as reply:
            assert texts([output async for output in reply]) == "Hello there."


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"base_url": "localhost:11434"}, "base_url must be like"),
        ({"base_url": "http://"}, "base_url must be like"),
        ({"base_url": "http://host:99999/v1"}, "base_url must be like"),
        ({"base_url": "http://[broken/v1"}, "base_url must be like"),
        ({"base_url": "https://me:secret@host/v1"}, "give the key as `api_key`"),
        ({"base_url": "http://host/v1/chat/completions/"}, "must end where the API begins: 'http://host/v1'"),
        ({"model": " "}, "model must name"),
        ({"api_key": ""}, "api_key is empty"),
        ({"api_key": "sk-hidden\n"}, "api_key is empty or has characters"),
        ({"first_token_s": 0.0}, "first_token_s must be a positive time"),
        ({"between_tokens_s": float("nan")}, "between_tokens_s must be a positive time"),
        ({"connect_s": float("inf")}, "connect_s must be a positive time"),
        ({"retries": -1}, "must not be negative"),
    ],
)
def test_settings_that_cannot_work_are_told_at_birth(fields: dict[str, object], message: str) -> None:
    good: dict[str, object] = {"base_url": "http://host/v1", "model": "m"}
    with pytest.raises(ConfigurationError, match=message) as caught:
        OpenAIChat(**(good | fields))  # type: ignore[arg-type]  # wrong on purpose
    assert "secret" not in str(caught.value)
    assert "hidden" not in str(caught.value)


def test_a_slash_at_the_end_does_not_matter() -> None:
    assert OpenAIChat(base_url="http://host/v1/", model="m").chat_address == "http://host/v1/chat/completions"
    with contextlib.suppress(TypeError):
        hash(OpenAIChat(base_url="http://host/v1", model="m"))
