"""The denoiser: a small U-Net inside a per-channel preconditioning, from noisy sample to v."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import functional as F


class Denoiser(nn.Module):
    """(sample [N, C, H, W], timestep [N], label [N]) → v [N, C, H, W], all in model space.

    With a = √ᾱ, s = √(1 − ᾱ) and a channel's data mean μ and standard deviation d, the best linear guess of x0 has
    residual standard deviation d·s/√(a²d² + s²). The network predicts the residual in that unit (Karras et al. 2022,
    here per wavelet band and for a variance-preserving process), so an error of a fine band with d = 0.03 can never
    exceed that band's own size: without this the fine bands come out as grain. For d = 1, μ = 0 it is plain −v.
    """

    def __init__(self, unet: "UNet", alphas: torch.Tensor, mean: torch.Tensor, deviation: torch.Tensor):
        super().__init__()
        self.unet = unet
        self.register_buffer("alphas", alphas.float())
        self.register_buffer("sigma_squared", (1 - alphas).float())  # 1 − ᾱ in float32 alone would lose digits
        self.register_buffer("mean", mean.reshape(1, -1, 1, 1).float())
        self.register_buffer("deviation", deviation.reshape(1, -1, 1, 1).float())

    def forward(self, sample: torch.Tensor, timestep: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
        index = timestep.long()
        alpha = self.alphas[index].sqrt().reshape(-1, 1, 1, 1)
        sigma_squared = self.sigma_squared[index].reshape(-1, 1, 1, 1)
        sigma, variance = sigma_squared.sqrt(), alpha**2 * self.deviation**2 + sigma_squared
        centred = sample - alpha * self.mean
        residual = self.unet(centred * variance.rsqrt(), timestep, label).float()
        linear = alpha * sigma * (1 - self.deviation**2) / variance * centred - sigma * self.mean
        return linear - self.deviation * variance.rsqrt() * residual


class UNet(nn.Module):
    """Residual blocks with scale-and-shift conditioning; attention where `attention_levels` says (0 = full size)."""

    def __init__(self, channels_in, classes, channels, multipliers, blocks_per_level, attention_levels, embedding, dropout=0.0):
        super().__init__()
        widths = [channels * m for m in multipliers]
        self.time_width = channels
        self.time = nn.Sequential(nn.Linear(channels, embedding), nn.SiLU(), nn.Linear(embedding, embedding))
        self.label = nn.Embedding(classes + 1, embedding)  # the last index is the null label
        self.enter = nn.Conv2d(channels_in, widths[0], 3, padding=1)
        self.down, self.up, skips, width = nn.ModuleList(), nn.ModuleList(), [widths[0]], widths[0]
        for level, target in enumerate(widths):
            for _ in range(blocks_per_level):
                self.down.append(Block(width, target, embedding, level in attention_levels, dropout))
                skips.append(width := target)
            if level < len(widths) - 1:
                self.down.append(nn.Conv2d(width, width, 3, stride=2, padding=1))
                skips.append(width)
        self.middle = Block(width, width, embedding, True, dropout)
        for level, target in reversed(list(enumerate(widths))):
            for _ in range(blocks_per_level + 1):
                self.up.append(Block(width + skips.pop(), target, embedding, level in attention_levels, dropout))
                width = target
            if level:
                self.up.append(Enlarge(width, width := widths[level - 1]))
        self.leave = nn.Sequential(group_norm(width), nn.SiLU(), zeroed(nn.Conv2d(width, channels_in, 3, padding=1)))

    def forward(self, x, timestep, label):
        condition = F.silu(self.time(sinusoids(timestep, self.time_width)) + self.label(label))
        x = self.enter(x)
        skips = [x]
        for layer in self.down:
            x = layer(x, condition) if isinstance(layer, Block) else layer(x)
            skips.append(x)
        x = self.middle(x, condition)
        for layer in self.up:
            x = layer(torch.cat((x, skips.pop()), 1), condition) if isinstance(layer, Block) else layer(x)
        return self.leave(x)


class Block(nn.Module):
    def __init__(self, width_in, width, embedding, attention, dropout):
        super().__init__()
        self.norm1, self.conv1 = group_norm(width_in), nn.Conv2d(width_in, width, 3, padding=1)
        self.modulation = nn.Linear(embedding, 2 * width)
        self.norm2, self.conv2 = group_norm(width), zeroed(nn.Conv2d(width, width, 3, padding=1))
        self.dropout = nn.Dropout(dropout)
        self.shortcut = nn.Conv2d(width_in, width, 1) if width_in != width else nn.Identity()
        self.attention = Attention(width) if attention else nn.Identity()

    def forward(self, x, condition):
        hidden = self.conv1(F.silu(self.norm1(x)))
        scale, shift = self.modulation(condition)[:, :, None, None].chunk(2, 1)
        hidden = self.conv2(self.dropout(F.silu(self.norm2(hidden) * (1 + scale) + shift)))
        return self.attention(self.shortcut(x) + hidden)


class Attention(nn.Module):
    """Self-attention over positions, heads of 64 channels."""

    def __init__(self, width):
        super().__init__()
        self.heads = width // 64
        self.norm, self.qkv, self.out = group_norm(width), nn.Conv2d(width, 3 * width, 1), zeroed(nn.Conv2d(width, width, 1))

    def forward(self, x):
        count, width, height, breadth = x.shape
        qkv = self.qkv(self.norm(x)).reshape(count, 3, self.heads, 64, height * breadth).transpose(3, 4)
        mixed = F.scaled_dot_product_attention(qkv[:, 0], qkv[:, 1], qkv[:, 2])
        return x + self.out(mixed.transpose(2, 3).reshape(count, width, height, breadth))


class Enlarge(nn.Module):
    """Convolves before it enlarges: a quarter of the work of the usual order, on what is the dearest layer otherwise."""

    def __init__(self, width_in, width):
        super().__init__()
        self.conv = nn.Conv2d(width_in, width, 3, padding=1)

    def forward(self, x):
        return F.interpolate(self.conv(x), scale_factor=2.0, mode="nearest")


def group_norm(width: int) -> nn.GroupNorm:
    """32 groups of at least two channels; fewer groups for narrow layers."""
    return nn.GroupNorm(min(32, width // 2), width)


def sinusoids(timestep: torch.Tensor, width: int) -> torch.Tensor:
    """Vaswani et al.'s embedding, [N] → [N, width]."""
    frequencies = torch.exp(-math.log(10000) * torch.arange(width // 2, device=timestep.device) / (width // 2))
    angles = timestep.float()[:, None] * frequencies
    return torch.cat((angles.cos(), angles.sin()), 1)


def zeroed(layer: nn.Module) -> nn.Module:
    """Starts a branch at nothing, so that a deep net begins as the identity."""
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer
