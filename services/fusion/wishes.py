"""What is asked for: from the contract to planning's terms."""

from collections.abc import Sequence

from puremusic.fusion.v1 import fusion_pb2 as pb
from puremusic.separation.v1 import separation_pb2

from chassis.errors import InvalidInput
from services.fusion import voicing
from services.fusion.limits import number
from services.fusion.mixing.arrangement import Mastering
from services.fusion.mixing.planning.material import Key, Span
from services.fusion.mixing.planning.wish import Arrange, Length, Match, MatchMode, StemWish, Target, Wish
from services.fusion.separation_client import TYPES

MODES = {
    pb.MATCH_MODE_UNSPECIFIED: MatchMode.NONE,
    pb.MATCH_MODE_NONE: MatchMode.NONE,
    pb.MATCH_MODE_TEMPO: MatchMode.TEMPO,
    pb.MATCH_MODE_TEMPO_AND_KEY: MatchMode.TEMPO_AND_KEY,
    pb.MATCH_MODE_FULL: MatchMode.FULL,
}
ARRANGES = {
    pb.ARRANGE_MODE_UNSPECIFIED: Arrange.AS_GIVEN,
    pb.ARRANGE_MODE_AS_GIVEN: Arrange.AS_GIVEN,
    pb.ARRANGE_MODE_AUTOMATIC: Arrange.AUTOMATIC,
}
LENGTHS = {
    pb.LENGTH_POLICY_UNSPECIFIED: Length.LONGEST,
    pb.LENGTH_POLICY_LONGEST: Length.LONGEST,
    pb.LENGTH_POLICY_SHORTEST: Length.SHORTEST,
    pb.LENGTH_POLICY_BARS: Length.BARS,
}
KEY_MODES = {pb.KEY_MODE_MAJOR: "major", pb.KEY_MODE_MINOR: "minor"}
SAMPLE_RATES = (44_100, 48_000, 88_200, 96_000)

Stems = Sequence[separation_pb2.Stem]
"""The chosen stems as separation describes them, in the order of the choice."""


def to_wish(request: pb.CreateFusionRequest | pb.SuggestFusionRequest, stems: Stems, output: pb.Output) -> Wish:
    """Return the wish; raises `InvalidInput` for settings that contradict each other. Ranges were checked before."""
    soloed = any(stem.solo for stem in request.stems)
    return Wish(
        stems=tuple(_stem(chosen, stem, soloed=soloed) for chosen, stem in zip(request.stems, stems, strict=True)),
        match=_match(request.match),
        length=LENGTHS[request.length.policy],
        bars=request.length.bars,
        mastering=_mastering(output),
        sample_rate=_sample_rate(output),
    )


def _stem(chosen: pb.SelectedStem, stem: separation_pb2.Stem, *, soloed: bool) -> StemWish:
    return StemWish(
        stem_id=stem.stem_id,
        track_id=stem.track_id,
        role=TYPES[stem.type],
        seconds=stem.frames / stem.sample_rate,
        sample_rate=stem.sample_rate,
        gain_db=chosen.gain_db,
        pan=chosen.pan,
        muted=chosen.mute or (soloed and not chosen.solo),
        start_seconds=chosen.start_offset_seconds,
        trim=_trim(chosen.trim, stem) if chosen.HasField("trim") else None,
        loops=_loops(chosen),
        fade_in_seconds=chosen.fade_in_seconds,
        fade_out_seconds=chosen.fade_out_seconds,
        speed=number(chosen, "speed"),
        semitones=chosen.semitones,
        effects=voicing.to_effects(chosen),
    )


def _trim(trim: pb.Trim, stem: separation_pb2.Stem) -> Span:
    return Span(trim.start_seconds, trim.end_seconds or stem.frames / stem.sample_rate)


def _loops(chosen: pb.SelectedStem) -> int:
    if chosen.loop_to_end and chosen.loops:
        raise InvalidInput("LOOPS_CONTRADICT", "Choose either 'loops' or 'loop_to_end'.")
    return 0 if chosen.loop_to_end else max(1, chosen.loops)


def _match(match: pb.Match) -> Match:
    return Match(MODES[match.mode], _target(match), ARRANGES[match.arrange])


def _target(match: pb.Match) -> Target:
    tempo, key = match.WhichOneof("tempo"), match.WhichOneof("key")
    return Target(
        bpm=match.bpm if tempo == "bpm" else None,
        tempo_of=match.tempo_track_id if tempo == "tempo_track_id" else None,
        key=Key(match.target_key.tonic, KEY_MODES[match.target_key.mode]) if key == "target_key" else None,
        key_of=match.key_track_id if key == "key_track_id" else None,
    )


def _mastering(output: pb.Output) -> Mastering:
    usual = Mastering()
    if output.unmastered and output.HasField("loudness_lufs"):
        raise InvalidInput("MASTERING_CONTRADICTS", "Choose either 'loudness_lufs' or 'unmastered'.")
    loudness = output.loudness_lufs if output.HasField("loudness_lufs") else usual.loudness_lufs
    peak = output.true_peak_dbtp if output.HasField("true_peak_dbtp") else usual.true_peak_dbtp
    return Mastering(None if output.unmastered else loudness, peak)


def _sample_rate(output: pb.Output) -> int | None:
    if output.sample_rate and output.sample_rate not in SAMPLE_RATES:
        raise InvalidInput(
            "SAMPLE_RATE_NOT_POSSIBLE",
            f"A song is not made at {output.sample_rate} Hz: choose 44,100, 48,000, 88,200 or 96,000, or none.",
            sample_rate=output.sample_rate,
        )
    return output.sample_rate or None
