"""`python -m services.separation.weights [--into DIR] [--source PATH_OR_URL] [MODEL ...]`."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console

from services.separation.engine.errors import UnknownModel
from services.separation.engine.registry import DEFAULT_MODEL, ModelCard, NetworkCard, card_of
from services.separation.weights.obtain import WeightsUnobtainable, obtain
from services.separation.weights.sources import is_one_file


def main(arguments: list[str] | None = None) -> int:
    """Runs the weights step; 0 if the weights are there, 1 with the reasons on stderr if not."""
    parser = argparse.ArgumentParser(
        prog="python -m services.separation.weights",
        description="Fetches separation models' weights, converts and verifies them.",
    )
    parser.add_argument("models", nargs="*", metavar="MODEL", default=[DEFAULT_MODEL], help=f"default: {DEFAULT_MODEL}")
    parser.add_argument("--into", type=Path, default=Path(".puremusic/weights"), help="default: %(default)s")
    parser.add_argument(
        "--source", metavar="PATH_OR_URL", help="your own copy, tried first: a folder of weights, or the one file"
    )
    chosen = parser.parse_args(arguments)
    console = Console(stderr=True, highlight=False)
    try:
        cards = [card_of(name) for name in chosen.models]
        # An empty --source is what a Makefile passes on from a variable that is not set.
        _obtain_all(cards, chosen.into, chosen.source or None, console)
    except (UnknownModel, WeightsUnobtainable, OSError) as error:
        console.print(str(error), style="red", markup=False)
        return 1
    return 0


def _obtain_all(cards: Sequence[ModelCard], into: Path, source: str | None, console: Console) -> None:
    """Obtain every network of these models, each once, and say what new weights may be used for."""
    networks = _networks(cards)
    if source is not None and len(networks) > 1 and is_one_file(source):
        raise WeightsUnobtainable(
            f"{source} is one file, but {len(networks)} are needed: {', '.join(card.name for card in networks)}. "
            "Give the folder that holds them."
        )
    missing = [model for model in cards if not model.present(into)]
    for card in networks:
        obtain(card, into, source, console)
    for model in missing:
        console.print(f"{model.name}: these weights are for {model.licence}.")


def _networks(cards: Iterable[ModelCard]) -> list[NetworkCard]:
    return list({network.name: network for card in cards for network, _ in card.networks}.values())


if __name__ == "__main__":
    sys.exit(main())
