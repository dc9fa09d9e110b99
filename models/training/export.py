"""Writes a pack from a checkpoint: denoiser.onnx, model.json, sheet.png.

    python export.py configs/brain-mri-wdm-128.toml --data DIR --checkpoint DIR/last.pt --pack ../brain-mri-wdm-128

The EMA weights are exported, never the raw ones, stored as float16 and computed with as float32. The ONNX file is run
against PyTorch before it replaces an older one.
"""

from __future__ import annotations

import argparse
import os
import tomllib
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch.utils.flop_counter import FlopCounterMode

import data
from pack import write_model_json
from sheet import sample, save_grid
from train import build
from schedule import trailing_timesteps

BATCH = 4
OPSET = 18
TOLERANCE = 2e-4  # largest difference of v between ONNX Runtime and PyTorch, both float32


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--pack", type=Path, required=True)
    parser.add_argument("--save-ema", type=Path, help="also write the weights as a small file for train.py --initial")
    arguments = parser.parse_args()
    config = tomllib.loads(arguments.config.read_text())
    training_set = data.load(config["data"], arguments.data)
    model, family, alphas = build(config, training_set)
    state = torch.load(arguments.checkpoint, map_location="cpu", weights_only=True)
    model.load_state_dict(state["ema"])
    rounding = round_weights(model.eval())
    if arguments.save_ema:
        save_ema(model, state, arguments.save_ema)
    arguments.pack.mkdir(parents=True, exist_ok=True)
    path = arguments.pack / "denoiser.onnx"
    classes = len(training_set.classes)
    example = example_inputs(model, classes, family.encode(data.to_model_range(training_set.images[:BATCH])))
    difference = export_denoiser(model, example, path)
    with FlopCounterMode(display=False) as flops:
        model(*example)
    write_model_json(
        arguments.pack, config, training_set, family, state,
        parameters=sum(p.numel() for p in model.parameters()),
        gflops=flops.get_total_flops() / BATCH / 1e9,
        shape=list(example[0].shape),
    )
    save_sheet(model, family, alphas, training_set, arguments.pack / "sheet.png")
    print(f"step {state['step']}, {path.stat().st_size / 1e6:.1f} MB; largest relative change of a weight tensor by float16 "
          f"{rounding:.1e}; largest difference ONNX – PyTorch {difference:.1e}")


def round_weights(model) -> float:
    """Rounds every parameter to float16 in place. Returns the largest relative change of a tensor (Frobenius norm)."""
    changes = []
    for parameter in model.parameters():
        rounded = parameter.data.half().float()
        changes.append(((rounded - parameter.data).norm() / parameter.data.norm().clamp(min=1e-12)).item())
        parameter.data = rounded
    return max(changes)


def save_ema(model, state: dict, path: Path) -> None:
    """Float16 parameters and the counters, enough to go on training (the optimiser's moments are rebuilt in a few steps)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    weights = {name: parameter.data.half() for name, parameter in model.named_parameters()}
    torch.save({"ema": weights, "step": state["step"], "images_seen": state["images_seen"], "seconds": state["seconds"]}, path)


def example_inputs(model, classes: int, encoded: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """sample [4, C, H, W], timestep float32 [4], label int64 [4] with the null label among them."""
    generator = torch.Generator().manual_seed(1)
    timestep = torch.tensor([0.0, 49.0, 499.0, 999.0])
    a = model.alphas[timestep.long()].reshape(-1, 1, 1, 1)
    noise = torch.randn(encoded.shape, generator=generator)
    return a.sqrt() * encoded + (1 - a).sqrt() * noise, timestep, torch.tensor([0, classes, 3, classes - 1])


def export_denoiser(model, example, path: Path) -> float:
    """Static batch, one file; replaced only once the numbers agree. Returns the largest difference."""
    part = path.with_suffix(".part.onnx")
    with torch.no_grad():
        expected = model(*example).numpy()
        program = torch.onnx.export(
            model, example, input_names=["sample", "timestep", "label"], output_names=["prediction"],
            opset_version=OPSET, dynamo=True, external_data=False, verbose=False,
        )
    program.save(str(part), external_data=False)
    store_as_float16(part)
    onnx.checker.check_model(str(part))
    session = onnxruntime.InferenceSession(str(part), providers=["CPUExecutionProvider"])
    actual = session.run(None, dict(zip(("sample", "timestep", "label"), (e.numpy() for e in example))))[0]
    difference = float(np.abs(actual - expected).max())
    if not difference < TOLERANCE:
        raise SystemExit(f"ONNX Runtime and PyTorch differ by {difference}")
    os.replace(part, path)
    return difference


def store_as_float16(path: Path) -> None:
    """Halves the file: weights become float16 with a Cast behind them, which ONNX Runtime folds away when it loads.

    The exporter's notes on each node (stack traces with the paths of this machine) go.
    """
    model = onnx.load(str(path))
    casts = []
    for tensor in model.graph.initializer:
        values = onnx.numpy_helper.to_array(tensor)
        halves = values.astype(np.float16) if values.dtype == np.float32 else None
        if halves is None or values.size < 64 or not np.array_equal(halves.astype(np.float32), values):
            continue  # the schedule's table stays float32
        name = tensor.name
        tensor.CopyFrom(onnx.numpy_helper.from_array(halves, name + ".float16"))
        casts.append(onnx.helper.make_node("Cast", [name + ".float16"], [name], to=onnx.TensorProto.FLOAT))
    for part in (*model.graph.node, *model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer, model.graph, model):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
    nodes = casts + list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.save(model, str(path))


def save_sheet(model, family, alphas, training_set, path: Path) -> None:
    """Left 4×4: seeds 0 … 15, uncurated. Right 4×4: real training images of the same classes, the first of each kind."""
    null = len(training_set.classes)
    labels = torch.arange(16) % null
    drawn = sample(model, family, alphas, labels, null, trailing_timesteps(50))
    real, used = [], set()
    for label in labels.tolist():
        index = next(i for i in (training_set.labels == label).nonzero()[:, 0].tolist() if i not in used)
        used.add(index)
        real.append(training_set.images[index])
    rows = [torch.cat((drawn[4 * r : 4 * r + 4], torch.stack(real[4 * r : 4 * r + 4]))) for r in range(4)]
    save_grid(torch.cat(rows), path, columns=8, gap=2, middle_gap=14)


if __name__ == "__main__":
    main()
