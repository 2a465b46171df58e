"""A person's word about a track, as it is typed.

    tempo  128 · 127.5 · x2 · /2 · x1.5        key  F#m · "F# minor" · Bb · "Bb major"
    downbeat  1.25 (seconds)                   metre  3/4 · 6/8

Instead of each of them `heard` takes the correction back.
"""

import re
from collections.abc import Callable, Mapping

from puremusic.mir.v1 import mir_pb2

from cli.keys import key_named
from cli.stem_expressions import ExpressionError

__all__ = ["HEARD", "correction"]

HEARD = "heard"

_SIGNATURE = re.compile(r"(\d+)/(\d+)")


def correction(track_id: str, words: Mapping[str, str]) -> mir_pb2.UpdateAnalysisRequest:
    """Return the request that says these words, by field; raises `ExpressionError`."""
    request = mir_pb2.UpdateAnalysisRequest(track_id=track_id)
    for field, word in words.items():
        request.update_mask.paths.append(field)
        if word != HEARD:
            _SAY[field](request.corrections, word.strip())
    return request


def _say_tempo(said: mir_pb2.Corrections, word: str) -> None:
    if word[:1] in "x/":
        factor = _number(word[1:], "a tempo like 128, x2 or /2")
        said.tempo.factor = factor if word.startswith("x") or not factor else 1 / factor
    else:
        said.tempo.bpm = _number(word, "a tempo like 128, x2 or /2")


def _say_downbeat(said: mir_pb2.Corrections, word: str) -> None:
    said.downbeat_seconds = _number(word, "a moment in seconds like 1.25")


def _say_key(said: mir_pb2.Corrections, word: str) -> None:
    said.key.tonic, minor = key_named(word)
    said.key.mode = mir_pb2.MODE_MINOR if minor else mir_pb2.MODE_MAJOR


def _say_time_signature(said: mir_pb2.Corrections, word: str) -> None:
    found = _SIGNATURE.fullmatch(word)
    if not found:
        raise ExpressionError(f"'{word}' is not a metre like 3/4 or 6/8.")
    said.time_signature.numerator, said.time_signature.denominator = int(found[1]), int(found[2])


def _number(word: str, what: str) -> float:
    try:
        return float(word)
    except ValueError:
        raise ExpressionError(f"'{word}' is not {what}.") from None


_SAY: Mapping[str, Callable[[mir_pb2.Corrections, str], None]] = {
    "tempo": _say_tempo,
    "downbeat_seconds": _say_downbeat,
    "key": _say_key,
    "time_signature": _say_time_signature,
}
