"""What GPUs compute a network's core in. Knows no torch: configuration names it."""

from enum import StrEnum


class Precision(StrEnum):
    """What convolutions and matrix products multiply in; sums, transforms and normalisation are float32 always.

    How far htdemucs is from float32 with each: the least SDR of its stems on real music, of those to be heard. fp16 and bf16
    were computed on a CPU; tf32 was emulated there, by rounding what is multiplied.
    """

    FP32 = "fp32"
    TF32 = "tf32"
    """59 dB. Half as fast as the halves."""
    FP16 = "fp16"
    """55 dB. A batch in which numbers overflow is computed again in float32."""
    BF16 = "bf16"
    """36 dB."""
