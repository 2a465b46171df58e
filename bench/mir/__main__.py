"""`python -m bench.mir`: mir's analysis beside librosa's defaults, against songs of which everything is known.

Even seeds are for tuning, odd ones for reporting. Seconds are CPU seconds of one thread, with librosa's from when it was last
run here; --fresh runs it again. The column `first` is what is heard before the chords: tempo, beats, metre, tuning and key, the
questions that librosa's defaults answer.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import warnings
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from bench.mir.collection import collection
from bench.mir.faults import failures
from bench.mir.hearing import WHOLE, Heard, begin, hear, ours
from bench.mir.tables import TRAITS, Figures, figures, shown

Agreements = dict[str, dict[str, float | None]]

_RESULTS: Final = Path("bench/results/mir.json")


def main(words: Sequence[str] | None = None) -> None:
    """Run the bench, print the tables, write the JSON if asked."""
    options = _options(words)
    warnings.filterwarnings("ignore", module="mir_eval")
    report: dict[str, Any] = {}
    if heard := _heard(options):
        report["songs"] = len(heard)
        report["measures"] = figures(heard, options.only)
        _show(heard, report["measures"], options)
    if options.real:
        report["real"] = _real(options)
    if options.json:
        _write(report, options)


def _heard(options: argparse.Namespace) -> list[Heard]:
    pieces = collection(options.songs, options.half)
    if options.seeds:
        pieces = [piece for piece in pieces if piece.seed in options.seeds]
    heard = []
    for each in hear(pieces, options.analysis, options.jobs, fresh=options.fresh):
        heard.append(each)
        print(f"\r{len(heard)} of {len(pieces)} songs", end="", file=sys.stderr, flush=True)
    return heard


def _show(heard: Sequence[Heard], found: Figures, options: argparse.Namespace) -> None:
    print("\n" + shown(f"{len(heard)} songs, {options.half or 'both halves'}", found))
    for trait in options.by:
        for name, group in _groups(trait, heard).items():
            print("\n" + shown(f"{trait}: {name} ({len(group)})", figures(group, options.only)))
    print("\nours, wrong:", *failures(heard, options.only), sep="\n")


def _real(options: argparse.Namespace) -> Agreements:
    begin()
    from bench.mir.real import agreements, disagreements, listen_to_real_music, shown_agreements  # see `begin`

    opinions = list(listen_to_real_music(ours(options.analysis)))
    found = agreements(opinions)
    print("\n" + shown_agreements(f"{len(opinions)} real files", found))
    print("\nours / librosa / third, where ours is alone or they differ (* the other two agree):")
    print("\n".join(disagreements(opinions)))
    return found


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--songs", type=int, default=300, help="how many songs, counted before they are halved; 0 for none"
    )
    parser.add_argument("--half", choices=("tuning", "reporting"), help="only the even or the odd seeds")
    parser.add_argument("--seeds", type=_numbers, help="only these, as in 3,17")
    parser.add_argument("--only", choices=("rhythm", "harmony", "form"), help="only these lines")
    parser.add_argument(
        "--by", type=lambda word: word.split(","), default=[], help=f"break down by {', '.join(TRAITS)}"
    )
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--analysis", default=WHOLE, help="module:function, (pcm, rate) -> findings.Analysis")
    parser.add_argument("--real", action="store_true", help="also real music: how far independent ways agree")
    parser.add_argument("--fresh", action="store_true", help="run librosa again")
    parser.add_argument("--json", action="store_true", help=f"write {_RESULTS}")
    return parser.parse_args(words)


def _numbers(word: str) -> set[int]:
    return {int(number) for number in word.split(",")}


def _groups(trait: str, heard: Sequence[Heard]) -> dict[str, list[Heard]]:
    """The songs by what they share."""
    groups: dict[str, list[Heard]] = {}
    for each in sorted(heard, key=lambda each: TRAITS[trait](each.piece.recipe)):
        groups.setdefault(TRAITS[trait](each.piece.recipe), []).append(each)
    return groups


def _write(found: Mapping[str, Any], options: argparse.Namespace) -> None:
    report = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "load_average": os.getloadavg()[0],
        "half": options.half,
        "analysis": options.analysis,
        **found,
    }
    _RESULTS.parent.mkdir(parents=True, exist_ok=True)
    _RESULTS.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(f"\nwritten to {_RESULTS}")


if __name__ == "__main__":
    main()
