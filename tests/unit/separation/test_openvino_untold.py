"""OpenVINO as the engine imports it keeps to itself that it is used."""

import subprocess
import sys

import pytest


def test_openvino_does_not_phone_home() -> None:
    pytest.importorskip("openvino")
    script = (
        "import services.separation.engine, openvino, sys;"
        " print(sorted(name for name, module in sys.modules.items() if name.startswith('openvino_telemetry') and module))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
