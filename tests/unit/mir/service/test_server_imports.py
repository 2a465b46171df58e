"""What a server loads: it reads findings and corrects them, and pays for nothing that listens."""

import subprocess
import sys

LISTENING = ("numpy", "scipy", "librosa", "numba", "onnxruntime", "soundfile", "soxr", "PIL")


def test_a_server_loads_nothing_that_listens() -> None:
    program = f"import sys, services.mir.__main__; print([name for name in {LISTENING} if name in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert loaded.stdout.strip() == "[]"
