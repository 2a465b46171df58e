"""Temporary files that never outlive their job: a folder per process, a folder per job; a restart sweeps what a kill left."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chassis.config import setting


@dataclass(frozen=True)
class ScratchConfig:
    """Where temporary files lie."""

    directory: str = setting("SCRATCH_DIR", "folder for temporary files; empty: the system's", "")


class Scratch:
    """This process's temporary folder."""

    def __init__(self, config: ScratchConfig, process: str) -> None:
        self._root = Path(config.directory or tempfile.gettempdir()) / f"puremusic-{process}"
        self._own = self._root / str(os.getpid())

    def sweep(self) -> int:
        """Remove the folders of processes that are gone; returns how many. Call it once, at the start."""
        self._root.mkdir(parents=True, exist_ok=True)
        gone = [folder for folder in self._root.iterdir() if folder.name.isdigit() and not _alive(int(folder.name))]
        for folder in gone:
            shutil.rmtree(folder, ignore_errors=True)
        return len(gone)

    @contextmanager
    def job(self) -> Iterator[Path]:
        """Yield an empty folder that is removed at the end of the block, whatever happens in it."""
        self._own.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._own, prefix="job-") as folder:
            yield Path(folder)


def _alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
