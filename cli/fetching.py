"""Saving files, with progress."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cli.client import Api, downloads
from cli.output import Output
from cli.progress import bytes_shown

__all__ = ["Fetch", "fetch"]


@dataclass(frozen=True)
class Fetch:
    """A file to save: where it is, where it goes, how big it is."""

    url: str
    into: Path
    size: int


async def fetch(api: Api, out: Output, wishes: Sequence[Fetch]) -> list[Path]:
    """Save files one after the other, and return where they are."""
    with bytes_shown(out.notes) as begin:
        for wish in wishes:
            await downloads.save(api, wish.url, wish.into, begin(wish.into.name, wish.size))
    return [wish.into for wish in wishes]
