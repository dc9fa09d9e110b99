"""The training loop that every recipe shares: budget, log line, checkpoints that survive a kill, sample sheets."""

from __future__ import annotations

import argparse
import contextlib
import copy
import fcntl
import math
import os
import signal
import time
from pathlib import Path

import torch

import settings

MINUTE = 60
STARTED = "training"
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
    result.add_argument("--line-seconds", type=float, default=60, help="between two lines of the log")
    result.add_argument("--lock", type=Path, help="file to lock while training: the next recipe prepares itself meanwhile")
    result.add_argument("--compile", action="store_true", help="torch.compile, on a GPU only (see README)")
    return result


class Loop:
    """A recipe has `model`, its average `ema` and `optimiser`, gives `gradients() → {name: value}` (one batch, forward and
    backward) and `sheet(path)`, and calls `place` with its network."""

    def __init__(self, config: dict, options: argparse.Namespace):
        torch.set_num_threads(options.threads)
        torch.backends.cudnn.benchmark = True
        self.device = torch.device(options.device)
        torch.manual_seed(config["training"]["seed"])
        self.config, self.options = settings.for_device(config, self.device.type), options
        self.step, self.images_seen, self.seconds = 0, 0, 0.0
        # On a CPU oneDNN reorders by itself, and GroupNorm is up to ten times slower in channels_last.
        self.layout = torch.channels_last if self.device.type == "cuda" else torch.contiguous_format
        options.run.mkdir(parents=True, exist_ok=True)

    def place(self, model: torch.nn.Module) -> None:
        """Model, its average and the optimiser, on the device."""
        cuda = self.device.type == "cuda"
        self.model = model.to(self.device, memory_format=self.layout)
        self.ema = copy.deepcopy(self.model).requires_grad_(False).eval()
        self.learned = [p for p in self.model.parameters() if p.requires_grad]
        self.rate = torch.zeros((), device=self.device)
        self.optimiser = torch.optim.AdamW(self.learned, lr=self.rate, betas=(0.9, 0.99), weight_decay=0.0, fused=True, capturable=cuda)

    def run(self) -> None:
        stop = []
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.append(True))
        torch.manual_seed(self.config["training"]["seed"] * 1_000_003 + self.step)  # a resumed run draws anew
        update = self.recorded() if self.device.type == "cuda" else self.update
        with turn(self.options.lock):
            self.log(STARTED)
            self.spend(update, stop)
        self.save()
        self.log("finished" if not stop else "stopped, can be resumed")

    def spend(self, update, stop: list) -> None:
        """Steps until the hours are spent."""
        batch = self.config["training"]["batch"]
        last_checkpoint = last_sheet = last_line = time.monotonic()
        spent = time.process_time if self.device.type == "cpu" else time.monotonic  # a shared core must not shorten a budget
        clock, line_step, sums = spent(), self.step, {}
        while self.progress() < 1 and not stop:
            self.set_rate(self.progress())
            sums = {name: sums.get(name, 0) + value for name, value in update().items()}
            self.update_average()
            self.count()
            if self.device.type == "cuda":
                torch.cuda.synchronize()  # the clock must not run ahead of the device
            now, worked = time.monotonic(), spent()
            self.seconds, clock = self.seconds + worked - clock, worked
            if now - last_line > self.options.line_seconds:
                steps = self.step - line_step
                means = " ".join(f"{name} {float(value) / steps:.4f}" for name, value in sums.items())
                rate = steps * batch / (now - last_line)
                self.log(f"step {self.step} hours {self.seconds / 3600:.3f} {means} lr {float(self.rate):.1e} images/s {rate:.1f}")
                last_line, line_step, sums = now, self.step, {}
            if now - last_checkpoint > self.options.checkpoint_minutes * MINUTE:
                self.save()
                last_checkpoint = time.monotonic()
            if now - last_sheet > self.options.sheet_minutes * MINUTE:
                self.sheet(self.options.run / f"sheet-{self.step:06d}.png")
                last_sheet = time.monotonic()

    def update(self) -> dict[str, torch.Tensor]:
        """One step of the optimiser. Returns the values of its batch, on the device."""
        self.optimiser.zero_grad(set_to_none=True)
        values = self.gradients()
        if self.step == CHECKED_STEP:
            refuse_dead_layers(self.model)
        torch.nn.utils.clip_grad_norm_(self.learned, self.config["training"]["gradient_clip"])
        self.optimiser.step()
        return values

    def recorded(self):
        """A few plain steps, then one recorded as a CUDA graph, which is replayed: launching a thousand small kernels from
        the host takes longer than the kernels. They come before the clock starts, so compiling costs no budget."""
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(CHECKED_STEP + 1):
                self.set_rate(self.progress())
                self.update()
                self.update_average()
                self.count()
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            values = self.update()

        def replay():
            graph.replay()
            return values

        return replay

    def count(self) -> None:
        self.step += 1
        self.images_seen += self.config["training"]["batch"]

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
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate
        self.count_from(state)
        return True

    def count_from(self, state: dict) -> None:
        self.step, self.images_seen, self.seconds = state["step"], state["images_seen"], state["seconds"]
        self.log(f"resumed at step {self.step}, {self.seconds / 3600:.3f} h")

    def progress(self) -> float:
        """Share of the hours that are spent; a resumed run goes on where it stood."""
        return min(self.seconds / (self.options.hours * 3600), 1)

    def set_rate(self, progress: float) -> None:
        """Linear warm-up, then a cosine over the hours that were asked for."""
        settings = self.config["training"]
        floor = settings["final_learning_rate_share"]
        decay = floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * progress))
        self.rate.fill_(settings["learning_rate"] * decay * min(1.0, (self.step + 1) / settings["warmup_steps"]))

    def update_average(self) -> None:
        """Exponential moving average; short at first, so that early checkpoints are not dominated by the random start."""
        decay = min(self.config["training"]["ema_decay"], (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.ema.parameters()), list(self.model.parameters()), 1 - decay)

    def log(self, line: str) -> None:
        with open(self.options.run / "log.txt", "a") as file:
            print(time.strftime("%H:%M:%S", time.gmtime()), line, file=file, flush=True)


@contextlib.contextmanager
def turn(lock: Path | None):
    """Holds the lock, once everyone before has let it go."""
    if lock is None:
        yield
        return
    with open(lock, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def refuse_dead_layers(model: torch.nn.Module) -> None:
    """A compiler or autocast fault can leave layers without a gradient while the loss still falls: stop instead."""
    dead = [name for name, p in model.named_parameters() if p.requires_grad and (p.grad is None or not p.grad.any())]
    if dead:
        raise SystemExit(f"{len(dead)} parameters get no gradient, the first is {dead[0]}: this build of PyTorch cannot train here.")
