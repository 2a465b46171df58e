"""Workers die and stop; tracks are checked all the same, once."""

import os
import signal
from pathlib import Path

from puremusic.ingest.v1 import ingest_pb2
from puremusic.job.v1 import job_pb2

from deploy.local.waiting import until
from tests.integration.ingest.files import long_song, song
from tests.integration.ingest.house import House, lines
from tests.integration.ingest.people import Person, sha256


async def test_a_killed_worker_loses_nothing(ada: Person, house: House) -> None:
    data = long_song()
    track = await ada.offer(data)
    await _decoding(ada)
    assert house.worker.pid
    killed = house.worker.pid
    os.kill(killed, signal.SIGKILL)
    assert until(lambda: not house.worker.alive, 10)
    assert until(lambda: not _decoders(killed), 10), "the decoder outlived its worker"
    left = house.scratch / "puremusic-ingest" / str(killed)
    assert left.exists()
    house.start_worker()
    assert not left.exists()
    uploaded = await ada.facts.ended(track.track_id)
    assert uploaded.status == ingest_pb2.TRACK_STATUS_UPLOADED
    assert uploaded.audio.file_hash == sha256(data)
    assert uploaded.work.attempts == 2
    assert uploaded.audio.master_key.split("/")[3] == "2"
    assert ada.facts.verbs(track.track_id).count("uploaded") == 1
    versions = ada.facts.versions(track.track_id)
    assert versions == sorted(set(versions))
    assert versions[-1] == uploaded.version


async def test_a_worker_that_is_told_to_stop_hands_its_job_back(ada: Person, house: House) -> None:
    track = await ada.offer(long_song())
    await _decoding(ada)
    house.worker.stop()
    assert house.worker.exit_code == 0
    pending = await ada.get(track.track_id)
    assert pending.status == ingest_pb2.TRACK_STATUS_CHECKING
    assert not list((house.scratch / "puremusic-ingest").glob("*/*"))
    house.start_worker()
    assert (await ada.facts.ended(track.track_id)).status == ingest_pb2.TRACK_STATUS_UPLOADED


async def test_what_failed_through_our_fault_is_tried_again_when_asked(ada: Person, house: House) -> None:
    house.worker.stop()
    track = await ada.offer(song())
    failing = "UPDATE job SET state = 'failed', failure_reason = 'INTERNAL', attempt = 4 WHERE job_id = %s"
    assert house.execute(failing, track.track_id) == 1
    failed = await ada.get(track.track_id)
    assert (failed.status, failed.work.failure.reason) == (ingest_pb2.TRACK_STATUS_FAILED, "INTERNAL")
    again = await ada.complete(track.track_id)
    assert again.status == ingest_pb2.TRACK_STATUS_CHECKING
    assert not again.work.HasField("failure")
    house.start_worker()
    uploaded = await ada.facts.ended(track.track_id)
    assert uploaded.status == ingest_pb2.TRACK_STATUS_UPLOADED
    assert uploaded.work.attempts == 5


async def test_facts_tell_a_tracks_life_in_order(ada: Person) -> None:
    track = await ada.upload(song())
    verbs, versions = ada.facts.verbs(track.track_id), ada.facts.versions(track.track_id)
    assert verbs[0] == "created"
    assert set(verbs[1:-1]) == {"checking"}
    assert verbs[-1] == "uploaded"
    assert versions == list(range(1, len(versions) + 1))
    assert [fact.track.version for _, fact in ada.facts.heard] == versions
    assert {fact.meta.owner_id for _, fact in ada.facts.heard} == {ada.user_id}


async def test_nothing_went_wrong_in_passing(house: House) -> None:
    """Runs last in its module: no refusal of the tests above may have been an accident of ours."""
    errors = [line for line in lines(house.log()) if line["level"] in ("ERROR", "CRITICAL")]
    assert errors == []


async def _decoding(person: Person) -> None:
    """Wait until the worker says that it is at the person's file."""
    stage = ""
    while stage != "decoding":
        message = await person.facts.progress.get()
        stage = job_pb2.Progress.FromString(message.data).stage


def _decoders(worker: int) -> list[int]:
    """The decoders that a worker started and that still run."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            command = (folder / "cmdline").read_bytes()
        except (FileNotFoundError, NotADirectoryError, ProcessLookupError):
            continue
        if b"services.ingest.decoding.child" in command and f'"parent": {worker}'.encode() in command:
            found.append(int(folder.name))
    return found
