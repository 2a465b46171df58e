"""From the state a service announced to the job a client sees. Pure: message in, message out."""

from puremusic.fusion.v1 import fusion_pb2
from puremusic.gateway.v1 import gateway_pb2
from puremusic.ingest.v1 import ingest_pb2
from puremusic.job.v1 import job_pb2
from puremusic.mir.v1 import mir_pb2
from puremusic.separation.v1 import separation_pb2

_PENDING, _RUNNING = job_pb2.JOB_STATE_PENDING, job_pb2.JOB_STATE_RUNNING
_COMPLETED, _FAILED = job_pb2.JOB_STATE_COMPLETED, job_pb2.JOB_STATE_FAILED
_CANCELLED = job_pb2.JOB_STATE_CANCELLED

# Per kind: the service's own status -> the common state and the word for people.
_TRACK = {
    ingest_pb2.TRACK_STATUS_CHECKING: (_RUNNING, "checking"),
    ingest_pb2.TRACK_STATUS_UPLOADED: (_COMPLETED, "uploaded"),
    ingest_pb2.TRACK_STATUS_FAILED: (_FAILED, "failed"),
}
_SEPARATION = {
    separation_pb2.SEPARATION_STATUS_PENDING: (_PENDING, "pending"),
    separation_pb2.SEPARATION_STATUS_SEPARATING: (_RUNNING, "separating"),
    separation_pb2.SEPARATION_STATUS_COMPLETED: (_COMPLETED, "completed"),
    separation_pb2.SEPARATION_STATUS_FAILED: (_FAILED, "failed"),
    separation_pb2.SEPARATION_STATUS_CANCELLED: (_CANCELLED, "cancelled"),
}
_ANALYSIS = {
    mir_pb2.ANALYSIS_STATUS_PENDING: (_PENDING, "pending"),
    mir_pb2.ANALYSIS_STATUS_ANALYSING: (_RUNNING, "analysing"),
    mir_pb2.ANALYSIS_STATUS_COMPLETED: (_COMPLETED, "completed"),
    mir_pb2.ANALYSIS_STATUS_FAILED: (_FAILED, "failed"),
    mir_pb2.ANALYSIS_STATUS_CANCELLED: (_CANCELLED, "cancelled"),
}
_FUSION = {
    fusion_pb2.FUSION_STATUS_PENDING: (_PENDING, "pending"),
    fusion_pb2.FUSION_STATUS_FUSING: (_RUNNING, "fusing"),
    fusion_pb2.FUSION_STATUS_COMPLETED: (_COMPLETED, "completed"),
    fusion_pb2.FUSION_STATUS_FAILED: (_FAILED, "failed"),
    fusion_pb2.FUSION_STATUS_CANCELLED: (_CANCELLED, "cancelled"),
}

STATE_NAMES = {
    _PENDING: "pending",
    _RUNNING: "running",
    _COMPLETED: "completed",
    _FAILED: "failed",
    _CANCELLED: "cancelled",
}
ENDED = {_COMPLETED, _FAILED, _CANCELLED}

# The residual is no stem: it is what stems leave.
STEM_NAMES = {
    separation_pb2.STEM_TYPE_VOCALS: "vocals",
    separation_pb2.STEM_TYPE_DRUMS: "drums",
    separation_pb2.STEM_TYPE_BASS: "bass",
    separation_pb2.STEM_TYPE_OTHER: "other",
    separation_pb2.STEM_TYPE_GUITAR: "guitar",
    separation_pb2.STEM_TYPE_PIANO: "piano",
}

TRACK_STATUS_NAMES = {
    ingest_pb2.TRACK_STATUS_AWAITING_UPLOAD: "awaiting_upload",
    ingest_pb2.TRACK_STATUS_CHECKING: "checking",
    ingest_pb2.TRACK_STATUS_UPLOADED: "uploaded",
    ingest_pb2.TRACK_STATUS_FAILED: "failed",
}


def bytes_of_track(track: ingest_pb2.Track) -> int:
    """Return what a track keeps in store: nothing once it was refused, for its bytes are removed."""
    return 0 if track.status == ingest_pb2.TRACK_STATUS_FAILED else track.size_bytes + track.work.bytes_written


def bytes_of_separation(separation: separation_pb2.Separation) -> int:
    """Return what a separation keeps in store, whether it shares it with an equal one or not."""
    return sum(stem.size_bytes for stem in separation.stems) + separation.residual.size_bytes


def job_of_track(track: ingest_pb2.Track) -> gateway_pb2.Job | None:
    """Return the check of an upload as a job; None while its bytes have not arrived."""
    if track.status not in _TRACK:
        return None
    state, status = _TRACK[track.status]
    return gateway_pb2.Job(
        job_id=track.track_id,
        kind=gateway_pb2.JOB_KIND_IMPORT,
        state=state,
        status=status,
        title=track.title,
        track_id=track.track_id,
        work=track.work,
        version=track.version,
    )


def job_of_separation(separation: separation_pb2.Separation) -> gateway_pb2.Job:
    """Return a separation as a job."""
    state, status = _SEPARATION[separation.status]
    return gateway_pb2.Job(
        job_id=separation.separation_id,
        kind=gateway_pb2.JOB_KIND_SEPARATION,
        state=state,
        status=status,
        track_id=separation.track_id,
        work=separation.work,
        version=separation.version,
        playable_seconds=separation.playable_seconds,
    )


def job_of_analysis(analysis: mir_pb2.Analysis) -> gateway_pb2.Job:
    """Return an analysis as a job."""
    state, status = _ANALYSIS[analysis.status]
    return gateway_pb2.Job(
        job_id=analysis.analysis_id,
        kind=gateway_pb2.JOB_KIND_ANALYSIS,
        state=state,
        status=status,
        track_id=analysis.track_id,
        work=analysis.work,
        version=analysis.version,
    )


def job_of_fusion(fusion: fusion_pb2.Fusion) -> gateway_pb2.Job:
    """Return a fusion as a job."""
    state, status = _FUSION[fusion.status]
    return gateway_pb2.Job(
        job_id=fusion.fusion_id,
        kind=gateway_pb2.JOB_KIND_FUSION,
        state=state,
        status=status,
        title=fusion.title,
        work=fusion.work,
        version=fusion.version,
    )


_CARD_STATUS = {
    "awaiting_upload": gateway_pb2.CARD_STATUS_AWAITING_UPLOAD,
    "checking": gateway_pb2.CARD_STATUS_CHECKING,
    "uploaded": gateway_pb2.CARD_STATUS_UPLOADED,
    "separating": gateway_pb2.CARD_STATUS_SEPARATING,
    "separated": gateway_pb2.CARD_STATUS_SEPARATED,
    "failed": gateway_pb2.CARD_STATUS_FAILED,
}
CARD_STATUS_NAMES = {number: name for name, number in _CARD_STATUS.items()}


def to_card(
    status: str,
    track: ingest_pb2.Track,
    newest: separation_pb2.Separation | None,
    done: separation_pb2.Separation | None,
    analysis: mir_pb2.Analysis | None,
) -> gateway_pb2.TrackCard:
    """Return a track's card: what is known of it, its newest separation, the stems of the newest completed one."""
    card = gateway_pb2.TrackCard(
        track_id=track.track_id,
        title=track.title,
        original_filename=track.original_filename,
        status=_CARD_STATUS[status],
        duration_seconds=track.audio.duration_seconds,
        sample_rate=track.audio.sample_rate,
        channels=track.audio.channels,
        size_bytes=track.size_bytes,
        separation_id=newest.separation_id if newest else "",
        playable_seconds=newest.playable_seconds if newest else 0.0,
        create_time=track.create_time,
    )
    if status == "failed":
        failed = track.work if track.work.HasField("failure") or newest is None else newest.work
        card.failure.CopyFrom(failed.failure)
    for stem in done.stems if done else ():
        if stem.type in STEM_NAMES:
            card.stems.add(stem_id=stem.stem_id, type=STEM_NAMES[stem.type])
    if analysis:
        _add_analysis(card, analysis)
    return card


def _add_analysis(card: gateway_pb2.TrackCard, analysis: mir_pb2.Analysis) -> None:
    if analysis.HasField("tempo"):
        card.tempo_bpm, card.tempo_confidence = analysis.tempo.bpm, analysis.tempo.confidence
    if analysis.HasField("key"):
        card.key, card.key_confidence = analysis.key.name, analysis.key.confidence
        card.camelot = analysis.key.camelot
    if analysis.work.HasField("failure"):
        card.analysis_failure.CopyFrom(analysis.work.failure)
