"""model.json: everything the app has to know about a pack, from the config, the data and the checkpoint."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from wavelet import band_order


def write_model_json(pack: Path, config: dict, training_set, family, state: dict, graphs: dict, parameters: int, gflops: float) -> None:
    """graphs: name → (input names, output name, example inputs, output shape) of each ONNX file; gflops: per image and step, a multiply–add is 2."""
    size, card, classes = config["data"]["size"], config["card"], training_set.classes
    _, channels, height, width = graphs["denoiser"][3]
    model = {
        "schema": 1, "role": "generator", "id": config["id"], "version": card["version"], "name": card["name"], "licence": card["licence"],
        "family": config["family"], "modality": card["modality"], "anatomy": card["anatomy"],
        "image": {"width": size, "height": size, "channels": training_set.images.shape[1]},
        "intensity": {"storedMin": 0, "storedMax": 255, "modelMin": -1, "modelMax": 1, "windowCentre": 127.5, "windowWidth": 255},
        "schedule": {"steps": config["diffusion"]["steps"], "kind": "cosine", "betaStart": None, "betaEnd": None, "prediction": "v", "zeroTerminalSnr": False},
        "conditioning": {
            "classes": [{"id": name, "name": name.replace("-", ", ", 1).capitalize()} for name in classes],
            "nullLabel": len(classes), "dropout": config["diffusion"]["label_dropout"], "guidanceDefault": card["sampling"]["guidance"],
        },
        "autoencoder": _autoencoder(family),
        "wavelet": _wavelet(family),
        "sampling": card["sampling"],
        "latent": {"width": width, "height": height, "channels": channels},
        "files": {name: _file(pack / f"{name}.onnx", *graph) for name, graph in graphs.items()},
        "parameters": parameters, "gflopsPerStep": round(gflops, 3),
        "data": {**card["data"], "images": len(training_set.images), "trainingListSha256": training_set.list_sha256},
        "training": {
            "optimiserSteps": state["step"], "imagesSeen": state["images_seen"],
            "hours": round(state["seconds"] / 3600, 2), "hardware": card["hardware"],
        },
        "quality": card.get("quality", []), "intendedUse": card["intended_use"], "limits": card["limits"],
    }
    (pack / "model.json").write_text(json.dumps(model, indent=2, ensure_ascii=False) + "\n")


def _autoencoder(family) -> dict | None:
    if not family.autoencoder:
        return None
    scale = 1.0 if family.levels else family.scale  # with wavelets the factor belongs to the packets
    return {"factor": family.autoencoder.FACTOR, "channels": family.autoencoder.latent_channels, "scale": scale}


def _wavelet(family) -> dict | None:
    if not family.levels:
        return None
    return {"name": "haar", "levels": family.levels, "kind": "packet", "bandOrder": band_order(family.levels), "scale": family.scale}


def _file(path: Path, names: tuple[str, ...], output: str, example: tuple, output_shape: list[int]) -> dict:
    content = path.read_bytes()
    return {
        "path": path.name, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content), "batch": output_shape[0],
        "inputs": {name: list(value.shape) for name, value in zip(names, example)}, "outputs": {output: output_shape},
    }
