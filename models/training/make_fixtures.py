"""Writes fixtures/haar-packet.json with PyWavelets: third-party truth for the app's own wavelet code.

    python make_fixtures.py
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pywt
import torch

from wavelet import band_order, packet


def main() -> None:
    image = np.random.default_rng(20).uniform(-1, 1, (8, 8)).round(6)
    coefficients = two_levels(image)
    ours = packet(torch.from_numpy(image)[None, None], 2)[0].numpy()
    assert np.abs(ours - coefficients).max() < 1e-12, "wavelet.py and PyWavelets disagree"
    fixture = {
        "source": f"PyWavelets {version('pywavelets')}, dwt2 with haar applied twice, scale 1",
        "channel": "4 * level-1 band + level-2 band, bands in the order LL, LH (cV), HL (cH), HH (cD)",
        "bandOrder": band_order(2),
        "image": {"shape": [8, 8], "values": image.flatten().tolist()},
        "coefficients": {"shape": [16, 2, 2], "values": coefficients.flatten().tolist()},
    }
    (Path(__file__).parent / "fixtures" / "haar-packet.json").write_text(_one_line_per_key(fixture))


def _one_line_per_key(fixture: dict) -> str:
    lines = (f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in fixture.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def two_levels(image: np.ndarray) -> np.ndarray:
    """[8, 8] → [16, 2, 2] in channel order."""
    return np.stack([second for first in one_level(image) for second in one_level(first)])


def one_level(image: np.ndarray) -> list[np.ndarray]:
    """LL, LH (high along the width: cV), HL (high along the height: cH), HH."""
    approximation, (horizontal, vertical, diagonal) = pywt.dwt2(image, "haar")
    return [approximation, vertical, horizontal, diagonal]


if __name__ == "__main__":
    main()
