"""An arrangement: everything that is decided before a fusion sounds.

It says of every voice which seconds of its source are heard at which frames of the song, how high, how loud, where and through
what effects. Nothing is left to be found out: the same arrangement of the same sources gives the same samples. It is what a
receipt holds. Times in the song are frames at `Arrangement.sample_rate`; times in a source are seconds from its beginning.
"""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = [
    "Arrangement",
    "Band",
    "Compressor",
    "Delay",
    "Effects",
    "Grid",
    "Mastering",
    "Piece",
    "Reverb",
    "Voice",
]


@dataclass(frozen=True)
class Piece:
    """A stretch of a source that is heard without a break.

    Attributes:
        anchors: (frame of the song, second of the source), at least two, strictly ascending in both; between them time runs
            evenly. The piece is heard from the first anchor's frame up to the last one's. What of it lies before the
            source's beginning or after its end is silence.
    """

    anchors: tuple[tuple[int, float], ...]

    @property
    def start(self) -> int:
        """Its first frame in the song."""
        return self.anchors[0][0]

    @property
    def end(self) -> int:
        """The frame after its last one in the song."""
        return self.anchors[-1][0]


@dataclass(frozen=True)
class Band:
    """One band of an equaliser (R. Bristow-Johnson, Audio EQ Cookbook): `shape` is `peak`, `low_shelf` or `high_shelf`."""

    shape: str
    frequency_hz: float
    gain_db: float
    q: float = 0.707


@dataclass(frozen=True)
class Compressor:
    """Feed-forward, soft knee: above `threshold_db` (dBFS of the envelope) the level grows by 1/`ratio`."""

    threshold_db: float
    ratio: float
    attack_ms: float = 10.0
    release_ms: float = 120.0
    makeup_db: float = 0.0


@dataclass(frozen=True)
class Reverb:
    """A room: `seconds` until it has faded by 60 dB, `mix` of it from 0 (none) to 1 (nothing else)."""

    seconds: float
    mix: float
    predelay_ms: float = 20.0


@dataclass(frozen=True)
class Delay:
    """Echoes every `seconds`, each `feedback` (0 to 0.95) times the one before, `mix` of them from 0 to 1."""

    seconds: float
    feedback: float
    mix: float


@dataclass(frozen=True)
class Effects:
    """What a voice goes through, in this order: cuts (12 dB an octave), equaliser, compressor, delay, reverb."""

    low_cut_hz: float | None = None
    high_cut_hz: float | None = None
    bands: tuple[Band, ...] = ()
    compressor: Compressor | None = None
    delay: Delay | None = None
    reverb: Reverb | None = None


@dataclass(frozen=True)
class Voice:
    """One stem in the song.

    Attributes:
        name: unique in the arrangement; of a voice's own file too.
        source: the key of its source: a stem's id.
        pieces: in the song's order, without overlaps; between them the voice is silent.
        cents: how much higher it sounds than its source, -2,400 to 2,400.
        keep_formants: whether the voice's vowels stay where they were when it is transposed.
        gain_db: of the fader, -60 to 12.
        pan: -1 (left) to 1 (right).
        muted: it is not heard.
        fade_in_frames, fade_out_frames: at the beginning of its first piece, at the end of its last.
        gain_curve: (frame of the song, dB), ascending; between them linear in dB, before and after them constant: ducking.
    """

    name: str
    source: str
    pieces: tuple[Piece, ...]
    cents: float = 0.0
    keep_formants: bool = False
    gain_db: float = 0.0
    pan: float = 0.0
    muted: bool = False
    fade_in_frames: int = 0
    fade_out_frames: int = 0
    effects: Effects = field(default_factory=Effects)
    gain_curve: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True)
class Grid:
    """The common beats: beat k lies at frame `offset + k * 60 / bpm * sample_rate`; beat 0 is a downbeat."""

    bpm: float
    offset: int
    beats_per_bar: int


@dataclass(frozen=True)
class Mastering:
    """What the finished song should measure.

    Attributes:
        loudness_lufs: integrated (BS.1770-4), -40 to -6; None: the sum's level stays as it is, and nothing limits it.
        true_peak_dbtp: never exceeded, -9 to 0.
    """

    loudness_lufs: float | None = -14.0
    true_peak_dbtp: float = -1.0


@dataclass(frozen=True)
class Arrangement:
    """A whole song before it sounds: `frames` at `sample_rate` Hz; `grid` is None where nothing was matched."""

    sample_rate: int
    frames: int
    voices: tuple[Voice, ...]
    mastering: Mastering = field(default_factory=Mastering)
    grid: Grid | None = None
