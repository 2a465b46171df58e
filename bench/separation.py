"""`python -m bench.separation`: how fast, how true and how large separation is on a CPU, beside demucs itself.

1. The engine with each of its cores against `demucs.apply.apply_model(shifts=0, overlap=0.25)`, in turns in one process with as
   many threads and the same weights, on real music; the ratio is the median over the rounds. And how far the stems are apart.
2. The engine, warm, against one call of the `demucs` command line for three songs, from files to files, in turns.
3. SDR per stem of both, where the true stems are known.
4. Peak memory of a process that loads the engine and separates.

Prints tables and writes the same as JSON. On a busy machine the ratios hold better than the seconds.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, Final

import numpy as np
import soundfile
import soxr
import torch
from demucs.apply import apply_model

from services.separation.engine.cpu_core import CpuCore
from services.separation.engine.inference import Inference
from services.separation.engine.loading import computing, load_inference
from services.separation.engine.network import load_network
from services.separation.engine.precision import Precision
from services.separation.engine.registry import NETWORKS
from services.separation.engine.stems import separate
from services.separation.engine.track import Pcm
from tests import songs
from tests.servers.real_music import asc_music_mp3, musdb_clip

CARD: Final = NETWORKS["htdemucs"]
RATE: Final = CARD.sample_rate
APPLY_MODEL: Final = "apply_model"
COMMAND_LINE: Final = "demucs"
LEAST_RATIO: Final = {APPLY_MODEL: 1.25, COMMAND_LINE: 1.6}
"""What the OpenVINO core has to reach."""

Stems = dict[str, Pcm]
Separate = Callable[[Pcm], Stems]
Rows = list[dict[str, Any]]


def main(words: Sequence[str] | None = None) -> None:
    """Run the bench, print the tables, write the JSON."""
    options = _options(words)
    if options.peak_memory_of:
        print(_peak_memory_mb(options))
        return
    began_load, ways = os.getloadavg()[0], _ways(options.weights)
    print(f"{_machine()}\n\n{options.seconds} s of music, {options.rounds} rounds in turns")
    report = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": _machine(),
        "load_average": began_load,
        "seconds": options.seconds,
        "rounds": options.rounds,
        "apply_model": _shown(_against_apply_model(ways, options)),
        "command_line": _shown(_against_command_line(ways, options)),
        "sdr": _shown(_true_stems(ways)),
        "memory": _shown(_memory(options)),
    }
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(f"\nwritten to {options.json}")


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, default=Path(".puremusic/weights"), help="folder of the weights")
    parser.add_argument("--seconds", type=int, default=30, help="length of the music")
    parser.add_argument("--rounds", type=int, default=3, help="times each way takes its turn")
    parser.add_argument("--json", type=Path, default=Path("bench/results/separation.json"))
    parser.add_argument("--peak-memory-of", type=CpuCore, help="only load this core, separate, and say the megabytes")
    return parser.parse_args(words)


def _ways(weights: Path) -> dict[str, Separate]:
    """apply_model and the engine with each core, by name; all warm, with their networks loaded."""
    return {APPLY_MODEL: _demucs(weights)} | {f"engine {core}": _engine(core, weights) for core in CpuCore}


def _demucs(weights: Path) -> Separate:
    network: Any = load_network(CARD, weights)

    def separated(pcm: Pcm) -> Stems:
        mix = torch.from_numpy(np.ascontiguousarray(pcm.T))
        # As demucs' own Separator does, which then adds the mean to every stem; the engine leaves it to the residual.
        mean, deviation = mix.mean(0).mean(), mix.mean(0).std() + 1e-8
        stems = apply_model(network, ((mix - mean) / deviation)[None], shifts=0, overlap=0.25)[0] * deviation
        return {name: stem.T.numpy() for name, stem in zip(CARD.stems, stems, strict=True)}

    return separated


def _engine(core: CpuCore, weights: Path) -> Separate:
    how = computing("cpu", threads=0, precision=Precision.FP32, batch_sizes=[1], cpu_core=core)
    inference: Inference = load_inference(CARD, weights, how)
    return lambda pcm: separate([(inference, dict.fromkeys(CARD.stems, 1.0))], pcm, RATE)


def _against_apply_model(ways: Mapping[str, Separate], options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    pieces = {"MUSDB clip": musdb_clip().mix, "asc-music": _decoded(asc_music_mp3())}
    for separated in ways.values():
        separated(musdb_clip().mix)
    for name, piece in pieces.items():
        music = np.resize(piece, (options.seconds * RATE, 2))
        rounds = [_round(ways, music) for _ in range(options.rounds)]
        reference = rounds[0][APPLY_MODEL][1]
        for way in ways:
            yield {
                "music": name,
                "way": way,
                "seconds": median(each[way][0] for each in rounds),
                "ratio": median(each[APPLY_MODEL][0] / each[way][0] for each in rounds),
                "apart_db": None if way == APPLY_MODEL else _apart_db(reference, rounds[0][way][1]),
            }


def _apart_db(reference: Stems, found: Stems) -> float:
    """How far below the reference the difference is, over all stems."""
    return -_ratio_db(*(np.stack([stems[name] for name in CARD.stems]) for stems in (reference, found)))


def _round(ways: Mapping[str, Separate], music: Pcm) -> dict[str, tuple[float, Stems]]:
    """Each way's seconds and stems."""
    return {way: _timed(partial(separated, music)) for way, separated in ways.items()}


def _against_command_line(ways: Mapping[str, Separate], options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        files = _songs(place, options.seconds)
        run = partial(_run_demucs, models=_checkpoint(options.weights, place / "models"), folder=place)
        work: dict[str, Callable[[], None]] = {COMMAND_LINE: partial(run, files)}
        work |= {way: partial(_files_to_files, ways[way], files, place) for way in ways if way != APPLY_MODEL}
        rounds = [{way: _timed(does)[0] for way, does in work.items()} for _ in range(options.rounds)]
    for way in work:
        yield {
            "way": way,
            "seconds": median(each[way] for each in rounds),
            "ratio": median(each[COMMAND_LINE] / each[way] for each in rounds),
        }


def _songs(folder: Path, seconds: int) -> list[Path]:
    """The beginnings of the three songs of asc-music, as FLAC files."""
    files = []
    for song in sorted(asc_music_mp3().parent.glob("*.mp3")):
        files.append(folder / f"{song.stem}.flac")
        soundfile.write(files[-1], _decoded(song)[: seconds * RATE], RATE, subtype="PCM_24")
    return files


def _decoded(file: Path) -> Pcm:
    """A file as both hear it: float32 (frames, 2) at the network's rate."""
    pcm, rate = soundfile.read(file, dtype="float32", always_2d=True)
    stereo: Pcm = soxr.resample(np.broadcast_to(pcm, (len(pcm), 2)), rate, RATE, quality="VHQ")
    return stereo


def _checkpoint(weights: Path, folder: Path) -> Path:
    """The verified weights as demucs wants to find them in a folder of models."""
    network: Any = load_network(CARD, weights)
    arguments, keywords = network._init_args_kwargs
    package = {"klass": type(network), "args": arguments, "kwargs": keywords, "state": network.state_dict()}
    folder.mkdir()
    torch.save(package, folder / f"{CARD.name}.th")
    return folder


def _run_demucs(files: Sequence[Path], models: Path, folder: Path) -> None:
    words = ["-m", "demucs", "-d", "cpu", "--repo", str(models), "-n", CARD.name, "-o", str(folder / "demucs")]
    done = subprocess.run([sys.executable, *words, *map(str, files)], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"demucs failed:\n{done.stderr[-2000:]}")


def _files_to_files(separated: Separate, files: Sequence[Path], folder: Path) -> None:
    for file in files:
        for name, stem in separated(_decoded(file)).items():
            soundfile.write(folder / f"{file.stem}-{name}.flac", stem, RATE, subtype="PCM_24")


def _true_stems(ways: Mapping[str, Separate]) -> Iterator[dict[str, Any]]:
    clip = musdb_clip()
    pieces = {"MUSDB clip": (clip.mix, clip.stems)}
    for seed, tempo in ((1, 96), (2, 124)):
        song = songs.compose(tempo_bpm=tempo, seconds=12, seed=seed)
        pieces[f"synthesised {seed}"] = (song.mix, dict(song.stems))
    for music, (mix, true) in pieces.items():
        for way, separated in ways.items():
            yield {"music": music, "way": way, "sdr_db": _sdr_db(true, separated(mix))}


def _sdr_db(true: Mapping[str, Pcm], found: Mapping[str, Pcm]) -> dict[str, float]:
    """Signal-to-distortion ratio over the whole piece, as the Music Demixing Challenge 2021 defines it.

    Of the stems that both know: a synthesised song's chords and lead are none that the network was trained to tell apart.
    """
    return {name: _ratio_db(stem, found[name]) for name, stem in true.items() if name in found}


def _ratio_db(true: Pcm, found: Pcm) -> float:
    powers = [float(np.square(each, dtype=np.float64).sum()) + 1e-7 for each in (true, found - true)]
    return 10 * float(np.log10(powers[0] / powers[1]))


def _memory(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    for core in CpuCore:
        words = ["-m", "bench.separation", "--weights", str(options.weights), "--peak-memory-of", core]
        done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=True)
        yield {"way": f"engine {core}", "peak_mb": float(done.stdout)}


def _peak_memory_mb(options: argparse.Namespace) -> float:
    _engine(options.peak_memory_of, options.weights)(musdb_clip().mix)
    # Not getrusage: what that says begins with the memory of the process that started this one.
    line = next(line for line in Path("/proc/self/status").read_text("ascii").splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds and result."""
    began = perf_counter()
    result = work()
    return perf_counter() - began, result


def _shown(lines: Iterator[dict[str, Any]]) -> Rows:
    """The rows of one table, each printed as soon as it is known."""
    rows: Rows = []
    for row in lines:
        if not rows:
            print("\n" + "".join(f"{name:<25}" for name in row))
        print("".join(f"{_text(value):<25}" for value in row.values()) + _verdict(row), flush=True)
        rows.append(row)
    return rows


def _text(value: object) -> str:
    if isinstance(value, dict):
        return "  ".join(f"{name} {number:.2f}" for name, number in value.items())
    return f"{value:.2f}" if isinstance(value, float) else "-" if value is None else str(value)


def _verdict(row: Mapping[str, Any]) -> str:
    if row["way"] != f"engine {CpuCore.OPENVINO}" or "ratio" not in row:
        return ""
    least = LEAST_RATIO[APPLY_MODEL if "apart_db" in row else COMMAND_LINE]
    return "" if row["ratio"] >= least else f"  below {least}"


def _machine() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    parts = ", ".join(f"{name} {version(name)}" for name in ("torch", "demucs", "openvino"))
    return f"{len(names)} x {names[0] if names else platform.machine()}, Python {platform.python_version()}, {parts}"


if __name__ == "__main__":
    main()
