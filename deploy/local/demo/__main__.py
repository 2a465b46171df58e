"""`python -m deploy.local.demo`: start PureMusic, make one song of two, stop it again."""

import argparse
import asyncio
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from cli import stem_expressions
from cli.client import ApiError
from cli.output import console
from cli.stem_expressions import Choice, ExpressionError
from deploy.local import environment
from deploy.local.demo import songs
from deploy.local.demo.journey import DemoError, Journey, travel
from deploy.local.demo.report import Report
from deploy.local.door import mesh_bootstrap
from deploy.local.errors import StackError
from deploy.local.home import Home
from deploy.local.stack import Mesh

_STEMS = "a:vocals b:drums,bass,other"


def main(arguments: list[str] | None = None) -> int:
    """Run the demo; 0 when it ended well, 1 when a person has to mend something, 130 after Ctrl-C."""
    options = _parse(arguments)
    # Whoever ends us politely gets the same orderly stop as a person at the terminal.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        _demonstrate(options, console())
    except (StackError, ApiError, ExpressionError, OSError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.local.demo", description=__doc__)
    parser.add_argument("--a", type=Path, help="the first song (default: a synthesised one)")
    parser.add_argument("--b", type=Path, help="the second song")
    parser.add_argument("--stems", default=_STEMS, help="which stems make the new song (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=Path("fused.wav"), help="where it is saved (default: %(default)s)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write seconds and findings there")
    parser.add_argument("--url", help="use the PureMusic that runs there instead of starting one")
    parser.add_argument("--home", type=Path, help="where data lies (default: $PUREMUSIC_HOME or .puremusic)")
    return parser.parse_args(arguments)


def _demonstrate(options: argparse.Namespace, screen: Console) -> None:
    if (options.a is None) != (options.b is None):
        raise DemoError("Bring two songs, A and B, or none.")
    choices = _choices(options.stems)
    report = Report()
    with tempfile.TemporaryDirectory(prefix="puremusic-demo-") as folder:
        pair = songs.chosen(options.a, options.b) if options.a else songs.synthesised(Path(folder))
        journey = Journey(pair, choices, options.out)
        if options.url:
            asyncio.run(travel(options.url, journey, report, screen))
        else:
            with _running(options.home or environment.default_home(), screen, report) as mesh:
                asyncio.run(travel(mesh.url, journey, report, screen))
    report.draw(screen)
    if options.json:
        report.write(options.json)


def _choices(expression: str) -> list[Choice]:
    choices = stem_expressions.parse(expression.split())
    for choice in choices:
        if choice.track not in ("a", "b"):
            raise ExpressionError(f"'{choice.track}' is neither a nor b: for example  {_STEMS}")
    return choices


@contextmanager
def _running(root: Path, screen: Console, report: Report) -> Iterator[Mesh]:
    """The embedded stack, quiet unless something goes wrong."""
    said: list[str] = []
    try:
        with Home(root) as home, screen.status("starting PureMusic") as status:
            mesh = Mesh(home, mesh_bootstrap, report=_heard_by(said, status.update))
            with mesh:
                status.stop()
                report.stages["start"] = mesh.seconds
                screen.print(f"PureMusic runs at {mesh.url} (ready after {mesh.seconds:.1f} s)", soft_wrap=True)
                yield mesh
                report.start_seconds = mesh.start_seconds
                report.peak_memory_bytes = mesh.peak_memory_bytes
    except (StackError, ApiError):
        print("\n".join(said), file=sys.stderr)
        raise


def _heard_by(said: list[str], show: Callable[[str], None]) -> Callable[[str], None]:
    def hear(line: str) -> None:
        said.append(line)
        show(f"starting PureMusic: {line}")

    return hear


if __name__ == "__main__":
    sys.exit(main())
