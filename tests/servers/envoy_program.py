"""Envoy itself, and what it says of a bootstrap."""

import subprocess
from pathlib import Path

import envoy  # type: ignore[import-untyped]  # published without types

PROGRAM = Path(envoy.__file__).parent / "_bin" / "envoy"


def validated(bootstrap: Path) -> str:
    """What Envoy writes while it reads a bootstrap. It must take it."""
    done = subprocess.run(
        [PROGRAM, "-c", bootstrap, "--mode", "validate"], check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stderr
