"""One TOML file per pack; `base` names a file whose tables it refines, so that a head-to-head shares its numbers."""

from __future__ import annotations

import tomllib
from pathlib import Path


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
