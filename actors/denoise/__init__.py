"""Denoise: takes the noise out of the microphone's sound."""
