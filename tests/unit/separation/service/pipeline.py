"""The worker's pipeline over a file, in a process of its own whose peak of memory can be looked at.

    python -m tests.unit.separation.service.pipeline SECONDS [quick]

Makes a master of so many seconds, separates it by a small network, writes stems and residual, adds them up again, and prints
the peak of the resident memory in KiB. Quick: mono, two stems, by a network that changes nothing.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile
import torch

from services.separation.engine.stems import Ensemble, separate_blocks, stem_names
from services.separation.master import Master
from services.separation.residual import null_test, write_residual
from services.separation.stem_files import Layout, StemFile, StemFiles, quantised
from tests.unit.separation.networks import Echo, alone, small_htdemucs

RATE = 44_100


def write_master(path: Path, seconds: int, channels: int) -> None:
    """Write noise, second by second."""
    rng = np.random.default_rng(0)
    with soundfile.SoundFile(path, "w", RATE, channels, format="FLAC", subtype="PCM_24") as file:
        for _ in range(seconds):
            file.write(rng.uniform(-0.3, 0.3, (RATE, channels)))


def separated(path: Path, ensemble: Ensemble, folder: Path) -> list[StemFile]:
    """Separate a master into files."""
    with (
        Master(path) as master,
        StemFiles(Layout(stem_names(ensemble), master.sample_rate, master.channels), folder) as files,
    ):
        for block in separate_blocks(ensemble, master):
            files.add({stem_type: quantised(pcm) for stem_type, pcm in block.items()})
        return files.finish()


def unstopped() -> None:
    """Nobody wants the work to end."""


def peak_kib() -> int:
    """Return the highest resident memory this process ever had."""
    status = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))


def main(seconds: int, channels: int, ensemble: Ensemble) -> None:
    """Do all of it once."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_master(folder / "master.flac", seconds, channels)
        stems = separated(folder / "master.flac", ensemble, folder)
        residual = write_residual(folder / "master.flac", stems, folder, unstopped)
        if not null_test(folder / "master.flac", stems, residual, unstopped).exact:
            sys.exit("stems and residual do not add up")
    sys.stdout.write(f"{peak_kib()}\n")


if __name__ == "__main__":
    if "quick" in sys.argv:
        main(int(sys.argv[1]), 1, alone(Echo(seconds=2), ["bass", "drums"]))
    else:
        main(int(sys.argv[1]), 2, alone(small_htdemucs(seconds=2)))
