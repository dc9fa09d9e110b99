"""Writes an extractor pack from a checkpoint: extractor.onnx and model.json; prints the accuracy on the held-out split.

    python export_extractor.py configs/extractor-chest-xray-128.toml --data DIR --checkpoint DIR/last.pt --pack ../extractor-chest-xray-128

Batch norm is folded into the convolutions, weights are stored as float16 and computed with as float32. The ONNX file is
run against PyTorch on real images before it replaces an older one.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import tomllib
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torch.utils.flop_counter import FlopCounterMode

import data
from export import OPSET, round_weights, store_as_float16
from extractor import Extractor, Heads, disturbances
from train_extractor import DEVIATION, MEAN, normalise

BATCH = 16
TOLERANCE = 1e-3  # largest difference of a feature between ONNX Runtime and PyTorch, both float32, relative to the features' deviation


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--pack", type=Path, required=True)
    arguments = parser.parse_args()
    config = tomllib.loads(arguments.config.read_text())
    train, holdout = (data.load(config["data"], arguments.data, split) for split in ("train", "holdout"))
    state = torch.load(arguments.checkpoint, map_location="cpu", weights_only=True)
    planes, size = train.images.shape[1], config["data"]["size"]
    network = Extractor(**config["network"], planes=planes)
    network.load_state_dict(state["network"])
    heads = Heads(network.width, len(train.classes), disturbances(planes))
    heads.load_state_dict(state["heads"])
    folded = fold(network.eval())
    round_weights(folded)
    arguments.pack.mkdir(parents=True, exist_ok=True)
    path = arguments.pack / "extractor.onnx"
    difference = export(folded, normalise(holdout.images[:BATCH].float() / 255), path)
    quality = measure(folded, heads.eval(), train, holdout)
    with FlopCounterMode(display=False) as flops:
        folded(torch.zeros(1, planes, size, size))
    write_model_json(arguments.pack, config, train, state, quality, network.width, count(folded), flops.get_total_flops() / 1e9)
    print(f"{path.stat().st_size / 1e6:.1f} MB, {count(folded) / 1e6:.2f} M parameters; largest difference ONNX – PyTorch {difference:.1e}")
    print("\n".join(f"{entry['metric']}: {entry['value']:.3f} (n = {entry['n']})" for entry in quality))


def fold(network: Extractor) -> Extractor:
    """Each convolution takes up the batch norm behind it."""
    for module in network.modules():
        if isinstance(module, torch.nn.Sequential) and len(module) > 1 and isinstance(module[1], torch.nn.BatchNorm2d):
            module[0], module[1] = fuse_conv_bn_eval(module[0], module[1]), torch.nn.Identity()
    return network


def export(network: Extractor, example: torch.Tensor, path: Path) -> float:
    """Static batch, one file; replaced only once the numbers agree. Returns the largest relative difference."""
    part = path.with_suffix(".part.onnx")
    with torch.no_grad():
        expected = network(example).numpy()
        program = torch.onnx.export(
            network, (example,), input_names=["image"], output_names=["features"],
            opset_version=OPSET, dynamo=True, external_data=False, verbose=False,
        )
    program.save(str(part), external_data=False)
    store_as_float16(part)
    onnx.checker.check_model(str(part))
    session = onnxruntime.InferenceSession(str(part), providers=["CPUExecutionProvider"])
    actual = session.run(None, {"image": example.numpy()})[0]
    difference = float(np.abs(actual - expected).max() / expected.std())
    if not difference < TOLERANCE:
        raise SystemExit(f"ONNX Runtime and PyTorch differ by {difference}")
    os.replace(part, path)
    return difference


@torch.no_grad()
def features_of(network: Extractor, images: torch.Tensor) -> torch.Tensor:
    return torch.cat([network(normalise(part.float() / 255)) for part in images.split(64)])


def measure(network: Extractor, heads: Heads, train: data.TrainingSet, holdout: data.TrainingSet) -> list[dict]:
    """On the held-out patients: accuracy of the class head, and of the class of the nearest training image in feature space."""
    known = holdout.labels < len(holdout.classes)
    ours, theirs = features_of(network, holdout.images), features_of(network, train.images)
    truth = holdout.labels[known]
    by_head = heads.label(ours).argmax(1)[known] == truth
    nearest = torch.cdist(ours, theirs[train.labels < len(train.classes)]).argmin(1)
    by_neighbour = train.labels[train.labels < len(train.classes)][nearest][known] == truth
    return [entry("held-out accuracy of the class head", by_head), entry("held-out accuracy of the nearest training image", by_neighbour)]


def entry(metric: str, right: torch.Tensor) -> dict:
    """With the Wilson 95 % interval (Wilson 1927)."""
    n, share, z = len(right), right.float().mean().item(), 1.959964
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)) ** 0.5
    return {"metric": metric, "value": round(share, 4), "low": round(middle - half, 4), "high": round(middle + half, 4), "n": n, "extractor": "itself"}


def count(network: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def write_model_json(pack: Path, config: dict, train: data.TrainingSet, state: dict, quality: list[dict], width: int, parameters: int, gflops: float) -> None:
    card, (planes, size) = config["card"], train.images.shape[1:3]
    content = (pack / "extractor.onnx").read_bytes()
    model = {
        "schema": 1, "role": "extractor", "id": config["id"], "version": card["version"], "name": card["name"], "licence": card["licence"],
        "modality": card["modality"], "anatomy": card["anatomy"],
        "layer": "mean over places of the last residual stage", "width": width,
        "image": {"width": size, "height": size, "channels": planes, "layout": "nchw"},
        "resize": "area-bilinear",
        "normalisation": {"mean": [MEAN] * planes, "deviation": [DEVIATION] * planes},
        "files": {"extractor": {
            "path": "extractor.onnx", "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content), "batch": BATCH,
            "inputs": {"image": [BATCH, planes, size, size]}, "outputs": {"features": [BATCH, width]},
        }},
        "parameters": parameters, "gflops": round(gflops, 4),
        "data": {**card["data"], "images": len(train.images), "trainingListSha256": train.list_sha256},
        "training": {
            "optimiserSteps": state["step"], "imagesSeen": state["images_seen"],
            "hours": round(state["seconds"] / 3600, 3), "hardware": card["hardware"],
        },
        "quality": quality, "intendedUse": card["intended_use"], "limits": card["limits"],
    }
    (pack / "model.json").write_text(json.dumps(model, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
