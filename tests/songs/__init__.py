"""Songs with exact truth, synthesised from a seed.

    song = compose(tempo_bpm=96, tonic=9, mode="minor", seconds=30)
    write(song.mix, song.sample_rate, Path("song.flac"))

`compose` loops four bars at one tempo; `compose_song` makes whole songs of all kinds, drawn from a seed, for measuring
an analysis. Tests, benches and `make demo` share them; they need numpy, and soundfile to write.
"""

from tests.songs.composing import compose_song, truth_of
from tests.songs.files import write
from tests.songs.looped import compose
from tests.songs.recipes import Recipe, draw_recipe
from tests.songs.truth import PITCH_CLASSES, Chord, Mode, Song, Truth

__all__ = [
    "PITCH_CLASSES",
    "Chord",
    "Mode",
    "Recipe",
    "Song",
    "Truth",
    "compose",
    "compose_song",
    "draw_recipe",
    "truth_of",
    "write",
]
