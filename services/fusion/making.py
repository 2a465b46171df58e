"""From fetched stems to finished files: the engine's part of a job, in a thread of its own."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from services.fusion import formats
from services.fusion.mixing.mastering import Outcome
from services.fusion.mixing.mixdown import Mix, mix
from services.fusion.mixing.progress import IsCancelled, Progress
from services.fusion.mixing.receipts import Receipt
from services.fusion.mixing.rendering import (
    Encoding,
    FfmpegMissing,
    Format,
    VoiceFiles,
    draw_cover,
    outline,
    render,
    write_stem_mp4,
    zip_stems,
)
from services.fusion.mixing.sources import FileSource

Stage = Callable[[str], Progress]
"""Called with a stage's name as it begins; what it returns is told how far it is."""

_WARNINGS: Mapping[Outcome, tuple[str, str]] = {
    Outcome.TRUE_PEAK: (
        "QUIETER_THAN_ASKED",
        "The song is quieter than asked: its peaks would have had to be limited too much.",
    ),
    Outcome.FULL_SCALE: ("LOWERED", "The sum was louder than full scale: it was lowered until nothing is clipped."),
    Outcome.SILENCE: ("SILENT", "Nothing can be heard in it."),
}
_NO_FFMPEG = ("FFMPEG_MISSING", "There is no file for DJ software: this needs ffmpeg, which is not installed here.")


@dataclass
class Made:
    """Files by format, in the order in which they were made, and what is to be known of them."""

    mixed: Mix
    files: dict[str, Path] = field(default_factory=dict)
    warnings: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Maker:
    """Makes what a receipt says, in an empty folder."""

    receipt: Receipt
    folder: Path
    stage: Stage
    cancelled: IsCancelled

    def make(self, stems: Mapping[str, Path]) -> Made:
        """Mix the stems, files by their ids, and write every file.

        Raises:
            InvalidSource, InvalidArrangement, InvalidEncoding: if it can't be made.
            Cancelled: if `cancelled` answers True.
        """
        voices = self._voices()
        with ExitStack() as opened:
            sources = {
                stem_id: opened.enter_context(FileSource(path, self._scale_bits(stem_id)))
                for stem_id, path in stems.items()
            }
            mixed = mix(
                self.receipt.arrangement,
                sources,
                self.folder / "mix",
                window=self.receipt.window,
                each=voices.add if voices else None,
                progress=self.stage("mixing"),
                cancelled=self.cancelled,
            )
        made = Made(mixed)
        if mixed.level.outcome in _WARNINGS:
            made.warnings.append(_WARNINGS[mixed.level.outcome])
        self._write_songs(made)
        if voices:
            self._write_voices(made, voices)
        return made

    def _scale_bits(self, stem_id: str) -> int:
        return self.receipt.sources[stem_id].scale_bits

    def _voices(self) -> VoiceFiles | None:
        receipt = self.receipt
        if not (receipt.stems_zip or receipt.stem_mp4):
            return None
        folder = self.folder / "voices"
        folder.mkdir()
        return VoiceFiles(folder, self.receipt.arrangement.sample_rate)

    def _write_songs(self, made: Made) -> None:
        tags, cover = self.receipt.tags, self._cover(made.mixed)
        for encoding in self.receipt.encodings:
            path = self._path(made, encoding.format.value)
            stage = self.stage(f"rendering {encoding.format.value}")
            render(made.mixed, encoding, path, tags=tags, cover=cover, progress=stage, cancelled=self.cancelled)

    def _write_voices(self, made: Made, voices: VoiceFiles) -> None:
        receipt, tags = self.receipt, self.receipt.tags
        if receipt.stems_zip:
            path, stage = self._path(made, formats.STEMS_ZIP), self.stage("rendering stems")
            zip_stems(voices, Encoding(Format.FLAC), path, tags=tags, progress=stage, cancelled=self.cancelled)
        if receipt.stem_mp4:
            self._write_stem_mp4(made, voices)

    def _write_stem_mp4(self, made: Made, voices: VoiceFiles) -> None:
        stage, path = self.stage("rendering stem.mp4"), self._path(made, formats.STEM_MP4)
        try:
            write_stem_mp4(
                made.mixed,
                voices,
                path,
                roles=self._roles(),
                tags=self.receipt.tags,
                progress=stage,
                cancelled=self.cancelled,
            )
        except FfmpegMissing:
            del made.files[formats.STEM_MP4]
            made.warnings.append(_NO_FFMPEG)

    def _roles(self) -> dict[str, str]:
        """What each voice is, by its name."""
        return {voice.name: self.receipt.sources[voice.source].stem_type for voice in self.receipt.arrangement.voices}

    def _path(self, made: Made, kind: str) -> Path:
        made.files[kind] = self.folder / formats.object_name(kind)
        return made.files[kind]

    def _cover(self, mixed: Mix) -> bytes | None:
        if not self.receipt.cover:
            return None
        return draw_cover(outline(mixed.blocks(mixed.level.gain_db), mixed.frames))
