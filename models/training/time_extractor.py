"""Times the app's feature extraction against eager float32 PyTorch: the same network and number of images, in turns, in one run.

    python time_extractor.py configs/extractor-chest-xray-128.toml

The app is `scripts/benchmark-metrics.ts`; PyTorch runs the network of the config with batch norm folded into its convolutions, as it
lies in the pack, and random weights, which cost the same. Both take batches of the pack's size.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import time
import tomllib
from pathlib import Path

import torch

from export_extractor import fold
from extractor import Extractor

ROOT = Path(__file__).resolve().parents[2]
IMAGES = 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=Path)
    parser.add_argument("--rounds", type=int, default=3, help="turns of each")
    arguments = parser.parse_args()
    config = tomllib.loads(arguments.config.read_text())
    torch.set_num_threads(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count())
    network = fold(Extractor(**config["network"]).eval())
    batch = json.loads((ROOT / "models" / config["id"] / "model.json").read_text())["files"]["extractor"]["batch"]
    app, eager = [], []
    for _ in range(arguments.rounds):
        app.append(app_turn(config["id"]))
        eager.append(torch_turn(network, batch))
    for place, kind in enumerate(("wall", "processor")):
        ours, theirs = (statistics.median(turn[place] for turn in turns) for turns in (app, eager))
        print(f"{config['id']}, {IMAGES} images, {kind:9}  app {ours:.2f} s  PyTorch {theirs:.2f} s  ratio {ours / theirs:.2f}")


def app_turn(extractor: str) -> tuple[float, float]:
    """(wall, processor) seconds."""
    command = [ROOT / "node_modules" / ".bin" / "node", "scripts/benchmark-metrics.ts", f"--task={extractor}"]
    printed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    wall, processor = re.search(r"([\d.]+) s by the clock, ([\d.]+) s of processor", printed).groups()
    return float(wall), float(processor)


@torch.inference_mode()
def torch_turn(network: torch.nn.Module, batch: int) -> tuple[float, float]:
    """(wall, processor) seconds, after one batch that does not count."""
    images = torch.rand(IMAGES, 1, 128, 128)
    network(images[:batch])
    wall, processor = time.perf_counter(), time.process_time()
    for first in range(0, IMAGES, batch):
        network(images[first : first + batch])
    return time.perf_counter() - wall, time.process_time() - processor


if __name__ == "__main__":
    main()
