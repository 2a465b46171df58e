"""Whether a service's schema has been through the migrations of the code that is about to run."""

import hashlib
import importlib.util
from pathlib import Path

from deploy.local.errors import StackError

__all__ = ["fingerprint"]


def fingerprint(package: str) -> str | None:
    """A digest of the package's `migrations/`, None where it has none.

    Starting Python with SQLAlchemy only to find that nothing is to be done costs a second of processor per service;
    reading a few files costs nothing. Should the answer be wrong, `serve` still refuses a pending schema.
    """
    directory = _directory(package) / "migrations"
    scripts = sorted(directory.glob("**/*.py"))
    if not scripts:
        return None
    digest = hashlib.sha256()
    for script in scripts:
        digest.update(f"{script.relative_to(directory)}\0".encode())
        digest.update(script.read_bytes())
    return digest.hexdigest()


def _directory(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None:
        raise StackError(f"{package} is not installed")
    # A service may be a namespace package, without an __init__.py: then only its search path says where it lies.
    return Path(next(iter(spec.submodule_search_locations or ())))
