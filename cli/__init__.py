"""The command line."""

from trialogue.cli._main import main as main
