"""What is said about a song, whatever the file."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Tags"]


@dataclass(frozen=True)
class Tags:
    """Texts in any script; an empty one is left out.

    Attributes:
        bpm: beats a minute; None: not known.
        key: as DJ software writes it: the tonic, `m` for minor: `F#m`, `Eb`.
    """

    title: str = ""
    artist: str = ""
    album: str = ""
    bpm: float | None = None
    key: str = ""
    comment: str = "made with PureMusic"
    copyright: str = ""
