"""Of equal separations one computes, and the others take its stems over, whatever happens to either of them."""

import asyncio
import uuid
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from chassis import jobs, migrations
from chassis.config import Secret
from chassis.jobs import Job
from chassis.postgres import PostgresConfig
from chassis.scratch import Scratch, ScratchConfig
from chassis.work import Deferred
from deploy.local.facts import PostgresFacts, S3Facts
from services.separation import messages
from services.separation.config import MIGRATIONS, SERVICE
from services.separation.downloads import Downloads
from services.separation.formats import FLAC
from tests.integration.chassis.waiting import until
from tests.integration.separation.ledger import CONFIG, Ledger, database_of, store_of


@pytest.fixture(scope="module")
def migrated(database: PostgresFacts, objects: S3Facts) -> PostgresFacts:
    """The service's schema, and none of the objects that another module left: here they would be orphans."""
    config = PostgresConfig(database.url(SERVICE), Secret(database.password(SERVICE)))
    asyncio.run(migrations.migrate(config, MIGRATIONS))
    asyncio.run(store_of(objects).remove_prefix(f"{SERVICE}/"))
    return database


@pytest.fixture
async def ledger(migrated: PostgresFacts, objects: S3Facts) -> AsyncIterator[Ledger]:
    opened = Ledger(database_of(migrated), store_of(objects))
    yield opened
    await opened.database.close()


@pytest.fixture
def owner() -> str:
    return str(uuid.uuid4())


async def test_an_equal_separation_gets_the_same_objects_in_rows_of_its_own(ledger: Ledger, owner: str) -> None:
    first = await ledger.computed(owner, "song", "bass", "drums")
    second = await ledger.taken_over(owner, "song", "bass", "drums")

    before, after = await ledger.stems(first), await ledger.stems(second)
    assert [stem.object_key for stem in after] == [stem.object_key for stem in before]
    assert not {stem.stem_id for stem in after} & {stem.stem_id for stem in before}
    assert {stem.separation_id for stem in after} == {second}
    row = await ledger.row(second)
    assert (row.reused, row.null_exact, row.null_depth_db) == (True, True, 30.5)
    assert not (await ledger.row(first)).reused
    assert len(await ledger.stored(owner)) == 3


@pytest.mark.parametrize(
    ("audio", "stems"), [("another", ("bass",)), ("song", ("bass", "drums")), ("song", ("drums",))]
)
async def test_what_differs_is_computed(ledger: Ledger, owner: str, audio: str, stems: tuple[str, ...]) -> None:
    await ledger.computed(owner, "song", "bass")
    other = await ledger.claim(await ledger.ask(owner, audio, *stems))

    assert await ledger.decide(other) is None


async def test_audio_without_a_digest_is_computed_every_time(ledger: Ledger, owner: str) -> None:
    await ledger.computed(owner, "")

    assert await ledger.decide(await ledger.claim(await ledger.ask(owner, ""))) is None


async def test_users_share_only_where_that_is_configured(ledger: Ledger, owner: str) -> None:
    stranger = str(uuid.uuid4())
    audio = str(uuid.uuid4())
    await ledger.computed(owner, audio)
    theirs = await ledger.claim(await ledger.ask(stranger, audio))
    assert await ledger.decide(theirs) is None
    await ledger.compute(theirs)

    shared = str(uuid.uuid4())
    await ledger.computed(owner, shared, shared=True)
    taken = await ledger.taken_over(stranger, shared, shared=True)
    assert (await ledger.stems(taken))[0].object_key.startswith(f"separation/{owner}/")


async def test_of_many_at_once_one_computes(ledger: Ledger, owner: str) -> None:
    claimed = [await ledger.claim(await ledger.ask(owner, "song")) for _ in range(4)]

    outcomes = await asyncio.gather(*map(ledger.decide, claimed), return_exceptions=True)

    assert outcomes.count(None) == 1
    assert sum(isinstance(outcome, Deferred) for outcome in outcomes) == 3


async def one_computes_and_one_defers(ledger: Ledger, owner: str, track: str = "") -> tuple[Job, Job]:
    """Two equal separations, claimed: the first, of `track` if one is named, computes, and the second has to wait."""
    computing = await ledger.claim(await ledger.ask(owner, "song", **({"track": track} if track else {})))
    waiting = await ledger.claim(await ledger.ask(owner, "song"))
    assert await ledger.decide(computing) is None
    with pytest.raises(Deferred):
        await ledger.decide(waiting)
    return computing, waiting


async def test_those_who_wait_are_rung_when_the_stems_are_there(ledger: Ledger, owner: str) -> None:
    computing, waiting = await one_computes_and_one_defers(ledger, owner)
    await ledger.wait(waiting)
    assert not await ledger.rung(waiting.job_id)

    await ledger.compute(computing)

    assert await ledger.rung(waiting.job_id)
    finish = await ledger.decide(await ledger.claim(waiting.job_id))
    assert finish is not None


async def test_who_begins_to_wait_a_moment_too_late_is_rung_at_once(ledger: Ledger, owner: str) -> None:
    computing, waiting = await one_computes_and_one_defers(ledger, owner)

    await ledger.compute(computing)
    await ledger.wait(waiting)

    assert await ledger.rung(waiting.job_id)


@pytest.mark.parametrize("state", ["failed", "cancelled"])
async def test_when_the_one_that_computes_gives_up_the_next_computes(ledger: Ledger, owner: str, state: str) -> None:
    computing = await ledger.claim(await ledger.ask(owner, "song"))
    waiting_ids = [await ledger.ask(owner, "song") for _ in range(2)]
    assert await ledger.decide(computing) is None
    for waiting_id in waiting_ids:
        waiting = await ledger.claim(waiting_id)
        with pytest.raises(Deferred):
            await ledger.decide(waiting)
        await ledger.wait(waiting)

    await ledger.end(computing, state)

    assert [await ledger.rung(waiting_id) for waiting_id in waiting_ids] == [True, True]
    assert await ledger.decide(await ledger.claim(waiting_ids[0])) is None
    with pytest.raises(Deferred):
        await ledger.decide(await ledger.claim(waiting_ids[1]))


async def test_when_the_one_that_computes_is_deleted_the_next_computes(ledger: Ledger, owner: str) -> None:
    track = str(uuid.uuid4())
    _, waiting = await one_computes_and_one_defers(ledger, owner, track)
    await ledger.wait(waiting)

    await ledger.delete_track(owner, track)

    assert await ledger.rung(waiting.job_id)
    assert await ledger.decide(await ledger.claim(waiting.job_id)) is None


async def test_a_job_that_is_handed_on_stays_the_one_that_computes(ledger: Ledger, owner: str) -> None:
    computing_id = await ledger.ask(owner, "song")
    first = await ledger.claim(computing_id)
    assert await ledger.decide(first) is None
    await ledger.wait(first, seconds=0)

    with pytest.raises(Deferred):
        await ledger.decide(await ledger.claim(await ledger.ask(owner, "song")))
    second = await ledger.claim(computing_id)
    assert await ledger.decide(second) is None
    assert (await ledger.row(computing_id)).computing == second.attempt


async def test_when_the_workers_of_the_one_that_computes_are_lost_the_next_is_rung(ledger: Ledger, owner: str) -> None:
    computing, waiting = await one_computes_and_one_defers(ledger, owner)
    await ledger.wait(waiting)

    lost = text("UPDATE job SET lease_until = now() - interval '1 s', max_attempts = attempt WHERE job_id = :id")
    async with ledger.database.transaction() as connection:
        await connection.execute(lost, {"id": computing.job_id})
        await jobs.sweep(connection, CONFIG, messages.announce)

    assert await ledger.rung(waiting.job_id)


async def test_stems_that_are_deleted_while_they_are_taken_over_are_computed(ledger: Ledger, owner: str) -> None:
    track = str(uuid.uuid4())
    await ledger.computed(owner, "song", track=track)
    separation_id = await ledger.ask(owner, "song")
    job = await ledger.claim(separation_id)
    finish = await ledger.decide(job)
    assert finish is not None

    await ledger.delete_track(owner, track)

    with pytest.raises(Deferred):
        await ledger.end(job, "completed", finish)
    assert not await ledger.stems(separation_id)
    assert await ledger.decide(job) is None


async def _waits_for_a_lock(ledger: Ledger) -> bool:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with ledger.database.transaction() as connection:
        return bool(await connection.scalar(text(waiting)))


async def test_a_deletion_waits_for_those_who_are_taking_over(ledger: Ledger, owner: str) -> None:
    track = str(uuid.uuid4())
    await ledger.computed(owner, "song", track=track)
    separation_id = await ledger.ask(owner, "song")
    job = await ledger.claim(separation_id)
    finish = await ledger.decide(job)
    assert finish is not None

    async with ledger.database.transaction() as connection:
        assert await jobs.finish(connection, job, "completed", jobs.Effort())
        await finish(connection)
        deletion = asyncio.create_task(ledger.delete_track(owner, track))
        await until(lambda: _waits_for_a_lock(ledger))
        assert not deletion.done()
    await deletion

    keys = [stem.object_key for stem in await ledger.stems(separation_id)]
    assert len(keys) == 2
    assert await ledger.stored(owner) == sorted(keys)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
async def test_objects_go_with_the_last_track_that_has_them(ledger: Ledger, owner: str, order: tuple[int, ...]) -> None:
    tracks = [str(uuid.uuid4()) for _ in range(3)]
    made = [await ledger.computed(owner, "song", track=tracks[0])]
    made += [await ledger.taken_over(owner, "song", track=track) for track in tracks[1:]]
    keys = sorted(stem.object_key for stem in await ledger.stems(made[0]))

    for deleted in order[:-1]:
        await ledger.delete_track(owner, tracks[deleted])
        assert await ledger.stored(owner) == keys
        assert not (await ledger.upkeep.collect(0, dry_run=True)).orphans
    await ledger.delete_track(owner, tracks[order[-1]])

    assert await ledger.stored(owner) == []


async def test_tracks_that_are_deleted_at_once_leave_nothing(ledger: Ledger, owner: str) -> None:
    tracks = [str(uuid.uuid4()) for _ in range(2)]
    await ledger.computed(owner, "song", track=tracks[0])
    await ledger.taken_over(owner, "song", track=tracks[1])

    await asyncio.gather(*(ledger.delete_track(owner, track) for track in tracks))

    assert await ledger.stored(owner) == []


@pytest.mark.parametrize("first", ["who computed", "who took over"])
async def test_a_user_s_objects_stay_while_others_have_them(ledger: Ledger, owner: str, first: str) -> None:
    stranger, audio = str(uuid.uuid4()), str(uuid.uuid4())
    made = await ledger.computed(owner, audio, shared=True)
    taken = await ledger.taken_over(stranger, audio, shared=True)
    archive = await ledger.put(await ledger.row(taken), 1, "derived/stems-wav.zip")
    keys = sorted(stem.object_key for stem in await ledger.stems(made))

    leaves, stays = (owner, stranger) if first == "who computed" else (stranger, owner)
    await ledger.delete_owner(leaves)
    assert await ledger.stored(owner) == keys
    assert await ledger.stored(stranger) == ([archive] if stays == stranger else [])
    assert not (await ledger.upkeep.collect(0, dry_run=True)).orphans
    await ledger.delete_owner(stays)

    assert await ledger.stored(owner) == await ledger.stored(stranger) == []


async def test_the_collector_keeps_what_is_needed_and_nothing_else(ledger: Ledger, owner: str) -> None:
    done = await ledger.ask(owner, "song")
    job = await ledger.claim(done)
    assert await ledger.decide(job) is None
    heard = await ledger.segment(job, 0, 100)
    lost = await ledger.put(await ledger.row(done), 7, "bass.flac")
    assert (await ledger.upkeep.collect(0, dry_run=True)).sample == (lost,)
    await ledger.compute(job)
    derived = await ledger.put(await ledger.row(done), job.attempt, "derived/bass.mp3")

    waits = await ledger.claim(await ledger.ask(owner, "another"))
    assert await ledger.decide(waits) is None
    checkpoint = await ledger.segment(waits, 0, 100)
    unpublished = await ledger.put(await ledger.row(waits.job_id), 9, "segments/100-bass.flac")
    await ledger.wait(waits)

    garbage = await ledger.upkeep.collect(0, dry_run=False)

    assert set(garbage.sample) == {heard, lost, unpublished}
    left = {stem.object_key for stem in await ledger.stems(done)} | {derived, checkpoint}
    assert await ledger.stored(owner) == sorted(left)
    assert (await ledger.row(done)).playable_frames == 0
    assert (await ledger.row(waits.job_id)).playable_frames == 100


async def test_archives_of_the_same_stems_have_their_own_tracks_names(
    ledger: Ledger, owner: str, tmp_path: Path
) -> None:
    downloads = Downloads(ledger.database, ledger.objects, Scratch(ScratchConfig(str(tmp_path)), "test"))
    for title in ("Mine", "Theirs"):
        separation_id = await ledger.ask(owner, "song", title=title)
        job = await ledger.claim(separation_id)
        finish = await ledger.decide(job)
        await (ledger.end(job, "completed", finish) if finish else ledger.compute(job, "residual.wav"))
        row, stems = await ledger.row(separation_id), await ledger.stems(separation_id)
        archive = await downloads.archive(row, job.attempt, stems, FLAC)
        fetched = tmp_path / f"{title}.zip"
        await ledger.objects.get_file(f"separation/{owner}/{separation_id}/1/derived/stems-flac.zip", fetched)

        assert archive.filename == f"{title} - stems.zip"
        with zipfile.ZipFile(fetched) as opened:
            # No FLAC holds 32 bits: this residual stays the WAV it is.
            assert opened.namelist() == [f"{title} - bass.flac", f"{title} - residual.wav"]
        residual = await downloads.stem(row, stems[-1], FLAC)
        assert residual.filename == f"{title} - residual.wav"
    await downloads.close()
