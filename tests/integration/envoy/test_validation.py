"""Envoy accepts what the command line writes for an installation with names instead of addresses, and TLS on both sides."""

import subprocess
import sys
from pathlib import Path

import certifi

from services.gateway.envoy.settings import GRPC_SERVICES
from tests.servers.envoy_program import validated


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
    flags += ["--certificate", str(tmp_path / "public.json"), "--probes", "0.0.0.0:9902", "--into", str(tmp_path)]
    (tmp_path / "public.json").write_text('{"resources": []}')
    subprocess.run([sys.executable, "-m", "services.gateway.envoy", *flags], check=True, capture_output=True)
    assert "Deprecated" not in validated(tmp_path / "envoy.json")
