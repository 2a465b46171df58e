"""Where the chart lies."""

from pathlib import Path

__all__ = ["CHART", "ROOT"]

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "deploy" / "helm" / "puremusic"
