"""What computes HTDemucs' core on a CPU. Knows no torch: configuration names it."""

from enum import StrEnum


class CpuCore(StrEnum):
    """What multiplies; the result is that of PyTorch to -75 dB or better."""

    TORCH = "torch"
    """Plain PyTorch: demucs' own arithmetic."""
    OPENVINO = "openvino"
    """OpenVINO, an optional package. Networks of other classes than HTDemucs stay in PyTorch."""
