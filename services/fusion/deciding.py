"""What is decided when a fusion is asked for, so that its user hears at once what is wrong: plan and arrangement."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from chassis.errors import InvalidInput
from services.fusion.faders import GAIN_DB
from services.fusion.mixing import planning
from services.fusion.mixing.arrangement import Arrangement
from services.fusion.mixing.mastering.balance import Stem, balanced
from services.fusion.mixing.planning import Plan, PlanError
from services.fusion.mixing.planning.material import Track
from services.fusion.mixing.planning.wish import Wish
from services.fusion.mixing.receipts import AnalysisRecord

T = TypeVar("T")


def decided(wish: Wish, tracks: Mapping[str, Track], choice: int) -> tuple[Plan, Arrangement]:
    """Return the plan of this rank, 1 for the best, and the arrangement by it. Raises `InvalidInput`."""
    plans = suggested(wish, tracks, choice)
    if len(plans) < choice:
        raise InvalidInput(
            "CHOICE_OUT_OF_RANGE",
            f"There is no plan {choice} for this wish; choose 1 to {len(plans)}.",
            choice=choice,
            plans=len(plans),
        )
    plan = plans[choice - 1]
    return plan, _planned(lambda: planning.arrange(wish, tracks, plan))


def suggested(wish: Wish, tracks: Mapping[str, Track], count: int) -> Sequence[Plan]:
    """Return the best plans, at most `count`. Raises `InvalidInput`."""
    return _planned(lambda: planning.suggest(wish, tracks, count))


def unheard(wish: Wish) -> dict[str, Track]:
    """Return the tracks of stems that are not matched: nothing of them needs to be known."""
    return {stem.track_id: Track(stem.track_id, stem.seconds) for stem in wish.stems}


def balance(wish: Wish, tracks: Mapping[str, Track]) -> dict[str, float]:
    """Return by how many dB the stems of each track are raised or lowered so that none buries another."""
    stems = [Stem(stem.track_id, stem.role, _loudness(tracks[stem.track_id], stem.role)) for stem in wish.stems]
    return {stem.track_id: gain for stem, gain in zip(stems, balanced(stems), strict=True)}


def with_gains(wish: Wish, by_track: Mapping[str, float]) -> Wish:
    """Return the wish with the stems of each track so much louder, within what a fader can do."""
    low, high = GAIN_DB
    stems = (
        replace(stem, gain_db=max(low, min(high, stem.gain_db + by_track.get(stem.track_id, 0.0))))
        for stem in wish.stems
    )
    return replace(wish, stems=tuple(stems))


def _loudness(track: Track, role: str) -> float | None:
    return track.stems[role].loudness_lufs if role in track.stems else None


def window(arrangement: Arrangement, start_seconds: float, seconds: float) -> tuple[int, int]:
    """Return the frames of a preview, as far as the song reaches. Raises `InvalidInput` for one that lies after its end."""
    start = round(start_seconds * arrangement.sample_rate)
    end = min(start + round(seconds * arrangement.sample_rate), arrangement.frames)
    if start >= end:
        length = arrangement.frames / arrangement.sample_rate
        raise InvalidInput(
            "PREVIEW_OUT_OF_RANGE",
            f"The song is {length:.1f} s long: choose a preview that begins before its end.",
            song_seconds=length,
        )
    return start, end


def heard(tracks: Mapping[str, Track]) -> dict[str, AnalysisRecord]:
    """Return by which analyses tracks are matched."""
    return {
        track_id: AnalysisRecord(track.analysis_id, track.analysis_version)
        for track_id, track in tracks.items()
        if track.analysis_id
    }


def _planned(plan: Callable[[], T]) -> T:
    try:
        return plan()
    except PlanError as error:
        raise InvalidInput(error.code, error.message, **error.params) from None
