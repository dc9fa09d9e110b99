"""model.json: everything the app has to know about a pack, from the config, the data and the checkpoint."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from wavelet import band_order


def write_model_json(pack: Path, config: dict, training_set, family, state: dict, parameters: int, gflops: float, shape: list[int]) -> None:
    """shape: the denoiser's static sample shape [batch, channels, height, width]; gflops: per image and step, a multiply–add is 2."""
    size, card, classes = config["data"]["size"], config["card"], training_set.classes
    batch, channels, height, width = shape
    model = {
        "schema": 1, "role": "generator", "id": config["id"], "version": card["version"], "name": card["name"], "licence": card["licence"],
        "family": config["family"], "modality": card["modality"], "anatomy": card["anatomy"],
        "image": {"width": size, "height": size, "channels": 1},
        "intensity": {"storedMin": 0, "storedMax": 255, "modelMin": -1, "modelMax": 1, "windowCentre": 127.5, "windowWidth": 255},
        "schedule": {"steps": config["diffusion"]["steps"], "kind": "cosine", "betaStart": None, "betaEnd": None, "prediction": "v", "zeroTerminalSnr": False},
        "conditioning": {
            "classes": [{"id": name, "name": name.replace("-", ", ", 1).capitalize()} for name in classes],
            "nullLabel": len(classes), "dropout": config["diffusion"]["label_dropout"], "guidanceDefault": card["sampling"]["guidance"],
        },
        "autoencoder": None,
        "wavelet": {"name": "haar", "levels": family.levels, "kind": "packet", "bandOrder": band_order(family.levels), "scale": family.scale},
        "sampling": card["sampling"],
        "latent": {"width": width, "height": height, "channels": channels},
        "files": {"denoiser": _file(pack / "denoiser.onnx", batch, shape)},
        "parameters": parameters, "gflopsPerStep": round(gflops, 3),
        "data": {**card["data"], "images": len(training_set.images), "trainingListSha256": training_set.list_sha256},
        "training": {
            "optimiserSteps": state["step"], "imagesSeen": state["images_seen"],
            "hours": round(state["seconds"] / 3600, 2), "hardware": card["hardware"],
        },
        "quality": card.get("quality", []), "intendedUse": card["intended_use"], "limits": card["limits"],
    }
    (pack / "model.json").write_text(json.dumps(model, indent=2, ensure_ascii=False) + "\n")


def _file(path: Path, batch: int, shape: list[int]) -> dict:
    content = path.read_bytes()
    return {
        "path": path.name, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content), "batch": batch,
        "inputs": {"sample": shape, "timestep": [batch], "label": [batch]}, "outputs": {"prediction": shape},
    }
