"""One TOML file per pack; `base` names a file whose tables it refines, so that a head-to-head shares its numbers."""

from __future__ import annotations

import tomllib
from pathlib import Path

import torch


def read(path: Path) -> dict:
    config = tomllib.loads(path.read_text())
    base = config.pop("base", None)
    return _merge(read(path.parent / base), config) if base else config


def _merge(below: dict, above: dict) -> dict:
    both = {key: _merge(below[key], value) for key, value in above.items() if isinstance(value, dict) and isinstance(below.get(key), dict)}
    return {**below, **above, **both}


def for_device(config: dict, device: str) -> dict:
    """[training.cuda] refines [training] on a GPU, where large batches are cheap."""
    training = {key: value for key, value in config["training"].items() if not isinstance(value, dict)}
    return {**config, "training": {**training, **config["training"].get(device, {})}}


def half_precision(device: str) -> torch.autocast:
    """bf16 where the machine computes with it; a processor without such instructions is ten times slower with it than with float32."""
    cpu = torch.cpu
    return torch.autocast(device, torch.bfloat16, enabled=device != "cpu" or cpu._is_avx512_bf16_supported() or cpu._is_amx_tile_supported())
