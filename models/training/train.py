"""Trains one pack's denoiser and resumes by itself from the last checkpoint.

    python train.py configs/brain-mri-wdm-128.toml --data DIR --run DIR --hours 2
"""

from __future__ import annotations

from pathlib import Path

import torch

import data
import resume_weights
import settings
from families import FAMILIES
from loop import Loop, parser
from network import Denoiser, UNet
from schedule import cosine_alphas_cumulative
from sheet import save_samples


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--initial", type=Path, nargs=2, metavar=("PACK", "REST"), help="exported weights, for a run without a checkpoint")
    options = arguments.parse_args()
    DenoiserTrainer(settings.read(options.config), options).run()


def build(config: dict, training_set: data.TrainingSet) -> tuple[Denoiser, object, torch.Tensor]:
    """Denoiser, family and encoded training images [N, C, h, w]; factor and channel statistics come from the data."""
    images = data.to_model_range(training_set.images)
    family = FAMILIES[config["family"]].fit(images, config)
    encoded = family.encode(images)
    alphas = cosine_alphas_cumulative(config["diffusion"]["steps"])
    unet = UNet(encoded.shape[1], len(training_set.classes), **config["network"])
    return Denoiser(unet, alphas, encoded.mean((0, 2, 3)), encoded.std((0, 2, 3))), family, encoded


class DenoiserTrainer(Loop):
    def __init__(self, config, options):
        super().__init__(config, options)
        self.set = data.load(config["data"], options.data)
        model, self.family, encoded = build(config, self.set)
        self.shape, self.alphas = encoded.shape[1:], cosine_alphas_cumulative(config["diffusion"]["steps"]).to(self.device)
        self.place(model)
        self.set, self.family = self.set.to(self.device), self.family.to(self.device)
        self.encoded = None if self.set.varies else encoded.to(self.device, memory_format=self.layout)
        if not self.resume() and options.initial:
            self.start_from(resume_weights.load(*options.initial))
        self.predict = torch.compile(self.model) if options.compile else self.model

    def gradients(self) -> dict[str, torch.Tensor]:
        """Gradients of a batch, in parts where full-size feature maps of all of it would leave a processor's cache."""
        training = self.config["training"]
        part = training.get("part", training["batch"])
        values = [self.accumulate(part, part / training["batch"]) for _ in range(training["batch"] // part)]
        return {name: sum(v[name] for v in values) / len(values) for name in values[0]}

    def accumulate(self, size: int, share: float) -> dict[str, torch.Tensor]:
        """Returns the weighted loss and the unweighted error of the coarsest and finest channel."""
        x0, labels = self.batch(size)
        t = self.draw_timesteps(size)
        noise = torch.randn_like(x0)
        alpha, sigma = (f(self.alphas[t]).sqrt().float().reshape(-1, 1, 1, 1) for f in (lambda a: a, lambda a: 1 - a))
        sample, target = alpha * x0 + sigma * noise, alpha * noise - sigma * x0
        with settings.half_precision(self.device.type):
            prediction = self.predict(sample, t, labels)
        weight, unit = self.band_weights(alpha, sigma)
        error = ((prediction - target) * unit).square().mean((2, 3))  # [N, C], in residual units
        loss = (error * weight).sum(1).mean()
        (loss * share).backward()
        return {"loss": loss.detach(), "coarsest": error[:, 0].detach().mean(), "finest": error[:, -1].detach().mean()}

    def batch(self, size: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Encoded images, varied where the anatomy allows, and labels, some of them dropped for guidance."""
        index = torch.randint(len(self.set.images), (size,), device=self.device)
        x0 = self.family.encode(self.set.varied(index)) if self.encoded is None else self.encoded[index]
        dropped = torch.rand(size, device=self.device) < self.config["diffusion"]["label_dropout"]
        labels = torch.where(dropped, len(self.set.classes), self.set.labels[index])
        return x0.contiguous(memory_format=self.layout), labels

    def draw_timesteps(self, count: int) -> torch.Tensor:
        """Uniform, but a share is drawn as u²: the fine bands are only above the noise in the last few dozen steps."""
        u, chance = torch.rand(2, count, device=self.device)
        low = chance < self.config["diffusion"]["low_noise_share"]
        return (torch.where(low, u**2, u) * len(self.alphas)).long().clamp(max=len(self.alphas) - 1)

    def band_weights(self, alpha: torch.Tensor, sigma: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Min-SNR weighting (Hang et al. 2023) with each band's own signal-to-noise ratio SNR_b = a²d²/s².

        That weight vanishes at high noise, where the outline of the head is decided (smooth shapes show through noise
        that hides single coefficients), so it has a floor, for the coarse bands only.
        weight [N, C] applies to the squared error in residual units; unit [N, C, 1, 1] turns a v error into those.
        """
        options, deviation = self.config["diffusion"], self.model.deviation
        snr = (alpha * deviation / sigma).square()
        importance = deviation ** options["band_weight_exponent"]
        floor = options["weight_floor"] * (deviation / deviation.max()).square()
        weight = torch.maximum(snr.clamp(max=options["min_snr_gamma"]) / (snr + 1), floor) * importance / importance.sum()
        unit = (alpha**2 * deviation**2 + sigma**2).sqrt() / deviation
        return weight.flatten(1), unit

    def sheet(self, path: Path) -> None:
        on_cpu = self.family.to(torch.device("cpu"))  # samples are decoded there
        save_samples(self.ema, on_cpu, self.alphas.cpu(), len(self.set.classes), path, shape=self.shape)

    def start_from(self, state: dict) -> None:
        """Committed EMA weights; the buffers come from the data."""
        for model in (self.model, self.ema):
            for name, parameter in model.named_parameters():
                parameter.data.copy_(state["ema"][name])
        self.count_from(state)


if __name__ == "__main__":
    main()
