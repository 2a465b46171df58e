"""The options of `fuse` and `fusion suggest` that say how stems are brought together."""

from typing import Annotated

import typer

from cli.wishes import Matched

__all__ = ["Arrange", "Bpm", "Key", "KeyOf", "Length", "Match", "Selection", "TempoOf"]

Selection = Annotated[
    list[str], typer.Argument(metavar="TRACK:STEMS…", help="For example: a1b2:vocals@-3dB c3d4:drums@L20,bass")
]
Match = Annotated[
    Matched | None, typer.Option(help="What is brought together: tempo, key (and tempo), full (and sections).")
]
Bpm = Annotated[float | None, typer.Option(help="The song's tempo; else what bends the stems least.")]
TempoOf = Annotated[str, typer.Option(metavar="TRACK", help="The track whose tempo the song takes.")]
Key = Annotated[str, typer.Option(help="The song's key: F#m, 'F# minor', Bb; else what bends the stems least.")]
KeyOf = Annotated[str, typer.Option(metavar="TRACK", help="The track whose key the song takes.")]
Arrange = Annotated[bool, typer.Option("--arrange", help="Two vocals or two basses at once take turns.")]
Length = Annotated[str, typer.Option(help="longest, shortest, or so many bars.")]
