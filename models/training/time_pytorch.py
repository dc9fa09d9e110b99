"""Times the app against eager float32 PyTorch: the same weights, steps, images and processors, in turns, in one run.

    python time_pytorch.py configs/chest-xray-ldm-128.toml --rest checkpoints/chest-xray-ldm-128.rest.fp16.pt

The app is its own command `benchmark`, so its seconds hold the whole loop: noise, network, sampler, the way back to pixels.
PyTorch gets the network and the DDIM step alone. Both run at the low priority that the app gives its inference. On a machine
that does other work too, processor seconds are the ones to compare.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import torch

import resume_weights
import settings
from network import Denoiser, UNet
from schedule import cosine_alphas_cumulative, trailing_timesteps

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=Path)
    parser.add_argument("--rest", type=Path, required=True, help="what export.py --save-rest wrote; the other weights lie in the pack")
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--counts", type=int, nargs="+", default=[1, 4], help="images at once")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each")
    parser.add_argument("--repeats", type=int, default=5, help="runs in a turn")
    arguments = parser.parse_args()
    threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    torch.set_num_threads(threads)
    os.nice(10)
    config = settings.read(arguments.config)
    model, pack = load(config, arguments.rest), json.loads((ROOT / "models" / config["id"] / "model.json").read_text())
    measured: dict[tuple[str, int], list[tuple[float, float]]] = {}
    for _ in range(arguments.rounds):
        for count, runs in app_turn(config["id"], arguments).items():
            measured.setdefault(("app", count), []).extend(runs)
        for count in arguments.counts:
            measured.setdefault(("PyTorch", count), []).extend(torch_turn(model, pack, count, arguments))
    print(f"{config['id']}, DDIM, {arguments.steps} steps, {threads} threads; seconds per image: median (least)")
    for count in arguments.counts:
        figures = {who: [(statistics.median(values), min(values)) for values in zip(*measured[who, count])] for who in ("app", "PyTorch")}
        for place, kind in enumerate(("wall", "processor")):
            (app, app_least), (eager, eager_least) = figures["app"][place], figures["PyTorch"][place]
            print(f"{count} at once, {kind:9}  app {app:.4f} ({app_least:.4f})  PyTorch {eager:.4f} ({eager_least:.4f})  "
                  f"ratio {app / eager:.2f} ({app_least / eager_least:.2f})")


def load(config: dict, rest: Path) -> Denoiser:
    """The statistics of the bands are left out: they change values, not work."""
    state = resume_weights.load(ROOT / "models" / config["id"], rest)["ema"]
    channels_in, classes = state["unet.enter.weight"].shape[1], state["unet.label.weight"].shape[0] - 1
    unet = UNet(channels_in, classes, **config["network"])
    model = Denoiser(unet, cosine_alphas_cumulative(config["diffusion"]["steps"]), torch.zeros(channels_in), torch.ones(channels_in))
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(state[name])
    return model.eval()


def app_turn(model_id: str, arguments: argparse.Namespace) -> dict[int, list[tuple[float, float]]]:
    """Count → its median (wall, processor) seconds per image of a turn, and its least."""
    with tempfile.TemporaryDirectory() as home:
        command = ["npm", "run", "-s", "verisim", "--", "benchmark", "--models", model_id, "--sampler", "ddim", "--json"]
        command += ["--steps", str(arguments.steps), "--repeats", str(arguments.repeats), "--count", ",".join(map(str, arguments.counts))]
        environment = {**os.environ, "VERISIM_HOME": home}
        rows = json.loads(subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout)["rows"]
    return {
        row["count"]: [(row["secondsPerImage"]["total"][which], row["processorSecondsPerImage"][which]) for which in ("median", "min")]
        for row in rows
    }


def torch_turn(model: Denoiser, pack: dict, count: int, arguments: argparse.Namespace) -> list[tuple[float, float]]:
    """(wall, processor) seconds per image: of a turn the median run and the shortest, after one that does not count."""
    latent, null = pack["latent"], pack["conditioning"]["nullLabel"]
    shape = (count, latent["channels"], latent["height"], latent["width"])
    seconds = []
    for repeat in range(arguments.repeats + 1):
        sample = torch.randn(shape, generator=torch.Generator().manual_seed(repeat))
        wall, processor = time.perf_counter(), time.process_time()
        denoise(model, sample, torch.full((count,), null), arguments.steps)
        seconds.append(((time.perf_counter() - wall) / count, (time.process_time() - processor) / count))
    walls, processors = zip(*seconds[1:])
    return [(statistics.median(walls), statistics.median(processors)), (min(walls), min(processors))]


@torch.inference_mode()
def denoise(model: Denoiser, sample: torch.Tensor, label: torch.Tensor, steps: int) -> torch.Tensor:
    """DDIM, η = 0, trailing timesteps, from the network's v."""
    alphas, interval = model.alphas, len(model.alphas) // steps
    for timestep in map(int, trailing_timesteps(steps)):
        alpha = alphas[timestep]
        before = alphas[timestep - interval] if timestep >= interval else torch.tensor(1.0)
        v = model(sample, torch.full((len(sample),), float(timestep)), label)
        clean, noise = alpha.sqrt() * sample - (1 - alpha).sqrt() * v, (1 - alpha).sqrt() * sample + alpha.sqrt() * v
        sample = before.sqrt() * clean + (1 - before).sqrt() * noise
    return sample


if __name__ == "__main__":
    main()
