"""The GPU's bench, the same way round on the CPU with a small network: that it runs by itself and writes what it measured."""

import importlib
import json
from pathlib import Path

import pytest

from services.separation.engine.registry import NetworkCard
from tests.servers.small_weights import small_network, write_weights
from tests.unit.separation.networks import RATE, STEMS

ROOT = Path(__file__).resolve().parents[3]


def test_the_bench_runs_without_a_gpu_and_writes_its_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], one_thread: None
) -> None:
    card = NetworkCard("htdemucs_small", STEMS, RATE // 2)
    write_weights(card, small_network(card), tmp_path)
    monkeypatch.syspath_prepend(ROOT)  # benches are no part of what is installed
    separation_gpu = importlib.import_module("bench.separation_gpu")
    monkeypatch.setattr(separation_gpu, "NETWORKS", {card.name: card})
    report = tmp_path / "results" / "report.json"

    options = {"--weights": tmp_path, "--network": card.name, "--device": "cpu", "--json": report}
    counts = {"--seconds": 1, "--jobs": 2, "--rounds": 1}
    separation_gpu.main([str(word) for pair in (options | counts).items() for word in pair])

    reference, engine = json.loads(report.read_text())["rows"]
    assert reference["songs_per_minute"] > 0
    assert engine["ratio"] == pytest.approx(engine["songs_per_minute"] / reference["songs_per_minute"])
    assert engine["company_db"] is None, "on a CPU the same samples, whatever else is computed"
    assert "apply_model" in capsys.readouterr().out
