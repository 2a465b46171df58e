"""`python -m deploy.local up` runs PureMusic on this machine; `env` says how its parts are reached."""

import argparse
import signal
import sys
from pathlib import Path

from deploy.local import environment
from deploy.local.description import described
from deploy.local.door import mesh_bootstrap
from deploy.local.errors import StackError
from deploy.local.home import Home
from deploy.local.stack import Mesh


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when it ended well, 1 when a person has to mend something, 130 after Ctrl-C."""
    options = _parse(arguments)
    home = Home(options.home or environment.default_home())
    try:
        return _up(home, options.port) if options.command == "up" else _env(home)
    except StackError as error:
        print(f"puremusic: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="run everything until Ctrl-C")
    up.add_argument("--port", type=int, help="public port (default: 8080, or a free one where that is taken)")
    env = commands.add_parser("env", help="print how every part is reached, without secrets")
    env.set_defaults(port=None)
    for command in (up, env):
        command.add_argument("--home", type=Path, help="where data lies (default: $PUREMUSIC_HOME or .puremusic)")
    return parser.parse_args(arguments)


def _up(home: Home, port: int | None) -> int:
    # Whoever ends us politely gets the same orderly stop as a person at the terminal.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    with home, Mesh(home, mesh_bootstrap, public_port=port, report=_tell) as mesh:
        _tell(f"PureMusic is ready after {mesh.seconds:.1f} s: {mesh.url} (data in {home.root}, Ctrl-C stops it)")
        try:
            signal.pause()
        except KeyboardInterrupt:
            _tell("stopping")
    return 0


def _env(home: Home) -> int:
    print(described(home))
    return 0


def _tell(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
