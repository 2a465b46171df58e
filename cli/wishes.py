"""How a fusion is to be matched, and what it becomes, as it is typed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from puremusic.fusion.v1 import fusion_pb2 as fusion

from cli.client import Api
from cli.fusion_formats import FORMATS
from cli.keys import key_named
from cli.lookup import track_id
from cli.stem_expressions import Choice, ExpressionError

__all__ = [
    "MatchWords",
    "Matched",
    "OutputWords",
    "encodings",
    "length_of",
    "match_of",
    "output_of",
    "preview_of",
    "stem_of",
]


class Matched(StrEnum):
    """How far stems of different tracks are brought together."""

    NONE = "none"
    TEMPO = "tempo"
    KEY = "key"
    FULL = "full"


_MODES: Mapping[Matched, fusion.MatchMode.ValueType] = {
    Matched.NONE: fusion.MATCH_MODE_NONE,
    Matched.TEMPO: fusion.MATCH_MODE_TEMPO,
    Matched.KEY: fusion.MATCH_MODE_TEMPO_AND_KEY,
    Matched.FULL: fusion.MATCH_MODE_FULL,
}
_QUALITY = re.compile(r"[vq](\d+)")
_PREVIEW = re.compile(r"(\d+(?:\.\d+)?)s?(?:\+(\d+(?:\.\d+)?)s?)?")


@dataclass(frozen=True)
class MatchWords:
    """What was said of matching; empty or None: nothing."""

    mode: Matched | None = None
    bpm: float | None = None
    tempo_of: str = ""
    key: str = ""
    key_of: str = ""
    arrange: bool = False


@dataclass(frozen=True)
class OutputWords:
    """What was said of files and loudness."""

    formats: Sequence[str] = ()
    loudness: str = ""
    peak: float | None = None
    rate: int = 0
    artist: str = ""
    album: str = ""
    cover: bool = False


def stem_of(choice: Choice) -> fusion.SelectedStem:
    """Return the settings of a choice as the API takes them; the stem itself is still to be named."""
    start, end = choice.trim or (0.0, 0.0)
    return fusion.SelectedStem(
        gain_db=choice.gain_db,
        pan=choice.pan,
        mute=choice.mute,
        solo=choice.solo,
        semitones=choice.semitones,
        speed=choice.speed,
        start_offset_seconds=choice.start_offset_seconds,
        trim=fusion.Trim(start_seconds=start, end_seconds=end) if choice.trim else None,
        loops=choice.loops,
        loop_to_end=choice.loop_to_end,
        fade_in_seconds=choice.fade_in_seconds,
        fade_out_seconds=choice.fade_out_seconds,
        low_cut_hz=choice.low_cut_hz,
        high_cut_hz=choice.high_cut_hz,
        effects=fusion.Effects(preset=choice.preset) if choice.preset else None,
    )


async def match_of(api: Api, words: MatchWords) -> fusion.Match | None:
    """Return how stems are matched; a target without a mode means as far as the target needs."""
    if words == MatchWords():
        return None
    match = fusion.Match(mode=_MODES[words.mode or _needed(words)])
    if words.arrange:
        match.arrange = fusion.ARRANGE_MODE_AUTOMATIC
    if words.bpm is not None:
        match.bpm = words.bpm
    if words.tempo_of:
        match.tempo_track_id = await track_id(api, words.tempo_of)
    if words.key:
        tonic, minor = key_named(words.key)
        mode = fusion.KEY_MODE_MINOR if minor else fusion.KEY_MODE_MAJOR
        match.target_key.CopyFrom(fusion.Key(tonic=tonic, mode=mode))
    if words.key_of:
        match.key_track_id = await track_id(api, words.key_of)
    return match


def _needed(words: MatchWords) -> Matched:
    if words.key or words.key_of:
        return Matched.KEY
    return Matched.TEMPO if words.bpm is not None or words.tempo_of else Matched.NONE


def length_of(word: str) -> fusion.Length | None:
    """Return the length: `longest`, `shortest`, or a number of bars."""
    if not word:
        return None
    policies = {"longest": fusion.LENGTH_POLICY_LONGEST, "shortest": fusion.LENGTH_POLICY_SHORTEST}
    if word in policies:
        return fusion.Length(policy=policies[word])
    if not word.isdecimal():
        raise ExpressionError(f"'{word}' is no length: longest, shortest, or a number of bars like 32.")
    return fusion.Length(policy=fusion.LENGTH_POLICY_BARS, bars=int(word))


def output_of(words: OutputWords) -> fusion.Output | None:
    """Return what becomes of the mix."""
    if words == OutputWords():
        return None
    output = fusion.Output(
        encodings=encodings(words.formats),
        sample_rate=words.rate,
        true_peak_dbtp=words.peak,
        cover=words.cover,
    )
    if words.loudness == "none":
        output.unmastered = True
    elif words.loudness:
        output.loudness_lufs = _number(words.loudness, "a loudness in LUFS like -14, or none")
    if words.artist or words.album:
        output.tags.CopyFrom(fusion.Tags(artist=words.artist, album=words.album))
    return output


def encodings(formats: Sequence[str]) -> list[fusion.Encoding]:
    """Return the files: `wav`, `wav:16`, `mp3:320`, `mp3:v2`, `ogg:q5`, `opus:128`, `flac`, `zip`, `mp4`."""
    return [_encoding(word.strip()) for words in formats for word in words.split(",")]


def _encoding(word: str) -> fusion.Encoding:
    name, _, detail = word.partition(":")
    if name not in FORMATS:
        raise ExpressionError(f"'{name}' is none of {', '.join(FORMATS)}.")
    encoding = fusion.Encoding(format=FORMATS[name])
    if quality := _QUALITY.fullmatch(detail):
        encoding.quality = int(quality[1])
    elif detail:
        setattr(encoding, "bits" if name in ("wav", "flac") else "bitrate_kbps", _whole(detail, word))
    return encoding


def preview_of(word: str) -> fusion.Preview | None:
    """Return the part that is rendered: `30` or `30+10`, seconds from the beginning and how long."""
    if not word:
        return None
    found = _PREVIEW.fullmatch(word)
    if not found:
        raise ExpressionError(f"'{word}' is no part of a song like 30 or 30+10 (seconds).")
    return fusion.Preview(start_seconds=float(found[1]), duration_seconds=float(found[2] or 0))


def _whole(detail: str, word: str) -> int:
    if not detail.isdecimal():
        raise ExpressionError(f"'{word}' is no file like wav:16, mp3:320, mp3:v0, ogg:q7 or opus:128.")
    return int(detail)


def _number(word: str, what: str) -> float:
    try:
        return float(word)
    except ValueError:
        raise ExpressionError(f"'{word}' is not {what}.") from None
