"""A restaurant that takes bookings."""

from trialogue.cli.calls.restaurant._agent import make_agent as make_agent
