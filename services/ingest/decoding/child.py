"""The child process that opens a stranger's file: `python -m services.ingest.decoding.child ORDER`.

ORDER is JSON: {"original", "into", "parent", "limits"}. Answers on standard output, one JSON object a line: `ready` once
it is confined, `progress` (0 to 1) at most four times a second, and in the end `master`, `rejected` or `unavailable`. It
leaves files only in the folder `into`; whoever started it removes them where it did not end with `master`.
"""

import hashlib
import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from services.ingest.decoding import canonical, confinement, ffmpeg, sndfile
from services.ingest.decoding.limits import Limits
from services.ingest.decoding.master import MASTER_NAME, WAVEFORM_NAME, Master
from services.ingest.decoding.opened import Source
from services.ingest.decoding.rejection import Reason, Rejected, spoken_duration
from services.ingest.decoding.signatures import Announced, Container, announced

TOLERANCE_SECONDS: Final = 0.1
"""By how much a song may fall short of the length its header tells."""

PROGRESS_SECONDS: Final = 0.25
_HASH_BLOCK: Final = 1 << 20
_PROGRAMS: Final = ("/usr", "/lib", "/lib64", "/etc/ld.so.cache")


@dataclass(frozen=True, slots=True)
class Order:
    """What to decode, where to, and how much of it at most."""

    original: Path
    into: Path
    limits: Limits


def main(argument: str) -> None:
    """Confine this process, decode, answer."""
    fields = json.loads(argument)
    limits = Limits.from_json(fields["limits"])
    confinement.die_with(fields["parent"])
    order = Order(Path(fields["original"]), Path(fields["into"]), limits)
    _confine(order)
    _say("ready", True)
    try:
        master = decode(order, Progress())
    except Rejected as rejected:
        _say("rejected", [rejected.reason, rejected.message, rejected.detail])
    except ffmpeg.Missing as missing:
        _say("unavailable", str(missing))
    except MemoryError:
        _say("rejected", _damaged("needs more memory than a song does"))
    except Exception as error:  # noqa: BLE001  # whatever a stranger's bytes provoke is an answer about those bytes
        _say("rejected", _damaged(repr(error)))
    else:
        _say("master", master.to_json())


def _confine(order: Order) -> None:
    limits = order.limits
    confinement.bound(limits.memory_bytes, limits.cpu_seconds, limits.output_bytes)
    programs = [Path(path) for path in (*_PROGRAMS, sys.prefix, sys.base_prefix)]
    confinement.forbid_files(readable=order.original, runnable=programs, writable=order.into)
    confinement.forbid_calls()


def _damaged(detail: str) -> list[str]:
    rejected = Rejected.because(Reason.DECODER_FAILED, detail, found="audio")
    return [rejected.reason, rejected.message, rejected.detail]


def _say(what: str, value: Any) -> None:
    sys.stdout.write(json.dumps({what: value}) + "\n")
    sys.stdout.flush()


class Progress:
    """Says how far the decode is, not too often."""

    def __init__(self) -> None:
        self._said = time.monotonic()

    def at(self, share: float) -> None:
        """`share` of the song has been read, as far as one can tell."""
        now = time.monotonic()
        if now - self._said >= PROGRESS_SECONDS:
            self._said = now
            _say("progress", min(1.0, share))


def decode(order: Order, progress: Progress) -> Master:
    """The master of the order's original; Rejected where there can be none."""
    with order.original.open("rb") as file:
        found = announced(file)
        size, digest = _hashed(order.original)
    try:
        source, written = _attempt(order, found, 1.0, progress)
        gain = 1.0
    except canonical.Overload as overload:
        # Only now is the peak known; decoding again is cheaper than keeping the samples of a whole song.
        gain = overload.gain
        source, written = _attempt(order, found, gain, progress)
    return Master(
        path=order.into / MASTER_NAME,
        waveform=order.into / WAVEFORM_NAME,
        sample_rate=source.sample_rate,
        channels=source.channels,
        frames=written.frames,
        bit_depth=source.bit_depth,
        encoding=source.encoding,
        format=source.format,
        mime_type=found.container.mime_type,
        content_sha256=written.content_sha256,
        original_sha256=digest,
        original_bytes=size,
        gain=gain,
    )


def _hashed(path: Path) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(_HASH_BLOCK):
            digest.update(block)
            size += len(block)
    return size, digest.hexdigest()


def _attempt(order: Order, found: Announced, gain: float, progress: Progress) -> tuple[Source, canonical.Written]:
    limits = order.limits
    with _opened(order, found) as source:
        _check_shape(source, limits)
        heard = _watch(source, limits, progress)
        written = canonical.write(source, gain, order.into / MASTER_NAME, order.into / WAVEFORM_NAME, heard)
        _check_length(source, written.frames, limits)
        return source, written


def _opened(order: Order, found: Announced) -> AbstractContextManager[Source]:
    if found.container in (Container.MP4, Container.ADTS):
        return ffmpeg.opened(order.original, found)
    return sndfile.opened(order.original, found)


def _check_shape(source: Source, limits: Limits) -> None:
    if source.channels < 1:
        raise Rejected.because(Reason.NO_CHANNELS)
    if source.channels > limits.max_channels:
        raise Rejected.because(Reason.TOO_MANY_CHANNELS, channels=source.channels)
    if not limits.min_sample_rate <= source.sample_rate <= limits.max_sample_rate:
        least, most = limits.min_sample_rate, limits.max_sample_rate
        raise Rejected.because(Reason.SAMPLE_RATE_UNSUPPORTED, rate=source.sample_rate, least=least, most=most)


def _watch(source: Source, limits: Limits, progress: Progress) -> Callable[[int], None]:
    """A check after each block that the song has not become too long, whatever its header said."""
    most = limits.frames_at(source.sample_rate)
    expected = min(source.claimed_frames or most, most)

    def heard(frames: int) -> None:
        if frames > most:
            spoken = spoken_duration(most / source.sample_rate)
            raise Rejected.because(Reason.TOO_LONG, most=spoken)
        progress.at(frames / max(1, expected))

    return heard


def _check_length(source: Source, frames: int, limits: Limits) -> None:
    rate = source.sample_rate
    missing = (source.claimed_frames or 0) - frames
    if missing > TOLERANCE_SECONDS * rate:
        claimed = spoken_duration((source.claimed_frames or 0) / rate)
        where = f": only {spoken_duration(frames / rate)} of {claimed} are there"
        raise Rejected.because(Reason.TRUNCATED, where=where)
    if frames < limits.min_seconds * rate:
        raise Rejected.because(Reason.TOO_SHORT, seconds=frames / rate, least=limits.min_seconds)


if __name__ == "__main__":
    # Standard output carries answers only; a library that prints must not get in between.
    answers = os.dup(1)
    os.dup2(2, 1)
    sys.stdout = os.fdopen(answers, "w", encoding="utf-8")
    main(sys.argv[1])
