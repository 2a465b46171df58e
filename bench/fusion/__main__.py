"""`python -m bench.fusion`: what a fusion must reach, measured on composed songs of which everything is known, and on real ones.

Alone on an idle machine; speed is measured in wall-clock seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench.fusion.alignment import alignment
from bench.fusion.damage import damage, plan_damage
from bench.fusion.finish import finish
from bench.fusion.identity import identity
from bench.fusion.measure import Measure, shown
from bench.fusion.pairs import Piece, pairs
from bench.fusion.pitch import pitch
from bench.fusion.planning import planning
from bench.fusion.real import real
from bench.fusion.speed import speed

Pairs = Sequence[tuple[Piece, Piece]]

_RESULTS: Final = Path("bench/results/fusion.json")
_FINISHED: Final = 4  # pairs that are rendered in every format
_BENT: Final = 4  # songs whose stems are bent and bent back

MEASURES: Final[Mapping[str, Callable[[Pairs], Iterable[Measure]]]] = {
    "speed": lambda _: speed(),
    "planning": lambda _: planning(),
    "identity": lambda chosen: identity(chosen[0][0]),
    "alignment": alignment,
    "pitch": pitch,
    "finish": lambda chosen: finish(chosen[:_FINISHED]),
    "damage": lambda chosen: damage([pair[0] for pair in chosen[:_BENT]]),
    "plans": lambda chosen: plan_damage(chosen[:_BENT]),
    "real": lambda _: real(),
}


def main(words: Sequence[str] | None = None) -> None:
    """Run the bench, print the table, write the JSON if asked."""
    options = _options(words)
    chosen, found = list(pairs(options.pairs)), []
    for name in options.only or MEASURES:
        measures = list(MEASURES[name](chosen))
        print(shown(measures), end="\n\n", flush=True)
        found += measures
    if options.json:
        _write(found)


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=10, help="how many pairs of songs are brought together")
    parser.add_argument("--only", nargs="+", choices=tuple(MEASURES), help="only these measures")
    parser.add_argument("--json", action="store_true", help=f"write {_RESULTS}")
    return parser.parse_args(words)


def _write(found: Sequence[Measure]) -> None:
    report = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "load_average": os.getloadavg()[0],
        "measures": [asdict(measure) for measure in found],
    }
    _RESULTS.parent.mkdir(parents=True, exist_ok=True)
    _RESULTS.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(f"written to {_RESULTS}")


if __name__ == "__main__":
    main()
