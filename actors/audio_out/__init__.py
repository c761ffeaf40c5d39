"""The audio-out track and its policy."""
