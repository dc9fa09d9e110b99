"""The feature extractor: a small residual network from an image to pooled features, and the heads that only training needs."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F


class Extractor(nn.Module):
    """image [N, planes, 128, 128], normalised → features [N, width]: the mean over places of the last stage. planes: 1 grey, 3 RGB."""

    def __init__(self, channels: list[int], blocks: list[int], planes: int = 1):
        super().__init__()
        self.stem = unit(planes, channels[0], kernel=5, stride=2)
        stages = []
        for before, after, count in zip([channels[0], *channels], channels, blocks):
            stages += [unit(before, after, stride=2), *(Residual(after) for _ in range(count))]
        self.stages = nn.Sequential(*stages)
        self.width = channels[-1]

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.stages(self.stem(image)).mean((2, 3))


class Residual(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        self.first, self.second = unit(channels, channels), unit(channels, channels, active=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(x + self.second(self.first(x)))


class Heads(nn.Module):
    """What the features are trained to tell: the class, what was done to the image, and which image it is."""

    def __init__(self, width: int, classes: int, disturbances: int, projection: int = 128):
        super().__init__()
        self.label = nn.Linear(width, classes)
        self.disturbance = nn.Linear(width, disturbances)
        self.identity = nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, projection))


def unit(before: int, after: int, kernel: int = 3, stride: int = 1, active: bool = True) -> nn.Sequential:
    """Convolution, batch norm (folded into it at export), ReLU."""
    layers = [nn.Conv2d(before, after, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(after)]
    return nn.Sequential(*layers, *([nn.ReLU()] if active else []))


def disturb(images: torch.Tensor, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """A view of each image and what was done to it. images [N, 1 or 3, H, W] in 0…1; returns the same shape and [N, 6 or 8].

    Columns, each about −1…1 and 0 where nothing was done: rotation, zoom, gamma, contrast, blur, noise; in colour also the
    strength of red and of blue, as a stain fades. Half of the images are not resampled (only shifted by whole pixels), as
    resampling itself blurs.
    """
    count = len(images)

    def uniform(low: float, high: float, share: float = 1.0) -> torch.Tensor:
        value = low + (high - low) * torch.rand(count, generator=generator)
        return value * (torch.rand(count, generator=generator) < share)

    resampled = (torch.rand(count, generator=generator) < 0.5).float()
    rotation, zoom = uniform(-1, 1) * resampled, uniform(-1, 1) * resampled
    gamma, contrast = uniform(-1, 1), uniform(-1, 1)
    blur, noise = uniform(0, 1, share=0.4), uniform(0, 1, share=0.4)
    column = lambda values: values[:, None, None, None]  # noqa: E731
    views = shifted(warped(images, rotation * 0.2, 1 + 0.12 * zoom, resampled > 0), generator)
    views = views.clamp(0, 1) ** column(torch.exp2(0.6 * gamma))
    views = (views - 0.5) * column(torch.exp2(0.4 * contrast)) + 0.5
    views = views + column(blur) * (smoothed(views) - views)
    grain = torch.randn(views.shape, generator=generator)
    done = [rotation, zoom, gamma, contrast, blur, noise]
    if images.shape[1] == 3:
        red, blue = uniform(-1, 1, share=0.6), uniform(-1, 1, share=0.6)
        views = views.clamp(0, 1) ** torch.exp2(0.4 * torch.stack((red, torch.zeros_like(red), blue), 1))[:, :, None, None]
        done += [red, blue]
    views = (views + column(0.1 * noise**2) * grain).clamp(0, 1)
    return views, torch.stack(done, 1)


def disturbances(planes: int) -> int:
    """Columns of `disturb`."""
    return 8 if planes == 3 else 6


def warped(images: torch.Tensor, angle: torch.Tensor, zoom: torch.Tensor, which: torch.Tensor) -> torch.Tensor:
    """Rotated (radians) and zoomed about the centre where `which`; beyond the border the border goes on."""
    cosine, sine, zero = angle.cos() / zoom, angle.sin() / zoom, torch.zeros_like(angle)
    maps = torch.stack((torch.stack((cosine, -sine, zero), 1), torch.stack((sine, cosine, zero), 1)), 1)[which]
    result = images.clone()
    if len(maps):
        grid = F.affine_grid(maps, list(images[which].shape), align_corners=False)
        result[which] = F.grid_sample(images[which], grid, padding_mode="border", align_corners=False)
    return result


def shifted(images: torch.Tensor, generator: torch.Generator, most: int = 8) -> torch.Tensor:
    """Each by up to `most` whole pixels to either side; beyond the border the border goes on."""
    size = images.shape[-1]
    padded = F.pad(images, (most,) * 4, mode="replicate")
    places = torch.randint(0, 2 * most + 1, (len(images), 2), generator=generator).tolist()
    return torch.stack([image[:, y : y + size, x : x + size] for image, (y, x) in zip(padded, places)])


def smoothed(images: torch.Tensor) -> torch.Tensor:
    """Binomial [1 4 6 4 1] / 16 along rows and columns, a Gaussian of σ 1; written with slices, which a CPU does fastest."""
    for axis in (2, 3):
        size = images.shape[axis]
        padded = F.pad(images, (2, 2, 0, 0) if axis == 3 else (0, 0, 2, 2), mode="replicate")
        part = lambda start: padded.narrow(axis, start, size)  # noqa: E731
        images = (part(0) + part(4)) / 16 + (part(1) + part(3)) / 4 + part(2) * 0.375
    return images
