"""A public library that reserves books and renews loans."""

from trialogue.cli.calls.library._agent import make_agent as make_agent
