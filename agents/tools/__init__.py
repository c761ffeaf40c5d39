"""Tools, and the protocol by which others offer theirs. Exported by `trialogue.agents`."""
