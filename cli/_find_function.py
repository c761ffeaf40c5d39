"""What a user names on the command line: a function of theirs, as `MODULE:FUNCTION`."""

from __future__ import annotations

import pkgutil
import sys
from pathlib import Path

from trialogue.engine import ConfigurationError


def find(name: str, example: str) -> object:
    """What is there under a name.

    Args:
        name: `MODULE:FUNCTION`; the module may lie in the current directory.
        example: such a name, for who writes it otherwise.

    Raises:
        ConfigurationError: there is nothing.
    """
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)  # as `python -m` does; a console script does not
    module, _, function = name.partition(":")
    if not (module and function):
        raise ConfigurationError(f"{name!r} is no MODULE:FUNCTION; write it like `{example}`")
    try:
        found: object = pkgutil.resolve_name(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise  # the module is there; something that it imports is not, and its traceback says where
        raise ConfigurationError(
            f"there is no module {error.name!r}, neither installed nor in {here}; go to its folder or check its name"
        ) from error
    except (AttributeError, ValueError) as error:
        raise ConfigurationError(f"module {module} has no function {function!r}; check its spelling") from error
    return found
