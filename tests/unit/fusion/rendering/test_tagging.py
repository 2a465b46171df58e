"""Tags and covers, as ffmpeg reads them."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
import soundfile
from PIL import Image

from services.fusion.mixing import Encoding, Format, Tags
from services.fusion.mixing.rendering.encoder import encode
from services.fusion.mixing.rendering.tagging import tag

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
SAID = {
    "title": "Über allen Gipfeln 夜 🎶",
    "artist": "Ada; Grace = Edith #1",
    "album": "A",
    "comment": "made with PureMusic",
    "copyright": "© 2031 nobody",
}
TAGS = Tags(SAID["title"], SAID["artist"], SAID["album"], 127.96, "F#m", SAID["comment"], SAID["copyright"])
ENCODINGS = [
    Encoding(Format.WAV, bits=16),
    Encoding(Format.WAV, bits=32),
    Encoding(Format.FLAC),
    Encoding(Format.MP3),
    Encoding(Format.OGG),
    Encoding(Format.OPUS),
]

each_encoding = pytest.mark.parametrize(
    "encoding", ENCODINGS, ids=lambda encoding: f"{encoding.format} {encoding.bits}"
)


def _cover(side: int = 500) -> bytes:
    """A picture that does not compress: at 500 pixels 750 kB, more than a dozen Ogg pages hold."""
    file = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def _encoded(encoding: Encoding, path: Path) -> Path:
    """Two and a half seconds of noise."""
    noise = np.random.default_rng(1).uniform(-0.3, 0.3, (120_001, 2)).astype(np.float32)
    list(encode([noise], encoding, 48_000, path))
    return path


def _ffmpeg(*arguments: str | Path) -> bytes:
    command = [FFMPEG, "-nostdin", "-v", "error", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stderr == b""
    return done.stdout


def _metadata(path: Path) -> dict[str, str]:
    """What ffmpeg says of a file, global or of its stream; names in small letters."""
    text = _ffmpeg("-i", path, "-map", "0:a", "-c", "copy", "-f", "ffmetadata", "-").decode()
    return {
        name.lower(): re.sub(r"\\(.)", r"\1", value)
        for name, value in re.findall(r"^([^;=\n]+)=(.*)$", text, re.MULTILINE)
    }


@each_encoding
def test_another_program_reads_the_tags(encoding: Encoding, tmp_path: Path) -> None:
    path = _encoded(encoding, tmp_path / f"song.{encoding.format}")
    tag(path, encoding.format, TAGS, _cover())
    seen = _metadata(path)
    assert {name: seen.get(name) for name in SAID} == SAID
    if encoding.format is Format.MP3:
        assert (seen["tbpm"], seen["tkey"]) == ("128", "F#m")
    elif encoding.format is not Format.WAV:
        assert (seen["bpm"], seen["initialkey"]) == ("127.96", "F#m")


@each_encoding
def test_another_program_sees_the_cover(encoding: Encoding, tmp_path: Path) -> None:
    path, cover = _encoded(encoding, tmp_path / f"song.{encoding.format}"), _cover()
    tag(path, encoding.format, TAGS, cover)
    assert _ffmpeg("-i", path, "-map", "0:v", "-c", "copy", "-f", "image2pipe", "-") == cover


@each_encoding
@pytest.mark.parametrize("side", [None, 2, 500])
def test_the_sound_stays_as_it_was(encoding: Encoding, side: int | None, tmp_path: Path) -> None:
    path = _encoded(encoding, tmp_path / f"song.{encoding.format}")
    tagged = Path(shutil.copy(path, tmp_path / f"tagged.{encoding.format}"))
    tag(tagged, encoding.format, TAGS, None if side is None else _cover(side))
    assert np.array_equal(soundfile.read(tagged)[0], soundfile.read(path)[0])
    raw = [_ffmpeg("-i", file, "-map", "0:a", "-f", "f32le", "-") for file in (path, tagged)]
    assert raw[0] == raw[1]


@each_encoding
def test_without_a_word_and_a_picture_nothing_is_said(encoding: Encoding, tmp_path: Path) -> None:
    path = _encoded(encoding, tmp_path / f"song.{encoding.format}")
    tag(path, encoding.format, Tags(comment=""))
    assert not set(_metadata(path)) & {*SAID, "bpm", "tbpm", "initialkey", "tkey"}


def test_a_tag_of_any_length_fills_ogg_pages_exactly(tmp_path: Path) -> None:
    """Around the sizes at which a packet fills its last segment, or its last page, to the brim."""
    plain = _encoded(Encoding(Format.OGG), tmp_path / "plain.ogg")
    for length in range(254, 257):
        path = Path(shutil.copy(plain, tmp_path / "song.ogg"))
        long = Tags(title="t" * (255 * 254 + length), comment="")
        tag(path, Format.OGG, long)
        assert _metadata(path)["title"] == long.title


def test_nothing_is_left_beside_the_file(tmp_path: Path) -> None:
    path = _encoded(Encoding(Format.FLAC), tmp_path / "song.flac")
    tag(path, Format.FLAC, TAGS, _cover(8))
    path.write_bytes(b"no FLAC")
    with pytest.raises(ValueError, match="no FLAC file"):
        tag(path, Format.FLAC, TAGS)
    assert [file.name for file in tmp_path.iterdir()] == ["song.flac"]
    assert path.read_bytes() == b"no FLAC"
