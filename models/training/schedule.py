"""The cosine noise schedule and ancestral sampling (Nichol & Dhariwal 2021; Ho et al. 2020), which the app has too."""

from __future__ import annotations

import math
from typing import Callable

import torch

Draw = Callable[[], torch.Tensor]  # fresh noise of the shape of the sample
Denoise = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]  # (sample [N,C,H,W], timestep [N]) → v


def cosine_alphas_cumulative(steps: int = 1000) -> torch.Tensor:
    """ᾱ_t for t = 0 … steps−1, float64: squaredcos_cap_v2, β capped at 0.999."""
    f = lambda t: math.cos((t + 0.008) / 1.008 * math.pi / 2) ** 2
    betas = [min(1 - f((i + 1) / steps) / f(i / steps), 0.999) for i in range(steps)]
    return torch.cumprod(1 - torch.tensor(betas, dtype=torch.float64), 0)


def trailing_timesteps(count: int, steps: int = 1000) -> list[int]:
    """round(arange(T, 0, −T/n)) − 1, rounding half to even: starts at T − 1, the noisiest step."""
    return [round(steps - i * steps / count) - 1 for i in range(count)]


def ddpm(denoise: Denoise, noise: torch.Tensor, timesteps: list[int], alphas: torch.Tensor, draw: Draw) -> torch.Tensor:
    """Ancestral sampling (Ho et al. 2020) over a strided plan, v-prediction, fixed small variance, ending at ᾱ = 1."""
    sample = noise
    for t, following in zip(timesteps, [*timesteps[1:], None]):
        here, before = alphas[t].item(), 1.0 if following is None else alphas[following].item()
        x0 = math.sqrt(here) * sample - math.sqrt(1 - here) * denoise(sample, torch.full((len(sample),), t))
        if following is None:
            return x0
        beta = 1 - here / before
        mean = (math.sqrt(before) * beta * x0 + math.sqrt(here / before) * (1 - before) * sample) / (1 - here)
        sample = mean + math.sqrt((1 - before) / (1 - here) * beta) * draw()
    raise ValueError("timesteps is empty")
