"""Envoy accepts what the command line prints for an installation with names instead of addresses, and TLS to the store."""

import subprocess
import sys
from pathlib import Path

import certifi

from services.gateway.envoy.settings import GRPC_SERVICES
from tests.integration.envoy.door import PROGRAM


def test_a_cluster_with_host_names(tmp_path: Path) -> None:
    flags = [part for name in GRPC_SERVICES for part in (f"--{name}", f"{name}.music.svc.cluster.local:50051")]
    flags += [
        "--public",
        "0.0.0.0:8080",
        "--admin",
        "127.0.0.1:9901",
        "--s3",
        "s3.example:443",
        "--s3-ca",
        certifi.where(),
    ]
    flags += ["--auth-http", "auth.music.svc:8080", "--gateway-http", "gateway.music.svc:8080", "--trusted-hops", "1"]
    command = [sys.executable, "-m", "services.gateway.envoy", *flags]
    printed = subprocess.run(command, check=True, capture_output=True, text=True)
    path = tmp_path / "envoy.json"
    path.write_text(printed.stdout)
    checked = subprocess.run(
        [PROGRAM, "-c", path, "--mode", "validate"], check=False, capture_output=True, text=True, timeout=60
    )
    assert checked.returncode == 0, checked.stderr
    assert "Deprecated" not in checked.stderr
