"""A network in plain PyTorch, as the windows see it."""

from contextlib import ExitStack

import pytest
import torch
from demucs.htdemucs import HTDemucs
from torch import Tensor, nn

from services.separation.engine.inference import DirectInference, scaled_dot_product_attention
from tests.unit.separation.networks import STEMS, small_demucs, small_hdemucs

pytestmark = pytest.mark.usefixtures("one_thread")


def test_a_window_becomes_its_stems(tiny: DirectInference) -> None:
    window = torch.randn(2, tiny.card.window_frames, generator=torch.Generator().manual_seed(1))
    future = tiny.submit(window)
    assert future.done()
    with torch.inference_mode():
        expected = tiny.network(window[None])[0]
    assert future.result().shape == (len(STEMS), 2, tiny.card.window_frames)
    torch.testing.assert_close(future.result(), expected, atol=1e-5, rtol=0)


def test_what_a_network_raises_is_in_the_future(tiny: DirectInference) -> None:
    future = tiny.submit(torch.zeros(3, tiny.card.window_frames))
    assert isinstance(future.exception(), RuntimeError)


def test_networks_want_what_their_class_says(tiny: DirectInference) -> None:
    """HTDemucs always its window, HDemucs what there is but at least 8, Demucs what leaves no step of a convolution over."""
    assert [tiny.input_frames(heard) for heard in (1, 100, 22_050)] == [22_050] * 3
    assert [small_hdemucs().input_frames(heard) for heard in (1, 8, 100)] == [8, 8, 100]
    assert [small_demucs().input_frames(heard) for heard in (1, 100, 13_230)] == [74, 106, 13_258]


class Watching(nn.Module):
    """Notes how attention is computed while it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.fast: list[bool] = []

    def forward(self, windows: Tensor) -> Tensor:
        self.fast.append(torch.backends.mha.get_fastpath_enabled())
        return windows[:, None].expand(-1, len(STEMS), -1, -1)


def test_attention_leaves_the_fused_path_and_only_meanwhile(tiny: DirectInference) -> None:
    watching = Watching()
    DirectInference(tiny.card, watching, torch.device("cpu")).submit(torch.zeros(2, 10)).result()
    assert watching.fast == [False]
    assert torch.backends.mha.get_fastpath_enabled()


def test_the_first_out_leaves_attention_as_the_others_have_it() -> None:
    with ExitStack() as first, ExitStack() as second:
        first.enter_context(scaled_dot_product_attention())
        second.enter_context(scaled_dot_product_attention())
        first.close()
        assert not torch.backends.mha.get_fastpath_enabled()
    assert torch.backends.mha.get_fastpath_enabled()


def test_the_device_is_named(tiny: DirectInference) -> None:
    assert isinstance(tiny.network, HTDemucs)
    assert tiny.device_name == "cpu"
