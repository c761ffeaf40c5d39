"""What goes wrong with an OpenAI-compatible server, as errors that say what to do. Pure."""

from __future__ import annotations

import email.utils
import json
from typing import TYPE_CHECKING, Final

from trialogue.engine import ProviderError
from trialogue.providers._openai_stream import error_text

if TYPE_CHECKING:
    from collections.abc import Mapping

#: How much of a server's own words an error repeats, characters.
_QUOTED_CHARS: Final = 300

#: What to do, by status; the others are told by their class.
_REMEDIES: Final = {
    400: "the server does not accept the request: mind the model's limits, and what `extra_body` adds",
    401: "the server does not accept the key: set `api_key`, or check it",
    402: "the account has no credit left: top it up",
    403: "this key may not use this model: ask for access, or use another model",
    404: "no such model or address: check `model`, and that `base_url` ends where the server's API begins "
    "(most often with /v1)",
    413: "the conversation is too long for this server: shorten it",
    422: "the server does not accept the request: mind the model's limits, and what `extra_body` adds",
    429: "too many requests: wait, or ask for a higher limit",
}

#: Statuses, apart from those of 500 and above, that may pass: a request that came too late, a conflict, a limit.
_PASSING: Final = frozenset({408, 409, 425, 429})

#: Codes of errors that no waiting mends, though their status says so.
_LASTING_CODES: Final = frozenset({"insufficient_quota", "billing_hard_limit_reached"})


def status_error(address: str, status: int, headers: Mapping[str, str], body: bytes) -> ProviderError:
    """The error of an answer that is no success.

    Args:
        address: what was asked.
        status: the answer's HTTP status.
        headers: its headers, names in lower case.
        body: the beginning of its body.
    """
    value = _json(body)
    lasting = _code(value) in _LASTING_CODES
    wait_s = None if lasting else retry_after_s(headers)
    what = f"{address} answered {status}{_quote(value, body)}"
    if 300 <= status < 400:
        return ProviderError(f"{what}; set `base_url` to where it points: {headers.get('location', 'it does not say')}")
    if lasting:
        return ProviderError(f"{what}; {_REMEDIES[402]}")
    later = status >= 500 or status in _PASSING
    otherwise = "the server failed: try again, or read its log" if later else "the server does not accept the request"
    waiting = "" if wait_s is None else f" (it asks to wait {wait_s:g} s)"
    return ProviderError(f"{what}; {_REMEDIES.get(status, otherwise)}{waiting}", retryable=later, retry_after_s=wait_s)


def no_stream_error(address: str, content_type: str, body: bytes) -> ProviderError:
    """The error of an answer that is a success but no event stream."""
    return ProviderError(
        f"{address} answered with {content_type or 'no content type'} in place of an event stream"
        f"{_quote(_json(body), body)}; check `base_url`, and that the server can stream"
    )


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """How long the server asks to wait, seconds.

    A date counts from the answer's own date: the two clocks need not agree, and none of ours is read.
    """
    for name, unit_s in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            wait_s = float(headers.get(name, "")) * unit_s
        except ValueError:
            continue
        if 0 <= wait_s < float("inf"):
            return wait_s
    try:
        until, now = (email.utils.parsedate_to_datetime(headers[name]) for name in ("retry-after", "date"))
        return max(0.0, (until - now).total_seconds())
    except (KeyError, ValueError, TypeError):  # one of them is missing, is no date, or has no time zone
        return None


def _quote(value: object, body: bytes) -> str:
    words = error_text(value) if value is not None else body.decode("utf-8", "replace").strip()
    words = " ".join(words.split())
    return f": {words[:_QUOTED_CHARS]}" if words else ""


def _json(body: bytes) -> object:
    try:
        value: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value


def _code(value: object) -> object:
    match value:
        case {"error": {"code": str(code)}} | {"error": {"type": str(code)}}:
            return code
    return None
