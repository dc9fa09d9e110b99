"""Trains one feature extractor, in a few minutes of one core, on the train split.

    python train_extractor.py configs/extractor-chest-xray-128.toml --data DIR --run DIR

Three tasks at once on two disturbed views of each image: its class; what was done to it (rotation, zoom, gamma, contrast,
blur, noise; in colour also its stain), so that the features keep texture and sharpness, which a class alone would throw away; and which image of the
batch the other view shows (InfoNCE, Chen et al. 2020), so that they tell patients apart, which the search for copies needs.
"""

from __future__ import annotations

import argparse
import time
import tomllib
from pathlib import Path

import torch
from torch.nn import functional as F

import data
from extractor import Extractor, Heads, disturb, disturbances
from settings import half_precision


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=Path)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the data folders")
    parser.add_argument("--run", type=Path, required=True, help="folder for last.pt and log.txt")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--compile", action="store_true", help="torch.compile: slower start, faster steps")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    config = tomllib.loads(arguments.config.read_text())
    settings = config["training"]
    torch.manual_seed(settings["seed"])
    images = data.load(config["data"], arguments.data)
    network = Extractor(**config["network"], planes=images.images.shape[1]).to(memory_format=torch.channels_last)
    heads = Heads(network.width, len(images.classes), disturbances(images.images.shape[1]))
    parameters = [*network.parameters(), *heads.parameters()]
    optimiser = torch.optim.AdamW(parameters, settings["learning_rate"], weight_decay=settings["weight_decay"], fused=True)
    steps = settings["epochs"] * (len(images.images) // settings["batch"])
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, settings["learning_rate"], total_steps=steps, pct_start=0.1)
    forward = torch.compile(network) if arguments.compile else network
    generator = torch.Generator().manual_seed(settings["seed"])
    arguments.run.mkdir(parents=True, exist_ok=True)
    started, sums = time.process_time(), torch.zeros(3)
    for step, (views, done, labels) in enumerate(batches(images, settings, generator), 1):
        with half_precision("cpu"):
            features = forward(views.to(memory_format=torch.channels_last)).float()
        losses = losses_of(heads, features, done, labels, len(images.classes), settings["temperature"])
        weights = settings["weights"]
        sum(weights[name] * loss for name, loss in losses.items()).backward()
        torch.nn.utils.clip_grad_norm_(parameters, 5.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        schedule.step()
        sums += torch.tensor([loss.item() for loss in losses.values()])
        if step % 20 == 0:
            seconds = time.process_time() - started
            line = f"step {step} of {steps} " + " ".join(f"{n} {v / 20:.3f}" for n, v in zip(losses, sums.tolist())) + f" views/s {2 * settings['batch'] * step / seconds:.0f}"
            print(line, flush=True)
            with open(arguments.run / "log.txt", "a") as file:
                print(line, file=file)
            sums.zero_()
        if step % (steps // settings["epochs"]) == 0:
            counters = {"step": step, "images_seen": step * settings["batch"] * 2, "seconds": time.process_time() - started}
            torch.save({"network": network.state_dict(), "heads": heads.state_dict(), **counters}, arguments.run / "last.pt")


def batches(images: data.TrainingSet, settings: dict, generator: torch.Generator):
    """Both views of a batch one after the other [2N, 1 or 3, H, W] normalised, what was done [2N, 6 or 8], labels [2N]."""
    size = settings["batch"]
    for _ in range(settings["epochs"]):
        order = torch.randperm(len(images.images), generator=generator)
        for start in range(0, len(order) - size + 1, size):
            index = order[start : start + size]
            twice = torch.cat((images.images[index], images.images[index])).float() / 255
            views, done = disturb(twice, generator)
            yield normalise(views), done, torch.cat((images.labels[index], images.labels[index]))


def normalise(images: torch.Tensor) -> torch.Tensor:
    """0…1 → the range of the network; the constants of the pack."""
    return (images - MEAN) / DEVIATION


MEAN, DEVIATION = 0.5, 0.25


def losses_of(heads: Heads, features, done, labels, classes: int, temperature: float) -> dict[str, torch.Tensor]:
    """A label equal to `classes` means that the class is not known."""
    identities = F.normalize(heads.identity(features))
    similarity = identities @ identities.T / temperature
    similarity.fill_diagonal_(-torch.inf)
    half = len(features) // 2
    partner = torch.cat((torch.arange(half, 2 * half), torch.arange(half)))
    return {
        "label": F.cross_entropy(heads.label(features), labels, ignore_index=classes, label_smoothing=0.05),
        "identity": F.cross_entropy(similarity, partner),
        "disturbance": F.mse_loss(heads.disturbance(features), done),
    }


if __name__ == "__main__":
    main()
