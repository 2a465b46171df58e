"""The worker's analysis of a file, in a process of its own whose peak of memory can be looked at.

    python -m tests.unit.mir.listening_to MINUTES

Makes a master of so many minutes, listens to it, and prints the peak of the resident memory in KiB.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile

from services.mir import recordings
from services.mir.analysis.analysing import analyse_recording, warmed_up
from services.mir.analysis.display import spectrogram_png
from services.mir.analysis.findings import Analysis
from services.mir.analysis.progress import never
from services.mir.recordings import Part, Sources
from tests import songs

WEIGHTS = Path(".puremusic/weights/mir")  # `make weights` fills it
RATE = 44_100


def write_master(path: Path, minutes: int) -> None:
    """Write a song that goes round every half minute, with a little noise so that it never is the same."""
    rng = np.random.default_rng(0)
    song = songs.compose(tempo_bpm=112, seconds=30, sample_rate=RATE, channels=1).mix
    with soundfile.SoundFile(path, "w", RATE, 1, format="FLAC", subtype="PCM_24") as file:
        for _ in range(2 * minutes):
            file.write(song + rng.uniform(-0.01, 0.01, song.shape).astype(np.float32))


def peak_kib() -> int:
    """Return the highest resident memory this process ever had."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))


def main(minutes: int) -> None:
    """Make, listen, print."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_master(folder / "master.flac", minutes)
        recording = recordings.read(Sources(Part(folder / "master.flac")), folder, never)
        first: list[Analysis] = []
        analysis = analyse_recording(recording, warmed_up(WEIGHTS), tell_first=first.append).analysis
        assert spectrogram_png(recording.mix.mono)
    assert first[0].tempo
    assert analysis.tempo
    assert analysis.chords
    sys.stdout.write(f"{peak_kib()}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
