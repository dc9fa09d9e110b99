"""Contact sheets: what the model draws, for the eye."""

from __future__ import annotations

from pathlib import Path

import torch
from PIL import Image

from data import to_stored_range
from schedule import ddpm, trailing_timesteps
from settings import half_precision


def save_samples(model, family, alphas, classes: int, path: Path, shape, count: int = 16, steps: int = 50) -> None:
    """Samples of seeds 0 … count−1, classes in turn; shape [C, h, w] of the space that is noised."""
    labels = torch.arange(count) % classes
    save_grid(sample(model, family, alphas, labels, classes, timesteps=trailing_timesteps(steps), shape=shape), path)


@torch.no_grad()
def sample(model, family, alphas, labels, null_label: int, timesteps, shape, guidance=1.5, first_seed=0):
    """Images uint8 [N, C, H, W]; image i depends on its own seed only. labels: [N]."""
    device = next(model.parameters()).device
    generators = [torch.Generator().manual_seed(first_seed + i) for i in range(len(labels))]

    def denoise(x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        """Classifier-free guidance; lower precision shortens a look and changes nothing the eye sees."""
        doubled = torch.cat((torch.full_like(labels, null_label), labels)).to(device)
        with half_precision(device.type):
            unconditional, conditional = model(torch.cat((x, x)), torch.cat((t, t)).to(device), doubled).float().chunk(2)
        return unconditional + guidance * (conditional - unconditional)

    def draw() -> torch.Tensor:
        return torch.stack([torch.randn(shape, generator=generator) for generator in generators]).to(device)

    return to_stored_range(family.decode(ddpm(denoise, draw(), timesteps, alphas, draw).cpu()))


def save_grid(images: torch.Tensor, path: Path, columns: int = 8, gap: int = 2, middle_gap: int = 0) -> None:
    """images: uint8 [N, 1 or 3, H, W], row by row; `middle_gap` parts the left half of the columns from the right."""
    count, channels, height, width = images.shape
    rows = -(-count // columns)
    canvas = Image.new("L" if channels == 1 else "RGB", (columns * (width + gap) - gap + middle_gap, rows * (height + gap) - gap))
    for i, image in enumerate(images):
        column, row = i % columns, i // columns
        left = column * (width + gap) + (middle_gap if column >= columns // 2 else 0)
        canvas.paste(Image.fromarray(image.permute(1, 2, 0).squeeze(-1).numpy()), (left, row * (height + gap)))
    canvas.save(path, optimize=True)
