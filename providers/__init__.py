"""What satisfies the engine's provider protocols: models that run here. Nothing heavy loads until it is used."""

from trialogue.providers._espeak import Espeak as Espeak
