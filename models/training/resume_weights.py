"""The weights to go on from: the pack's own denoiser.onnx, plus a small file with what the exporter folds away (the norms).

Keeping both halves apart spares the repository a second copy of every model.
"""

from __future__ import annotations

import os
from pathlib import Path

import onnx
import torch


def in_graph(graph: Path) -> dict[str, torch.Tensor]:
    """Initialisers by parameter name, float32."""
    tensors = onnx.load(str(graph)).graph.initializer
    return {t.name.removesuffix(".float16"): torch.from_numpy(onnx.numpy_helper.to_array(t).copy()).float() for t in tensors}


def save_rest(model: torch.nn.Module, state: dict, graph: Path, path: Path) -> None:
    """What `graph` does not hold by name and value, float16, and the counters. The optimiser's moments are rebuilt in a few steps."""
    stored = in_graph(graph)
    rest = {
        name: p.data.half()
        for name, p in model.named_parameters()
        if name not in stored or stored[name].shape != p.shape or not torch.equal(stored[name].half(), p.data.half())
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    counters = {key: state[key] for key in ("step", "images_seen", "seconds")}
    torch.save({"rest": rest, **counters}, path.with_suffix(".part"))
    os.replace(path.with_suffix(".part"), path)


def load(pack: Path, rest: Path) -> dict:
    """{"ema": parameters, step, images_seen, seconds} for `train.py --initial`."""
    state = torch.load(rest, map_location="cpu", weights_only=True)
    parameters = in_graph(pack / "denoiser.onnx")
    return {**state, "ema": {**parameters, **{name: value.float() for name, value in state["rest"].items()}}}
