"""What a plan has to say to people: warnings and reasons, each with a code for programs."""

from __future__ import annotations

from typing import Final

from services.fusion.mixing.planning.material import Key, Track
from services.fusion.mixing.planning.plan import Note, TrackPlan

__all__ = [
    "key_name",
    "key_reason",
    "leader_reason",
    "level_reason",
    "no_beats",
    "no_common_beat",
    "no_key",
    "no_sections",
    "off_the_beat",
    "other_feel",
    "other_metre",
    "stretch_reason",
    "stretched_far",
    "tempo_reason",
    "tonic_name",
    "transposed_far",
    "transposition_reason",
    "unsure_key",
    "unsure_tempo",
    "untransposable",
]

_TEMPI: Final = {1.0: "the tempo", 2.0: "twice the tempo", 0.5: "half the tempo"}
# The usual spelling: the one with fewer accidentals in the key signature.
_TONICS: Final = {
    "major": ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"),
    "minor": ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B"),
}


def tonic_name(key: Key) -> str:
    """The tonic as musicians write it in this mode: `F#`."""
    return _TONICS["minor" if key.mode == "minor" else "major"][key.tonic % 12]


def key_name(key: Key) -> str:
    """For people: `F# minor`."""
    return f"{tonic_name(key)} {key.mode}"


# Reasons


def tempo_reason(bpm: float, own: tuple[Track, float] | None, *, asked: bool) -> Note:
    """Which tempo, and whose it is: that of a track, counted at a level."""
    whose = "as asked" if asked else f"{_TEMPI[own[1]]} of {own[0].name}" if own else "between the tempi of the tracks"
    return _note("TEMPO", f"The song has {bpm:.1f} BPM, {whose}.", bpm=bpm, track_id=own[0].track_id if own else "")


def key_reason(key: Key, tuning_cents: float) -> Note:
    """Which key, and in which tuning."""
    tuned = f", tuned {abs(tuning_cents):.0f} cents {_way(tuning_cents)}" if abs(tuning_cents) >= 1 else ""
    return _note("KEY", f"The song is in {key_name(key)}{tuned}.", key=key_name(key), tuning_cents=tuning_cents)


def leader_reason(track: Track) -> Note:
    """Whose sections are followed."""
    return _note("FORM", f"The song follows the sections of {track.name}.", track_id=track.track_id)


def level_reason(track: Track, level: float) -> Note:
    """A track that is counted otherwise than it was heard."""
    how = "double" if level > 1 else "half"
    code = f"{how.upper()}_TIME"
    sentence = f"{track.name} is counted in {how} time: its bars last {_bars(level)}."
    return _note(code, sentence, track_id=track.track_id, level=level)


def stretch_reason(track: Track, ratio: float) -> Note:
    """How much faster a track is played."""
    percent = abs(ratio - 1) * 100
    if percent < 0.05:
        return _note("TEMPO_KEPT", f"{track.name} keeps its tempo.", track_id=track.track_id)
    way = "faster" if ratio > 1 else "slower"
    return _note("STRETCHED", f"{track.name} is played {percent:.1f} % {way}.", track_id=track.track_id, ratio=ratio)


def transposition_reason(track: Track, plan: TrackPlan) -> Note:
    """How a track gets into the key."""
    params: dict[str, str | float] = {"track_id": track.track_id, "semitones": plan.semitones, "cents": plan.cents}
    into = f" to {key_name(plan.key)}" if plan.key else ""
    if abs(plan.shift_cents) < 0.5:
        return Note("KEY_KEPT", f"{track.name} stays as high as it is{', in' + into[3:] if into else ''}.", params)
    if plan.semitones == 0:
        sentence = f"{track.name} is tuned {abs(plan.cents):.0f} cents {_way(plan.cents)}."
        return Note("TUNED", sentence, params)
    size = abs(plan.semitones)
    count = f"{size} semitone{'s' if size > 1 else ''} {_way(plan.semitones)}"
    return Note("TRANSPOSED", f"{track.name} moves {count}{into}; its drums stay as they are.", params)


# Warnings


def no_beats(track: Track) -> Note:
    """A track whose tempo cannot be matched."""
    sentence = f"No beat was heard in {track.name}: it keeps its tempo and begins with the song. Correct its tempo to match it."
    return _note("NO_BEATS", sentence, track_id=track.track_id)


def no_common_beat() -> Note:
    """Nothing can be matched in time."""
    return _note(
        "NO_COMMON_BEAT", "No beat was heard in any of these tracks: they begin together and keep their tempi."
    )


def no_key(track: Track) -> Note:
    """A track whose key cannot be matched."""
    sentence = f"No key was heard in {track.name}: it isn't transposed. Correct its key to match it."
    return _note("NO_KEY", sentence, track_id=track.track_id)


def no_sections() -> Note:
    """A form that cannot be followed."""
    sentence = "No two tracks with sections and beats: they are matched by tempo and key, and play through."
    return _note("NO_SECTIONS", sentence)


def unsure_tempo(track: Track) -> Note:
    """Beats that may be wrong."""
    sentence = f"The tempo of {track.name} is uncertain: listen whether it stays on the beat, else correct it."
    return _note("TEMPO_UNCERTAIN", sentence, track_id=track.track_id, confidence=track.tempo_confidence)


def unsure_key(track: Track) -> Note:
    """A key that may be wrong."""
    confidence = track.key.confidence if track.key else 0.0
    sentence = f"The key of {track.name} is uncertain: listen whether it fits, else correct it."
    return _note("KEY_UNCERTAIN", sentence, track_id=track.track_id, confidence=confidence)


def stretched_far(track: Track, ratio: float, *, very: bool) -> Note:
    """A stretch that will be heard."""
    percent = abs(ratio - 1) * 100
    heard = "clearly be heard" if very else "perhaps be heard"
    sentence = f"{track.name} is played {percent:.0f} % {'faster' if ratio > 1 else 'slower'}: that will {heard}."
    code = "STRETCHED_VERY_FAR" if very else "STRETCHED_FAR"
    return _note(code, sentence, track_id=track.track_id, ratio=ratio)


def transposed_far(track: Track, cents: float) -> Note:
    """A transposition that will be heard."""
    sentence = (
        f"{track.name} moves {abs(cents) / 100:.1f} semitones {_way(cents)}: voices will sound unlike themselves."
    )
    return _note("TRANSPOSED_FAR", sentence, track_id=track.track_id, cents=cents)


def other_metre(track: Track, beats: int, bar: int) -> Note:
    """Bars that don't coincide."""
    sentence = f"{track.name} has {beats} beats a bar, the song {bar}: beats fall together, bars don't."
    return _note("OTHER_METRE", sentence, track_id=track.track_id, beats_per_bar=beats)


def other_feel(track: Track) -> Note:
    """Beats in three against beats in two."""
    sentence = (
        f"The beats of {track.name} are divided otherwise than those of the others (three against two): they may rub."
    )
    return _note("OTHER_FEEL", sentence, track_id=track.track_id)


def off_the_beat(track: Track, speed: float) -> Note:
    """A speed of the user's own that leaves the grid."""
    sentence = f"A stem of {track.name} is played {speed:g} times as fast as the others: it leaves the common beat."
    return _note("OFF_THE_BEAT", sentence, track_id=track.track_id, speed=speed)


def untransposable(role: str) -> Note:
    """Semitones that were asked for in vain."""
    return _note("NEVER_TRANSPOSED", f"The {role} stem stays as high as it is: it is never transposed.", role=role)


def _note(code: str, sentence: str, **params: str | float) -> Note:
    return Note(code, sentence, params)


def _way(amount: float) -> str:
    return "up" if amount > 0 else "down"


def _bars(level: float) -> str:
    return "two of the song's" if level > 1 else "half of one of the song's"
