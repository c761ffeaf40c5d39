"""The language model: what the agent says."""
