"""Without its networks a worker does not pretend to listen."""

import subprocess
from pathlib import Path

from tests.integration.mir.running import Mir


def test_a_worker_without_networks_says_how_to_get_them(mir: Mir, tmp_path: Path) -> None:
    command = mir.service.command("work", MIR_WEIGHTS_DIR=str(tmp_path))
    ended = subprocess.run(
        command.argv, env=command.env, cwd=command.cwd, capture_output=True, text=True, timeout=90, check=False
    )

    assert ended.returncode == 1
    assert "make weights" in ended.stderr
    assert "Traceback" not in ended.stderr
