"""Two-dimensional Haar wavelet packets, orthonormal, as plain tensor arithmetic.

Bands of one level, for the 2×2 block [[a, b], [c, d]]:
LL (a+b+c+d)/2, LH (a−b+c−d)/2 (high along the width), HL (a+b−c−d)/2 (high along the height), HH (a−b−c+d)/2.
In PyWavelets' names LH = cV, HL = cH, HH = cD.
"""

from __future__ import annotations

import torch

BANDS = ("LL", "LH", "HL", "HH")


def packet(image: torch.Tensor, levels: int) -> torch.Tensor:
    """[N, C, H, W] → [N, C·4^levels, H/2^levels, W/2^levels].

    Every band is split again at the next level; with one grey channel the index is 4·level1 + level2.
    """
    for _ in range(levels):
        image = _split(image)
    return image


def inverse_packet(coefficients: torch.Tensor, levels: int) -> torch.Tensor:
    """Exact inverse of `packet`."""
    for _ in range(levels):
        coefficients = _merge(coefficients)
    return coefficients


def band_order(levels: int) -> list[str]:
    """Names in channel order, "<level-1 band>.<level-2 band>…"."""
    names = list(BANDS)
    for _ in range(levels - 1):
        names = [f"{name}.{band}" for name in names for band in BANDS]
    return names


def _split(image: torch.Tensor) -> torch.Tensor:
    a, b = image[..., 0::2, 0::2], image[..., 0::2, 1::2]
    c, d = image[..., 1::2, 0::2], image[..., 1::2, 1::2]
    bands = torch.stack((a + b + c + d, a - b + c - d, a + b - c - d, a - b - c + d), dim=2) / 2
    return bands.flatten(1, 2)


def _merge(coefficients: torch.Tensor) -> torch.Tensor:
    count, channels, height, width = coefficients.shape
    ll, lh, hl, hh = coefficients.reshape(count, channels // 4, 4, height, width).unbind(2)
    image = coefficients.new_empty(count, channels // 4, 2 * height, 2 * width)
    image[..., 0::2, 0::2] = (ll + lh + hl + hh) / 2
    image[..., 0::2, 1::2] = (ll - lh + hl - hh) / 2
    image[..., 1::2, 0::2] = (ll + lh - hl - hh) / 2
    image[..., 1::2, 1::2] = (ll - lh - hl + hh) / 2
    return image
