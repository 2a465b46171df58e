"""HTDemucs' transformer on tokens that stay where the convolutions leave them, channels last.

demucs orders the tokens of the plane by time and then frequency, moves the channels before the tokens for each norm over
both, and cuts queries, keys and values out of one product. Here the order is that of the plane, as attention asks for none;
each has its own product, and nothing moves but into its head. What follows a product and only scales it is in its weights.
Equal to rounding.
"""

from itertools import chain
from typing import Any

from demucs.transformer import (
    CrossTransformerEncoder,
    CrossTransformerEncoderLayer,
    MyGroupNorm,
    create_2d_sin_embedding,
)
from torch import Tensor, nn
from torch.nn import functional


def is_usual(transformer: CrossTransformerEncoder) -> bool:
    """Whether a transformer is what is known here: dense attention, normalised before it, and over all at once behind."""
    layers: Any = chain(transformer.layers, transformer.layers_t)
    return all(
        layer.norm_first and not layer.sparse and (layer.norm_out is None or layer.norm_out.num_groups == 1)
        for layer in layers
    )


class TokenTransformer(nn.Module):
    """demucs' `CrossTransformerEncoder` between changes of the number of channels, in the plane.

    (1, channels, bins, frames), (1, channels, 1, n) -> the same shapes.
    """

    def __init__(self, network: Any) -> None:
        """As the transformer of `network`, an HTDemucs."""
        super().__init__()
        names = ("channel_upsampler", "channel_upsampler_t", "channel_downsampler", "channel_downsampler_t")
        changes = [_change(getattr(network, name) if network.bottom_channels else None) for name in names]
        self.up, self.up_t, self.down, self.down_t = changes
        self.transformer = network.crosstransformer
        self.layers = nn.ModuleList([_Layer(layer) for layer in self.transformer.layers])
        self.layers_t = nn.ModuleList([_Layer(layer) for layer in self.transformer.layers_t])

    def forward(self, x: Tensor, xt: Tensor) -> tuple[Tensor, Tensor]:
        """Both branches hear themselves and each other in turn."""
        net, (bins, frames) = self.transformer, x.shape[2:]
        x, xt = self.up(_tokens(x)), self.up_t(_tokens(xt))
        plane = create_2d_sin_embedding(x.shape[-1], bins, frames, x.device, net.max_period)  # type: ignore[no-untyped-call]  # demucs'
        line = net._get_pos_embedding(xt.shape[1], 1, xt.shape[-1], x.device)
        x = net.norm_in(x) + net.weight_pos_embed * _tokens(plane)
        xt = net.norm_in_t(xt) + net.weight_pos_embed * line.transpose(0, 1)
        for index, (layer, layer_t) in enumerate(zip(self.layers, self.layers_t, strict=True)):
            crossed = index % 2 != net.classic_parity
            x, xt = layer(x, xt if crossed else None), layer_t(xt, x if crossed else None)
        x, xt = self.down(x), self.down_t(xt)
        return x.reshape(1, bins, frames, -1).permute(0, 3, 1, 2), xt.unsqueeze(1).permute(0, 3, 1, 2)


class _Layer(nn.Module):
    """A layer of either kind: (1, tokens, channels), and what is heard beside it -> (1, tokens, channels)."""

    def __init__(self, layer: Any) -> None:
        super().__init__()
        crossed = isinstance(layer, CrossTransformerEncoderLayer)
        attention = layer.cross_attn if crossed else layer.self_attn
        self.heads = attention.num_heads
        products = zip(attention.in_proj_weight.chunk(3), attention.in_proj_bias.chunk(3), strict=True)
        self.query, self.key, self.value = (_linear(weight, bias) for weight, bias in products)
        self.joined = _scaled(attention.out_proj, layer.gamma_1)
        self.wide, self.activation, self.narrow = layer.linear1, layer.activation, _scaled(layer.linear2, layer.gamma_2)
        self.norm, self.norm_heard = layer.norm1, layer.norm2 if crossed else layer.norm1
        self.norm_between, self.norm_out = layer.norm3 if crossed else layer.norm2, layer.norm_out

    def forward(self, x: Tensor, other: Tensor | None) -> Tensor:
        asking = self.norm(x)
        heard = asking if other is None else self.norm_heard(other)
        parts = (self.query(asking), self.key(heard), self.value(heard))
        query, key, value = (part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in parts)
        attended = functional.scaled_dot_product_attention(query, key, value)
        x = x + self.joined(attended.transpose(1, 2).flatten(2))
        x = x + self.narrow(self.activation(self.wide(self.norm_between(x))))
        return x if self.norm_out is None else _normalised(self.norm_out, x)


def _tokens(x: Tensor) -> Tensor:
    """(1, channels, bins, frames) -> (1, bins * frames, channels)."""
    return x.permute(0, 2, 3, 1).flatten(1, 2)


def _normalised(norm: MyGroupNorm, x: Tensor) -> Tensor:
    """A norm over all tokens and channels at once, without moving the channels before the tokens."""
    return functional.layer_norm(x, x.shape[1:], eps=norm.eps) * norm.weight + norm.bias


def _change(conv: Any) -> nn.Module:
    """A convolution of single tokens as a product, or nothing."""
    return nn.Identity() if conv is None else _linear(conv.weight[:, :, 0], conv.bias)


def _scaled(linear: nn.Linear, scale: nn.Module) -> nn.Linear:
    """A product whose channels are scaled by a `LayerScale`, if it is one."""
    if isinstance(scale, nn.Identity):
        return linear
    factors: Any = scale.scale
    return _linear(linear.weight * factors[:, None], linear.bias * factors)


def _linear(weight: Tensor, bias: Tensor) -> nn.Linear:
    """A product with these weights, (out, in), and biases."""
    linear = nn.Linear(weight.shape[1], weight.shape[0])
    linear.weight, linear.bias = (nn.Parameter(values.detach().clone()) for values in (weight, bias))
    return linear
