"""What a demo found out: for people as tables, for programs as JSON."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from google.protobuf.json_format import MessageToDict
from puremusic.fusion.v1 import fusion_pb2
from puremusic.gateway.v1 import gateway_pb2
from puremusic.mir.v1 import mir_pb2
from puremusic.separation.v1 import separation_pb2
from rich.console import Console
from rich.table import Table

from cli.progress import KINDS
from deploy.local.demo.songs import Song

__all__ = ["Heard", "JobRecord", "Report"]


@dataclass(frozen=True)
class JobRecord:
    """How long a job took, and how much of that was music."""

    job_id: str
    kind: str
    title: str
    device: str
    whole_seconds: float
    """From the request to the result."""
    waiting_seconds: float
    """Until a worker took it."""
    engine_seconds: float

    @classmethod
    def of(cls, job: gateway_pb2.Job) -> "JobRecord":
        """Return the record of a job that is over."""
        work = job.work
        asked, begun, over = (
            time.ToNanoseconds() / 1e9 for time in (work.create_time, work.start_time, work.finish_time)
        )
        kind = KINDS.get(job.kind, "job")
        return cls(job.job_id, kind, job.title, work.device, over - asked, begun - asked, work.engine_seconds)


@dataclass(frozen=True)
class Heard:
    """A song, what was heard in it, and how it was taken apart."""

    song: Song
    analysis: mir_pb2.Analysis
    separation: separation_pb2.Separation

    @property
    def tempo_bpm(self) -> float | None:
        """Beats per minute, if any were heard."""
        return self.analysis.tempo.bpm if self.analysis.HasField("tempo") else None

    @property
    def key(self) -> str | None:
        """The key's name, if one was heard."""
        return self.analysis.key.name if self.analysis.HasField("key") else None


@dataclass
class Report:
    """Filled as the demo goes on."""

    stages: dict[str, float] = field(default_factory=dict)
    """Seconds by stage, in order."""
    jobs: list[JobRecord] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    fusion: fusion_pb2.Fusion | None = None
    files: list[Path] = field(default_factory=list)
    start_seconds: dict[str, float] = field(default_factory=dict)
    """Until each process was ready, where the demo started them."""
    peak_memory_bytes: dict[str, int] = field(default_factory=dict)

    def draw(self, console: Console) -> None:
        """Show it to a person."""
        console.print()
        console.print(self._heard())
        console.print()
        console.print(self._times())
        console.print()
        console.print(_described(self.fusion))
        for path in self.files:
            console.print(f"  {path.resolve()}", soft_wrap=True)

    def write(self, path: Path) -> None:
        """Write it for a program."""
        path.write_text(json.dumps(self._document(), indent=2) + "\n", encoding="utf-8")

    def _heard(self) -> Table:
        table = _table("heard", "tempo", "key", "length", "stems + residual")
        for each in self.heard:
            tempo = f"{each.tempo_bpm:.2f} BPM" if each.tempo_bpm else "no tempo"
            seconds = each.analysis.duration_seconds
            sum_of_stems = "the song, bit for bit" if each.separation.null_test.exact else "not the song"
            table.add_row(each.song.path.name, tempo, each.key or "no key", f"{seconds:.2f} s", sum_of_stems)
            if truth := each.song.truth:
                table.add_row("  truth", f"{truth.tempo_bpm:.2f} BPM", truth.key, f"{truth.duration_seconds:.2f} s")
        return table

    def _times(self) -> Table:
        table = _table("stage", "seconds", "computing", "waiting for a worker", "on")
        for name, seconds in self.stages.items():
            table.add_row(name, f"{seconds:.2f}")
        for job in self.jobs:
            figures = (f"{job.whole_seconds:.2f}", f"{job.engine_seconds:.2f}", f"{job.waiting_seconds:.2f}")
            table.add_row(f"  {job.kind}: {job.title}", *figures, job.device)
        return table

    def _document(self) -> dict[str, Any]:
        return {
            "stages": self.stages,
            "jobs": [vars(job) for job in self.jobs],
            "heard": [_heard_document(each) for each in self.heard],
            "fusion": _result_document(self.fusion),
            "files": [str(path.resolve()) for path in self.files],
            "start_seconds": self.start_seconds,
            "peak_memory_bytes": self.peak_memory_bytes,
        }


def _heard_document(heard: Heard) -> dict[str, Any]:
    return {
        "song": heard.song.path.name,
        "tempo_bpm": heard.tempo_bpm,
        "key": heard.key,
        "duration_seconds": heard.analysis.duration_seconds,
        "null_test": MessageToDict(heard.separation.null_test, always_print_fields_with_no_presence=True),
        "truth": vars(heard.song.truth) if heard.song.truth else None,
    }


def _result_document(fusion: fusion_pb2.Fusion | None) -> dict[str, Any] | None:
    if fusion is None:
        return None
    result = fusion.result
    return {
        "duration_seconds": result.duration_seconds,
        "loudness_lufs": result.loudness_lufs if result.HasField("loudness_lufs") else None,
        "true_peak_dbtp": result.true_peak_dbtp if result.HasField("true_peak_dbtp") else None,
        "applied_gain_db": result.applied_gain_db,
    }


def _described(fusion: fusion_pb2.Fusion | None) -> str:
    facts = _result_document(fusion)
    if facts is None:
        return "no fusion"
    words = [f"fused: {facts['duration_seconds']:.2f} s"]
    if facts["loudness_lufs"] is not None:
        words.append(f"{facts['loudness_lufs']:.1f} LUFS")
    if facts["true_peak_dbtp"] is not None:
        words.append(f"true peak {facts['true_peak_dbtp']:.1f} dBTP")
    return ", ".join(words)


def _table(first: str, *rest: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 3, 0, 0))
    table.add_column(first, no_wrap=True)
    for heading in rest:
        table.add_column(heading, justify="right")
    return table
