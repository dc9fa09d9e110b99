"""Trains one pack's denoiser and resumes by itself from the last checkpoint.

    python train.py configs/brain-mri-wdm-128.toml --data DIR --run DIR --hours 2
"""

from __future__ import annotations

import argparse
import copy
import math
import os
import signal
import time
import tomllib
from pathlib import Path

import torch

import data
from families import FAMILIES, channel_statistics
from network import Denoiser, UNet
from schedule import cosine_alphas_cumulative
from sheet import save_samples


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=Path)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the data folders")
    parser.add_argument("--run", type=Path, required=True, help="folder for checkpoints, log and sample sheets")
    parser.add_argument("--hours", type=float, required=True, help="total training time, resumed parts included")
    parser.add_argument("--initial", type=Path, help="weights that export.py --save-ema wrote, for a run without a checkpoint")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--compile", action="store_true", help="torch.compile: slower start, faster steps")
    parser.add_argument("--checkpoint-minutes", type=float, default=4)
    parser.add_argument("--sheet-minutes", type=float, default=10)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    Trainer(tomllib.loads(arguments.config.read_text()), arguments).run()


def build(config: dict, training_set: data.TrainingSet) -> tuple[Denoiser, object, torch.Tensor]:
    """Denoiser, family and ᾱ [T] for a config; the family's factor and the band statistics come from the data."""
    images = data.to_model_range(training_set.images)
    family = FAMILIES[config["family"]].fit(images, **config["wavelet"])
    mean, deviation = channel_statistics(family, images)
    alphas = cosine_alphas_cumulative(config["diffusion"]["steps"])
    unet = UNet(len(mean), len(training_set.classes), **config["network"])
    return Denoiser(unet, alphas, mean, deviation), family, alphas


class Trainer:
    def __init__(self, config: dict, arguments: argparse.Namespace):
        self.config, self.options = config, arguments
        self.device = torch.device(arguments.device)
        torch.manual_seed(config["training"]["seed"])
        self.set = data.load(config["data"], arguments.data)
        model, self.family, self.alphas = build(config, self.set)
        self.model = model.to(self.device, memory_format=torch.channels_last)
        self.ema = copy.deepcopy(self.model).requires_grad_(False)
        self.forward = torch.compile(self.model) if arguments.compile else self.model
        self.optimiser = torch.optim.AdamW(self.model.parameters(), lr=0.0, betas=(0.9, 0.99), weight_decay=0.0, fused=True)
        self.step, self.images_seen, self.seconds = 0, 0, 0.0
        arguments.run.mkdir(parents=True, exist_ok=True)
        self.resume()
        self.generator = torch.Generator().manual_seed(config["training"]["seed"] * 1_000_003 + self.step)

    def run(self) -> None:
        stop = []
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.append(True))
        limit, minute = self.options.hours * 3600, 60
        last_checkpoint = last_sheet = last_line = clock = time.monotonic()
        line_step, losses = self.step, []
        while self.seconds < limit and not stop:
            losses.append(self.train_step(min(self.seconds / limit, 1)))
            now = time.monotonic()
            self.seconds, clock = self.seconds + now - clock, now
            if now - last_line > minute:
                rate = (self.step - line_step) * self.config["training"]["batch"] / (now - last_line)
                total, coarse, fine = torch.tensor(losses).mean(0).tolist()
                self.log(f"step {self.step} hours {self.seconds / 3600:.3f} loss {total:.4f} "
                         f"coarsest {coarse:.4f} finest {fine:.4f} lr {self.rate:.1e} images/s {rate:.1f}")
                last_line, line_step, losses = now, self.step, []
            if now - last_checkpoint > self.options.checkpoint_minutes * minute:
                self.save()
                last_checkpoint = time.monotonic()
            if now - last_sheet > self.options.sheet_minutes * minute:
                save_samples(self.ema, self.family, self.alphas, len(self.set.classes), self.options.run / f"sheet-{self.step:06d}.png")
                last_sheet = time.monotonic()
        self.save()
        self.log("finished" if not stop else "stopped, can be resumed")

    def train_step(self, progress: float) -> tuple[float, float, float]:
        """One optimiser step; returns the weighted loss and the unweighted error of the coarsest and finest channel."""
        settings = self.config["training"]
        images, labels = self.set.batch(settings["batch"], self.generator)
        x0 = self.family.encode(images).to(self.device, memory_format=torch.channels_last)
        labels[torch.rand(len(labels), generator=self.generator) < self.config["diffusion"]["label_dropout"]] = len(self.set.classes)
        t = self.draw_timesteps(len(x0))
        noise = torch.randn(x0.shape, generator=self.generator).to(self.device)
        alpha, sigma = (f(self.alphas[t]).sqrt().float().to(self.device).reshape(-1, 1, 1, 1) for f in (lambda a: a, lambda a: 1 - a))
        sample, target = alpha * x0 + sigma * noise, alpha * noise - sigma * x0
        with torch.autocast(self.device.type, torch.bfloat16):
            prediction = self.forward(sample, t.to(self.device), labels.to(self.device))
        weight, unit = self.band_weights(alpha, sigma)
        error = ((prediction - target) * unit).square().mean((2, 3))  # [N, C], in residual units
        loss = (error * weight).sum(1).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), settings["gradient_clip"])
        self.rate = self.learning_rate(progress)
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.step += 1
        self.images_seen += len(x0)
        self.update_ema()
        return loss.item(), error[:, 0].mean().item(), error[:, -1].mean().item()

    def draw_timesteps(self, count: int) -> torch.Tensor:
        """Uniform, but a share is drawn as u²: the fine bands are only above the noise in the last few dozen steps."""
        u = torch.rand(count, generator=self.generator)
        low = torch.rand(count, generator=self.generator) < self.config["diffusion"]["low_noise_share"]
        return (torch.where(low, u**2, u) * len(self.alphas)).long()

    def band_weights(self, alpha: torch.Tensor, sigma: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Min-SNR weighting (Hang et al. 2023) with each band's own signal-to-noise ratio SNR_b = a²d²/s².

        That weight vanishes at high noise, where the outline of the head is decided (smooth shapes show through noise
        that hides single coefficients), so it has a floor, for the coarse bands only.
        weight [N, C] applies to the squared error in residual units; unit [N, C, 1, 1] turns a v error into those.
        """
        settings, deviation = self.config["diffusion"], self.model.deviation
        snr = (alpha * deviation / sigma).square()
        importance = deviation ** settings["band_weight_exponent"]
        floor = settings["weight_floor"] * (deviation / deviation.max()).square()
        weight = torch.maximum(snr.clamp(max=settings["min_snr_gamma"]) / (snr + 1), floor) * importance / importance.sum()
        unit = (alpha**2 * deviation**2 + sigma**2).sqrt() / deviation
        return weight.flatten(1), unit

    def learning_rate(self, progress: float) -> float:
        """Linear warm-up, then a cosine over the hours that were asked for."""
        settings, floor = self.config["training"], self.config["training"]["final_learning_rate_share"]
        decay = floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * progress))
        return settings["learning_rate"] * decay * min(1.0, (self.step + 1) / settings["warmup_steps"])

    def update_ema(self) -> None:
        """A short average at first, so that early checkpoints are not dominated by the random start."""
        decay = min(self.config["training"]["ema_decay"], (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.ema.parameters()), list(self.model.parameters()), 1 - decay)

    def save(self) -> None:
        """Writes beside and renames, so that a kill never leaves half a checkpoint."""
        path = self.options.run / "last.pt"
        state = {"config": self.config, "step": self.step, "seconds": self.seconds, "images_seen": self.images_seen,
                 "model": self.model.state_dict(), "ema": self.ema.state_dict(), "optimiser": self.optimiser.state_dict()}
        torch.save(state, path.with_suffix(".part"))
        os.replace(path.with_suffix(".part"), path)

    def resume(self) -> None:
        """From the run's own checkpoint, else from `--initial`, else nothing."""
        path = self.options.run / "last.pt"
        if path.exists():
            state = torch.load(path, map_location=self.device, weights_only=True)
            self.model.load_state_dict(state["model"])
            self.ema.load_state_dict(state["ema"])
            self.optimiser.load_state_dict(state["optimiser"])
        elif self.options.initial:
            state = torch.load(self.options.initial, map_location=self.device, weights_only=True)
            for model in (self.model, self.ema):  # strict but for the buffers, which the data gives
                missing = model.load_state_dict(state["ema"], strict=False)
                assert not missing.unexpected_keys and not set(missing.missing_keys) & dict(model.named_parameters()).keys()
        else:
            return
        self.step, self.images_seen, self.seconds = state["step"], state["images_seen"], state["seconds"]
        self.log(f"resumed at step {self.step}, {self.seconds / 3600:.3f} h")

    def log(self, line: str) -> None:
        with open(self.options.run / "log.txt", "a") as file:
            print(time.strftime("%H:%M:%S", time.gmtime()), line, file=file, flush=True)


if __name__ == "__main__":
    main()
