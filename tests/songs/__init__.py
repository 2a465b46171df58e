"""Songs with exact truth, synthesised from a seed.

    song = compose(tempo_bpm=96, tonic=9, mode="minor", seconds=30)
    write(song.mix, song.sample_rate, Path("song.flac"))

Tests, benches and `make demo` share them; they need numpy, and soundfile to write.
"""

from tests.songs.files import write
from tests.songs.looped import compose
from tests.songs.truth import PITCH_CLASSES, Chord, Mode, Song, Truth

__all__ = ["PITCH_CLASSES", "Chord", "Mode", "Song", "Truth", "compose", "write"]
