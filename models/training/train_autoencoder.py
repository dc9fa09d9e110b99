"""Trains the autoencoder of the latent packs and resumes by itself.

    python train_autoencoder.py configs/grey-autoencoder.toml --data DIR --run DIR --hours 0.4
"""

from __future__ import annotations

import os
from pathlib import Path

import torch
from torch.nn import functional as F

import data
import settings
from autoencoder import Autoencoder
from loop import Loop, parser
from sheet import save_grid


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--save", type=Path, help="where the weights go at the end, as float16")
    options = arguments.parse_args()
    trainer = AutoencoderTrainer(settings.read(options.config), options)
    trainer.run()
    if options.save:
        trainer.export(options.save)
    trainer.sheet(options.run / "sheet.png")


class AutoencoderTrainer(Loop):
    def __init__(self, config, options):
        super().__init__(config, options)
        self.sets = [data.load(source, options.data).to(self.device) for source in config["data"]]
        self.place(Autoencoder(**config["network"]))
        self.resume()
        self.restore = torch.compile(self.reconstruct) if options.compile else self.reconstruct

    def reconstruct(self, image, noise):
        mean, log_variance = self.model.encode(image)
        latent = mean + (log_variance / 2).exp() * noise
        return self.model.decode(latent), self.model.decode(F.avg_pool2d(latent, 2)), mean, log_variance

    def gradients(self) -> dict[str, torch.Tensor]:
        """L1 of pixels and of their differences (which keeps edges sharp), KL, and scale equivariance.

        The last makes the decoder turn a halved latent into a halved image (Kouzelis et al. 2025): the latent's coarse
        part then holds the coarse part of the image, which both latent families rely on.
        """
        weights = self.config["loss"]
        image = self.batch(self.config["training"]["batch"])
        count, _, height, width = image.shape
        noise = torch.randn(count, self.model.latent_channels, height // 4, width // 4, device=self.device)
        with settings.half_precision(self.device.type):
            restored, halved, mean, log_variance = self.restore(image, noise)
        restored, halved, mean, log_variance = (x.float() for x in (restored, halved, mean, log_variance))
        pixels, edges = F.l1_loss(restored, image), edge_loss(restored, image)
        small = F.avg_pool2d(image, 2)
        scale = F.l1_loss(halved, small) + weights["edges"] * edge_loss(halved, small)
        divergence = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).mean()
        loss = pixels + weights["edges"] * edges + weights["kl"] * divergence + weights["scale"] * scale
        loss.backward()
        return {name: value.detach() for name, value in (("pixels", pixels), ("edges", edges), ("halved", scale), ("kl", divergence))}

    def batch(self, size: int) -> torch.Tensor:
        """Images of every source, in the shares of the config."""
        shares = self.config["loss"]["shares"]
        parts = [round(size * share) for share in shares[:-1]]
        images = [
            source.varied(torch.randint(len(source.images), (part,), device=self.device))
            for source, part in zip(self.sets, [*parts, size - sum(parts)])
        ]
        return torch.cat(images).contiguous(memory_format=self.layout)

    @torch.no_grad()
    def sheet(self, path: Path) -> None:
        """Row of originals above their reconstructions, and the PSNR in the log."""
        images = torch.cat([data.to_model_range(s.images[:8]) for s in self.sets]).cpu()
        restored = self.ema.decode(self.ema.encode(images.to(self.device))[0]).cpu()
        error = (restored.clamp(-1, 1) - images).square().mean((1, 2, 3))
        self.log(f"PSNR {(10 * torch.log10(4 / error)).mean():.2f} dB over {len(images)} training images")
        rows = [x for i in range(0, len(images), 8) for x in (images[i : i + 8], restored[i : i + 8])]
        save_grid(data.to_stored_range(torch.cat(rows)), path)

    def export(self, path: Path) -> None:
        weights = {name: value.half() for name, value in self.ema.state_dict().items()}
        facts = {"step": self.step, "images_seen": self.images_seen, "seconds": self.seconds}
        torch.save({"network": self.config["network"], "weights": weights, **facts}, path.with_suffix(".part"))
        os.replace(path.with_suffix(".part"), path)


def edge_loss(restored: torch.Tensor, image: torch.Tensor) -> torch.Tensor:
    across, down = (F.l1_loss(restored.diff(dim=d), image.diff(dim=d)) for d in (-1, -2))
    return across + down


if __name__ == "__main__":
    main()
