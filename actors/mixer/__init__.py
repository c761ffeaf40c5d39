"""Background sound under the agent's voice."""
