"""A worker dies in the middle of a fusion: another one completes it, once."""

from puremusic.fusion.v1 import fusion_pb2 as pb

from tests.integration.fusion.running import Fusion, User, tone


def test_a_killed_workers_fusion_is_completed_by_another_once(fusion: Fusion, ada: User) -> None:
    first = fusion.service.start("work", "first")
    made = ada.fuse(ada.stem(tone(220, 60)))
    ada.begun(made.fusion_id)
    first.kill()
    fusion.service.start("work", "second")
    done = ada.ended(made.fusion_id)

    assert done.status == pb.FUSION_STATUS_COMPLETED
    assert done.work.attempts == 2
    keys = fusion.service.objects(f"{ada.user_id}/{made.fusion_id}/")
    assert [key.split("/")[3] for key in keys] == ["2"] * 4
    assert fusion.service.verbs("fusion", made.fusion_id) == ["pending", "fusing", "fusing", "completed"]
    versions = [fact.meta.version for _, fact in fusion.changes(made.fusion_id)]
    assert versions == sorted(set(versions))
    assert not fusion.service.orphans()


def test_a_worker_that_leaves_hands_its_fusion_back(fusion: Fusion, ada: User) -> None:
    running = {process.command.name: process for process in fusion.service.supervisor.processes}
    leaving = running.get("fusion-second") or fusion.service.start("work", "leaving")
    made = ada.fuse(ada.stem(tone(220, 60)))
    ada.begun(made.fusion_id)
    leaving.stop()
    handed_back = ada.get(made.fusion_id)
    fusion.service.start("work", "third")

    assert leaving.exit_code == 0
    assert handed_back.status == pb.FUSION_STATUS_PENDING
    assert ada.ended(made.fusion_id).status == pb.FUSION_STATUS_COMPLETED
    (limit,) = fusion.service.query("SELECT max_attempts FROM job WHERE job_id = %s", made.fusion_id)
    assert limit == (5,), "a hand-over is no failure: it must not use up an attempt"
