"""Where model files and native libraries come from: an installed wheel or the cache directory; never our repository."""

from __future__ import annotations

import importlib.util
from pathlib import Path


def wheel_file(package: str, *parts: str) -> Path | None:
    """A file inside an installed package, found without importing the package; None where it is missing.

    Args:
        package: a top-level package; finding those runs none of their code.
        parts: the path inside it.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(spec.submodule_search_locations[0]).joinpath(*parts)
    return path if path.exists() else None
