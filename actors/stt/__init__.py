"""Speech to text: what the user said."""
