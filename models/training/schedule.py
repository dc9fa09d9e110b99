"""The cosine noise schedule and the two samplers the app also has (formulas: Nichol & Dhariwal 2021, Lu et al. 2022)."""

from __future__ import annotations

import math
from typing import Callable

import torch

Denoise = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]  # (sample [N,C,H,W], timestep [N]) → v


def cosine_alphas_cumulative(steps: int = 1000) -> torch.Tensor:
    """ᾱ_t for t = 0 … steps−1, float64: squaredcos_cap_v2, β capped at 0.999."""
    f = lambda t: math.cos((t + 0.008) / 1.008 * math.pi / 2) ** 2
    betas = [min(1 - f((i + 1) / steps) / f(i / steps), 0.999) for i in range(steps)]
    return torch.cumprod(1 - torch.tensor(betas, dtype=torch.float64), 0)


def trailing_timesteps(count: int, steps: int = 1000) -> list[int]:
    """round(arange(T, 0, −T/n)) − 1, rounding half to even: starts at T − 1, the noisiest step."""
    return [round(steps - i * steps / count) - 1 for i in range(count)]


def karras_timesteps(count: int, alphas: torch.Tensor) -> list[int]:
    """Integer steps nearest to the Karras σ grid (ρ = 7) between the σ of the first and the last trained step."""
    log_sigma = 0.5 * ((1 - alphas) / alphas).log()
    low, high = log_sigma[0].exp() ** (1 / 7), log_sigma[-1].exp() ** (1 / 7)
    sigmas = (high + torch.linspace(0, 1, count, dtype=torch.float64) * (low - high)) ** 7
    steps = [(log_sigma - s.log()).abs().argmin().item() for s in sigmas]
    return sorted(set(steps), reverse=True)


def dpm_solver_2m(denoise: Denoise, noise: torch.Tensor, timesteps: list[int], alphas: torch.Tensor) -> torch.Tensor:
    """DPM-Solver++(2M), v-prediction, final σ = 0: first and last step are first order."""
    sample, previous, previous_lambda = noise, None, 0.0
    for i, t in enumerate(timesteps):
        alpha, sigma = alphas[t].sqrt().item(), (1 - alphas[t]).sqrt().item()
        x0 = alpha * sample - sigma * denoise(sample, torch.full((len(sample),), t))
        if i == len(timesteps) - 1:
            return x0
        s = timesteps[i + 1]
        alpha_next, sigma_next = alphas[s].sqrt().item(), (1 - alphas[s]).sqrt().item()
        this_lambda = math.log(alpha / sigma)
        h = math.log(alpha_next / sigma_next) - this_lambda
        direction = x0
        if previous is not None:
            direction = x0 + 0.5 * (x0 - previous) * h / (this_lambda - previous_lambda)
        sample = sigma_next / sigma * sample - alpha_next * math.expm1(-h) * direction
        previous, previous_lambda = x0, this_lambda
    raise ValueError("timesteps is empty")


def ddim(denoise: Denoise, noise: torch.Tensor, timesteps: list[int], alphas: torch.Tensor) -> torch.Tensor:
    """Deterministic DDIM (η = 0), v-prediction, ending at ᾱ = 1."""
    sample = noise
    stride = len(alphas) // len(timesteps)
    for t in timesteps:
        alpha, sigma = alphas[t].sqrt().item(), (1 - alphas[t]).sqrt().item()
        v = denoise(sample, torch.full((len(sample),), t))
        x0, epsilon = alpha * sample - sigma * v, alpha * v + sigma * sample
        following = alphas[t - stride].item() if t >= stride else 1.0
        sample = math.sqrt(following) * x0 + math.sqrt(1 - following) * epsilon
    return sample
