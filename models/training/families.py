"""What the diffusion process runs on: the seam between the four families.

A family maps images in the model range [−1, 1] to the space that is noised and back. The network, the loss and the
samplers only ever see that space, so another family is one more class here and one line in `FAMILIES`.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from pathlib import Path

import torch

import autoencoder
import wavelet

HERE = Path(__file__).parent


class PixelFamily:
    """DDPM: the pixels themselves."""

    autoencoder, levels, scale = None, None, 1.0

    @classmethod
    def fit(cls, images: torch.Tensor, config: dict) -> "PixelFamily":
        return cls()

    def to(self, device: torch.device) -> "PixelFamily":
        return self

    def encode(self, images: torch.Tensor) -> torch.Tensor:
        return images

    def decode(self, sample: torch.Tensor) -> torch.Tensor:
        return sample


@dataclass
class WaveletFamily:
    """WDM: Haar packets of the pixels, all bands times one factor.

    One factor for all bands keeps white noise white and keeps diffusion's coarse-to-fine order; scaling each band to
    unit variance destroys that order and the result stays a blur.
    """

    levels: int
    scale: float  # model space = coefficient × scale
    autoencoder = None

    @classmethod
    def fit(cls, images: torch.Tensor, config: dict) -> "WaveletFamily":
        """Chooses the factor that gives the coarsest band unit standard deviation. images: [N, C, H, W] in [−1, 1]."""
        levels = config["wavelet"]["levels"]
        return cls(levels, 1.0 / wavelet.packet(images, levels)[:, :: 4**levels].std().item())

    def to(self, device: torch.device) -> "WaveletFamily":
        return self

    def encode(self, images: torch.Tensor) -> torch.Tensor:
        return wavelet.packet(images, self.levels) * self.scale

    def decode(self, sample: torch.Tensor) -> torch.Tensor:
        return wavelet.inverse_packet(sample / self.scale, self.levels)


@dataclass
class LatentFamily:
    """LDM: the autoencoder's latents (posterior means) times one factor that gives them unit standard deviation."""

    autoencoder: autoencoder.Autoencoder
    scale: float  # model space = latent × scale
    levels = None

    @classmethod
    def fit(cls, images: torch.Tensor, config: dict) -> "LatentFamily":
        family = cls(autoencoder.load(HERE / config["autoencoder"]["weights"]), 1.0)
        family.scale = 1.0 / family.encode(images).std().item()
        return family

    def to(self, device: torch.device) -> "LatentFamily":
        return LatentFamily(copy.deepcopy(self.autoencoder).to(device), self.scale)

    @torch.no_grad()
    def encode(self, images: torch.Tensor) -> torch.Tensor:
        return torch.cat([self.autoencoder.encode(part)[0] for part in images.split(32)]) * self.scale

    @torch.no_grad()
    def decode(self, sample: torch.Tensor) -> torch.Tensor:
        return torch.cat([self.autoencoder.decode(part) for part in (sample / self.scale).split(32)])


@dataclass
class LatentWaveletFamily:
    """LWDM: Haar packets of the latents. The pack's factor belongs to the packets; the latent itself is not scaled."""

    latent: LatentFamily
    levels: int
    scale: float

    @classmethod
    def fit(cls, images: torch.Tensor, config: dict) -> "LatentWaveletFamily":
        latent, levels = LatentFamily(autoencoder.load(HERE / config["autoencoder"]["weights"]), 1.0), config["wavelet"]["levels"]
        return cls(latent, levels, 1.0 / wavelet.packet(latent.encode(images), levels)[:, :: 4**levels].std().item())

    def to(self, device: torch.device) -> "LatentWaveletFamily":
        return replace(self, latent=self.latent.to(device))

    @property
    def autoencoder(self) -> autoencoder.Autoencoder:
        return self.latent.autoencoder

    def encode(self, images: torch.Tensor) -> torch.Tensor:
        return wavelet.packet(self.latent.encode(images), self.levels) * self.scale

    def decode(self, sample: torch.Tensor) -> torch.Tensor:
        return self.latent.decode(wavelet.inverse_packet(sample / self.scale, self.levels))


FAMILIES = {"ddpm": PixelFamily, "wdm": WaveletFamily, "ldm": LatentFamily, "lwdm": LatentWaveletFamily}
