"""The way to an OpenAI-compatible server: one HTTP client for each session, one streaming request for each reply.

Every wait has a deadline, and no deadline spans a `yield`: they lie round single reads.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import ipaddress
import json
import logging
import random
import socket
import ssl
from typing import TYPE_CHECKING, Final

import httpx2
import trio

from trialogue.engine import ProviderError
from trialogue.providers._openai_errors import no_stream_error, status_error
from trialogue.providers._openai_messages import Json, openai_body
from trialogue.providers._openai_stream import ReplyReader

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator

    from trialogue.frames import ChatRequest, ModelOutput
    from trialogue.providers._openai_chat import OpenAIChat

_log = logging.getLogger(__name__)

#: Requests that one session may have under way: the reply, and a few that are cancelled or were begun early.
_MAX_CONNECTIONS: Final = 16

#: How long an idle connection is kept, seconds. Users think for that long; servers close at 60 s and later, and where
#: one closes earlier, the request is sent again on a new connection.
_KEEP_IDLE_S: Final = 55.0

#: How long the list of models may take once there is a connection, seconds.
_CHECK_S: Final = 1.0

#: How long a stream may take to close, seconds. Nothing is waited for; a socket is closed.
_CLOSE_S: Final = 1.0

#: How long after a reply's last word its stream may take to end, seconds, so that the connection can be used again.
_DRAIN_S: Final = 0.05

#: How much is read of an answer that is an error, bytes.
_ERROR_BYTES: Final = 65_536


@contextlib.asynccontextmanager
async def open_connection(settings: OpenAIChat) -> AsyncGenerator[OpenAIConnection, None]:
    """The client of one session. Raises ProviderError as OpenAIChat.open does."""
    headers = {"Accept-Encoding": "identity"}  # what is compressed comes late
    if settings.api_key is not None:
        headers["Authorization"] = f"Bearer {settings.api_key}"
    client = httpx2.AsyncClient(
        headers=headers,
        verify=tls_context(),
        # What the environment says of proxies, except for this machine itself, which no proxy can reach.
        trust_env=not _is_this_machine(settings.base_url),
        # The one deadline that is httpx's own, because it lies inside a request; all others are scopes of ours.
        timeout=httpx2.Timeout(None, connect=settings.connect_s),
        limits=httpx2.Limits(
            max_connections=_MAX_CONNECTIONS, max_keepalive_connections=2, keepalive_expiry=_KEEP_IDLE_S
        ),
    )
    async with client:
        connection = OpenAIConnection(settings, client)
        if settings.check_at_open:
            await connection.check()
        yield connection


def _is_this_machine(url: str) -> bool:
    host = httpx2.URL(url).host
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


@functools.cache
def tls_context() -> ssl.SSLContext:
    """One for all sessions, as it never changes: making one takes 15 ms, in which other sessions would stand still."""
    return httpx2.create_ssl_context()


class OpenAIConnection:
    """One session's way to the model. Replies may overlap."""

    def __init__(self, settings: OpenAIChat, client: httpx2.AsyncClient) -> None:
        self._settings = settings
        self._client = client

    async def check(self) -> None:
        """Connect, and ask for the list of models, so that a wrong address or key is found before anybody has called.

        Servers without such a list, or too busy to give it, may still chat: they pass.
        """
        settings = self._settings
        address = f"{settings.base_url}/models"
        with redacted_errors(settings), trio.move_on_after(settings.connect_s + _CHECK_S):
            with typed_errors(address, settings):
                response = await self._client.get(address)
            if response.status_code in {401, 403}:
                raise status_error(address, response.status_code, response.headers, response.content[:_ERROR_BYTES])

    @contextlib.asynccontextmanager
    async def reply(self, request: ChatRequest) -> AsyncGenerator[OpenAIReply, None]:
        """Ask, wait for the first token, and iterate over what the model writes.

        Leaving the context closes the stream, at which every server in use stops generating.

        Raises:
            ProviderError: the request failed, or no token came in time; `retryable` says whether to try again. Until
                the first token the request was repeated where that may help; after it, never.
        """
        settings = self._settings
        body = openai_body(settings.model, request, {"temperature": settings.temperature, **settings.extra_body})
        if not body["messages"]:
            raise ProviderError("there is nothing to reply to: the request has no instructions, and no item with text")
        with redacted_errors(settings):
            reply = await self._first_token(body)
        try:
            yield reply
        finally:
            with trio.move_on_after(_CLOSE_S, shield=True):
                await reply.close()

    async def _first_token(self, body: Json) -> OpenAIReply:
        """A reply whose first output has come; tries again while time allows."""
        settings = self._settings
        deadline_s = trio.current_time() + settings.first_token_s
        for attempt in range(settings.retries):
            try:
                return await self._attempt(body, deadline_s)
            except ProviderError as error:
                backoff_s = settings.backoff_s * 2**attempt * random.uniform(0.5, 1.0)
                pause_s = max(backoff_s, error.retry_after_s or 0.0)
                if not error.retryable or trio.current_time() + pause_s >= deadline_s:
                    raise
                _log.info("%s: attempt %d failed, the next one in %.2f s", settings.base_url, attempt + 1, pause_s)
            await trio.sleep(pause_s)
        return await self._attempt(body, deadline_s)

    async def _attempt(self, body: Json, deadline_s: float) -> OpenAIReply:
        reply: OpenAIReply | None = None
        with trio.move_on_at(deadline_s):
            reply = OpenAIReply(self._settings, await self._send(body))
            try:
                await reply.wait()
            except BaseException:
                with trio.move_on_after(_CLOSE_S, shield=True):
                    await reply.close()
                raise
            return reply
        stage = "did not answer" if reply is None else "answered, but sent no token"
        raise ProviderError(
            f"{self._settings.chat_address} {stage} within {self._settings.first_token_s:g} s; try again, or where the "
            "model has to load or think first, set a longer `first_token_s`",
            retryable=True,
        )

    async def _send(self, body: Json) -> httpx2.Response:
        """The answer, once its headers say that it is a stream."""
        address = self._settings.chat_address
        content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")  # lone surrogates have no UTF-8
        headers = {"Content-Type": "application/json", "Accept": "text/event-stream"}
        request = self._client.build_request("POST", address, content=content, headers=headers)
        with typed_errors(address, self._settings):
            response = await self._client.send(request, stream=True)
        content_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if response.status_code == 200 and content_type == "text/event-stream":
            return response
        try:
            with typed_errors(address, self._settings):
                beginning = await _beginning(response)
        finally:
            with trio.move_on_after(_CLOSE_S, shield=True):
                await response.aclose()
        if response.status_code == 200:
            raise no_stream_error(address, content_type, beginning)
        raise status_error(address, response.status_code, response.headers, beginning)


class OpenAIReply:
    """One reply as it comes.

    Args:
        settings: deadlines.
        response: an answer that is an event stream.
    """

    def __init__(self, settings: OpenAIChat, response: httpx2.Response) -> None:
        self._settings = settings
        self._response = response
        self._received = response.aiter_bytes()
        self._reader = ReplyReader()

    def __aiter__(self) -> OpenAIReply:
        return self

    async def __anext__(self) -> ModelOutput:
        # What is here already still yields to the other tasks: a burst of tokens must not stop the audio.
        await trio.lowlevel.checkpoint()
        while not self._reader.ready:
            if self._reader.done:
                await self._drain()
                raise StopAsyncIteration
            with redacted_errors(self._settings):
                await self._next_piece()
        return self._reader.ready.popleft()

    async def wait(self) -> None:
        """Return when there is something useful."""
        while not self._reader.useful:
            await self._read()

    async def close(self) -> None:
        """Let go of the stream, whatever its state."""
        await _abandon(self._received)
        await self._response.aclose()

    async def _next_piece(self) -> None:
        """Read until there is something useful, or the reply is over."""
        useful = self._reader.useful
        between_s = self._settings.between_tokens_s
        with trio.move_on_after(between_s):
            while self._reader.useful == useful and not self._reader.done:
                await self._read()
            return
        raise ProviderError(
            f"{self._settings.chat_address} sent no token for {between_s:g} s in the middle of the reply; ask again; "
            "for a slow model, set a longer `between_tokens_s`",
            retryable=True,
        )

    async def _read(self) -> None:
        with typed_errors(self._settings.chat_address, self._settings):
            received = await anext(self._received, None)
        if received is None:
            self._reader.end()
        else:
            self._reader.feed(received)

    async def _drain(self) -> None:
        """Read the end of a stream that has said all, so that its connection serves the next reply, too."""
        with trio.move_on_after(_DRAIN_S), contextlib.suppress(httpx2.HTTPError):
            async for _ in self._received:
                pass


@contextlib.contextmanager
def typed_errors(address: str, settings: OpenAIChat) -> Generator[None, None, None]:
    """Raise errors of the HTTP library as ProviderErrors."""
    try:
        yield
    except httpx2.ConnectTimeout as error:
        raise ProviderError(
            f"{address} could not be reached within {settings.connect_s:g} s; check `base_url` and the network",
            retryable=True,
        ) from error
    except httpx2.ConnectError as error:
        raise _connect_error(address, error) from error
    except httpx2.HTTPError as error:
        raise ProviderError(
            f"the connection to {address} broke before the reply was complete ({type(error).__name__}: {error}); "
            "ask again",
            retryable=True,
        ) from error


@contextlib.contextmanager
def redacted_errors(settings: OpenAIChat) -> Generator[None, None, None]:
    """Take the key out of what is raised: some servers repeat it."""
    try:
        yield
    except ProviderError as error:
        message = settings.redact(str(error))
        if message == str(error):
            raise
        # Without the cause, whose message has the key, too.
        raise ProviderError(message, retryable=error.retryable, retry_after_s=error.retry_after_s) from None


def _connect_error(address: str, error: httpx2.ConnectError) -> ProviderError:
    """Why nobody could be reached, from the error at the bottom."""
    causes = list(_causes(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return ProviderError(f"the certificate of {address} cannot be trusted: {causes[-1]}; check `base_url`")
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return ProviderError(f"{address} does not speak TLS; check whether `base_url` begins with http or https")
    unknown = [cause for cause in causes if isinstance(cause, socket.gaierror)]
    if unknown:
        passing = unknown[0].errno == socket.EAI_AGAIN
        return ProviderError(
            f"the host of {address} is not known ({unknown[0].strerror}); check `base_url` and the network",
            retryable=passing,
        )
    refused = any(isinstance(cause, OSError) and cause.errno == errno.ECONNREFUSED for cause in causes)
    why = "nobody listens there" if refused else str(causes[-1])
    return ProviderError(
        f"{address} cannot be reached: {why}; start the server, or check `base_url` and the network", retryable=True
    )


def _causes(error: BaseException) -> Generator[BaseException, None, None]:
    """An error and what caused it, down to the bottom; of a group, the first."""
    current: BaseException | None = error
    while current is not None:
        yield current
        if isinstance(current, BaseExceptionGroup):
            current = current.exceptions[0]
        else:
            current = current.__cause__ or current.__context__


async def _beginning(response: httpx2.Response) -> bytes:
    """The first bytes of a body."""
    beginning = b""
    received = response.aiter_bytes()
    while len(beginning) < _ERROR_BYTES and (part := await anext(received, b"")):
        beginning += part
    await _abandon(received)
    return beginning[:_ERROR_BYTES]


async def _abandon(received: AsyncGenerator[bytes, None]) -> None:
    """End an iteration over a body wherever it stands.

    `aclose` would end the outermost of the HTTP library's nested generators and leave the inner ones to the garbage
    collector, which warns. A read that is cancelled at once ends them all, from the inside.
    """
    with trio.CancelScope() as scope, contextlib.suppress(httpx2.HTTPError):
        scope.cancel()
        async for _ in received:
            pass
