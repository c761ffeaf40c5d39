"""Language models behind the OpenAI chat protocol: OpenAI itself, Ollama, vLLM, llama.cpp and many more."""

from __future__ import annotations

import contextlib
import math
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import attrs

from trialogue.engine import ConfigurationError, ProviderError, offload
from trialogue.frames._attrs import frozen

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping
    from contextlib import AbstractAsyncContextManager

    from trialogue.providers._openai_http import OpenAIConnection

_CHAT: Final = "/chat/completions"


def _without_slash(url: str) -> str:
    return url.rstrip("/")


@frozen(kw_only=True)
class OpenAIChat:
    """A model at an OpenAI-compatible server; needs the extra `trialogue[openai]`.

    It is for the real clock: on a virtual one, deadlines pass while the network takes its time.

    Args:
        base_url: where the server's API begins, such as `https://api.openai.com/v1` or `http://localhost:11434/v1`.
        model: the model's name at that server.
        api_key: the key, where the server wants one. It appears in no log, repr or error.
        temperature: 0 always takes the likeliest word; None leaves it to the server.
        extra_body: further fields of the request, such as `{"reasoning_effort": "low"}`; they win over ours, and None
            leaves a field out, as `{"stream_options": None}` for servers that do not know it, or
            `{"response_format": None}` for such as cannot be held to a JSON schema.
        connect_s: how long connecting may take, seconds.
        first_token_s: how long a reply's first text or tool call may take, seconds, with all attempts.
        between_tokens_s: how long the next text or piece of a tool call may take, seconds.
        retries: how often a request is repeated that failed before its first token, where that may help.
        backoff_s: the pause before the first repetition, seconds; it doubles each time, and up to half of it is left
            out at random, so that many sessions do not come back at once.
        check_at_open: whether to connect when a session opens, so that a wrong address or key is found at once and
            the first reply need not wait for it.
        sees: whether the model takes pictures; one that does not is never sent any.
    """

    base_url: str = attrs.field(converter=_without_slash)
    model: str
    api_key: str | None = attrs.field(default=None, repr=False)
    temperature: float | None = None
    extra_body: Mapping[str, object] = attrs.field(factory=dict, hash=False)
    connect_s: float = 3.0
    first_token_s: float = 8.0
    between_tokens_s: float = 3.0
    retries: int = 2
    backoff_s: float = 0.25
    check_at_open: bool = True
    sees: bool = True

    def __attrs_post_init__(self) -> None:
        _check_url(self.base_url)
        if not self.model.strip():
            raise ConfigurationError("model must name a model of the server, such as 'gpt-4o-mini' or 'llama3.2'")
        if self.api_key is not None and not (self.api_key.isascii() and self.api_key.isprintable() and self.api_key):
            raise ConfigurationError("api_key is empty or has characters that no key has: is it read with a newline?")
        for name in ("connect_s", "first_token_s", "between_tokens_s"):
            if not 0 < getattr(self, name) < math.inf:
                raise ConfigurationError(f"{name} must be a positive time in seconds, not {getattr(self, name)}")
        if self.retries < 0 or not 0 <= self.backoff_s < math.inf:
            raise ConfigurationError(f"retries and backoff_s must not be negative: {self.retries}, {self.backoff_s}")

    @property
    def chat_address(self) -> str:
        """Where replies are asked for."""
        return self.base_url + _CHAT

    def redact(self, text: str) -> str:
        """The text without the key."""
        return text.replace(self.api_key, "***") if self.api_key else text

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[OpenAIConnection, None]:
        """A connection for one session.

        Raises:
            ProviderError: the HTTP library is not installed; or, with `check_at_open`, nobody listens at the address or
                the key is not accepted.
        """
        open_connection = await offload(_load_http)
        async with open_connection(self) as connection:
            yield connection


def _load_http() -> Callable[[OpenAIChat], AbstractAsyncContextManager[OpenAIConnection]]:
    """Import what speaks HTTP, and read the certificates: a tenth of a second, so only for those who use it."""
    try:
        from trialogue.providers import _openai_http
    except ImportError as error:
        raise ProviderError("httpx2 is not installed: run `pip install 'trialogue[openai]'`") from error
    _openai_http.tls_context()
    return _openai_http.open_connection


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable, parts = False, urlsplit("")
    if parts.username is not None or parts.password is not None:
        raise ConfigurationError("base_url has a name or password in it; give the key as `api_key`")
    if not usable or parts.query or parts.fragment:
        raise ConfigurationError(f"base_url must be like 'https://api.openai.com/v1', not {url!r}")
    if url.endswith(_CHAT):
        raise ConfigurationError(f"base_url must end where the API begins: {url.removesuffix(_CHAT)!r}, not {url!r}")
