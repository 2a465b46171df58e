"""M4A (AAC, Apple Lossless) and raw AAC through ffmpeg, the formats that libsndfile cannot read.

ffmpeg reads far more than that, much of it dangerous with a stranger's file (playlists that fetch, containers that
include other files): so the demuxer is forced, demuxers, decoders and protocols are whitelisted, and it inherits the
child's confinement.
"""

import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import imageio_ffmpeg
import numpy as np

from services.ingest.decoding import adts, boxes
from services.ingest.decoding.mapped import mapped
from services.ingest.decoding.opened import BLOCK_FRAMES, Block, Source
from services.ingest.decoding.rejection import Reason, Rejected
from services.ingest.decoding.signatures import Announced, Container

_FLOAT_BYTES = 4
_LARGEST_CHUNK = 4096

_DEMUXERS: Final = {
    Container.MP4: ("mov", "-enable_drefs", "0", "-use_absolute_path", "0"),
    Container.ADTS: ("aac",),
}
_DECODERS: Final = "aac,alac"

ENCODER_SLACK: Final = 0.25
"""Seconds by which an M4A may fall short of its header: priming and padding (up to 5186 frames in HE-AAC)."""


class Missing(RuntimeError):
    """There is no ffmpeg on this machine."""


@contextmanager
def opened(path: Path, announced: Announced) -> Iterator[Source]:
    """The file at `path`, being decoded; Rejected where it holds no audio that we take, Missing without ffmpeg."""
    container = announced.container
    track = _checked_movie(path) if container is Container.MP4 else _checked_frames(path, announced.start)
    with _running(_command(path, container)) as process:
        pipe = process.stdout
        assert pipe is not None  # noqa: S101  # Popen was asked for a pipe
        rate, channels = _wave_header(pipe, container)
        claimed = None if track.seconds is None else max(0, round((track.seconds - ENCODER_SLACK) * rate))
        lossless = track.codec == "alac"
        yield Source(
            format="Apple Lossless" if lossless else "AAC",
            encoding=f"{track.bit_depth}-bit" if lossless else "lossy",
            bit_depth=track.bit_depth if lossless else 0,
            sample_rate=rate,
            channels=channels,
            claimed_frames=claimed,
            blocks=_blocks(process, pipe, channels, container),
        )


def _checked_movie(path: Path) -> boxes.AudioTrack:
    with mapped(path) as data:
        movie = boxes.walk(data)
    if movie.cut:
        raise Rejected.because(Reason.TRUNCATED, "an MP4 box is cut", where="")
    if not movie.complete:
        raise _damaged(Container.MP4, "no moov box")
    if movie.audio is None:
        raise Rejected.because(Reason.NOT_AUDIO, found="is a video or picture without sound")
    if movie.audio.codec in ("drms", "enca"):
        raise Rejected.because(Reason.UNSUPPORTED_FORMAT, found="is copy-protected")
    if movie.audio.codec not in ("mp4a", "alac"):
        found = f"is an M4A file with {movie.audio.codec.strip()!r} audio"
        raise Rejected.because(Reason.UNSUPPORTED_FORMAT, found=found)
    return movie.audio


def _checked_frames(path: Path, start: int) -> boxes.AudioTrack:
    with mapped(path) as data:
        if not adts.is_stream(data, start):
            raise Rejected.because(Reason.NOT_AUDIO, "no ADTS frames", found="contains no audio that we know")
    return boxes.AudioTrack("mp4a", 0, None)


def _command(path: Path, container: Container) -> list[str]:
    demuxer, *options = _DEMUXERS[container]
    limits = ["-nostdin", "-hide_banner", "-loglevel", "quiet", "-threads", "1"]
    allowed = ["-protocol_whitelist", "file,pipe", "-format_whitelist", demuxer, "-codec_whitelist", _DECODERS]
    source = ["-f", demuxer, *options, "-i", f"file:{path}", "-map", "0:a:0", "-vn", "-sn", "-dn"]
    return [_executable(), *limits, *allowed, *source, "-c:a", "pcm_f32le", "-threads", "1", "-f", "wav", "pipe:1"]


def _executable() -> str:
    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise Missing("ffmpeg, which reads M4A and AAC, is not installed or cannot run") from error


@contextmanager
def _running(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
        bufsize=1 << 20,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _wave_header(pipe: IO[bytes], container: Container) -> tuple[int, int]:
    """Sample rate (Hz) and channels from the WAV header that ffmpeg writes; the pipe then stands at the samples."""
    rate, channels = 0, 0
    riff = pipe.read(12)
    while len(riff) == 12:
        header = pipe.read(8)
        name, size = header[:4], int.from_bytes(header[4:], "little")
        if name == b"data" and channels:
            return rate, channels
        if len(header) < 8 or size > _LARGEST_CHUNK:
            break
        body = pipe.read(size + size % 2)
        if name == b"fmt ":
            channels, rate = struct.unpack_from("<HI", body, 2)
    raise _damaged(container, "ffmpeg found no audio")


def _blocks(process: subprocess.Popen[bytes], pipe: IO[bytes], channels: int, container: Container) -> Iterator[Block]:
    frame_bytes = channels * _FLOAT_BYTES
    while data := pipe.read(BLOCK_FRAMES * frame_bytes):
        whole = len(data) - len(data) % frame_bytes
        yield np.frombuffer(data[:whole], dtype="<f4").reshape(-1, channels)
    if process.wait() != 0:
        raise _damaged(container, f"ffmpeg ended with {process.returncode}")


def _damaged(container: Container, why: str) -> Rejected:
    return Rejected.because(Reason.DECODER_FAILED, why, found=container.spoken)
