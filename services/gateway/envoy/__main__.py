"""`python -m services.gateway.envoy --public 0.0.0.0:8080 …`: print Envoy's bootstrap; with `--into`, write what Envoy needs."""

import argparse
import dataclasses
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, get_args, get_type_hints

from chassis.config import Address
from services.gateway.envoy.bootstrap import bootstrap
from services.gateway.envoy.settings import EnvoySettings, Rate

__all__ = ["main", "read_settings"]

_READERS: dict[Any, Callable[[str], Any]] = {Address: Address.parse, Rate: Rate.parse, Path: Path, int: int, str: str}


def main(arguments: Sequence[str]) -> None:
    """Read the settings from flags and print, or write a folder for an Envoy that runs elsewhere."""
    given = vars(_parser().parse_args(arguments))
    into: Path | None = given.pop("into")
    settings = _settings(given)
    if into is None:
        sys.stdout.write(bootstrap(settings))
        return
    descriptors = into / settings.descriptors.name
    descriptors.write_bytes(settings.descriptors.read_bytes())
    whole = bootstrap(dataclasses.replace(settings, envoy_descriptors=str(descriptors)))
    (into / "envoy.json").write_text(whole, encoding="utf-8")


def read_settings(arguments: Sequence[str]) -> EnvoySettings:
    """One flag per setting: `--auth-http`, `--sign-in-rate`, …"""
    given = vars(_parser().parse_args(arguments))
    del given["into"]
    return _settings(given)


def _settings(given: dict[str, Any]) -> EnvoySettings:
    return EnvoySettings(**{**given, "origins": tuple(given["origins"])})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m services.gateway.envoy", description="Write Envoy's bootstrap.")
    parser.add_argument("--into", type=Path, help="folder for envoy.json and the descriptor set, as Envoy sees it too")
    hints = get_type_hints(EnvoySettings, include_extras=True)
    for field in dataclasses.fields(EnvoySettings):
        kind, meaning = get_args(hints[field.name])
        _add_flag(parser, field, kind, meaning)
    return parser


def _add_flag(parser: argparse.ArgumentParser, field: "dataclasses.Field[Any]", kind: Any, meaning: str) -> None:
    flag = f"--{field.name.replace('_', '-')}"
    if field.default is dataclasses.MISSING:
        parser.add_argument(flag, type=_READERS[kind], required=True, help=meaning)
    elif kind == tuple[str, ...]:
        parser.add_argument(flag, nargs="*", default=(), help=meaning)
    else:
        parser.add_argument(flag, type=_READERS[kind], default=field.default, help=f"{meaning} (default: %(default)s)")


if __name__ == "__main__":
    main(sys.argv[1:])
