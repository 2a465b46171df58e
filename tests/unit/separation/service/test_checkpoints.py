"""An attempt goes on with what another has finished, and nobody can tell from the files."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from services.separation.checkpoints import append, following
from services.separation.engine.stems import Ensemble, separate_blocks
from services.separation.master import Master
from services.separation.segment_store import SegmentRow, SegmentStem
from services.separation.stem_files import Layout, StemFile, StemFiles, quantised
from tests.unit.separation.networks import small_htdemucs

RATE = 44_100
WANTED = ("vocals", "bass")


@pytest.fixture(scope="module")
def master_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six seconds that get louder."""
    rng = np.random.default_rng(1)
    pcm = rng.normal(0, 0.1, (6 * RATE + 77, 2)) * np.linspace(0.1, 2, 6 * RATE + 77)[:, None]
    path = tmp_path_factory.mktemp("master") / "master.flac"
    soundfile.write(path, np.clip(pcm, -1, 1), RATE, subtype="PCM_24")
    return path


@pytest.fixture(scope="module", params=[1.0, 40.0], ids=["within full scale", "far above full scale"])
def ensemble(request: pytest.FixtureRequest) -> Ensemble:
    """A small network; in one case its stems exceed full scale, the more the later."""
    return [(small_htdemucs(), dict.fromkeys(WANTED, request.param))]


def compute(ensemble: Ensemble, master: Master, files: Sequence[StemFiles], start: int, seconds: int | None) -> None:
    """Separate from a frame on, for as many seconds, into these files."""
    blocks = separate_blocks(ensemble, master, start=start)
    for _, block in zip(range(10**6 if seconds is None else seconds), blocks, strict=False):
        samples = {stem_type: quantised(pcm) for stem_type, pcm in block.items()}
        for each in files:
            each.add(samples)


def row_of(first_frame: int, files: Sequence[StemFile]) -> SegmentRow:
    """A segment as its row says it."""
    stems = [SegmentStem(file.type, file.path.name, file.scale_bits, file.size_bytes, file.sha256) for file in files]
    return SegmentRow("id", first_frame, files[0].frames, 1, "recipe", stems)


def test_a_resumed_run_makes_the_same_bytes(
    ensemble: Ensemble, master_path: Path, tmp_path: Path, one_thread: None
) -> None:
    folders = [tmp_path / name for name in ("unbroken", "first", "second", "resumed")]
    for folder in folders:
        folder.mkdir()
    with Master(master_path) as master:
        layout = Layout(WANTED, RATE, 2)
        unbroken, first, second, resumed = (StemFiles(layout, folder) for folder in folders)
        with unbroken, first, second, resumed:
            compute(ensemble, master, [unbroken], 0, None)
            compute(ensemble, master, [first], 0, 2)
            compute(ensemble, master, [second], first.frames, 1)
            end = 0
            for segment in (first, second):
                files = segment.finish()
                assert append(row_of(end, files), [file.path for file in files], layout, resumed)
                end += segment.frames
            assert resumed.frames == 3 * RATE
            compute(ensemble, master, [resumed], resumed.frames, None)
            whole, again = unbroken.finish(), resumed.finish()

    assert [file.sha256 for file in again] == [file.sha256 for file in whole]
    assert [file.scale_bits for file in again] == [file.scale_bits for file in whole]
    assert whole[0].frames == master.frames
    loud = ensemble[0][1]["bass"] > 1
    assert [file.scale_bits > before.scale_bits for file, before in zip(whole, files, strict=True)] == [loud, loud]


def piece(folder: Path) -> tuple[SegmentRow, list[Path]]:
    """A segment of a second, and its files."""
    folder.mkdir()
    samples = np.random.default_rng(2).integers(-(2**20), 2**20, (RATE, 2), np.int32)
    with StemFiles(Layout(WANTED, RATE, 2), folder) as files:
        files.add(dict.fromkeys(WANTED, samples))
        finished = files.finish()
    return row_of(0, finished), [file.path for file in finished]


@pytest.mark.parametrize("damage", ["missing", "cut", "flipped", "another length", "another rate"])
def test_a_segment_that_is_not_what_its_row_says_leaves_the_files_as_they_are(tmp_path: Path, damage: str) -> None:
    row, pieces = piece(tmp_path / "segment")
    paths: list[Path | None] = [*pieces]
    layout = Layout(WANTED, RATE, 2)
    content = pieces[1].read_bytes()
    if damage == "missing":
        paths[1] = None
    elif damage == "cut":
        pieces[1].write_bytes(content[: len(content) // 2])
    elif damage == "flipped":
        pieces[1].write_bytes(content[:-1000] + bytes([content[-1000] ^ 1]) + content[-999:])
    elif damage == "another length":
        row = replace(row, frames=RATE + 1)
    else:
        layout = replace(layout, sample_rate=48_000)

    with StemFiles(layout, tmp_path) as files:
        assert not append(row, paths, layout, files)
        assert files.frames == 0


def rows(*spans: tuple[int, int]) -> list[SegmentRow]:
    """Segments by their first frame and length."""
    stems = [SegmentStem(stem_type, "key", 0, 1, "") for stem_type in WANTED]
    return [SegmentRow("id", first_frame, frames, 1, "recipe", stems) for first_frame, frames in spans]


@pytest.mark.parametrize(
    ("spans", "usable"),
    [([], 0), ([(0, 5)], 1), ([(0, 5), (5, 2), (7, 9)], 3), ([(0, 5), (6, 2), (8, 1)], 1), ([(3, 5), (8, 2)], 0)],
)
def test_segments_are_of_use_as_far_as_they_follow_on_each_other(spans: list[tuple[int, int]], usable: int) -> None:
    assert following(rows(*spans), "recipe", WANTED) == rows(*spans)[:usable]


def test_segments_of_another_recipe_or_of_other_stems_are_of_no_use() -> None:
    first, second = rows((0, 5), (5, 5))

    assert following([first, replace(second, recipe="other")], "recipe", WANTED) == [first]
    assert following([first, replace(second, stems=second.stems[:1])], "recipe", WANTED) == [first]
    assert following([first, second], "recipe", (*WANTED, "drums")) == []
