"""Without weights nothing is separated, and everybody is told what to do; with them, nothing has to be restarted."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from puremusic.separation.v1 import separation_pb2 as pb

from deploy.local.backing import Backing
from deploy.local.facts import NatsFacts, PostgresFacts, S3Facts
from deploy.local.ports import LOOPBACK
from deploy.local.waiting import answers_ok, until
from services.separation.engine.registry import NETWORKS
from tests.integration.separation.running import WEIGHTS, Separation, running, silence


@pytest.fixture
def bare(
    backing: Backing, database: PostgresFacts, bus: NatsFacts, objects: S3Facts, tmp_path: Path
) -> Iterator[Separation]:
    """The service with an empty weights directory."""
    with running(backing.home, database, bus, objects, tmp_path) as separation:
        yield separation


def test_missing_weights_are_refused_named_and_found_later(bare: Separation) -> None:
    user = bare.user()
    port = bare.surroundings.ports["separation-work.http"]
    worker = bare.supervisor.start(bare.command("work"))
    assert until(lambda: answers_ok(LOOPBACK, port, "/live"), 60)

    track_id = user.track(silence(), 22_050, process=True)
    create = pb.CreateSeparationRequest(track_id=track_id)
    assert user.reason("CreateSeparation", create) == ("FAILED_PRECONDITION", "MODEL_NOT_PRESENT")
    assert not user.call("ListModels", pb.ListModelsRequest()).models[0].present

    user.tell_track("uploaded", track_id, 1)
    listing = pb.ListSeparationsRequest()
    assert until(lambda: len(user.call("ListSeparations", listing).separations) > 0, 30)
    failed = user.ended(user.call("ListSeparations", listing).separations[0].separation_id)
    assert (failed.status, failed.work.failure.reason) == (pb.SEPARATION_STATUS_FAILED, "MODEL_NOT_PRESENT")
    assert "make weights" in failed.work.failure.message
    assert not answers_ok(LOOPBACK, port, "/ready")
    assert "make weights" in worker.log_tail()

    NETWORKS["htdemucs"].weights_file(bare.weights).symlink_to(NETWORKS["htdemucs"].weights_file(WEIGHTS))
    assert until(lambda: answers_ok(LOOPBACK, port, "/ready"), 60)
    assert user.ended(user.separate(track_id).separation_id).status == pb.SEPARATION_STATUS_COMPLETED


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU, so nothing is refused")
def test_a_device_that_is_not_there_is_refused(bare: Separation) -> None:
    command = bare.command("work", PUREMUSIC_SEPARATION_DEVICE="cuda")
    ended = subprocess.run(
        command.argv, env=command.env, cwd=command.cwd, capture_output=True, text=True, timeout=60, check=False
    )

    assert ended.returncode == 1
    assert "'cuda' was asked for" in ended.stderr
    assert "Traceback" not in ended.stderr
