"""ffmpeg as a program beside ours (its builds are GPL, so it is never in our process), for what libsndfile cannot write."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import imageio_ffmpeg
import numpy as np

from services.fusion.mixing.progress import IsCancelled, check
from services.fusion.mixing.sources import BLOCK_FRAMES, Pcm

__all__ = ["FfmpegFailed", "FfmpegMissing", "heard", "run"]

_ASKED_EVERY: Final = 0.1  # seconds
_QUIETLY: Final = ("-nostdin", "-hide_banner", "-loglevel", "error", "-y")
_FRAME_BYTES: Final = 8


class FfmpegMissing(RuntimeError):
    """There is no ffmpeg on this machine."""

    reason: Final = "FFMPEG_MISSING"


class FfmpegFailed(RuntimeError):
    """ffmpeg gave up; the message is its last line."""


def run(arguments: Sequence[str | Path], cancelled: IsCancelled) -> None:
    """Run ffmpeg to its end; when cancelled it is killed within a fifth of a second.

    Raises:
        FfmpegMissing: if it is not installed.
        FfmpegFailed: if it does not succeed.
        Cancelled: if `cancelled` answers True.
    """
    with subprocess.Popen(_command(arguments), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, env={}) as process:
        try:
            while not _ended(process):
                check(cancelled)
        finally:
            process.kill()


def heard(path: Path, cancelled: IsCancelled) -> Iterator[Pcm]:
    """The first stream of a stereo file, as ffmpeg decodes it: float32 (at most BLOCK_FRAMES, 2) at a time.

    Raises:
        FfmpegMissing, FfmpegFailed, Cancelled: as `run`.
    """
    command = _command(["-i", path, "-map", "0:a:0", "-f", "f32le", "pipe:1"])
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdin=quiet, stdout=subprocess.PIPE, stderr=quiet, env={}) as process:
        assert process.stdout is not None  # noqa: S101  # Popen was asked for a pipe
        try:
            while data := process.stdout.read(BLOCK_FRAMES * _FRAME_BYTES):
                check(cancelled)
                yield np.frombuffer(data, "<f4").reshape(-1, 2)
            if process.wait():
                raise FfmpegFailed(f"{path.name} cannot be decoded")
        finally:
            process.kill()


def _command(arguments: Sequence[str | Path]) -> list[str]:
    try:
        program = imageio_ffmpeg.get_ffmpeg_exe()
    except RuntimeError:
        raise FfmpegMissing("ffmpeg, which writes MP4, is not installed here. Choose another format.") from None
    return [str(program), *_QUIETLY, *map(str, arguments)]


def _ended(process: subprocess.Popen[bytes]) -> bool:
    """Whether it ended within the next moment; FfmpegFailed if it did not succeed."""
    try:
        _, complaint = process.communicate(timeout=_ASKED_EVERY)
    except subprocess.TimeoutExpired:
        return False
    if process.returncode:
        raise FfmpegFailed((complaint.decode(errors="replace").strip() or "it says nothing").splitlines()[-1])
    return True
