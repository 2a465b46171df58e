"""An arrangement and its sources become a sum, block by block."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing

import numpy as np
from numpy.typing import NDArray

from services.fusion.mixing.arrangement import Arrangement, Voice
from services.fusion.mixing.checking import InvalidArrangement, check_arrangement
from services.fusion.mixing.effects import inserts, memory_seconds, room
from services.fusion.mixing.joints import played
from services.fusion.mixing.panning import place
from services.fusion.mixing.progress import IsCancelled, Progress, check, never, unheard
from services.fusion.mixing.sources import BLOCK_FRAMES, InvalidSource, Pcm, Source
from services.fusion.mixing.together import THREADS, together

__all__ = ["Each", "Sink", "perform"]

Sink = Callable[[Pcm], None]
"""Takes the next block of the sum: float32 (frames, 2)."""

Each = Callable[[str, Pcm], None]
"""Takes a voice's name and the next block of what it adds to the sum: float32 (frames, 2)."""

_Stereo = NDArray[np.float64]


def perform(
    arrangement: Arrangement,
    sources: Mapping[str, Source],
    sink: Sink,
    *,
    window: tuple[int, int] | None = None,
    each: Each | None = None,
    progress: Progress = unheard,
    cancelled: IsCancelled = never,
    threads: int = THREADS,
) -> None:
    """Play the arrangement from `sources`, by key, into `sink`, before mastering: `arrangement.frames` frames in all.

    With `window` only its frames [from, to) of the song, which sound as in the whole: effects are heard from before it, as far
    back as they remember. `each` hears every voice that isn't muted as well. A voice goes through its pieces and fades, its
    effects, its gain curve, fader and pan, and then its reverb; voices are added in float64, in their order, so that the same
    arrangement gives the same samples whatever `threads` is. Memory: a few blocks a voice.

    Raises:
        InvalidArrangement: if it cannot be performed as it is.
        InvalidSource: if a source is not what it declared.
        MissingLibrary: if something is to be stretched and the compiled library isn't there.
        Cancelled: if `cancelled` answers True.
    """
    check_arrangement(arrangement, sources)
    start, end = window or (0, arrangement.frames)
    check_window(start, end, arrangement.frames)
    voices = [voice for voice in arrangement.voices if voice.pieces and not voice.muted]
    streams = [_contribution(voice, sources, arrangement.sample_rate, start, end, cancelled) for voice in voices]
    done = 0
    with closing(together(streams, threads)) as rounds:
        while done < end - start:
            check(cancelled)
            at = start + done
            total = np.zeros((min(end, _block_end(at)) - at, 2))
            for voice, block in zip(voices, next(rounds), strict=True):
                total += block
                if each is not None:
                    each(voice.name, block.astype(np.float32))
            sink(total.astype(np.float32))
            done += len(total)
            progress(done / (end - start))


def check_window(start: int, end: int, frames: int) -> None:
    """Refuse a window that isn't in the song."""
    if not 0 <= start < end <= frames:
        raise InvalidArrangement(
            "WINDOW_OUTSIDE",
            f"The song has {frames} frames; those from {start} to {end} are no part of it: choose others.",
        )


def _contribution(
    voice: Voice, sources: Mapping[str, Source], rate: int, start: int, end: int, cancelled: IsCancelled
) -> Iterator[_Stereo]:
    """What the voice adds to the sum, float64 (frames, 2), block by block of the song; the window cuts the first and the last.

    Whatever the window, effects get the same blocks, so that they do the same.
    """
    source = sources[voice.source]
    insert, reverb = inserts(voice.effects, rate, source.channels), room(voice.effects, rate)
    remembered = round(memory_seconds(voice.effects) * rate)
    early = max(0, start - remembered) // BLOCK_FRAMES * BLOCK_FRAMES
    blocks = played(voice, source, rate, early, end, cancelled)
    try:
        for at, block in zip(range(early, end, BLOCK_FRAMES), blocks, strict=True):
            heard = block if insert is None else insert(block.astype(np.float64))
            stereo = _automated(place(heard, voice.gain_db, voice.pan), voice, at)
            stereo = stereo if reverb is None else reverb(stereo)
            if _block_end(at) > start:
                yield stereo[max(0, start - at) :]
    except InvalidSource as error:
        raise InvalidSource(f"{voice.name}: {error}") from None


def _block_end(frame: int) -> int:
    """The end of the song's block that a frame lies in."""
    return (frame // BLOCK_FRAMES + 1) * BLOCK_FRAMES


def _automated(block: _Stereo, voice: Voice, at: int) -> _Stereo:
    """The block, whose first frame is `at`, after the voice's gain curve."""
    if not voice.gain_curve:
        return block
    frames, decibels = np.transpose(voice.gain_curve)
    gains: _Stereo = 10 ** (np.interp(np.arange(at, at + len(block)), frames, decibels) / 20)
    return block * gains[:, None]
