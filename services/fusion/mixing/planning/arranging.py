"""From a wish and its plan to an arrangement: everything decided, nothing rendered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from services.fusion.mixing.arrangement import Arrangement, Grid, Piece, Voice
from services.fusion.mixing.checking import InvalidArrangement, check_arrangement
from services.fusion.mixing.effects import tail_seconds
from services.fusion.mixing.planning.checking import LONGEST_SECONDS, check
from services.fusion.mixing.planning.clips import Lane
from services.fusion.mixing.planning.collisions import find_collisions
from services.fusion.mixing.planning.errors import PlanError
from services.fusion.mixing.planning.layout import first_sound, lay_out
from services.fusion.mixing.planning.material import Span, Track
from services.fusion.mixing.planning.plan import Collision, Plan
from services.fusion.mixing.planning.roles import is_pitched
from services.fusion.mixing.planning.turns import settle
from services.fusion.mixing.planning.wish import Arrange, Length, StemWish, Wish

__all__ = ["arrange", "arranged", "known", "song_rate"]

_RATES: Final = (44_100, 48_000)
_FORMANTS_FROM: Final = 50.0  # cents; a voice moved by less keeps its vowels anyway


@dataclass(frozen=True)
class _Extent:
    """Where the song begins, seconds from beat 0; where its first whole bar does; and how many frames it has."""

    start: float
    first_bar: float
    frames: int


def arrange(wish: Wish, tracks: Mapping[str, Track], plan: Plan) -> Arrangement:
    """The song that a plan of `suggest` for this wish and these tracks makes.

    Raises:
        PlanError: as `check` does, and `SONG_EMPTY`, `SONG_TOO_LONG`, `BARS_NEED_BEATS`, `SPEED_OUT_OF_REACH`, or of effects and
            mastering what `check_arrangement` says.
    """
    return arranged(wish, tracks, plan)[0]


def arranged(wish: Wish, tracks: Mapping[str, Track], plan: Plan) -> tuple[Arrangement, tuple[Collision, ...]]:
    """The song, and which of its voices get into each other's way. Raises as `arrange` does."""
    check(wish, tracks)
    facts = known(wish, tracks)
    lanes, rate = lay_out(wish, facts, plan), song_rate(wish)
    extent = _extent(wish, facts, plan, lanes, rate)
    voices = tuple(
        _voice(lane, name, plan, lane.pieces(extent.start, extent.frames, rate), rate)
        for lane, name in zip(lanes, _names(wish.stems), strict=True)
    )
    if not any(voice.pieces for voice in voices):
        raise _empty()
    grid = (
        None
        if plan.bpm is None
        else Grid(plan.bpm, round((extent.first_bar - extent.start) * rate), plan.beats_per_bar)
    )
    song = Arrangement(rate, extent.frames, voices, wish.mastering, grid)
    _check_playable(song, wish)
    found = find_collisions(song, wish.stems, facts, plan.leader)
    return settle(song, wish.stems, facts, found) if wish.match.arrange is Arrange.AUTOMATIC else (song, found)


def known(wish: Wish, tracks: Mapping[str, Track]) -> dict[str, Track]:
    """The tracks of a wish, in its order; of one that nobody listened to only the length is known."""
    found: dict[str, Track] = {}
    for stem in wish.stems:
        found.setdefault(stem.track_id, tracks.get(stem.track_id) or Track(stem.track_id, stem.seconds))
    return found


def song_rate(wish: Wish) -> int:
    """The song's sample rate in Hz: as wished, or 44,100, or 48,000 as soon as one stem has more."""
    if wish.sample_rate is not None:
        return wish.sample_rate
    return next((rate for rate in _RATES if all(stem.sample_rate <= rate for stem in wish.stems)), _RATES[-1])


def _extent(wish: Wish, tracks: Mapping[str, Track], plan: Plan, lanes: Sequence[Lane], rate: int) -> _Extent:
    start = _start(tracks, plan, lanes)
    bar = 60 / plan.bpm * plan.beats_per_bar if plan.bpm else 0.0
    first_bar = ceil(start / bar - 1e-6) * bar if bar else start
    start = first_bar - round((first_bar - start) * rate) / rate  # the grid lies on whole frames
    frames = round((_end(wish, lanes, first_bar, bar) - start) * rate)
    if frames <= 0:
        raise _empty()
    if frames > LONGEST_SECONDS * rate:
        seconds = frames / rate
        raise PlanError(
            "SONG_TOO_LONG",
            f"The song would last {seconds / 60:.0f} minutes; {LONGEST_SECONDS / 60:.0f} are the most. "
            "Ask for fewer bars or repeats.",
            seconds=seconds,
        )
    return _Extent(start, first_bar, frames)


def _start(tracks: Mapping[str, Track], plan: Plan, lanes: Sequence[Lane]) -> float:
    """The first sound of any stem, muted ones too; where nothing is matched, second 0 unless a stem was put before it."""
    if plan.bpm is None:
        return min(0.0, min(lane.start for lane in lanes))
    sounds = (first_sound(lane, _played(tracks[lane.stem.track_id], lane.stem.role)) for lane in lanes)
    return min((at for at in sounds if at is not None), default=min(lane.start for lane in lanes))


def _played(track: Track, role: str) -> Sequence[Span] | None:
    """When a stem plays; where that is not known (of a residual), when any stem of the track does."""
    active = track.active(role)
    if active is not None:
        return active
    others = [span for facts in track.stems.values() for span in facts.active or ()]
    return sorted(others, key=lambda span: span.start) or None


def _end(wish: Wish, lanes: Sequence[Lane], first_bar: float, bar: float) -> float:
    if wish.length is Length.BARS:
        if not bar:
            raise PlanError(
                "BARS_NEED_BEATS",
                "Bars are counted on a common beat, but none of these tracks has one. Choose another length.",
            )
        return first_bar + wish.bars * bar
    lasting = [lane for lane in lanes if lane.period is None]
    if wish.length is Length.SHORTEST:
        return min(lane.end for lane in lasting)
    if len(lasting) < len(lanes):
        return max(lane.end for lane in lasting)  # a loop without end would go on under what rings
    return max(lane.end + tail_seconds(lane.stem.effects) for lane in lasting)


def _voice(lane: Lane, name: str, plan: Plan, pieces: tuple[Piece, ...], rate: int) -> Voice:
    stem, frames = lane.stem, sum(piece.end - piece.start for piece in pieces)
    cents = plan.of(stem.track_id).shift_cents + 100 * stem.semitones if is_pitched(stem.role) else 0.0
    return Voice(
        name=name,
        source=stem.stem_id,
        pieces=pieces,
        cents=cents,
        keep_formants=stem.role == "vocals" and abs(cents) >= _FORMANTS_FROM,
        gain_db=stem.gain_db,
        pan=stem.pan,
        muted=stem.muted,
        fade_in_frames=min(round(stem.fade_in_seconds * rate), frames),
        fade_out_frames=min(round(stem.fade_out_seconds * rate), frames),
        effects=stem.effects,
    )


def _check_playable(song: Arrangement, wish: Wish) -> None:
    """Refuse, while the user still listens, what performing would refuse: effects and mastering out of range."""
    try:
        check_arrangement(song, {stem.stem_id for stem in wish.stems})
    except InvalidArrangement as error:
        raise PlanError(error.code, error.message) from None


def _names(stems: Sequence[StemWish]) -> list[str]:
    """Their roles, numbered where a role comes more than once."""
    counts, seen = Counter(stem.role for stem in stems), Counter[str]()
    names = []
    for stem in stems:
        seen[stem.role] += 1
        names.append(f"{stem.role} {seen[stem.role]}" if counts[stem.role] > 1 else stem.role)
    return names


def _empty() -> PlanError:
    return PlanError(
        "SONG_EMPTY",
        "Nothing would be heard: every stem begins after the song has ended. Move the stems, or make the song longer.",
    )
