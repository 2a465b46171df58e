"""`python -m bench.mir`: mir's analysis beside librosa's defaults, against songs of which everything is known.

Even seeds are for tuning, odd ones for reporting. Seconds are CPU seconds of one thread, with librosa's from when it was last
run here; --fresh runs it again.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import warnings
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from bench.mir.collection import collection
from bench.mir.hearing import Heard, begin, hear, ours
from bench.mir.tables import TRAITS, failures, figures, shown

_RESULTS: Final = Path("bench/results/mir.json")
_ANALYSIS: Final = "services.mir.analysis.analysing:analyse"


def main(words: Sequence[str] | None = None) -> None:
    """Run the bench, print the tables, write the JSON if asked."""
    options = _options(words)
    warnings.filterwarnings("ignore", module="mir_eval")
    if options.real:
        begin()
        from bench.mir.real import agreement, listen_to_real_music  # after the numba cache has its place

        print(agreement(list(listen_to_real_music(ours(options.analysis)))))
        return
    pieces = collection(options.songs, options.half)
    if options.seeds:
        pieces = [piece for piece in pieces if piece.seed in options.seeds]
    heard = list(hear(pieces, options.analysis, options.jobs, fresh=options.fresh))
    found = figures(heard, options.only)
    print(shown(f"{len(heard)} songs, {options.half or 'both halves'}", found))
    broken = {trait: _by(trait, heard, options.only) for trait in options.by}
    for trait, groups in broken.items():
        for name, (size, each) in groups.items():
            print("\n" + shown(f"{trait}: {name} ({size})", each))
    print("\nours, wrong:")
    print("\n".join(failures(heard, options.only)))
    if options.json:
        _write(found, len(heard), options)


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--songs", type=int, default=300, help="how many songs, counted before they are halved")
    parser.add_argument("--half", choices=("tuning", "reporting"), help="only the even or the odd seeds")
    parser.add_argument("--seeds", type=_numbers, help="only these, as in 3,17")
    parser.add_argument("--only", choices=("rhythm", "harmony"), help="only these lines")
    parser.add_argument(
        "--by", type=lambda word: word.split(","), default=[], help=f"break down by {', '.join(TRAITS)}"
    )
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--analysis", default=_ANALYSIS, help="module:function, (pcm, rate) -> findings.Analysis")
    parser.add_argument("--real", action="store_true", help="real music instead: how far independent ways agree")
    parser.add_argument("--fresh", action="store_true", help="run librosa again")
    parser.add_argument("--json", action="store_true", help=f"write {_RESULTS}")
    return parser.parse_args(words)


def _numbers(word: str) -> set[int]:
    return {int(number) for number in word.split(",")}


def _by(trait: str, heard: Sequence[Heard], only: str | None) -> dict[str, tuple[int, dict[str, Any]]]:
    """The figures of every group of songs that share a trait, and how many they are."""
    name = TRAITS[trait]
    ordered = sorted(heard, key=lambda each: name(each.piece.recipe))
    groups = {key: list(each) for key, each in groupby(ordered, key=lambda each: name(each.piece.recipe))}
    return {key: (len(each), figures(each, only)) for key, each in groups.items()}


def _write(found: dict[str, Any], songs: int, options: argparse.Namespace) -> None:
    report = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "load_average": os.getloadavg()[0],
        "songs": songs,
        "half": options.half,
        "measures": found,
    }
    _RESULTS.parent.mkdir(parents=True, exist_ok=True)
    _RESULTS.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(f"\nwritten to {_RESULTS}")


if __name__ == "__main__":
    main()
