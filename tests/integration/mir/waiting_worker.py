"""Mir's worker, whose chord network waits until a test opens a gate.

python -m tests.integration.mir.waiting_worker GATE

GATE is a named pipe: nobody hears a chord before somebody has opened it for writing.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

from services.mir.__main__ import main
from services.mir.analysis import analysing
from services.mir.analysis.activations import ChordActivations
from services.mir.analysis.networks import Networks

_warmed_up = analysing.warmed_up


def waiting_at(gate: Path, folder: Path) -> Networks:
    """The networks of a folder, warmed up, with a gate before the chords."""
    networks = _warmed_up(folder)
    hear = networks.chord_activations

    def wait_and_hear(*arguments: Any) -> ChordActivations:
        gate.open().close()
        return hear(*arguments)

    networks.chord_activations = wait_and_hear  # type: ignore[method-assign, assignment]  # of this one object
    return networks


if __name__ == "__main__":
    analysing.warmed_up = lambda folder: waiting_at(Path(sys.argv[1]), folder)
    asyncio.run(main("work"))
