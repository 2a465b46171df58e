"""Everything that is taken, by real encoders, comes out whole and exact."""

import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from services.ingest.decoding import Master, decode, waveform
from tests.unit.ingest.recordings import (
    RATE,
    converted,
    integers,
    master_samples,
    patched,
    piped,
    tones,
    written,
)


@pytest.mark.parametrize("suffix", ["wav", "flac", "aiff"])
@pytest.mark.parametrize("bits", [16, 24])
async def test_integer_samples_are_kept_exactly(tmp_path: Path, into: Path, suffix: str, bits: int) -> None:
    samples = integers(bits)
    master = await decode(written(tmp_path / f"a.{suffix}", samples, subtype=f"PCM_{bits}"), into)
    assert np.array_equal(master_samples(master.path), samples >> 8)
    assert (master.bit_depth, master.encoding, master.gain) == (bits, f"{bits}-bit", 1.0)
    assert soundfile.info(master.path).subtype == "PCM_24"


async def test_32_bit_samples_are_rounded_to_nearest(tmp_path: Path, into: Path) -> None:
    samples = integers(32)
    master = await decode(written(tmp_path / "a.wav", samples, subtype="PCM_32"), into)
    error = (master_samples(master.path).astype(np.int64) << 8) - samples
    # Half a step, but for the highest values, which have no step above them.
    assert np.abs(error[samples < (1 << 31) - 256]).max() <= 128
    assert np.abs(error).max() < 256


@pytest.mark.parametrize(
    ("name", "container", "subtype", "format_name", "mime_type"),
    [
        ("a.mp3", "MP3", "MPEG_LAYER_III", "MP3", "audio/mpeg"),
        ("a.ogg", "OGG", "VORBIS", "Ogg Vorbis", "audio/ogg"),
        ("a.opus", "OGG", "OPUS", "Ogg Opus", "audio/ogg"),
    ],
)
async def test_lossy_formats_keep_length_and_level(
    tmp_path: Path, into: Path, name: str, container: str, subtype: str, format_name: str, mime_type: str
) -> None:
    signal = tones(2, rate=48_000)
    master = await decode(written(tmp_path / name, signal, 48_000, subtype=subtype, container=container), into)
    assert (master.format, master.mime_type, master.bit_depth) == (format_name, mime_type, 0)
    assert (master.sample_rate, master.channels) == (48_000, 2)
    assert master.frames == len(signal)
    assert np.abs(master_samples(master.path) / (1 << 23) - signal).std() < 0.05


@pytest.mark.parametrize(
    ("name", "options", "format_name", "mime_type", "most_off"),
    [
        ("a.m4a", ("-c:a", "aac"), "AAC", "audio/mp4", 0),
        ("fast.m4a", ("-c:a", "aac", "-movflags", "+faststart"), "AAC", "audio/mp4", 0),
        ("pieces.m4a", ("-c:a", "aac", "-movflags", "+frag_keyframe+empty_moov"), "AAC", "audio/mp4", 3 * 1024),
        # Raw AAC does not say how much of its first and last frame is padding.
        ("a.aac", ("-c:a", "aac"), "AAC", "audio/aac", 3 * 1024),
    ],
)
async def test_aac_through_ffmpeg(
    tmp_path: Path, into: Path, name: str, options: tuple[str, ...], format_name: str, mime_type: str, most_off: int
) -> None:
    signal = tones(2)
    source = written(tmp_path / "a.wav", signal, subtype="PCM_16")
    master = await decode(converted(source, tmp_path / name, *options), into)
    assert (master.format, master.mime_type, master.encoding) == (format_name, mime_type, "lossy")
    assert 0 <= master.frames - len(signal) <= most_off


@pytest.mark.parametrize(("bits", "layout"), [(16, "s16p"), (24, "s32p")])
async def test_apple_lossless_is_exact(tmp_path: Path, into: Path, bits: int, layout: str) -> None:
    samples = integers(bits)
    source = written(tmp_path / "a.wav", samples, subtype=f"PCM_{bits}")
    target = converted(source, tmp_path / "a.m4a", "-c:a", "alac", "-sample_fmt", layout)
    master = await decode(target, into)
    assert np.array_equal(master_samples(master.path), samples >> 8)
    assert (master.format, master.bit_depth) == ("Apple Lossless", bits)


async def test_a_cover_picture_does_not_disturb(tmp_path: Path, into: Path) -> None:
    source = written(tmp_path / "a.wav", tones(), subtype="PCM_16")
    red = ("-f", "lavfi", "-i", "color=red:s=64x64", "-map", "1:v", "-frames:v", "1")
    cover = converted(source, tmp_path / "cover.png", *red)
    attached = ("-i", str(cover), "-map", "0:a", "-map", "1:v", "-c:v", "copy", "-disposition:v", "attached_pic")
    assert (await decode(converted(source, tmp_path / "a.m4a", *attached), into)).frames == RATE


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 48_000, 88_200, 96_000, 176_400, 192_000])
async def test_sample_rates(tmp_path: Path, into: Path, rate: int) -> None:
    samples = integers(16, 0.3, rate=rate)
    master = await decode(written(tmp_path / "a.wav", samples, rate, subtype="PCM_16"), into)
    assert (master.sample_rate, master.frames) == (rate, len(samples))
    assert np.array_equal(master_samples(master.path), samples >> 8)
    assert soundfile.info(master.path).samplerate == rate


@pytest.mark.parametrize("subtype", ["PCM_U8", "ULAW", "ALAW", "IMA_ADPCM", "FLOAT", "DOUBLE"])
async def test_unusual_wavs(tmp_path: Path, into: Path, subtype: str) -> None:
    master = await decode(written(tmp_path / "a.wav", tones(channels=1), subtype=subtype), into)
    assert master.duration == pytest.approx(1.0, abs=0.02)
    assert master.channels == 1


async def test_silence_is_music_too(tmp_path: Path, into: Path) -> None:
    master = await decode(written(tmp_path / "a.flac", np.zeros((RATE, 2)), subtype="PCM_24"), into)
    assert not master_samples(master.path).any()
    assert not waveform.read(master.waveform).rms.any()


@pytest.mark.parametrize(("level", "gain"), [(1.0, 1.0), (1.0001, 0.5), (2.0, 0.5), (2.5, 0.25), (32768.0, 2.0**-15)])
async def test_what_exceeds_full_scale_is_scaled_not_clipped(
    tmp_path: Path, into: Path, level: float, gain: float
) -> None:
    signal = np.zeros((RATE, 2))
    signal[RATE // 2 :] = tones(0.5)
    signal[-1] = -level
    signal[-2] = level
    master = await decode(written(tmp_path / "a.wav", signal, subtype="FLOAT"), into)
    assert master.gain == gain
    error = master_samples(master.path) / (1 << 23) - signal.astype(np.float32) * gain
    assert np.abs(error).max() <= 2.0**-23


async def test_the_hash_is_of_the_samples_whatever_the_container(tmp_path: Path, into: Path) -> None:
    samples = integers(16)
    wav = written(tmp_path / "a.wav", samples, subtype="PCM_16")
    flac = written(tmp_path / "a.flac", samples, subtype="PCM_16")
    masters = [await decode(path, into) for path in (wav, flac)]
    by_definition = hashlib.sha256(b"puremusic samples 1" + struct.pack("<II", RATE, 2))
    by_definition.update((samples >> 8).astype("<i4").tobytes())
    assert {master.content_sha256 for master in masters} == {by_definition.hexdigest()}
    assert masters[0].original_sha256 == hashlib.sha256(wav.read_bytes()).hexdigest()
    assert masters[0].original_bytes == wav.stat().st_size
    assert masters[0].original_sha256 != masters[1].original_sha256


async def test_a_name_means_nothing(tmp_path: Path, into: Path) -> None:
    master = await decode(written(tmp_path / "a.mp3", tones(), container="FLAC", subtype="PCM_16"), into)
    assert (master.format, master.mime_type) == ("FLAC", "audio/flac")


@pytest.mark.parametrize("container", ["wav", "flac"])
async def test_a_length_left_open_is_no_claim(tmp_path: Path, into: Path, container: str) -> None:
    source = written(tmp_path / "a.wav", tones(1.3), subtype="PCM_16")
    master = await decode(piped(source, tmp_path / f"open.{container}", container), into)
    assert master.frames == round(1.3 * RATE)


@pytest.mark.parametrize("loud_first", [True, False])
async def test_an_mp3_of_variable_rate_without_a_length_is_whole(tmp_path: Path, into: Path, loud_first: bool) -> None:
    # libsndfile guesses such a file's length by its first frame: half of it would be missing.
    halves = [tones(6, level=0.9), np.zeros((6 * RATE, 2))]
    signal = np.concatenate(halves if loud_first else halves[::-1])
    source = written(tmp_path / "a.wav", signal, subtype="PCM_16")
    target = converted(source, tmp_path / "a.mp3", "-c:a", "libmp3lame", "-q:a", "2", "-write_xing", "0")
    master = await decode(target, into)
    assert 0 <= master.frames - len(signal) < 3 * 1152


@pytest.mark.parametrize(("name", "padding"), [("a.mp3", 0), ("a.mp3", 2000), ("a.flac", 0), ("a.wav", 0)])
async def test_a_tag_in_front_is_skipped(tmp_path: Path, into: Path, name: str, padding: int) -> None:
    tag = b"ID3\x04\x00\x00" + bytes((0, 0, 10, 0)) + bytes(10 * 128)
    path = written(tmp_path / name, tones())
    path.write_bytes(tag + bytes(padding) + path.read_bytes())
    assert (await decode(path, into)).frames == RATE


async def test_several_mp3s_in_one_file_are_all_read(tmp_path: Path, into: Path) -> None:
    path = written(tmp_path / "a.mp3", tones(2))
    path.write_bytes(path.read_bytes() * 3)
    # Each part brings its encoder's delay and its own header frame.
    assert 6 * RATE <= (await decode(path, into)).frames < 6.3 * RATE


async def test_junk_behind_an_m4a_is_no_damage(tmp_path: Path, into: Path) -> None:
    source = written(tmp_path / "a.wav", tones(), subtype="PCM_16")
    path = converted(source, tmp_path / "a.m4a")
    path.write_bytes(path.read_bytes() + b"TAGA song" + bytes(119))
    assert (await decode(path, into)).frames == RATE


async def test_a_tag_behind_a_flac_is_no_damage(tmp_path: Path, into: Path) -> None:
    path = written(tmp_path / "a.flac", tones(), subtype="PCM_16")
    path.write_bytes(path.read_bytes() + b"TAG" + bytes(125))
    assert (await decode(path, into)).frames == RATE


async def test_the_master_is_written_with_its_waveform_and_nothing_else(tmp_path: Path, into: Path) -> None:
    master = await decode(written(tmp_path / "a.flac", tones(), subtype="PCM_16"), into)
    assert isinstance(master, Master)
    assert sorted(into.iterdir()) == [master.path, master.waveform]
    shape = waveform.read(master.waveform)
    assert (shape.frames, shape.sample_rate, shape.channels) == (master.frames, RATE, 2)
    assert shape.highest.max() == -(-int(master_samples(master.path).max()) >> 8)


async def test_progress_never_falls_and_stays_a_share(tmp_path: Path, into: Path) -> None:
    heard: list[float] = []
    path = written(tmp_path / "a.wav", tones(60, level=1.5), subtype="FLOAT")
    await decode(path, into, progress=heard.append)
    assert heard == sorted(heard)
    assert all(0 <= share <= 1 for share in heard)


async def test_names_of_files_may_be_anything(tmp_path: Path, into: Path) -> None:
    path = written(tmp_path / "a.wav", tones(), subtype="PCM_16")
    for name in ("-i pipe:0.wav", "ünï çøde 🎵.wav", "a\nb'\"$(id).wav"):
        odd = path.rename(tmp_path / name)
        assert (await decode(odd, into)).frames == RATE
        path = odd.rename(tmp_path / "a.wav")


async def test_a_wav_whose_size_field_is_a_few_bytes_off_is_whole(tmp_path: Path, into: Path) -> None:
    path = written(tmp_path / "a.wav", tones(), subtype="PCM_16")
    at = path.read_bytes().index(b"data") + 4
    promised = struct.pack("<I", RATE * 4 + 64)
    assert (await decode(patched(path, (at, promised)), into)).frames == RATE
