"""`python -m services.separation.weights [--into DIR] [--model NAME] [--source PATH_OR_URL]`."""

import argparse
import sys
from pathlib import Path

from rich.console import Console

from services.separation.engine.errors import UnknownModel
from services.separation.engine.registry import DEFAULT_MODEL, card_of
from services.separation.weights.obtain import WeightsUnobtainable, obtain


def main(arguments: list[str] | None = None) -> int:
    """Runs the weights step; 0 if the weights are there, 1 with the reasons on stderr if not."""
    parser = argparse.ArgumentParser(
        prog="python -m services.separation.weights",
        description="Fetches a separation model's weights, converts and verifies them.",
    )
    parser.add_argument("--into", type=Path, default=Path(".puremusic/weights"), help="default: %(default)s")
    parser.add_argument("--model", default=DEFAULT_MODEL, help="default: %(default)s")
    parser.add_argument("--source", metavar="PATH_OR_URL", help="your own copy of the safetensors file, tried first")
    chosen = parser.parse_args(arguments)
    console = Console(stderr=True, highlight=False)
    try:
        # An empty --source is what a Makefile passes on from a variable that is not set.
        obtain(card_of(chosen.model), chosen.into, chosen.source or None, console)
    except (UnknownModel, WeightsUnobtainable, OSError) as error:
        console.print(str(error), style="red", markup=False)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
