"""The training loop that every recipe shares: budget, log line, checkpoints that survive a kill, sample sheets."""

from __future__ import annotations

import argparse
import math
import os
import signal
import time
from pathlib import Path

import torch

MINUTE = 60
LEARNT = ("model", "ema", "optimiser")
CHECKED_STEP = 20  # by then layers that start at zero let gradients through


def parser(description: str) -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    result.add_argument("config", type=Path)
    result.add_argument("--data", type=Path, required=True, help="folder that holds the data folders")
    result.add_argument("--run", type=Path, required=True, help="folder for checkpoints, log and sample sheets")
    result.add_argument("--hours", type=float, required=True, help="total core-hours (CPU) or hours (GPU), resumed parts included")
    result.add_argument("--device", default="cpu")
    result.add_argument("--threads", type=int, default=os.cpu_count())
    result.add_argument("--checkpoint-minutes", type=float, default=4)
    result.add_argument("--sheet-minutes", type=float, default=10)
    return result


class Loop:
    """A recipe has `model`, its average `ema` and `optimiser`, and gives `train_step(progress) → {name: value}` and `sheet(path)`."""

    def __init__(self, config: dict, options: argparse.Namespace):
        torch.set_num_threads(options.threads)
        torch.manual_seed(config["training"]["seed"])
        self.config, self.options, self.device = config, options, torch.device(options.device)
        self.step, self.images_seen, self.seconds, self.rate = 0, 0, 0.0, 0.0
        options.run.mkdir(parents=True, exist_ok=True)

    def run(self) -> None:
        stop = []
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.append(True))
        limit = self.options.hours * 3600
        last_checkpoint = last_sheet = last_line = time.monotonic()
        spent = time.process_time if self.device.type == "cpu" else time.monotonic  # a shared core must not shorten a budget
        clock, line_step, values = spent(), self.step, []
        while self.seconds < limit and not stop:
            values.append(self.train_step(min(self.seconds / limit, 1)))
            self.step += 1
            self.images_seen += self.config["training"]["batch"]
            now, worked = time.monotonic(), spent()
            self.seconds, clock = self.seconds + worked - clock, worked
            if now - last_line > MINUTE:
                rate = (self.step - line_step) * self.config["training"]["batch"] / (now - last_line)
                means = " ".join(f"{name} {sum(v[name] for v in values) / len(values):.4f}" for name in values[0])
                self.log(f"step {self.step} hours {self.seconds / 3600:.3f} {means} lr {self.rate:.1e} images/s {rate:.1f}")
                last_line, line_step, values = now, self.step, []
            if now - last_checkpoint > self.options.checkpoint_minutes * MINUTE:
                self.save()
                last_checkpoint = time.monotonic()
            if now - last_sheet > self.options.sheet_minutes * MINUTE:
                self.sheet(self.options.run / f"sheet-{self.step:06d}.png")
                last_sheet = time.monotonic()
        self.save()
        self.log("finished" if not stop else "stopped, can be resumed")

    def save(self) -> None:
        """Writes beside and renames, so that a kill never leaves half a checkpoint."""
        path = self.options.run / "last.pt"
        counters = {"config": self.config, "step": self.step, "seconds": self.seconds, "images_seen": self.images_seen}
        torch.save({**counters, **{part: getattr(self, part).state_dict() for part in LEARNT}}, path.with_suffix(".part"))
        os.replace(path.with_suffix(".part"), path)

    def resume(self) -> bool:
        """Goes on from the run's own checkpoint, if there is one."""
        path = self.options.run / "last.pt"
        if not path.exists():
            return False
        state = torch.load(path, map_location=self.device, weights_only=True)
        for part in LEARNT:
            getattr(self, part).load_state_dict(state[part])
        self.count_from(state)
        return True

    def count_from(self, state: dict) -> None:
        self.step, self.images_seen, self.seconds = state["step"], state["images_seen"], state["seconds"]
        self.log(f"resumed at step {self.step}, {self.seconds / 3600:.3f} h")

    def optimise(self, optimiser: torch.optim.Optimizer, model: torch.nn.Module, progress: float) -> None:
        """Clips, sets the learning rate (linear warm-up, then a cosine over the hours that were asked for) and steps."""
        settings = self.config["training"]
        if self.step == CHECKED_STEP:
            refuse_dead_layers(model)
        torch.nn.utils.clip_grad_norm_(model.parameters(), settings["gradient_clip"])
        floor = settings["final_learning_rate_share"]
        decay = floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * progress))
        self.rate = settings["learning_rate"] * decay * min(1.0, (self.step + 1) / settings["warmup_steps"])
        for group in optimiser.param_groups:
            group["lr"] = self.rate
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)

    def update_average(self, average: torch.nn.Module, model: torch.nn.Module) -> None:
        """Exponential moving average; short at first, so that early checkpoints are not dominated by the random start."""
        decay = min(self.config["training"]["ema_decay"], (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            torch._foreach_lerp_(list(average.parameters()), list(model.parameters()), 1 - decay)

    def log(self, line: str) -> None:
        with open(self.options.run / "log.txt", "a") as file:
            print(time.strftime("%H:%M:%S", time.gmtime()), line, file=file, flush=True)


def refuse_dead_layers(model: torch.nn.Module) -> None:
    """A compiler or autocast fault can leave layers without a gradient while the loss still falls: stop instead."""
    dead = [name for name, p in model.named_parameters() if p.requires_grad and (p.grad is None or not p.grad.any())]
    if dead:
        raise SystemExit(f"{len(dead)} parameters get no gradient, the first is {dead[0]}: this build of PyTorch cannot train here.")
