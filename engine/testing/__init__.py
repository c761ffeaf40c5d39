"""For tests: what every provider must do, as functions that take a factory; and cancelling work at each step."""

from trialogue.engine.testing._cancelling import cancel_at_step as cancel_at_step
