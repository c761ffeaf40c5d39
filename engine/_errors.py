"""Errors, split by culprit. Each message says what happened, where, and what to do."""

from __future__ import annotations

import trio


class TrialogueError(Exception):
    """The base of every error of ours; never raised itself."""


class ConfigurationError(TrialogueError, ValueError):
    """A setting has a value that cannot work. The message names the setting, the value and what is allowed."""


class GraphError(TrialogueError, TypeError):
    """A graph is composed wrongly. The message names actor, port and remedy."""


class ChannelClosed(TrialogueError, trio.ClosedResourceError):
    """You used an end of a channel that you had closed yourself."""


class ChannelBroken(TrialogueError, trio.BrokenResourceError):
    """The other side went away: nobody will ever receive what you send.

    Args:
        message: what happened and what to do.
        channel: the channel's name.
    """

    def __init__(self, message: str, *, channel: str) -> None:
        super().__init__(message)
        self.channel = channel


class ChannelEnded(TrialogueError, trio.EndOfChannel):
    """The sender closed its end and everything it had sent was received."""


class ProviderError(TrialogueError):
    """A model or vendor failed.

    Args:
        message: what happened, where, and what to do.
        retryable: whether the same request may succeed later.
        retry_after_s: how long the provider asks to wait, seconds, or None.
    """

    def __init__(self, message: str, *, retryable: bool = False, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retryable = retryable
        self.retry_after_s = retry_after_s


class AudioError(TrialogueError, ValueError):
    """Audio that cannot be used: unreadable file, wrong rate, NaN. The message says what was expected."""


class TransportClosed(TrialogueError, trio.ClosedResourceError):
    """You used a transport that you had closed yourself."""


class TransportBroken(TrialogueError, trio.BrokenResourceError):
    """The other end of a transport went away, or the wire did."""


class PolicyError(TrialogueError, RuntimeError):
    """A policy was told something that its state does not allow: a bug of ours. Nothing was changed."""
