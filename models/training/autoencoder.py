"""The KL autoencoder of the latent families: image [N, C, H, W] in [−1, 1] ↔ latent [N, 4, H/4, W/4]."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

# Rows: LL, LH, HL, HH of the block [a, b, c, d], as in wavelet.py; the matrix is its own inverse.
HAAR = torch.tensor([[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]]) / 2.0


class Autoencoder(nn.Module):
    """Works on the image's Haar bands, as LiteVAE (Sadat et al. 2024) does: no layer runs at full resolution.

    `encode` gives the posterior's mean and log-variance; a latent is the mean.
    """

    FACTOR = 4

    def __init__(self, image_channels: int, latent_channels: int, width: int):
        super().__init__()
        self.latent_channels = latent_channels
        bands = nn.Conv2d(4 * image_channels, 4 * image_channels, 1, bias=False)
        bands.weight.data = torch.block_diag(*[HAAR] * image_channels)[..., None, None]
        self.bands = bands.requires_grad_(False)
        self.encoder = nn.Sequential(
            nn.Conv2d(4 * image_channels, width, 3, padding=1), Residual(width),
            nn.Conv2d(width, 2 * width, 3, stride=2, padding=1), Residual(2 * width), Residual(2 * width),
            *closing(2 * width, 2 * latent_channels),
        )  # fmt: skip
        with torch.no_grad():  # σ = 0.05: noise of σ = 1 at the start drowns the signal and the posterior collapses
            self.encoder[-1].bias[latent_channels:] = -6.0
        self.decoder = nn.Sequential(
            nn.Conv2d(latent_channels, 2 * width, 3, padding=1), Residual(2 * width), Residual(2 * width), Residual(2 * width),
            nn.Conv2d(2 * width, width, 3, padding=1), nn.Upsample(scale_factor=2, mode="nearest"),
            Residual(width), Residual(width), *closing(width, 4 * image_channels),
        )  # fmt: skip

    def encode(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        mean, log_variance = self.encoder(self.bands(F.pixel_unshuffle(image, 2))).chunk(2, 1)
        return mean, log_variance.clamp(-20, 5)

    def decode(self, latent: torch.Tensor) -> torch.Tensor:
        return F.pixel_shuffle(self.bands(self.decoder(latent)), 2)


class Residual(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.norm1, self.conv1 = nn.GroupNorm(16, width), nn.Conv2d(width, width, 3, padding=1)
        self.norm2, self.conv2 = nn.GroupNorm(16, width), nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.conv2(F.silu(self.norm2(self.conv1(F.silu(self.norm1(x))))))


def closing(width: int, channels_out: int) -> tuple[nn.Module, ...]:
    return nn.GroupNorm(16, width), nn.SiLU(), nn.Conv2d(width, channels_out, 3, padding=1)


def load(path: Path) -> Autoencoder:
    """Frozen, float32, from the small file that train_autoencoder.py writes."""
    state = torch.load(path, map_location="cpu", weights_only=True)
    model = Autoencoder(**state["network"])
    model.load_state_dict({name: value.float() for name, value in state["weights"].items()})
    return model.eval().requires_grad_(False)
