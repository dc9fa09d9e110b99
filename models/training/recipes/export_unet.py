"""Writes a Verisim pack from a U-Net of diffusers or MONAI, or any module with such a forward.

    python export_unet.py card.toml --unet my_model.py:unet --pack ../../my-pack
    python export_unet.py card.toml --diffusers FOLDER --pack ../../my-pack

README.md beside this file goes through it step by step. Nothing is written unless ONNX Runtime agrees with PyTorch.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import tempfile
import tomllib
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch.utils.flop_counter import FlopCounterMode

from adapters import Decoder, Denoiser, Encoder

OPSET = 18
TOLERANCE = 1e-3  # of the largest value, between ONNX Runtime and PyTorch, both float32
NO_LIST = "0" * 64  # stands for a list of training images that was not given


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("card", type=Path, help="TOML: what no file of weights tells")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--unet", help="FILE.py:FUNCTION that returns the module with its weights")
    source.add_argument("--diffusers", type=Path, help="a folder with unet/, scheduler/ and, for a latent model, vae/")
    parser.add_argument("--autoencoder", help="FILE.py:FUNCTION, for the family ldm")
    parser.add_argument("--context", type=Path, help=".npy, [classes + 1, tokens, width]: what each class is attended to as, none last")
    parser.add_argument("--pack", type=Path, required=True)
    arguments = parser.parse_args()
    card = tomllib.loads(arguments.card.read_text())
    unet, autoencoder = load(arguments, card)
    context = torch.from_numpy(np.load(arguments.context)).float() if arguments.context else None
    print(export_pack(card, arguments.pack, unet, autoencoder, context))


def load(arguments, card: dict):
    """The modules, and for a folder of diffusers the schedule in the card."""
    if not arguments.diffusers:
        return from_file(arguments.unet), from_file(arguments.autoencoder) if arguments.autoencoder else None
    from diffusers import AutoencoderKL, UNet2DModel

    card["schedule"] = {**scheduler_of(arguments.diffusers / "scheduler" / "scheduler_config.json"), **card.get("schedule", {})}
    vae = arguments.diffusers / "vae"
    return UNet2DModel.from_pretrained(arguments.diffusers / "unet"), AutoencoderKL.from_pretrained(vae) if vae.exists() else None


def from_file(place: str) -> torch.nn.Module:
    file, _, function = place.rpartition(":")
    spec = importlib.util.spec_from_file_location("own_model", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, function)()


def scheduler_of(path: Path) -> dict:
    """scheduler_config.json of diffusers → the schedule of a pack."""
    config = json.loads(path.read_text())
    kinds = {"linear": "linear", "scaled_linear": "scaled_linear", "squaredcos_cap_v2": "cosine", "sigmoid": "sigmoid"}
    kind = kinds.get(config.get("beta_schedule", "linear"))
    if kind is None:
        raise SystemExit(f"{path}: the schedule {config['beta_schedule']} is not one of {', '.join(kinds)}")
    constants = kind != "cosine"
    return {
        "steps": config.get("num_train_timesteps", 1000), "kind": kind,
        "betaStart": config.get("beta_start", 1e-4) if constants else None, "betaEnd": config.get("beta_end", 0.02) if constants else None,
        "prediction": {"epsilon": "epsilon", "v_prediction": "v", "sample": "sample"}[config.get("prediction_type", "epsilon")],
        "zeroTerminalSnr": config.get("rescale_betas_zero_snr", False),
    }


def export_pack(card: dict, pack: Path, unet, autoencoder=None, context=None) -> str:
    """Writes denoiser.onnx, for a latent model encoder.onnx and decoder.onnx, and model.json. Returns one line of report."""
    classes, batch, image = card.get("classes", []), card.get("batch", 4), card["image"]
    grid = [batch, image["channels"], image["height"], image["width"]]
    latent = latent_shape(card, grid)
    generator = torch.Generator().manual_seed(1)
    steps = card["schedule"]["steps"]
    denoiser = Denoiser(unet.float().eval(), bool(classes), context).eval()
    inputs = {"sample": torch.randn(latent, generator=generator), "timestep": torch.linspace(0, steps - 1, batch).round()}
    if classes:
        inputs["label"] = torch.arange(batch) % (len(classes) + 1)
        check_null_label(denoiser, inputs, len(classes))
    networks = {"denoiser": (denoiser, inputs, "prediction")}
    if autoencoder is not None:
        autoencoder = autoencoder.float().eval()
        networks["encoder"] = (Encoder(autoencoder), {"sample": torch.randn(grid, generator=generator).clamp(-1, 1)}, "latent")
        networks["decoder"] = (Decoder(autoencoder), {"latent": torch.randn(latent, generator=generator)}, "image")
    if (autoencoder is not None) != (card["family"] == "ldm"):
        raise SystemExit("The family ldm needs an autoencoder, and no other family has one.")
    with tempfile.TemporaryDirectory() as folder:
        results = {name: export_network(*network, Path(folder) / f"{name}.onnx", batch) for name, network in networks.items()}
        with torch.no_grad(), FlopCounterMode(display=False) as flops:
            denoiser(**inputs)
        files = {name: entry for name, (entry, _) in results.items()}
        manifest = manifest_of(card, files, latent, sum(p.numel() for p in unet.parameters()), flops.get_total_flops() / batch / 1e9)
        pack.mkdir(parents=True, exist_ok=True)
        for name in files:
            (pack / f"{name}.onnx").write_bytes((Path(folder) / f"{name}.onnx").read_bytes())
    (pack / "model.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
    differences = ", ".join(f"{name} {difference:.1e}" for name, (_, difference) in results.items())
    return f"{pack}: largest difference ONNX Runtime – PyTorch of the largest value: {differences}"


def latent_shape(card: dict, grid: list[int]) -> list[int]:
    if card["family"] == "ddpm":
        return grid
    if card["family"] != "ldm":
        raise SystemExit(f"This recipe writes the families ddpm and ldm, not {card['family']}.")
    factor, channels = card["autoencoder"]["factor"], card["autoencoder"]["channels"]
    return [grid[0], channels, grid[2] // factor, grid[3] // factor]


def check_null_label(denoiser: Denoiser, inputs: dict, classes: int) -> None:
    """Guidance compares an image of a class with one of none: the network must know a label for that."""
    try:
        with torch.no_grad():
            denoiser(**{**inputs, "label": torch.full_like(inputs["label"], classes)})
    except IndexError as error:
        raise SystemExit(f"The network knows {classes} labels and none for 'no class'; train it with {classes + 1}, the last one for dropped labels.") from error


def export_network(network, inputs: dict, output: str, path: Path, batch: int) -> tuple[dict, float]:
    """Static shapes, one file, no notes of this machine in it. Returns the entry of model.json and the relative difference."""
    with torch.no_grad():
        expected = network(**inputs).numpy()
        program = torch.onnx.export(
            network, kwargs=inputs, input_names=list(inputs), output_names=[output],
            opset_version=OPSET, dynamo=True, external_data=False, verbose=False,
        )
    program.save(str(path), external_data=False)
    model = onnx.load(str(path))
    for part in (*model.graph.node, *model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer, model.graph, model):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    actual = session.run(None, {name: value.numpy() for name, value in inputs.items()})[0]
    difference = float(np.abs(actual - expected).max() / max(np.abs(expected).max(), 1e-12))
    if not difference < TOLERANCE:
        raise SystemExit(f"{path.name}: ONNX Runtime and PyTorch differ by {difference} of the largest value")
    content = path.read_bytes()
    entry = {
        "path": path.name, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content), "batch": batch,
        "inputs": {name: list(value.shape) for name, value in inputs.items()}, "outputs": {output: list(expected.shape)},
    }
    return entry, difference


def manifest_of(card: dict, files: dict, latent: list[int], parameters: int, gflops: float) -> dict:
    classes = card.get("classes", [])
    schedule = {"betaStart": None, "betaEnd": None, "zeroTerminalSnr": False, **card["schedule"]}
    conditioning = {
        "classes": [{"id": one["id"], "name": one.get("name", one["id"])} for one in classes], "nullLabel": len(classes),
        "dropout": card.get("labelDropout", 0.1), "guidanceDefault": card["sampling"]["guidance"],
    }
    return {
        "schema": 1, "role": "generator", **{key: card[key] for key in ("id", "version", "name", "licence", "family", "modality", "anatomy", "image")},
        "intensity": card["intensity"], "schedule": schedule, "conditioning": conditioning if classes else None,
        "autoencoder": card.get("autoencoder"), "wavelet": None, "sampling": card["sampling"],
        "latent": {"width": latent[3], "height": latent[2], "channels": latent[1]}, "files": files,
        "parameters": parameters, "gflopsPerStep": round(gflops, 6) or None,
        "data": {"trainingListSha256": NO_LIST, **card["data"]}, "training": card["training"],
        "quality": [], "intendedUse": card["intendedUse"], "limits": card["limits"],
    }


if __name__ == "__main__":
    main()
