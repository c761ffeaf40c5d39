"""A telephone's keys: their tones made and heard, and what is typed with them collected."""
