"""What somebody else's meter reads."""

from __future__ import annotations

import re
import subprocess

import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray

__all__ = ["ffmpeg_reading"]


def ffmpeg_reading(pcm: NDArray[np.float32], rate: int) -> tuple[float, float]:
    """Integrated loudness (LUFS) and true peak (dBTP) by ffmpeg's ebur128, to 0.1 dB: of float32 (frames, 2)."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-f", "f32le", "-ar", str(rate), "-ac", "2", "-i", "-"]
    command += ["-af", "ebur128=peak=true", "-f", "null", "-"]
    said = subprocess.run(command, input=pcm.tobytes(), capture_output=True, check=True).stderr.decode()
    summary = said[said.rindex("Summary:") :]
    loudness, peak = (float(re.findall(rf"{name}:\s+(-?[\d.]+)", summary)[0]) for name in ("I", "Peak"))
    return loudness, peak
