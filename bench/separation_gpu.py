"""`python -m bench.separation_gpu`: what separation makes of a GPU, against demucs' own `apply_model` on the same one.

Needs PyTorch, demucs and the weights; no service, no database. For each precision and batch size: one song alone, several songs
at once, the distance of the stems from float32, and what company changes in a song's stems. Prints a table and writes it as JSON.

    python -m bench.separation_gpu --weights .puremusic/weights --music song.flac
    python -m bench.separation_gpu --device cpu --seconds 12 --rounds 1      # the same way on a CPU, to see that it runs
"""

import argparse
import json
import platform
import resource
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import product
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, Final, TypeVar

import numpy as np
import soundfile
import torch
from demucs.apply import apply_model

from services.separation.engine.inference import Inference
from services.separation.engine.loading import computing, give_memory_back, load_inference, unload
from services.separation.engine.network import choose_device, load_network
from services.separation.engine.precision import Precision
from services.separation.engine.registry import NETWORKS, NetworkCard
from services.separation.engine.stems import separate
from services.separation.engine.track import Pcm
from tests import songs

GATE_DB: Final = 40.0
"""Least SDR of a stem against the same stem in float32."""

AUDIBLE_DB: Final = -40.0
"""Level against the mix below which a stem is as good as not there: its SDR is printed, but not held to the gate."""

Stems = dict[str, Pcm]
T = TypeVar("T")


@dataclass(frozen=True)
class Row:
    """One line of the table. Decibels are None where there is no difference at all."""

    name: str
    batch: int
    song_ms: float
    songs_per_minute: float
    ratio: float
    sdr_db: dict[str, float | None]
    company_db: float | None
    gpu_mb: float


def main(words: Sequence[str] | None = None) -> None:
    """Run the bench, print the table, write the JSON."""
    options = _options(words)
    card, song = NETWORKS[options.network], _song(options.music, options.seconds)
    device = choose_device(options.device)
    sizes = options.batch_sizes if device.type == "cuda" else [1]  # only a CUDA GPU has batches and other precisions
    precisions = options.precisions if device.type == "cuda" else []
    reference = _reference(card, options, device, song)
    exact, in_full = _measured(card, options, Precision.FP32, sizes[-1], song, reference, {})
    ways = [way for way in product(precisions, sizes) if way != (Precision.FP32, sizes[-1])]
    measured = [_measured(card, options, precision, size, song, reference, exact)[1] for precision, size in ways]
    rows = [reference, in_full, *measured]
    _print(options, device, rows, _levels(exact, song))
    _write(options, device, rows, _levels(exact, song))


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, default=Path(".puremusic/weights"), help="folder of the weights")
    parser.add_argument("--network", choices=sorted(NETWORKS), default="htdemucs")
    parser.add_argument("--device", default="cuda", help="cuda, cuda:<n>, mps or cpu")
    parser.add_argument(
        "--music", type=Path, help="a file at 44.1 kHz, repeated to length; without: a synthesised song"
    )
    parser.add_argument("--seconds", type=int, default=180, help="length of a song")
    parser.add_argument("--jobs", type=int, help="songs at once at full load (8 on a GPU, else 1)")
    parser.add_argument("--rounds", type=int, default=3, help="times each is measured; the median counts")
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--precisions", type=Precision, nargs="+", default=list(Precision))
    parser.add_argument("--json", type=Path, default=Path("bench/results/separation_gpu.json"))
    options = parser.parse_args(words)
    options.jobs = options.jobs or (8 if options.device.startswith("cuda") else 1)
    return options


def _song(music: Path | None, seconds: int) -> Pcm:
    """Float32 (frames, 2) of exactly this length at 44.1 kHz."""
    if music is None:
        return songs.compose(tempo_bpm=104, seconds=seconds, seed=4).mix[: seconds * 44_100].astype(np.float32)
    pcm, rate = soundfile.read(music, dtype="float32", always_2d=True)
    if rate != 44_100 or pcm.shape[1] != 2:
        sys.exit(f"{music} has {pcm.shape[1]} channels at {rate} Hz; the bench wants stereo at 44100 Hz.")
    song: Pcm = np.resize(pcm, (seconds * rate, 2))
    return song


def _reference(card: NetworkCard, options: argparse.Namespace, device: torch.device, song: Pcm) -> Row:
    """demucs' own loop, with PyTorch's own settings: one song after the other."""
    network: Any = load_network(card, options.weights, device)  # demucs takes its own classes only
    mix = torch.from_numpy(np.ascontiguousarray(song.T))[None]
    normalised = (mix - mix.mean()) / mix.std()

    def run() -> None:
        apply_model(network, normalised, shifts=0, overlap=0.25, device=device)

    _, seconds = _timed(run, options.rounds)
    return Row("apply_model", 1, 1000 * seconds, 60 / seconds, 1.0, {}, None, _peak_gpu_mb(device))


def _measured(
    card: NetworkCard,
    options: argparse.Namespace,
    precision: Precision,
    size: int,
    song: Pcm,
    reference: Row,
    exact: Stems,
) -> tuple[Stems, Row]:
    """The engine's stems of the song, and what they cost; compared with `exact`, as far as that is known."""
    how = computing(options.device, threads=0, precision=precision, batch_sizes=[size])
    if how.on_gpu:
        torch.cuda.reset_peak_memory_stats(how.device)
    alone, together, song_seconds, load_seconds = _run(load_inference(card, options.weights, how), options, song)
    peak = _peak_gpu_mb(how.device)
    give_memory_back(how)
    per_minute = 60 * options.jobs / load_seconds
    company = min((_distance_db(alone[name], together[name]) for name in alone), key=_worst)
    row = Row(
        name=f"engine {precision.value}",
        batch=size,
        song_ms=1000 * song_seconds,
        songs_per_minute=per_minute,
        ratio=per_minute / reference.songs_per_minute,
        sdr_db={name: _distance_db(stem, alone[name]) for name, stem in exact.items()},
        company_db=None if company is None else -company,
        gpu_mb=peak,
    )
    return alone, row


def _run(inference: Inference, options: argparse.Namespace, song: Pcm) -> tuple[Stems, Stems, float, float]:
    """The song's stems made alone and in company, the seconds of one song and of all at once."""
    company = [np.roll(song, place * 44_100, axis=0) for place in range(options.jobs)]
    try:
        alone, song_seconds = _timed(lambda: _separated(inference, song), options.rounds)
        together, load_seconds = _timed(lambda: _all_separated(inference, company), options.rounds)
    finally:
        unload(inference)
    return alone, together[0], song_seconds, load_seconds


def _separated(inference: Inference, song: Pcm) -> Stems:
    return separate([(inference, dict.fromkeys(inference.card.stems, 1.0))], song, 44_100)


def _all_separated(inference: Inference, songs_at_once: list[Pcm]) -> list[Stems]:
    with ThreadPoolExecutor(len(songs_at_once)) as pool:
        return list(pool.map(lambda song: _separated(inference, song), songs_at_once))


def _timed(work: Callable[[], T], rounds: int) -> tuple[T, float]:
    """What the work returns, and the median of its seconds; the first time does not count."""
    result = work()
    seconds = []
    for _ in range(rounds):
        began = perf_counter()
        result = work()
        seconds.append(perf_counter() - began)
    return result, median(seconds)


def _distance_db(expected: Pcm, found: Pcm) -> float | None:
    """Signal-to-distortion ratio: energy of the expected over that of the difference; None if there is none."""
    difference = float(np.square(found.astype(np.float64) - expected).sum())
    return 10 * float(np.log10(np.square(expected, dtype=np.float64).sum() / difference)) if difference else None


def _worst(decibels: float | None) -> float:
    return float("inf") if decibels is None else decibels


def _levels(stems: Stems, song: Pcm) -> dict[str, float]:
    """How loud each stem is against the mix, in dB."""
    power = {name: float(np.square(stem, dtype=np.float64).mean()) for name, stem in stems.items()}
    mix = float(np.square(song, dtype=np.float64).mean())
    return {name: 10 * float(np.log10(max(of_stem, 1e-20) / mix)) for name, of_stem in power.items()}


def _peak_gpu_mb(device: torch.device) -> float:
    return torch.cuda.max_memory_reserved(device) / 2**20 if device.type == "cuda" else 0.0


def _print(options: argparse.Namespace, device: torch.device, rows: list[Row], levels: dict[str, float]) -> None:
    what = options.music.name if options.music else "synthesised"
    print(f"{_machine(device)}\n{options.network}, {options.seconds}-second songs ({what}), {options.jobs} at once\n")
    print(
        f"{'':<14}{'batch':>6}{'ms a song':>11}{'songs/min':>11}{'ratio':>7}{'least SDR':>11}{'company':>9}{'GPU MB':>8}"
    )
    for row in rows:
        least = min((row.sdr_db[name] for name in row.sdr_db if levels[name] > AUDIBLE_DB), key=_worst, default=None)
        verdict = f"  below {GATE_DB:.0f} dB" if _worst(least) < GATE_DB else ""
        print(
            f"{row.name:<14}{row.batch:>6}{row.song_ms:>11.0f}{row.songs_per_minute:>11.1f}{row.ratio:>7.2f}"
            f"{_decibels(least):>11}{_decibels(row.company_db):>9}{row.gpu_mb:>8.0f}{verdict}"
        )
    print(f"\nlevel of the stems: {', '.join(f'{name} {level:.0f} dB' for name, level in levels.items())}")
    print(f"peak memory of the process: {_peak_process_mb():.0f} MB")


def _decibels(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} dB"


def _write(options: argparse.Namespace, device: torch.device, rows: list[Row], levels: dict[str, float]) -> None:
    report = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": _machine(device),
        "network": options.network,
        "music": options.music.name if options.music else "synthesised",
        "seconds": options.seconds,
        "jobs": options.jobs,
        "level_db": levels,
        "process_mb": _peak_process_mb(),
        "rows": [asdict(row) for row in rows],
    }
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(f"written to {options.json}")


def _machine(device: torch.device) -> str:
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else f"{device.type} ({platform.machine()})"
    return f"{name}, PyTorch {torch.__version__}, demucs {version('demucs')}, Python {platform.python_version()}"


def _peak_process_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
