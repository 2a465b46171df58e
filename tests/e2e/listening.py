"""Listening to stems while they are made: a client that fetches each segment as soon as there is one."""

import io
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx
import numpy as np
import soundfile
from numpy.typing import NDArray

from tests.e2e.rest import Json, Rest

__all__ = ["EarlyListener", "Piece", "samples", "stem_samples"]

Samples = NDArray[np.int32]
"""Steps of 24 bit, as (frames, channels)."""


@dataclass(frozen=True)
class Piece:
    """A segment as it was heard."""

    first_frame: int
    frames: int
    attempt: int
    """Which attempt of the job made it."""
    stems: dict[str, Samples]


@dataclass
class EarlyListener:
    """Hears a separation as far as it is playable."""

    rest: Rest
    separation_id: str
    pieces: list[Piece] = field(default_factory=list)

    @property
    def reached(self) -> int:
        """How far it has been heard, frames from the beginning."""
        return self.pieces[-1].first_frame + self.pieces[-1].frames if self.pieces else 0

    def catch_up(self) -> None:
        """Fetch what is new. Each piece begins where the one before it ended."""
        path = f"/api/v1/separations/{self.separation_id}/segments"
        for segment in self.rest.get(path, fromFrame=self.reached)["segments"]:
            assert int(segment["firstFrame"]) == self.reached
            piece = _piece(segment)
            assert {len(pcm) for pcm in piece.stems.values()} == {piece.frames}
            self.pieces.append(piece)

    def assert_heard_what_was_stored(self) -> None:
        """Compare every piece with the finished stems at the same place, sample for sample."""
        for stem in self.rest.get(f"/api/v1/separations/{self.separation_id}")["stems"]:
            whole = stem_samples(self.rest, stem)
            for piece in self.pieces:
                there = whole[piece.first_frame : piece.first_frame + piece.frames]
                # A stem that grew loud later was stored with fewer bits; so is, here, what was heard of it before.
                bits = stem["scaleBits"]
                assert np.array_equal(piece.stems[stem["type"]] >> bits << bits, there), (stem["type"], piece)


def samples(content: bytes, scale_bits: int = 0) -> Samples:
    """The samples of a file of 24-bit FLAC or WAV, or of a residual in 32 bits."""
    with soundfile.SoundFile(io.BytesIO(content)) as file:
        stored: Samples = file.read(dtype="int32", always_2d=True)
        wide = file.subtype == "PCM_32"
    return stored >> (8 - scale_bits) if wide else stored >> 8 << scale_bits


def stem_samples(rest: Rest, stem: Json) -> Samples:
    """The samples of a stem, or of a residual, as somebody gets them who downloads it."""
    return samples(_fetched(rest.get(f"/api/v1/stems/{stem['stemId']}/download")["url"]), stem["scaleBits"])


def _piece(segment: Json) -> Piece:
    stems = segment["stems"]
    return Piece(
        int(segment["firstFrame"]),
        int(segment["frames"]),
        _attempt(stems[0]["url"]),
        {stem["type"]: samples(_fetched(stem["url"]), stem["scaleBits"]) for stem in stems},
    )


def _attempt(url: str) -> int:
    return int(urlsplit(url).path.split("/")[-3])


def _fetched(url: str) -> bytes:
    answer = httpx.get(url, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.content
