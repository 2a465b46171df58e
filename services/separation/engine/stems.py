"""A track in, its stems out: any mono or stereo track, at its own rate, channel count and exact length.

    track -> at the networks' rate -> windows of each network -> weighted sums -> at the track's rate

Every stage makes its frames from where they lie, not from what came before, so that the stems from any frame on are the
same bytes as the end of a run from the beginning. Nothing holds more than a few windows.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import torch
from torch import Tensor

from services.separation.engine.inference import Inference
from services.separation.engine.resampling import ForwardTrack, Resampled
from services.separation.engine.track import ArrayTrack, Cancelled, Level, Pcm, SeparableTrack, Track, level_of, never
from services.separation.engine.windows import Mix, separated_blocks

Ensemble = Sequence[tuple[Inference, Mapping[str, float]]]
"""Networks, each with the weight of every stem that is wanted from it; a stem's weights sum to 1. All work at one
sample rate."""

Progress = Callable[[int, int], None]
"""Called with (frames done, frames in all) after every window. A frame is done as far as the networks have heard it: on
average, where there are several."""

# Networks in step read the same seconds, and a window hears the end of the one before. Enough for the longest, 44 s.
_REMEMBERED_SECONDS: Final = 48


def unfollowed(_done: int, _total: int) -> None:
    """Progress that nobody follows."""


def separate(
    ensemble: Ensemble, pcm: Pcm, sample_rate: int, progress: Progress = unfollowed, cancelled: Cancelled = never
) -> dict[str, Pcm]:
    """As `separate_blocks`, for a track in memory and its whole stems.

    Args:
        ensemble: the networks.
        pcm: float32 (frames, channels), full scale at ±1.
        sample_rate: of the track, in Hz.
        progress: told after every window.
        cancelled: asked before every window.

    Returns:
        Per stem name float32 of the shape of `pcm`.

    Raises:
        UnsupportedAudio: see `separate_blocks`; also another type or shape of array.
        SeparationCancelled: `cancelled` said so.
    """
    blocks = separate_blocks(ensemble, ArrayTrack(pcm, sample_rate), progress=progress, cancelled=cancelled)
    stems = {name: np.empty_like(pcm) for name in stem_names(ensemble)}
    at = 0
    for block in blocks:
        for name, samples in block.items():
            stems[name][at : at + len(samples)] = samples
        at += len(next(iter(block.values())))
    return stems


def separate_blocks(
    ensemble: Ensemble,
    track: Track,
    *,
    start: int = 0,
    progress: Progress = unfollowed,
    cancelled: Cancelled = never,
) -> Iterator[dict[str, Pcm]]:
    """Separates a track into stems of its own rate and channel count, block by block.

    The samples are the networks' own estimate: they may pass full scale, and are not clipped. The track's mean is taken
    off before the networks hear it and is not put back. Silence gives silence, without a network being asked.

    Args:
        ensemble: the networks and which stems to take from them.
        track: mono or stereo, of at least one frame, at a rate from LOWEST_RATE to HIGHEST_RATE.
        start: the first frame wanted, from 0 to `track.frames`.
        progress: told after every window.
        cancelled: asked before every window, and every second while the track's level is taken.

    Returns:
        An iterator over blocks of about a second: per stem name the next frames, float32 (n, channels), the same n > 0
        for every stem. Together they are the frames from `start` to the end; on a CPU the same bytes from any start.

    Raises:
        UnsupportedAudio: another rate or channel count or no samples: at once; not finite: from the iterator.
        TrackUnreadable: from the iterator: the track does not give its samples.
        SeparationCancelled: from the iterator.
        ValueError: no such start, or networks that do not fit together.
    """
    separable = SeparableTrack(track)
    if not 0 <= start <= track.frames:
        raise ValueError(f"start must be from 0 to {track.frames}, not {start}")
    heard = Resampled(separable, _common_rate(ensemble), remembered=_REMEMBERED_SECONDS)
    return _blocks(ensemble, separable, heard, start, progress, cancelled)


def stem_names(ensemble: Ensemble) -> tuple[str, ...]:
    """The stems an ensemble makes, in the order in which it names them."""
    return tuple(dict.fromkeys(name for _inference, weights in ensemble for name in weights))


def _common_rate(ensemble: Ensemble) -> int:
    """The sample rate on which all networks work, in Hz."""
    rates = {inference.card.sample_rate for inference, _weights in ensemble}
    if len(rates) != 1:
        raise ValueError(f"networks of one sample rate are needed, not of {sorted(rates)}")
    return rates.pop()


def _blocks(
    ensemble: Ensemble, track: Track, heard: Track, start: int, progress: Progress, cancelled: Cancelled
) -> Iterator[dict[str, Pcm]]:
    names = stem_names(ensemble)
    level = level_of(heard, cancelled)
    if level.silent:
        yield from _silence(names, track, start)
        progress(track.frames, track.frames)
        return
    tally = _Tally(progress, len(ensemble), heard.frames, track.frames)
    with closing(_Mixture(ensemble, _Normalised(heard, level), tally, cancelled)) as mixture:
        stems = Resampled(mixture, track.sample_rate)
        for first, last in _seconds(start, track):
            pcm = stems.read(first, last).reshape(last - first, len(names), track.channels)
            yield {name: np.ascontiguousarray(pcm[:, place]) for place, name in enumerate(names)}


def _silence(names: Sequence[str], track: Track, start: int) -> Iterator[dict[str, Pcm]]:
    """Digital silence has nothing to separate, and nobody should wait while a network finds that out."""
    for first, last in _seconds(start, track):
        yield {name: np.zeros((last - first, track.channels), dtype=np.float32) for name in names}


def _seconds(start: int, track: Track) -> Iterator[tuple[int, int]]:
    """The first frame of each second of a track and the one behind its last, the first second from `start` on."""
    while start < track.frames:
        end = min((start // track.sample_rate + 1) * track.sample_rate, track.frames)
        yield start, end
        start = end


class _Tally:
    """How far the networks are, told as frames of the track."""

    def __init__(self, progress: Progress, networks: int, heard_frames: int, frames: int) -> None:
        self._progress = progress
        self._done = [0] * networks
        self._to_do = networks * heard_frames
        self._frames = frames

    def reached(self, network: int, frame: int) -> None:
        """A network has finished everything before `frame` of what it hears."""
        self._done[network] = frame
        self._progress(self._frames * sum(self._done) // self._to_do, self._frames)


@dataclass(frozen=True)
class _Normalised:
    """A track as networks want to hear it."""

    track: Track
    level: Level

    def mix(self, channels: int) -> Mix:
        """It as a network of that many channels hears it: a mono track on all of them."""

        def read(start: int, stop: int) -> Tensor:
            music = torch.from_numpy(self.track.read(start, stop).T)
            return ((music - self.level.mean) / self.level.deviation).expand(channels, -1).contiguous()

        return Mix(self.track.frames, read)

    def pcm(self, stems: Tensor) -> Pcm:
        """Stems (stems, channels, n) at the track's level, side by side: (n, stems * channels of the track)."""
        loud = stems * self.level.deviation
        if self.track.channels == 1:
            loud = loud.mean(dim=1, keepdim=True)
        pcm: Pcm = loud.flatten(0, 1).T.contiguous().numpy()
        return pcm


class _Mixture:
    """The stems of several networks, weighted and summed, side by side as the channels of one track.

    It is read forwards. A network goes on by a window of its own length as soon as its frames are asked for: so
    networks of different windows stay in step.
    """

    def __init__(self, ensemble: Ensemble, heard: _Normalised, tally: _Tally, cancelled: Cancelled) -> None:
        names, channels = stem_names(ensemble), heard.track.channels
        self.channels = len(names) * channels
        self.sample_rate, self.frames = heard.track.sample_rate, heard.track.frames
        self._networks = [
            (
                _network_track(inference, weights, heard, partial(tally.reached, number), cancelled),
                _columns([names.index(name) for name in weights], channels),
            )
            for number, (inference, weights) in enumerate(ensemble)
        ]

    def read(self, start: int, stop: int) -> Pcm:
        """As ForwardTrack.read."""
        total = np.zeros((stop - start, self.channels), dtype=np.float32)
        for track, columns in self._networks:
            total[:, columns] += track.read(start, stop)
        return total

    def close(self) -> None:
        """Give up what the networks have not yet computed."""
        for track, _columns in self._networks:
            track.close()


def _columns(places: Sequence[int], channels: int) -> slice | list[int]:
    """Where the channels of the stems at these places lie, where they can as a slice: numpy adds to that much faster."""
    columns = [place * channels + channel for place in places for channel in range(channels)]
    together = columns == list(range(columns[0], columns[0] + len(columns)))
    return slice(columns[0], columns[0] + len(columns)) if together else columns


def _network_track(
    inference: Inference,
    weights: Mapping[str, float],
    heard: _Normalised,
    reached: Callable[[int], None],
    cancelled: Cancelled,
) -> ForwardTrack:
    """The weighted stems of one network side by side, to be read forwards."""
    rows = [inference.card.stems.index(name) for name in weights]
    share = torch.tensor(list(weights.values()), dtype=torch.float32)[:, None, None]
    mix = heard.mix(inference.card.channels)

    def blocks_from(start: int) -> Generator[Pcm]:
        at = start
        for block in separated_blocks(inference, mix, start=start, rows=rows, cancelled=cancelled):
            at += block.shape[-1]
            reached(at)
            yield heard.pcm(block * share)

    return ForwardTrack(blocks_from, inference.card.sample_rate, len(rows) * heard.track.channels, mix.frames)
