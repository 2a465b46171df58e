"""What a child inherits from the environment of the person who starts the stack."""

import os
from collections.abc import Mapping
from pathlib import Path

__all__ = ["default_home", "for_server", "for_service"]

_SERVER_KEEPS = ("PATH", "TMPDIR", "TZ")


def _inherited() -> dict[str, str]:
    # The one place outside chassis/config.py that reads os.environ. It reads no settings: a supervisor hands the
    # person's environment (PATH, CUDA_VISIBLE_DEVICES, PUREMUSIC_LOG_LEVEL, ...) on to its children.
    return dict(os.environ)


def default_home() -> Path:
    """Where data lies when no directory is named: PUREMUSIC_HOME, or `.puremusic` in the current directory."""
    return Path(_inherited().get("PUREMUSIC_HOME") or ".puremusic")


def for_server(home: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a backing server: bare, so that no PGPORT or dot-file of the person's gets into it."""
    inherited = _inherited()
    kept = {name: inherited[name] for name in _SERVER_KEEPS if name in inherited}
    return {**kept, "HOME": str(home), "LANG": "C.UTF-8", **(extra or {})}


def for_service(settings: Mapping[str, str]) -> dict[str, str]:
    """The environment of one of PureMusic's processes: the person's, overruled by `settings`.

    Where `settings` names a secret's file, an inherited value of the same secret is dropped: a process must not
    have to choose between `X` and `X_FILE`.
    """
    shadowed = {name.removesuffix("_FILE") for name in settings if name.endswith("_FILE")}
    kept = {name: value for name, value in _inherited().items() if name not in shadowed}
    return {**kept, **settings}
