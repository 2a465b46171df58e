"""The stems of songs of the bench, as the separation engine finds them: made once, kept under `.puremusic/bench/separated`.

python -m bench.mir.separated   separates what is not kept yet, 10 to 20 s a song on two cores
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import numpy as np
import soundfile

from bench.mir.collection import HOME, Pcm, Piece, generation
from tests import songs

__all__ = ["PIECES", "STEMS", "found_stems", "true_stems"]

STEMS: Final = ("drums", "bass", "other", "vocals")
PIECES: Final = tuple(Piece(seed) for seed in (12, 38, 58, 60, 74, 82, 84, 88, 94, 110, 112))
"""Of the tuning half: GM sounds, most with a sung-like lead, and breakdowns and intros in which not everybody plays."""

_WEIGHTS: Final = Path(".puremusic/weights")


def true_stems(piece: Piece) -> dict[str, Pcm]:
    """What was recorded, (frames, 1) at 44.1 kHz, by the name of the stem that a separation would put it into."""
    recorded = songs.compose_song(piece.seed).stems
    found: dict[str, Pcm] = {name: np.zeros_like(next(iter(recorded.values()))) for name in STEMS}
    for part, pcm in recorded.items():
        found[stem_of(part, piece)] += pcm
    return found


def stem_of(part: str, piece: Piece) -> str:
    """The stem that a part of the generator belongs to."""
    return {"chords": "other", "lead": "vocals" if piece.recipe.lead == "voice" else "other"}.get(part, part)


def found_stems(piece: Piece) -> dict[str, Pcm]:
    """What separation found in the mix, (frames, 1) at 44.1 kHz, by name.

    Raises:
        FileNotFoundError: if nobody separated it yet.
    """
    return {name: soundfile.read(_file(piece, name), dtype="float32", always_2d=True)[0] for name in STEMS}


def separate_all() -> Iterator[Piece]:
    """Separate every piece that is not kept yet."""
    missing = [piece for piece in PIECES if not all(_file(piece, name).is_file() for name in STEMS)]
    if not missing:
        return
    from services.separation.engine.cpu_core import CpuCore  # brings torch, which listening does without
    from services.separation.engine.loading import computing, load_inference
    from services.separation.engine.precision import Precision
    from services.separation.engine.registry import NETWORKS
    from services.separation.engine.stems import separate

    how = computing("cpu", threads=0, precision=Precision.FP32, batch_sizes=[1], cpu_core=CpuCore.OPENVINO)
    network = load_inference(NETWORKS["htdemucs"], _WEIGHTS, how)
    for piece in missing:
        pcm, rate = piece.sound()
        _keep(piece, separate([(network, dict.fromkeys(STEMS, 1.0))], pcm, rate), rate)
        yield piece


def _keep(piece: Piece, stems: Mapping[str, Pcm], rate: int) -> None:
    for name, pcm in stems.items():
        file = _file(piece, name)
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(f".{os.getpid()}.wav")
        soundfile.write(part, pcm, rate, subtype="PCM_24")
        part.replace(file)


def _file(piece: Piece, name: str) -> Path:
    return HOME / "separated" / generation() / str(piece.seed) / f"{name}.wav"


if __name__ == "__main__":
    for done in separate_all():
        print(f"song {done.seed}", flush=True)
