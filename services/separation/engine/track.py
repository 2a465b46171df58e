"""Decoded audio that can be read anywhere, and its level."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from services.separation.engine.errors import SeparationCancelled, TrackUnreadable, UnsupportedAudio

Pcm = NDArray[np.float32]
"""Samples as (frames, channels), full scale at ±1."""

Cancelled = Callable[[], bool]
"""Asked between two pieces of work; True stops the separation."""

LOWEST_RATE: Final = 8_000
HIGHEST_RATE: Final = 192_000
"""The sample rates that can be separated, in Hz."""

MOST_CHANNELS: Final = 2
"""Mono and stereo, all that ingest lets in. More channels are refused: no downmix is right for every layout."""

_LEAST_DEVIATION: Final = 1e-8  # what demucs' Separator adds, so that silence can be divided by it


class Track(Protocol):
    """Decoded audio of a known length, of which any part can be read in any order.

    Attributes:
        sample_rate: Hz.
        channels: how many.
        frames: samples per channel.
    """

    @property
    def sample_rate(self) -> int: ...
    @property
    def channels(self) -> int: ...
    @property
    def frames(self) -> int: ...
    def read(self, start: int, stop: int) -> Pcm:
        """The frames from `start` to before `stop`, float32 (stop - start, channels); 0 <= start <= stop <= frames.

        The array may be a view: nobody writes into it. What cannot be read raises OSError, EOFError, RuntimeError or
        TrackUnreadable.
        """


class ArrayTrack:
    """A track that is an array in memory."""

    def __init__(self, pcm: Pcm, sample_rate: int) -> None:
        """The samples of `pcm`, float32 (frames, channels), at `sample_rate` Hz.

        Raises:
            UnsupportedAudio: an array of another type or shape.
        """
        if pcm.ndim != 2 or pcm.dtype != np.float32:
            raise UnsupportedAudio(f"Samples must be float32 (frames, channels), not {pcm.dtype} of shape {pcm.shape}.")
        self._pcm = pcm
        self.sample_rate = sample_rate
        self.frames, self.channels = pcm.shape

    def read(self, start: int, stop: int) -> Pcm:
        """As Track.read."""
        return self._pcm[start:stop]


class SeparableTrack:
    """A track that the engine can separate, every read of which is what was asked for or an error that says why not."""

    def __init__(self, track: Track) -> None:
        """The samples of `track`.

        Raises:
            UnsupportedAudio: no samples, or a rate or channel count that cannot be separated.
        """
        _refuse_unsupported(track)
        self._track = track
        self.sample_rate, self.channels, self.frames = track.sample_rate, track.channels, track.frames

    def read(self, start: int, stop: int) -> Pcm:
        """As Track.read.

        Raises:
            TrackUnreadable: the track does not give these frames.
        """
        try:
            pcm = self._track.read(start, stop)
        except (OSError, EOFError, RuntimeError) as error:
            raise TrackUnreadable(f"{self._where(start, stop)} cannot be read: {error}") from error
        if pcm.shape != (stop - start, self.channels):
            raise TrackUnreadable(
                f"{self._where(start, stop)} cannot be read: {len(pcm)} came. The audio ends early or is damaged."
            )
        return pcm

    def _where(self, start: int, stop: int) -> str:
        return f"Frames {start} to {stop} of a track of {self.frames}"


@dataclass(frozen=True, slots=True)
class Level:
    """How loud a whole track is, as a network wants to have it taken off.

    Attributes:
        mean: of the sum to mono.
        deviation: standard deviation of the sum to mono, never 0.
        peak: the highest magnitude of any channel.
    """

    mean: float
    deviation: float
    peak: float

    @property
    def silent(self) -> bool:
        """Whether every sample is 0."""
        return self.peak == 0.0


def never() -> bool:
    """Work that nobody can cancel."""
    return False


def level_of(track: Track, cancelled: Cancelled = never) -> Level:
    """The level of a whole track, read second by second.

    Mean and deviation are those of `demucs.api.Separator` (unbiased, + 1e-8), summed up in float64 after Chan, Golub,
    LeVeque: Algorithms for Computing the Sample Variance, 1983, so that neither length nor offset costs digits.
    A single sample has no deviation; it is heard at its own level.

    Raises:
        UnsupportedAudio: samples that are not finite. One of them would spread over the whole track.
        SeparationCancelled: `cancelled`, asked before every second, said so.
    """
    count, mean, squares, peak = 0, 0.0, 0.0, 0.0
    to_mono = np.full(track.channels, 1 / track.channels)
    for start in range(0, track.frames, track.sample_rate):
        if cancelled():
            raise SeparationCancelled(f"Cancelled while frame {start} of {track.frames} was measured.")
        pcm = track.read(start, min(start + track.sample_rate, track.frames))
        highest = float(np.abs(pcm).max())
        if not math.isfinite(highest):
            raise UnsupportedAudio(
                f"The track has samples that are not numbers (NaN or infinite) near {start / track.sample_rate:.0f} s. "
                "Export it again."
            )
        mono = pcm.astype(np.float64) @ to_mono
        difference, total = float(mono.mean()) - mean, count + len(mono)
        squares += float(np.square(mono - mono.mean()).sum()) + difference**2 * count * len(mono) / total
        mean += difference * len(mono) / total
        count, peak = total, max(peak, highest)
    if count < 2:
        return Level(0.0, max(peak, _LEAST_DEVIATION), peak)
    return Level(mean, math.sqrt(squares / (count - 1)) + _LEAST_DEVIATION, peak)


def _refuse_unsupported(track: Track) -> None:
    if not 1 <= track.channels <= MOST_CHANNELS:
        raise UnsupportedAudio(
            f"Only mono and stereo tracks can be separated; this one has {track.channels} channels. Mix it to stereo."
        )
    if track.frames < 1:
        raise UnsupportedAudio("The track has no samples.")
    if not LOWEST_RATE <= track.sample_rate <= HIGHEST_RATE:
        raise UnsupportedAudio(
            f"Sample rates from {LOWEST_RATE} to {HIGHEST_RATE} Hz can be separated; this one is {track.sample_rate} Hz."
        )
