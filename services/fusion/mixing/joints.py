"""A voice's pieces, one after the other, without clicks where they begin and end.

Where a piece begins in the middle of its source it comes in over the 5 ms before its first frame, so that what begins there
keeps its attack; where it is broken off it goes out over its last 5 ms. Two pieces that follow each other thus cross.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.fusion.mixing.arrangement import Piece, Voice
from services.fusion.mixing.progress import IsCancelled
from services.fusion.mixing.sources import BLOCK_FRAMES, Pcm, Source
from services.fusion.mixing.stretching import perform_piece

__all__ = ["Cut", "cuts", "played"]

_EDGE_SECONDS: Final = 0.005
_SUDDEN_SECONDS: Final = 0.001  # at the song's very beginning, before which nothing can come in
_SHORT_SECONDS: Final = 0.02  # shorter fades are linear, longer ones of equal power


@dataclass(frozen=True)
class Cut:
    """A piece as it is played: with its run-up, coming in over `fade_in` frames and going out over `fade_out`."""

    piece: Piece
    fade_in: int = 0
    fade_out: int = 0


def cuts(pieces: Sequence[Piece], source: Source, rate: int) -> list[Cut]:
    """The pieces of a voice in a song at `rate` Hz with their edges made soft; the source's own edges are left alone."""
    length = source.frames / source.sample_rate
    blunt = [_follows(before, after, 1 / rate) for before, after in pairwise(pieces)]
    return [
        _cut(
            piece,
            opened=first or piece.anchors[0][1] <= 1 / rate,
            ended=last or piece.anchors[-1][1] >= length,
            rate=rate,
        )
        for piece, first, last in zip(pieces, [False, *blunt], [*blunt, False], strict=True)
    ]


def played(voice: Voice, source: Source, rate: int, start: int, end: int, cancelled: IsCancelled) -> Iterator[Pcm]:
    """What the voice plays between two frames of the song, with its fades.

    Float32 (BLOCK_FRAMES, the source's channels) at a time; the last block is shorter.
    """
    waiting = [cut for cut in cuts(voice.pieces, source, rate) if cut.piece.end > start]
    playing: list[_Player] = []
    for at in range(start, end, BLOCK_FRAMES):
        block = np.zeros((min(BLOCK_FRAMES, end - at), source.channels), np.float32)
        while waiting and waiting[0].piece.start < at + len(block):
            playing.append(_Player(waiting.pop(0), voice, source, rate, at, cancelled))
        for player in playing:
            player.add_to(block, at)
        playing = [player for player in playing if player.end > at + len(block)]
        _fade(block, at, voice, rate)
        yield block


class _Player:
    """A cut on its way: read in order, in whatever blocks it comes."""

    def __init__(self, cut: Cut, voice: Voice, source: Source, rate: int, at: int, cancelled: IsCancelled) -> None:
        self._cut, self._next = cut, max(at, cut.piece.start)
        self._left = np.zeros((0, source.channels), np.float32)
        self._blocks = perform_piece(
            source,
            cut.piece,
            rate,
            cents=voice.cents,
            keep_formants=voice.keep_formants,
            start=self._next,
            cancelled=cancelled,
        )

    @property
    def end(self) -> int:
        return self._cut.piece.end

    def add_to(self, block: Pcm, at: int) -> None:
        """Add what falls into the block, whose first frame is `at`."""
        end = min(at + len(block), self.end)
        while self._next < end:
            if not len(self._left):
                self._left = next(self._blocks)
            heard, self._left = self._left[: end - self._next], self._left[end - self._next :]
            place = self._next - at
            block[place : place + len(heard)] += self._softened(heard)
            self._next += len(heard)

    def _softened(self, heard: Pcm) -> Pcm:
        frames = self._next - self._cut.piece.start
        soft = _ramp(heard, frames, self._cut.fade_in, linear=True)
        return _ramp(soft[::-1], self.end - self._next - len(heard), self._cut.fade_out, linear=True)[::-1]


def _follows(before: Piece, after: Piece, seconds: float) -> bool:
    """Whether the source just goes on from one piece to the next."""
    (frame, second), (next_frame, next_second) = before.anchors[-1], after.anchors[0]
    return frame == next_frame and abs(next_second - second) <= seconds


def _cut(piece: Piece, *, opened: bool, ended: bool, rate: int) -> Cut:
    """`opened`, `ended`: it needs no soft edge there."""
    edge = round(_EDGE_SECONDS * rate)
    fade_out = 0 if ended else min(edge, piece.end - piece.start)
    if opened:
        return Cut(piece, 0, fade_out)
    (frame, second), (next_frame, next_second) = piece.anchors[:2]
    slope = (next_second - second) / (next_frame - frame)
    before = min(edge, frame)
    if not before:
        return Cut(piece, min(round(_SUDDEN_SECONDS * rate), piece.end - piece.start), fade_out)
    return Cut(Piece(((frame - before, second - before * slope), *piece.anchors[1:])), before, fade_out)


def _fade(block: Pcm, at: int, voice: Voice, rate: int) -> None:
    """The voice's own fades, over the block whose first frame is `at`."""
    first, end = voice.pieces[0].start, voice.pieces[-1].end
    short = _SHORT_SECONDS * rate
    block[:] = _ramp(block, at - first, voice.fade_in_frames, linear=voice.fade_in_frames <= short)
    out = voice.fade_out_frames
    block[:] = _ramp(block[::-1], end - at - len(block), out, linear=out <= short)[::-1]


def _ramp(block: Pcm, into: int, frames: int, *, linear: bool) -> Pcm:
    """The block after a fade-in over `frames`, of which `into` have passed at its first frame."""
    if not frames or into >= frames:
        return block
    share = np.clip((np.arange(into, into + len(block)) + 0.5) / frames, 0.0, 1.0)
    gains: NDArray[np.float64] = share if linear else np.sin(np.pi / 2 * share)
    return block * gains.astype(np.float32)[:, None]
