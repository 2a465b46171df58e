"""Bytes changed at random: always a master or a reason, never anything else."""

import asyncio
import tempfile
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.ingest.decoding import Limits, Master, Reason, Rejected, adts, boxes, decode, iff, mpeg, ogg, waveform
from services.ingest.decoding.mpeg import Prefixed
from services.ingest.decoding.signatures import Announced, announced
from tests.unit.ingest.recordings import converted, tones, written

LIMITS = Limits(wall_seconds=20, cpu_seconds=15)

Edits = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=8)), max_size=12)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """One short file of each kind."""
    folder = tmp_path_factory.mktemp("corpus")
    signal = tones(0.4)
    wav = written(folder / "a.wav", signal, subtype="PCM_16")
    files = [
        wav,
        written(folder / "f.wav", signal, subtype="FLOAT"),
        written(folder / "a.aiff", signal, subtype="PCM_24"),
        written(folder / "a.flac", signal, subtype="PCM_24"),
        written(folder / "a.ogg", signal, container="OGG", subtype="VORBIS"),
        written(folder / "a.mp3", signal),
        converted(wav, folder / "plain.mp3", "-write_xing", "0"),
        converted(wav, folder / "a.m4a"),
        converted(wav, folder / "a.aac"),
    ]
    return [file.read_bytes() for file in files]


def _mutated(data: bytes, edits: list[tuple[float, bytes]], head: bool, length: float) -> bytes:
    # Most of the damage that matters is in headers, so half of the examples aim there.
    reach = min(400, len(data)) if head else len(data)
    changed = bytearray(data)
    for share, new in edits:
        at = int(share * reach)
        changed[at : at + len(new)] = new
    return bytes(changed[: max(1, int(len(data) * length))])


async def _check_outcome(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path, into = Path(folder) / "original", Path(folder) / "into"
        into.mkdir()
        path.write_bytes(data)
        outcome = await _master_or_rejection(path, into)
        if isinstance(outcome, Rejected):
            assert not list(into.iterdir())
            assert outcome.message
        else:
            assert 0 < outcome.duration < 3600
            assert waveform.read(outcome.waveform).frames == outcome.frames


async def _master_or_rejection(path: Path, into: Path) -> Master | Rejected:
    try:
        return await decode(path, into, LIMITS)
    except Rejected as rejected:
        return rejected


def _announcement(file: BinaryIO) -> Announced | Reason:
    try:
        return announced(file)
    except Rejected as rejected:
        return rejected.reason


@given(st.data(), Edits, st.booleans(), st.sampled_from([1.0, 1.0, 0.7, 0.1]))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True)
def test_a_changed_file_is_decoded_or_rejected(
    corpus: list[bytes], data: st.DataObject, edits: list[tuple[float, bytes]], head: bool, length: float
) -> None:
    original = corpus[data.draw(st.integers(0, len(corpus) - 1))]
    asyncio.run(_check_outcome(_mutated(original, edits, head, length)))


@given(st.data(), Edits, st.booleans(), st.floats(0.01, 1))
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck), database=None)
def test_the_walks_over_containers_never_fail(
    corpus: list[bytes], data: st.DataObject, edits: list[tuple[float, bytes]], head: bool, length: float
) -> None:
    changed = _mutated(corpus[data.draw(st.integers(0, len(corpus) - 1))], edits, head, length)
    with tempfile.TemporaryFile() as file:
        file.write(changed)
        found = _announcement(file)
        assert isinstance(found, Announced) or found in (Reason.NOT_AUDIO, Reason.UNSUPPORTED_FORMAT)
        claims = iff.read_claims(file, len(changed))
        assert 0 <= claims.completeness <= 1
        stream = mpeg.walk(changed, 0)
        if stream is not None:
            assert 0 <= stream.start < len(changed)
            assert isinstance(mpeg.with_length(file, stream), Prefixed)
    boxes.walk(changed)
    ogg.walk(changed, 0)
    adts.is_stream(changed, 0)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_waveform_or_damaged(data: bytes) -> None:
    with pytest.raises(waveform.WaveformDamaged):
        waveform.from_bytes(data)
