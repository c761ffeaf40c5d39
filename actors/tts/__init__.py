"""Text to speech: the agent's voice."""
