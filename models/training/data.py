"""The images of one pack: one manifest, one ZIP, one split. Training reads the train split and nothing else."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image


@dataclass
class TrainingSet:
    images: torch.Tensor  # uint8 [N, 1 or 3, H, W]
    labels: torch.Tensor  # int64 [N]; len(classes) is the null label
    may_flip: torch.Tensor  # bool [N]
    classes: list[str]  # "axial-glioma", … sorted
    list_sha256: str  # of the sorted file names, one a line
    shift: int = 0  # pixels that an image may be moved by, each way; its edge is repeated

    @property
    def varies(self) -> bool:
        """Whether an image is drawn in more than one way."""
        return self.shift > 0 or bool(self.may_flip.any())

    def to(self, device: torch.device) -> "TrainingSet":
        images, labels, may_flip = (tensor.to(device) for tensor in (self.images, self.labels, self.may_flip))
        return replace(self, images=images, labels=labels, may_flip=may_flip)

    def varied(self, index: torch.Tensor) -> torch.Tensor:
        """Images float32 [N, C, H, W] in [−1, 1], mirrored half the time where the anatomy allows, moved by whole pixels."""
        device, (height, width) = self.images.device, self.images.shape[2:]
        mirror = self.may_flip[index] & (torch.rand(len(index), device=device) < 0.5)
        y, x = (torch.randint(-self.shift, self.shift + 1, (len(index), 1), device=device) for _ in range(2))
        rows = (torch.arange(height, device=device) + y).clamp(0, height - 1)
        columns = (torch.arange(width, device=device) + x).clamp(0, width - 1)
        columns = torch.where(mirror[:, None], columns.flip(1), columns)
        return to_model_range(self.images[index[:, None, None], :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2))


def to_model_range(stored: torch.Tensor) -> torch.Tensor:
    """0 … 255 → −1 … 1."""
    return stored.float() / 127.5 - 1


def to_stored_range(images: torch.Tensor) -> torch.Tensor:
    """−1 … 1 → uint8, clipped."""
    return ((images + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)


def load(config: dict, root: Path, split: str = "train") -> TrainingSet:
    """config: the pack's [data] table; root: the folder that holds the data folders."""
    folder = root / config["folder"]
    with open(folder / "manifest.csv", newline="") as manifest:
        rows = sorted((r for r in csv.DictReader(manifest) if _is_kept(r, config, split)), key=lambda r: r["file"])
    sure = [_is_sure(row, config) for row in rows]
    names = ["-".join(row[c] for c in config["class_columns"]) for row in rows]
    classes = sorted({name for name, ok in zip(names, sure) if ok})
    labels = [classes.index(name) if ok else len(classes) for name, ok in zip(names, sure)]
    flip_when = config.get("flip_when", {})
    may_flip = [config.get("flip_always", False) or ok and bool(flip_when) and all(row[c] in v for c, v in flip_when.items()) for row, ok in zip(rows, sure)]
    with zipfile.ZipFile(folder / "images_128.zip") as archive:
        by_name = {Path(name).name: name for name in archive.namelist()}
        read = _colour if config.get("channels", 1) == 3 else _grey
        images = [read(archive.read(by_name[Path(row["file"]).name])) for row in rows]
    digest = hashlib.sha256("".join(f"{row['file']}\n" for row in rows).encode()).hexdigest()
    return TrainingSet(
        torch.from_numpy(np.stack(images)), torch.tensor(labels), torch.tensor(may_flip), classes, digest, config.get("shift", 0)
    )


def _is_kept(row: dict, config: dict, split: str) -> bool:
    """Rows of the split; with `keep_when`, only those that surely have one of the wanted values."""
    wanted = config.get("keep_when", {})
    return row["split"] == split and all(row[c] in v for c, v in wanted.items()) and (not wanted or _is_sure(row, config))


def _is_sure(row: dict, config: dict) -> bool:
    column = config.get("confidence_column")
    return column is None or float(row[column]) >= config["confidence_minimum"]


def _grey(encoded: bytes) -> np.ndarray:
    """[1, H, W]. Lossless WebP decodes to three equal channels: one is the image."""
    pixels = np.asarray(Image.open(io.BytesIO(encoded)))
    return (pixels[..., 0] if pixels.ndim == 3 else pixels)[None]


def _colour(encoded: bytes) -> np.ndarray:
    """[3, H, W]."""
    return np.asarray(Image.open(io.BytesIO(encoded)).convert("RGB")).transpose(2, 0, 1)
