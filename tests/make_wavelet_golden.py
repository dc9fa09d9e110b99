"""Makes tests/golden/wavelets.json from PyWavelets: cases beyond those of numerics.json.

Run: python tests/make_wavelet_golden.py (needs numpy and PyWavelets >= 1.5).
Keys: one letter an axis, a = low, d = high (pywt.dwtn); levels coarsest first (pywt.wavedecn); packet paths as in
pywt.WaveletPacket2D (a = aa, h = da, v = ad, d = dd), coarsest letter last.
"""

import json
from pathlib import Path

import numpy as np
import pywt

WAVELETS = ["haar", "db2", "db4", "bior2.2"]
SHAPES = [[8, 8], [7, 10], [3, 3], [1, 5]]
VOLUMES = [[5, 4, 3]]


def numbers(array: np.ndarray) -> list[float]:
    return [float(f"{value:.10g}") for value in np.asarray(array).ravel()]


def main() -> None:
    random = np.random.default_rng(11)
    single, several, packets = [], [], []
    for wavelet in WAVELETS:
        for mode in pywt.Modes.modes:
            for shape in SHAPES + VOLUMES:
                # PyWavelets is undefined for a reflection of one value.
                if 1 in shape and mode in ("reflect", "antireflect"):
                    continue
                x = random.standard_normal(shape).round(3)
                bands = {key: {"shape": band.shape, "values": numbers(band)} for key, band in pywt.dwtn(x, wavelet, mode).items()}
                single.append({"wavelet": wavelet, "mode": mode, "shape": shape, "x": numbers(x), "bands": bands})
        for mode, shape, levels in [("periodization", [16, 16], 3), ("symmetric", [21, 18], 2), ("zero", [11, 30], 3), ("periodization", [8, 12, 8], 2)]:
            x = random.standard_normal(shape).round(3)
            low, *details = pywt.wavedecn(x, wavelet, mode, level=levels)
            several.append(
                {
                    "wavelet": wavelet,
                    "mode": mode,
                    "shape": shape,
                    "levels": levels,
                    "x": numbers(x),
                    "low": numbers(low),
                    "details": [{key: numbers(band) for key, band in level.items()} for level in details],
                }
            )
        for mode, shape, levels in [("periodization", [8, 8], 2), ("symmetric", [9, 12], 2), ("reflect", [14, 11], 1)]:
            x = random.standard_normal(shape).round(3)
            tree = pywt.WaveletPacket2D(x, wavelet, mode, maxlevel=levels)
            nodes = {node.path: numbers(node.data) for node in tree.get_level(levels)}
            packets.append({"wavelet": wavelet, "mode": mode, "shape": shape, "levels": levels, "x": numbers(x), "nodes": nodes})
    about = f"PyWavelets {pywt.__version__}; made by tests/make_wavelet_golden.py"
    target = Path(__file__).parent / "golden" / "wavelets.json"
    target.write_text(json.dumps({"about": about, "dwtn": single, "wavedecn": several, "packet2d": packets}, separators=(",", ":")))


if __name__ == "__main__":
    import warnings

    warnings.simplefilter("ignore")
    main()
