"""`python -m tests.servers.web`: the whole mesh with the built web client, for the browser tests, until it is told to stop.

One line of its output tells the tests where it is: PUREMUSIC_URL, and PUREMUSIC_SONGS, a folder of songs to bring.
"""

import shutil
import signal
import tempfile
from pathlib import Path

from services.gateway.config import WEB_CLIENT
from tests.servers.losing import tell_store
from tests.servers.mesh import running_mesh, stop_mesh
from tests.servers.real_music import asc_music_excerpt, asc_music_mp3, musdb_clip


def main() -> None:
    """Run it."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    assert (WEB_CLIENT / "index.html").is_file(), f"{WEB_CLIENT} is missing: run `make web` first"
    with tempfile.TemporaryDirectory(prefix="puremusic-songs-") as folder:
        _gather(Path(folder))
        try:
            mesh = running_mesh()
            mesh.wait_workers()
            tell_store(Path(folder), mesh.surroundings.s3)
            print(f"PUREMUSIC_URL={mesh.url} PUREMUSIC_SONGS={folder}", flush=True)  # noqa: T201  # what it is for
            signal.pause()
        except KeyboardInterrupt:
            pass
        finally:
            stop_mesh()


def _gather(folder: Path) -> None:
    shutil.copy(musdb_clip().flac, folder / "falcon.flac")
    shutil.copy(asc_music_excerpt(12), folder / "machine-wars.mp3")
    shutil.copy(asc_music_excerpt(60), folder / "machine-wars-minute.mp3")
    shutil.copy(asc_music_mp3(), folder / "long-song.mp3")
    (folder / "not-music.mp3").write_text("No music, whatever the name says.\n" * 400)


if __name__ == "__main__":
    main()
