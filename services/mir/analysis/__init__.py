"""What can be heard in a track: pure functions on arrays, without any idea of where the audio comes from.

`analyse` takes decoded PCM; `prepare_blocks` and `analyse_prepared` do the same for a track that is read block
by block, so that memory does not grow with channels and sample rate. `warm_up` pays the libraries' start-up
price, once.
"""

from services.mir.analysis.analysing import analyse, analyse_prepared, warm_up
from services.mir.analysis.findings import Analysis, Key, KeyName, Mode, Tempo, TempoCandidate
from services.mir.analysis.preparation import InvalidAudio, Prepared, prepare, prepare_blocks
from services.mir.analysis.progress import Cancelled

__all__ = [
    "Analysis",
    "Cancelled",
    "InvalidAudio",
    "Key",
    "KeyName",
    "Mode",
    "Prepared",
    "Tempo",
    "TempoCandidate",
    "analyse",
    "analyse_prepared",
    "prepare",
    "prepare_blocks",
    "warm_up",
]
