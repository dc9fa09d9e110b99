"""Writes a pack from a checkpoint: denoiser.onnx, for latent families encoder.onnx and decoder.onnx, model.json, sheet.png.

    python export.py configs/brain-mri-wdm-128.toml --data DIR --checkpoint DIR/last.pt --pack ../brain-mri-wdm-128

The EMA weights are exported, never the raw ones, stored as float16 and computed with as float32. The ONNX file is run
against PyTorch before it replaces an older one.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch.utils.flop_counter import FlopCounterMode

import data
import settings
from graph import free_batch
from pack import write_model_json
from resume_weights import save_rest
from sheet import sample, save_grid
from train import build
from schedule import cosine_alphas_cumulative, trailing_timesteps

BATCH = 4
OPSET = 18
TOLERANCE = 2e-4  # largest difference of v between ONNX Runtime and PyTorch, both float32


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--pack", type=Path, required=True)
    parser.add_argument("--save-rest", type=Path, help="also write what training needs beside the pack to go on (train.py --initial)")
    parser.add_argument("--device", default="cpu", help="where the sample sheet is drawn; everything else runs on the CPU")
    arguments = parser.parse_args()
    config = settings.read(arguments.config)
    training_set = data.load(config["data"], arguments.data)
    model, family, encoded = build(config, training_set)
    state = torch.load(arguments.checkpoint, map_location="cpu", weights_only=True)
    model.load_state_dict(state["ema"])
    rounding = round_weights(model.eval())
    arguments.pack.mkdir(parents=True, exist_ok=True)
    example = example_inputs(model, len(training_set.classes), encoded[:BATCH])
    differences = {"denoiser": export_graph(model, dict(zip(("sample", "timestep", "label"), example)), "prediction", arguments.pack)}
    graphs = {"denoiser": (("sample", "timestep", "label"), "prediction", example, list(example[0].shape))}
    if family.autoencoder:
        images = data.to_model_range(training_set.images[:BATCH])
        latent = family.autoencoder.encode(images)[0]
        differences["encoder"] = export_graph(Encoder(family.autoencoder), {"sample": images}, "latent", arguments.pack)
        differences["decoder"] = export_graph(Decoder(family.autoencoder), {"latent": latent}, "image", arguments.pack)
        graphs["encoder"] = (("sample",), "latent", (images,), list(latent.shape))
        graphs["decoder"] = (("latent",), "image", (latent,), list(images.shape))
    if arguments.save_rest:
        save_rest(model, state, arguments.pack / "denoiser.onnx", arguments.save_rest)
    with FlopCounterMode(display=False) as flops:
        model(*example)
    write_model_json(
        arguments.pack, config, training_set, family, state, graphs,
        parameters=sum(p.numel() for p in model.parameters()),
        gflops=flops.get_total_flops() / BATCH / 1e9,
    )
    save_sheet(model.to(arguments.device), family, training_set, config, encoded.shape[1:], arguments.pack / "sheet.png")
    worst = ", ".join(f"{name} {value:.1e}" for name, value in differences.items())
    print(f"step {state['step']}; largest relative change of a weight tensor by float16 {rounding:.1e}; "
          f"largest difference ONNX – PyTorch: {worst}")


def round_weights(model) -> float:
    """Rounds every parameter to float16 in place. Returns the largest relative change of a tensor (Frobenius norm)."""
    changes = []
    for parameter in model.parameters():
        rounded = parameter.data.half().float()
        changes.append(((rounded - parameter.data).norm() / parameter.data.norm().clamp(min=1e-12)).item())
        parameter.data = rounded
    return max(changes)


def example_inputs(model, classes: int, encoded: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """sample [4, C, H, W], timestep float32 [4], label int64 [4] with the null label among them."""
    generator = torch.Generator().manual_seed(1)
    timestep = torch.tensor([0.0, 49.0, 499.0, 999.0])
    a = model.alphas[timestep.long()].reshape(-1, 1, 1, 1)
    noise = torch.randn(encoded.shape, generator=generator)
    return a.sqrt() * encoded + (1 - a).sqrt() * noise, timestep, torch.tensor([0, classes, 3, classes - 1])


class Encoder(torch.nn.Module):
    """Image → mean of the latent."""

    def __init__(self, autoencoder):
        super().__init__()
        self.autoencoder = autoencoder

    def forward(self, sample):
        return self.autoencoder.encode(sample)[0]


class Decoder(torch.nn.Module):
    """Latent → image."""

    def __init__(self, autoencoder):
        super().__init__()
        self.autoencoder = autoencoder

    def forward(self, latent):
        return self.autoencoder.decode(latent)


def export_graph(model, inputs: dict[str, torch.Tensor], output: str, pack: Path) -> float:
    """One file that takes up to BATCH images; replaced only once the numbers agree. Returns the largest difference."""
    name = {"prediction": "denoiser", "latent": "encoder", "image": "decoder"}[output]
    path = pack / f"{name}.onnx"
    part = path.with_suffix(".part.onnx")
    with torch.no_grad():
        expected = model(*inputs.values()).numpy()
        program = torch.onnx.export(
            model, tuple(inputs.values()), input_names=list(inputs), output_names=[output],
            opset_version=OPSET, dynamo=True, external_data=False, verbose=False,
        )
    program.save(str(part), external_data=False)
    store_as_float16(part)
    free_batch(part)
    onnx.checker.check_model(str(part))
    session = onnxruntime.InferenceSession(str(part), providers=["CPUExecutionProvider"])
    actual = session.run(None, {name: value.numpy() for name, value in inputs.items()})[0]
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


def save_sheet(model, family, training_set, config: dict, shape, path: Path, side: int = 8) -> None:
    """Left 8×8: seeds 0 … 63, uncurated, classes in turn. Right 8×8: real training images of the same classes, the first of each."""
    null = len(training_set.classes)
    labels = torch.arange(side * side) % null
    sampling, alphas = config["card"]["sampling"], cosine_alphas_cumulative(config["diffusion"]["steps"])
    drawn = sample(model, family, alphas, labels, null, trailing_timesteps(sampling["steps"]), shape, sampling["guidance"])
    queues = {c: iter((training_set.labels == c).nonzero()[:, 0].tolist()) for c in range(null)}
    real = torch.stack([training_set.images[next(queues[label])] for label in labels.tolist()])
    rows = [torch.cat((drawn[r : r + side], real[r : r + side])) for r in range(0, side * side, side)]
    save_grid(torch.cat(rows), path, columns=2 * side, gap=2, middle_gap=14)


if __name__ == "__main__":
    main()
