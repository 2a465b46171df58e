"""From one sample rate to another, second by second: aligned to the sample, and the same bytes from any start.

Whole seconds are whole numbers of frames at every rate. So each second of the target is made by itself: from the same
second of the source with some context on both sides, which begins on a frame where the two rates meet. The converter
(libsoxr at its steepest, linear phase) starts anew for each and cannot know what was computed before.

Against libsoxr's result for the whole signal in one piece the seconds differ by rounding alone (-145 dB of full scale)
at rates that share a divisor with the other, as all the usual ones do. Where the rates have (almost) none, 47,999 and
44,100 Hz, libsoxr's 32-bit clock drifts: by up to -107 dB in a tone at 10 kHz within a second, where it starts again,
and by ever more in one piece.
"""

import math
from collections import OrderedDict
from collections.abc import Callable, Generator
from typing import Final

import numpy as np
import soxr

from services.separation.engine.track import Pcm, Track

# soxr's steepest filter: the way there and back must not be heard in the stems.
_QUALITY: Final = "VHQ"

# Half of what that filter hears, in frames of the lower rate. From 150 on no frame more changes a bit above -145 dB.
_CONTEXT: Final = 256


class Resampled:
    """A track at another sample rate; itself a track.

    It has `ceil(frames * rate / track.sample_rate)` frames; frame `i` lies at `i / rate` seconds. What lies before the
    track's first frame and behind its last one is silence.
    """

    def __init__(self, track: Track, rate: int, *, remembered: int = 1) -> None:
        """`track` at `rate` Hz. The seconds used last are remembered: that many of them, so that none is made twice."""
        self._track = track
        self._remembered = remembered
        self._seconds: OrderedDict[int, Pcm] = OrderedDict()
        self.sample_rate, self.channels = rate, track.channels
        self.frames = -(-track.frames * rate // track.sample_rate)

    def read(self, start: int, stop: int) -> Pcm:
        """As Track.read. Seconds read in order read in order of the track below, with some overlap."""
        pcm = np.empty((stop - start, self.channels), dtype=np.float32)
        at = start
        while at < stop:
            number, begin = divmod(at, self.sample_rate)
            piece = self._second(number)[begin : begin + stop - at]
            pcm[at - start : at - start + len(piece)] = piece
            at += len(piece)
        return pcm

    def _second(self, number: int) -> Pcm:
        second = self._seconds.pop(number, None)
        if second is None:
            second = self._made(number)
        self._seconds[number] = second
        while len(self._seconds) > self._remembered:
            self._seconds.popitem(last=False)
        return second

    def _made(self, number: int) -> Pcm:
        """The second that begins at frame `number * sample_rate`; what reaches over the end is cut off by `read`."""
        rate, target = self._track.sample_rate, self.sample_rate
        if rate == target:
            return self._track.read(number * rate, min((number + 1) * rate, self._track.frames))
        context = context_frames(rate, target)
        heard = _with_silence(self._track, number * rate - context, (number + 1) * rate + context)
        skipped = context * target // rate
        converted: Pcm = soxr.resample(heard, rate, target, quality=_QUALITY)
        return converted[skipped : skipped + target]


def context_frames(rate: int, target: int) -> int:
    """How many frames at `rate` are heard on each side of a second: the least that ends where the two rates meet."""
    period = rate // math.gcd(rate, target)
    reach = _CONTEXT * max(rate, target) / target
    return math.ceil(reach / period) * period


def _with_silence(track: Track, start: int, stop: int) -> Pcm:
    """A track's frames from `start` to before `stop`, with silence where it has none."""
    pcm = np.zeros((stop - start, track.channels), dtype=np.float32)
    first, last = max(start, 0), min(stop, track.frames)
    if first < last:
        pcm[first - start : last - start] = track.read(first, last)
    return pcm


class ForwardTrack:
    """A track that is still being made: it can be read forwards only, and forgets what lies before the latest read."""

    def __init__(
        self, blocks_from: Callable[[int], Generator[Pcm]], sample_rate: int, channels: int, frames: int
    ) -> None:
        """The blocks that `blocks_from(start)` makes, one behind the other; the first read says where they start."""
        self._blocks_from = blocks_from
        self._blocks: Generator[Pcm] | None = None
        self._at = 0
        self._held: Pcm = np.empty((0, channels), dtype=np.float32)
        self.sample_rate, self.channels, self.frames = sample_rate, channels, frames

    def read(self, start: int, stop: int) -> Pcm:
        """As Track.read, but no read may start before the one before it, nor behind its end."""
        if self._blocks is None:
            self._blocks, self._at = self._blocks_from(start), start
        pieces = [self._held[start - self._at :]]
        held = len(pieces[0])
        while held < stop - start:
            pieces.append(next(self._blocks))
            held += len(pieces[-1])
        self._at, self._held = start, pieces[0] if len(pieces) == 1 else np.concatenate(pieces)
        return self._held[: stop - start]

    def close(self) -> None:
        """End the making of blocks; nothing can be read any more."""
        if self._blocks is not None:
            self._blocks.close()
