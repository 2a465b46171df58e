"""HTDemucs with its core in OpenVINO: on a CPU faster than PyTorch, in the same float32.

The transforms stay in PyTorch. The core is converted from the verified weights once and kept beside them, in a folder that is
named by all that it depends on. This module imports OpenVINO: it is imported only where that is configured.

OpenVINO tells its maker that it is imported and used; this package's `__init__` keeps it from that.
"""

import hashlib
import logging
import shutil
import tempfile
import threading
import warnings
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final

import openvino
import torch
from demucs.htdemucs import HTDemucs
from openvino.frontend import FrontEndManager
from openvino.frontend.pytorch.fx_decoder import TorchFXPythonDecoder
from openvino.frontend.pytorch.torchdynamo.export_decompositions import ops_to_not_decompose
from torch import Tensor, nn

from services.separation.engine.htdemucs_parts import (
    Core,
    can_be_parted,
    complex_spectra,
    levelled,
    spectrogram,
    waveform,
)
from services.separation.engine.inference import DirectInference, Inference, scaled_dot_product_attention
from services.separation.engine.network import load_network, verified_weights
from services.separation.engine.planar import make_planar
from services.separation.engine.registry import NetworkCard

log = logging.getLogger(__name__)

GRAPH_VERSION: Final = 3
"""Counts up when what is converted changes, so that no core of another kind is taken for it."""

_FILES: Final = ("core.xml", "core.bin")
_SEAL: Final = "sha256"


def load(card: NetworkCard, weights_dir: Path) -> Inference:
    """Loads a network's verified weights, HTDemucs into OpenVINO, any other into PyTorch.

    It uses as many threads as PyTorch.

    Raises:
        WeightsMissing, WeightsCorrupt: as `load_network`.
    """
    verified_weights(card, weights_dir)
    folder = core_folder(card, weights_dir)
    if _intact(folder):
        return _kept(card, folder)
    network = load_network(card, weights_dir)
    if not can_be_parted(network):
        log.info("network stays in PyTorch", extra={"facts": {"model": card.name, "class": type(network).__name__}})
        return DirectInference(card, network, torch.device("cpu"))
    graph = converted(network, card)
    log.info("core converted", extra={"facts": {"model": card.name}})
    _keep(graph, folder)
    # As read, OpenVINO may join operations otherwise than as converted; so the first load gives the bytes of all later ones.
    return _kept(card, folder) if _intact(folder) else OpenvinoInference(card, graph)


def _kept(card: NetworkCard, folder: Path) -> "OpenvinoInference":
    """The core that lies in a folder."""
    return OpenvinoInference(card, openvino.Core().read_model(folder / _FILES[0]))


def core_folder(card: NetworkCard, weights_dir: Path) -> Path:
    """Where the converted core of a network lies in a weights directory."""
    library = openvino.get_version().split("-")[0]
    return weights_dir / f"{card.name}-{str(card.digest(weights_dir))[:16]}-openvino-{library}-{GRAPH_VERSION}"


def converted(network: Any, card: NetworkCard) -> openvino.Model:
    """The core of `network`, which is taken over, as OpenVINO has it: float32, for one window at a time."""
    make_planar(network)
    window = torch.zeros(1, card.channels, card.window_frames)
    heard = (spectrogram(window, torch.hann_window(network.nfft)), window, torch.zeros(4))
    with torch.no_grad(), scaled_dot_product_attention(), warnings.catch_warnings():
        # PyTorch 2.13 warns of what it does itself while it copies what it exported.
        warnings.filterwarnings("ignore", "`isinstance\\(treespec, LeafSpec\\)`", FutureWarning)
        exported = torch.export.export(_Graph(network).eval(), heard)
        decoder = TorchFXPythonDecoder(exported.run_decompositions(_decompositions()).module(), dynamic_shapes=False)
    frontend = FrontEndManager().load_by_framework("pytorch")
    return frontend.convert(frontend.load(decoder))


def _decompositions() -> dict[Any, Any]:
    """PyTorch's decompositions of large operations into small ones, without those that OpenVINO knows as a whole."""
    table: Any = torch.export.default_decompositions()
    whole = set(ops_to_not_decompose())
    return {operation: how for operation, how in table.items() if operation not in whole}


class _Graph(nn.Module):
    """What OpenVINO computes: the core, and around it what costs nothing there.

    (1, 2 * channels, bins, frames), (1, channels, n), (4,) the means and deviations that were taken off ->
    (1, stems, channels, frames, bins, 2), (1, stems, channels, n).
    """

    def __init__(self, network: HTDemucs) -> None:
        super().__init__()
        self.core = Core(network)
        self.stems = len(network.sources)

    def forward(self, spectra: Tensor, window: Tensor, levels: Tensor) -> tuple[Tensor, Tensor]:
        mean, deviation, mean_t, deviation_t = levels.unbind()
        x, xt = self.core(spectra, window)
        stems = (xt * deviation_t + mean_t).unflatten(1, (self.stems, -1))
        return complex_spectra(x * deviation + mean, self.stems), stems


class OpenvinoInference:
    """An HTDemucs whose core computes one window at a time, while the transforms of the one before and after go on beside it."""

    ahead = 2
    device_name = "cpu"

    def __init__(self, card: NetworkCard, graph: openvino.Model) -> None:
        """`graph` as `converted` makes it."""
        self.card = card
        bins = graph.inputs[0].shape[2]
        self._hann = torch.hann_window(2 * bins)
        self._core = threading.Lock()
        compiled = _compiled(graph, torch.get_num_threads())
        self._requests = SimpleQueue[openvino.InferRequest]()
        for _ in range(self.ahead):
            self._requests.put(compiled.create_infer_request())
        self._threads = ThreadPoolExecutor(self.ahead, thread_name_prefix="openvino")

    def input_frames(self, heard: int) -> int:
        """As Inference.input_frames: HTDemucs wants windows of the training length."""
        return self.card.window_frames

    def submit(self, window: Tensor) -> "Future[Tensor]":
        """As Inference.submit."""
        return self._threads.submit(self._separated, window)

    @torch.inference_mode()
    def _separated(self, window: Tensor) -> Tensor:
        spectra, mean, deviation = levelled(spectrogram(window[None], self._hann))
        heard, mean_t, deviation_t = levelled(window[None])
        levels = torch.cat([level.flatten() for level in (mean, deviation, mean_t, deviation_t)])
        given = [part.contiguous().numpy() for part in (spectra, heard, levels)]
        request: Any = self._requests.get()
        try:
            with self._core:
                request.infer(given, share_inputs=True)
            # Views of memory that the request's next window overwrites; the sum is new.
            x, xt = (torch.from_numpy(request.get_output_tensor(number).data) for number in range(2))
            return waveform(x, self._hann, window.shape[-1])[0] + xt[0]
        finally:
            self._requests.put(request)


def _compiled(graph: openvino.Model, threads: int) -> openvino.CompiledModel:
    settings = {
        # Else it would take bfloat16 where the processor has it, which is -50 dB.
        "INFERENCE_PRECISION_HINT": "f32",
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": threads,
        # The cores are not this process's alone.
        "ENABLE_CPU_PINNING": False,
    }
    return openvino.Core().compile_model(graph, "CPU", settings)


def _keep(graph: openvino.Model, folder: Path) -> None:
    """Writes a converted core whole or not at all."""
    try:
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as draft:
            fresh = Path(draft) / folder.name
            fresh.mkdir()
            openvino.save_model(graph, fresh / _FILES[0], compress_to_fp16=False)
            (fresh / _SEAL).write_text(_digest(fresh), "ascii")
            if _intact(folder):
                return  # another worker was first, and may be reading it
            shutil.rmtree(folder, ignore_errors=True)
            fresh.rename(folder)
    except OSError as error:
        log.warning("the converted core could not be kept: %s", error, extra={"facts": {"folder": str(folder)}})


def _intact(folder: Path) -> bool:
    """Whether a converted core is there, and is what was written."""
    try:
        return (folder / _SEAL).read_text("ascii") == _digest(folder)
    except (OSError, UnicodeDecodeError):
        return False


def _digest(folder: Path) -> str:
    """SHA-256 of the core's files, one after the other."""
    digest = hashlib.sha256()
    for name in _FILES:
        with (folder / name).open("rb") as content:
            digest.update(hashlib.file_digest(content, "sha256").digest())
    return digest.hexdigest()
