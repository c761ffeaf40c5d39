"""Voice activity: where the user's speech begins and ends."""
