"""Other libraries' modules behind the inputs and outputs that a pack has; every number passes through unchanged.

diffusers:  UNet2DModel(sample, timestep, class_labels) → .sample    AutoencoderKL.encode(x).latent_dist.mean, .decode(z).sample
MONAI:      DiffusionModelUNet(x, timesteps, context, class_labels)   AutoencoderKL.encode(x) → (mean, sigma), .decode(z)
"""

from __future__ import annotations

import inspect

import torch
from torch import nn

SAMPLE, TIMESTEP, LABELS, CONTEXT = ("sample", "x"), ("timestep", "timesteps"), ("class_labels",), ("context", "encoder_hidden_states")


class Denoiser(nn.Module):
    """(sample [N, C, H, W], timestep [N] float32, label [N] int64 where there are classes) → prediction [N, C, H, W].

    context: [classes + 1, tokens, width], one row for each class and a last one for no class, for networks that take a
    class as what they attend to; None for networks that take class_labels.
    """

    def __init__(self, module: nn.Module, conditional: bool, context: torch.Tensor | None = None):
        super().__init__()
        self.module = module
        parameters = inspect.signature(module.forward).parameters
        self.sample, self.timestep = _named(parameters, SAMPLE), _named(parameters, TIMESTEP)
        self.labels = _named(parameters, LABELS) if conditional and context is None else None
        self.context = _named(parameters, CONTEXT) if conditional and context is not None else None
        self.register_buffer("table", context)

    def forward(self, sample: torch.Tensor, timestep: torch.Tensor, label: torch.Tensor | None = None) -> torch.Tensor:
        arguments = {self.sample: sample, self.timestep: timestep}
        if self.labels:
            arguments[self.labels] = label
        if self.context:
            arguments[self.context] = self.table[label]
        return _tensor(self.module(**arguments))


class Encoder(nn.Module):
    """sample [N, C, H, W] in the model range → mean of the latent, unscaled."""

    def __init__(self, autoencoder: nn.Module):
        super().__init__()
        self.autoencoder = autoencoder

    def forward(self, sample: torch.Tensor) -> torch.Tensor:
        encoded = self.autoencoder.encode(sample)
        if hasattr(encoded, "latent_dist"):
            return encoded.latent_dist.mean
        return encoded[0] if isinstance(encoded, tuple) else encoded


class Decoder(nn.Module):
    """latent, unscaled → image [N, C, H, W] in the model range."""

    def __init__(self, autoencoder: nn.Module):
        super().__init__()
        self.autoencoder = autoencoder

    def forward(self, latent: torch.Tensor) -> torch.Tensor:
        return _tensor(self.autoencoder.decode(latent))


def _named(parameters, names: tuple[str, ...]) -> str:
    found = [name for name in names if name in parameters]
    if not found:
        raise SystemExit(f"The module's forward takes {', '.join(parameters)}; one of {', '.join(names)} is needed.")
    return found[0]


def _tensor(output) -> torch.Tensor:
    if hasattr(output, "sample"):
        return output.sample
    return output[0] if isinstance(output, tuple) else output
