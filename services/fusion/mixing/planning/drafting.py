"""Plans in the order of their cost: every good tempo with every good key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Final, TypeVar

from services.fusion.mixing.planning.contributions import KEY_MODES, Contribution
from services.fusion.mixing.planning.cost import Cost, level_cost, pitch_damage, stretch_damage
from services.fusion.mixing.planning.errors import PlanError
from services.fusion.mixing.planning.key_target import KeyOption, Shift, key_options, transposed
from services.fusion.mixing.planning.material import Key, Track
from services.fusion.mixing.planning.plan import Plan, TrackPlan, VoiceDamage
from services.fusion.mixing.planning.pulse import Pulse, pulse_of
from services.fusion.mixing.planning.tempo_target import TempoOption, tempo_options
from services.fusion.mixing.planning.wish import Match, MatchMode

__all__ = ["drafts"]

_T = TypeVar("_T")
_Pair = tuple[TempoOption | None, KeyOption | None]

_ALIKE: Final = 2  # plans of one tempo, or of one key, before others come


def drafts(match: Match, parts: Sequence[Contribution], tracks: Mapping[str, Track]) -> Iterator[Plan]:
    """Plans that differ, best first, without notes and collisions; at least one. `tracks` holds those that a target names.

    Raises:
        PlanError: `TARGET_TRACK_WITHOUT_TEMPO`, `TARGET_TRACK_WITHOUT_KEY`, `TARGET_TEMPO_OUT_OF_REACH`, `TEMPI_TOO_FAR_APART`.
    """
    tempi = _tempi(match, parts, tracks) or [None]
    keys = _keys(match, parts, tracks) or [None]
    pairs = sorted(product(tempi, keys), key=lambda pair: round(sum(option.cost for option in pair if option), 9))
    return (_plan(parts, tempo, key) for tempo, key in _varied(pairs, len(tempi) > 1, len(keys) > 1))


def _varied(pairs: Sequence[_Pair], several_tempi: bool, several_keys: bool) -> Iterator[_Pair]:
    """At most two of one tempo, and of one key, first, where there are others; then the rest."""
    seen, late = Counter[float | Key | None](), list[_Pair]()
    for tempo, key in pairs:
        bpm, target = tempo.bpm if tempo else None, key.key if key else None
        if (several_tempi and seen[bpm] >= _ALIKE) or (several_keys and seen[target] >= _ALIKE):
            late.append((tempo, key))
            continue
        seen.update((bpm, target))
        yield tempo, key
    yield from late


def _tempi(match: Match, parts: Sequence[Contribution], tracks: Mapping[str, Track]) -> Sequence[TempoOption | None]:
    """None where nothing is matched."""
    own = _own_tempo(tracks[match.target.tempo_of]) if match.target.tempo_of is not None else None
    paced = [part.paced for part in parts if part.paced is not None]
    if match.mode is MatchMode.NONE or not paced:
        return []
    if own is not None:
        return tempo_options(paced, own.bpm, match.target.tempo_of)
    return tempo_options(paced, match.target.bpm)


def _own_tempo(track: Track) -> Pulse:
    pulse = pulse_of(track)
    if pulse is None:
        raise PlanError(
            "TARGET_TRACK_WITHOUT_TEMPO",
            f"No beat was heard in {track.name}, so its tempo can't be the song's. Correct its tempo, or choose another.",
            track_id=track.track_id,
        )
    return pulse


def _keys(match: Match, parts: Sequence[Contribution], tracks: Mapping[str, Track]) -> Sequence[KeyOption | None]:
    """None where nothing is matched."""
    own = _own_key(tracks[match.target.key_of]) if match.target.key_of is not None else None
    pitched = [part.pitched for part in parts if part.pitched is not None]
    if match.mode not in KEY_MODES or not pitched:
        return []
    if own is not None:
        return key_options(pitched, *own)
    return _unlike(key_options(pitched, match.target.key))


def _own_key(track: Track) -> tuple[Key, float]:
    """A track's key and tuning."""
    if track.key is None:
        raise PlanError(
            "TARGET_TRACK_WITHOUT_KEY",
            f"No key was heard in {track.name}, so its key can't be the song's. Correct its key, or choose another.",
            track_id=track.track_id,
        )
    return track.key, track.tuning_cents


def _unlike(options: Sequence[KeyOption]) -> list[KeyOption]:
    """One of those that transpose every track alike: they have other names only."""
    unlike: dict[tuple[float, ...], KeyOption] = {}
    for option in options:
        unlike.setdefault(tuple(shift.cents for shift in option.shifts), option)
    return list(unlike.values())


def _plan(parts: Sequence[Contribution], tempo: TempoOption | None, key: KeyOption | None) -> Plan:
    levels = _zipped([part for part in parts if part.paced], tempo.levels if tempo else ())
    shifts = _zipped([part for part in parts if part.pitched], key.shifts if key else ())
    tracks = tuple(_track(part, tempo, levels, shifts) for part in parts)
    cost = Cost(
        stretch=sum(voice.stretch for track in tracks for voice in track.damage),
        level=sum(_level_cost(part, levels) for part in parts),
        pitch=sum(voice.pitch for track in tracks for voice in track.damage),
        clash=sum(shift.clash for shift in shifts.values()),
    )
    return Plan(
        tracks,
        bpm=tempo.bpm if tempo else None,
        beats_per_bar=_bar(parts, levels),
        key=key.key if key else None,
        tuning_cents=key.tuning_cents if key else None,
        cost=cost,
    )


def _zipped(parts: Sequence[Contribution], values: Sequence[_T]) -> dict[str, _T]:
    """By track; nothing if there are no values."""
    return {part.track.track_id: value for part, value in zip(parts, values, strict=bool(values))}


def _track(
    part: Contribution, tempo: TempoOption | None, levels: Mapping[str, float], shifts: Mapping[str, Shift]
) -> TrackPlan:
    track, shift = part.track, shifts.get(part.track.track_id)
    level = levels.get(track.track_id)
    ratio = tempo.bpm / (part.pulse.bpm * level) if tempo and part.pulse and level else 1.0
    semitones, tuning = (shift.semitones, shift.tuning) if shift else (0, 0.0)
    key = transposed(track.key, semitones) if track.key else None
    damage = _damage(part, ratio, shift.cents if shift else 0.0)
    return TrackPlan(track.track_id, level, ratio, semitones, tuning, key, damage)


def _damage(part: Contribution, ratio: float, cents: float) -> tuple[VoiceDamage, ...]:
    return tuple(
        VoiceDamage(stem.stem_id, stem.role, stretch_damage(stem.role, ratio), pitch_damage(stem.role, cents))
        for stem in part.stems
    )


def _level_cost(part: Contribution, levels: Mapping[str, float]) -> float:
    level = levels.get(part.track.track_id, 1.0)
    return level_cost(level, part.paced.weight, part.paced.confidence) if part.paced else 0.0


def _bar(parts: Sequence[Contribution], levels: Mapping[str, float]) -> int:
    """Beats of the song's bars: those of the weightiest track, rather of one that is counted as it was heard."""
    matched = [part for part in parts if part.track.track_id in levels and part.paced and part.pulse]
    ranks = [(levels[part.track.track_id] == 1, part.paced.weight if part.paced else 0.0) for part in matched]
    return next(
        (
            part.pulse.beats_per_bar
            for part, rank in zip(matched, ranks, strict=True)
            if part.pulse and rank == max(ranks)
        ),
        4,
    )
