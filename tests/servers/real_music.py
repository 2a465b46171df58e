"""Real music for the tests: found at test time, kept under `.cache/`, never committed.

Two sources, each a function that a fixture calls: the MUSDB example that the `stempeg` package carries (a song with
its true stems) and an MP3 of Debian's `asc-music` (a whole song as people have them). Both are made once and reused;
what is missing is named.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import imageio_ffmpeg
import numpy as np
import soundfile
from numpy.typing import NDArray

Pcm = NDArray[np.float32]

CACHE: Final = Path(__file__).resolve().parents[2] / ".cache" / "real-music"

MUSDB_RATE: Final = 44_100
# The order of the streams in a MUSDB .stem.mp4; stream 0 is the mastered mix, which is not the sum of the others.
MUSDB_STEMS: Final = ("drums", "bass", "other", "vocals")
# The unmastered stems add up to 3.7 of full scale; an exact quarter of everything fits into 24 bits unclipped.
_MUSDB_GAIN: Final = np.float32(0.25)

_SECONDS: Final = 120.0


class RealMusicMissing(Exception):
    """Music that a test needs cannot be had on this machine; the message says what to install."""


@dataclass(frozen=True, slots=True)
class MusdbClip:
    """6.08 s of "Falcon 69" by The Easton Ellises, from MUSDB, with its true stems, all at a quarter of their level.

    Attributes:
        mix: float32 (frames, 2): the sum of the stems, which is what a separation can be measured against.
        stems: per name in MUSDB_STEMS, float32 of the shape of `mix`.
        sample_rate: in Hz.
        wav: the mix as a 32-bit float WAV, sample for sample `mix`.
        flac: the mix as a 24-bit FLAC.
    """

    mix: Pcm
    stems: dict[str, Pcm]
    sample_rate: int
    wav: Path
    flac: Path


def musdb_clip(cache: Path = CACHE) -> MusdbClip:
    """The MUSDB example of the `stempeg` package.

    Raises:
        RealMusicMissing: the package is not installed or holds another example.
    """
    folder = _made_once(cache / "musdb", _unpack_musdb)
    stems = {name: _read(folder / f"{name}.wav") for name in MUSDB_STEMS}
    return MusdbClip(
        mix=_read(folder / "mix.wav"),
        stems=stems,
        sample_rate=MUSDB_RATE,
        wav=folder / "mix.wav",
        flac=folder / "mix.flac",
    )


def asc_music_mp3(cache: Path = CACHE) -> Path:
    """ "Machine Wars" of Debian's asc-music (Michael Kievernagel, GPL-2+): an MP3 as people have them.

    Raises:
        RealMusicMissing: the package cannot be downloaded with this machine's apt.
    """
    folder = _made_once(cache / "asc-music", _download_asc_music)
    return folder / "machine_wars.mp3"


def asc_music_excerpt(seconds: int, cache: Path = CACHE) -> Path:
    """The beginning of `asc_music_mp3`, its MP3 frames untouched, for tests that cannot wait for a whole song.

    Raises:
        RealMusicMissing: as for the whole song.
    """
    song = asc_music_mp3(cache)

    def cut(folder: Path) -> None:
        _ffmpeg(["-i", str(song), "-t", str(seconds), "-c", "copy", str(folder / "excerpt.mp3")])

    return _made_once(cache / f"asc-music-{seconds}s", cut) / "excerpt.mp3"


def _made_once(folder: Path, make: Callable[[Path], None]) -> Path:
    """`folder`, made by `make` if it is not there yet: whole or not at all, also when test runs start together."""
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as draft:
        fresh = Path(draft) / folder.name
        fresh.mkdir()
        make(fresh)
        try:
            fresh.rename(folder)
        except OSError:
            # Another run was first; its folder holds the same.
            if not folder.is_dir():
                raise
    return folder


def _unpack_musdb(folder: Path) -> None:
    spec = find_spec("stempeg")
    if spec is None or spec.origin is None:
        raise RealMusicMissing("The MUSDB example comes with the Python package stempeg: pip install stempeg.")
    examples = sorted(Path(spec.origin).parent.glob("data/*.stem.mp4"))
    if len(examples) != 1:
        raise RealMusicMissing(
            f"stempeg carries {len(examples)} .stem.mp4 examples instead of one; see constraints.txt."
        )
    stems = [_decode_stream(examples[0], number) * _MUSDB_GAIN for number in range(1, len(MUSDB_STEMS) + 1)]
    for name, pcm in zip(MUSDB_STEMS, stems, strict=True):
        soundfile.write(folder / f"{name}.wav", pcm, MUSDB_RATE, subtype="FLOAT")
    mix = np.sum(stems, axis=0, dtype=np.float32)
    soundfile.write(folder / "mix.wav", mix, MUSDB_RATE, subtype="FLOAT")
    soundfile.write(folder / "mix.flac", mix, MUSDB_RATE, subtype="PCM_24")


def _decode_stream(file: Path, number: int) -> Pcm:
    """One audio stream of a file as float32 (frames, 2); stempeg itself would want ffprobe on the PATH."""
    raw = _ffmpeg(["-i", str(file), "-map", f"0:{number}", "-f", "f32le", "-"])
    return np.frombuffer(raw, dtype="<f4").reshape(-1, 2)


def _ffmpeg(words: list[str]) -> bytes:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *words]
    return subprocess.run(command, check=True, capture_output=True, timeout=_SECONDS).stdout


def _read(file: Path) -> Pcm:
    pcm, _rate = soundfile.read(file, dtype="float32", always_2d=True)
    samples: Pcm = pcm
    return samples


def _download_asc_music(folder: Path) -> None:
    for program in ("apt-get", "dpkg-deb"):
        if shutil.which(program) is None:
            raise RealMusicMissing(f"The MP3 of Debian's asc-music needs {program}, which this machine has not.")
    _run(["apt-get", "download", "asc-music"], folder)
    package = next(folder.glob("asc-music_*.deb"))
    _run(["dpkg-deb", "-x", package.name, "unpacked"], folder)
    for song in (folder / "unpacked").rglob("*.mp3"):
        song.rename(folder / song.name)
    if not (folder / "machine_wars.mp3").is_file():
        raise RealMusicMissing(f"{package.name} of this Debian holds no machine_wars.mp3.")
    package.unlink()
    shutil.rmtree(folder / "unpacked")


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_SECONDS, check=False)
    if done.returncode != 0:
        raise RealMusicMissing(
            f"`{' '.join(command)}` failed: {done.stderr.strip()[-400:]}\n"
            "The tests play Debian's asc-music; if its package lists are missing, run `apt-get update` as root."
        )
