"""Networks of a few hundred weights with the very call signatures of diffusers and MONAI, to try the recipe without either."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn


@dataclass
class Output:
    sample: torch.Tensor


class DiffusersLike(nn.Module):
    """As diffusers' UNet2DModel with class embeddings: three classes and none."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.time, self.label = nn.Linear(2, 4), nn.Embedding(4, 4)
        self.enter, self.down = nn.Conv2d(1, 4, 3, padding=1), nn.Conv2d(4, 4, 3, stride=2, padding=1)
        self.norm, self.leave = nn.GroupNorm(2, 4), nn.Conv2d(4, 1, 3, padding=1)

    def forward(self, sample, timestep, class_labels=None, return_dict=True):
        condition = self.time(waves(timestep)) + self.label(class_labels)
        x = self.enter(sample)
        inner = nn.functional.interpolate(nn.functional.silu(self.down(x)), scale_factor=2.0)
        x = self.leave(self.norm(x + inner + condition[:, :, None, None]))
        return Output(x) if return_dict else (x,)


class MonaiLike(nn.Module):
    """As MONAI's DiffusionModelUNet with cross-attention to a context of width 4, on latents of two channels."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.enter, self.time = nn.Conv2d(2, 4, 3, padding=1), nn.Linear(2, 4)
        self.attention = nn.MultiheadAttention(4, 1, batch_first=True)
        self.leave = nn.Conv2d(4, 2, 3, padding=1)

    def forward(self, x, timesteps, context=None, class_labels=None, down_block_additional_residuals=None, mid_block_additional_residual=None):
        hidden = self.enter(x) + self.time(waves(timesteps))[:, :, None, None]
        count, width, height, breadth = hidden.shape
        positions = hidden.reshape(count, width, height * breadth).transpose(1, 2)
        mixed, _ = self.attention(positions, context, context, need_weights=False)
        return self.leave(hidden + mixed.transpose(1, 2).reshape(count, width, height, breadth))


class TinyAutoencoder(nn.Module):
    """As MONAI's AutoencoderKL: encode gives mean and deviation, decode an image."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.down, self.up = nn.Conv2d(1, 2, 4, stride=4), nn.ConvTranspose2d(2, 1, 4, stride=4)

    def encode(self, x):
        mean = self.down(x)
        return mean, torch.ones_like(mean)

    def decode(self, z):
        return torch.tanh(self.up(z))


def waves(timestep: torch.Tensor) -> torch.Tensor:
    angles = timestep.float()[:, None] / 200
    return torch.cat((angles.cos(), angles.sin()), 1)


def diffusers_like() -> nn.Module:
    return DiffusersLike()


def monai_like() -> nn.Module:
    return MonaiLike()


def tiny_autoencoder() -> nn.Module:
    return TinyAutoencoder()
