"""What the diffusion process runs on: the seam between the four families.

A family maps images in the model range [−1, 1] to the space that is noised and back. The network, the loss and the
samplers only ever see that space, so another family is one more class here and one line in `FAMILIES`.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

import wavelet


@dataclass
class WaveletFamily:
    """WDM: Haar packets of the pixels, all bands times one factor.

    One factor for all bands keeps white noise white and keeps diffusion's coarse-to-fine order; scaling each band to
    unit variance destroys that order and the result stays a blur.
    """

    levels: int
    scale: float  # model space = coefficient × scale

    @classmethod
    def fit(cls, images: torch.Tensor, levels: int) -> "WaveletFamily":
        """Chooses the factor that gives the coarsest band unit standard deviation. images: [N, 1, H, W] in [−1, 1]."""
        return cls(levels, 1.0 / wavelet.packet(images, levels)[:, 0].std().item())

    def encode(self, images: torch.Tensor) -> torch.Tensor:
        return wavelet.packet(images, self.levels) * self.scale

    def decode(self, sample: torch.Tensor) -> torch.Tensor:
        return wavelet.inverse_packet(sample / self.scale, self.levels)


FAMILIES = {"wdm": WaveletFamily}


def channel_statistics(family: WaveletFamily, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and standard deviation of each channel in model space, [C] each; the network's preconditioning uses them."""
    encoded = family.encode(images)
    return encoded.mean((0, 2, 3)), encoded.std((0, 2, 3))
