"""Trains several packs one after the other on one accelerator that is lent for a while, and exports each.

    python campaign.py campaigns/h200.toml --data DIR --runs DIR --packs DIR --device cuda --compile

While one recipe trains, the next one starts, loads its data and compiles, and those before are exported by the processor, so
that the accelerator never waits. A recipe whose data folder has not arrived yet is waited for.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import settings
from loop import STARTED

HERE = Path(__file__).parent
EXPORT_THREADS = "4"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("plan", type=Path, help="[[recipe]] tables with config and minutes, in order")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--runs", type=Path, required=True)
    parser.add_argument("--packs", type=Path, required=True)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--compile", action="store_true")
    options = parser.parse_args()
    options.runs.mkdir(parents=True, exist_ok=True)
    training, exports = [], []
    for recipe in tomllib.loads(options.plan.read_text())["recipe"]:
        config = settings.read(HERE / "configs" / f"{recipe['config']}.toml")
        while training and not has_turn(training[-1], options.runs):
            time.sleep(0.5)
        exports += [export(*one, options) for one in training[len(exports) : -1]]
        wait_for_data(config, options.data)
        training.append((start(config, recipe["minutes"], options), config))
    exports += [export(*one, options) for one in training[len(exports) :]]
    failed = [f"{config['id']} was not trained" for process, config in training if process.returncode]
    failed += [f"{config['id']} was not exported" for (_, config), process in zip(training, exports) if process and process.wait()]
    if failed:
        raise SystemExit("; ".join(failed))


def start(config: dict, minutes: float, options: argparse.Namespace) -> subprocess.Popen:
    script = "train_autoencoder.py" if is_autoencoder(config) else "train.py"
    command = [sys.executable, HERE / script, HERE / "configs" / f"{config['id']}.toml", "--data", options.data]
    command += ["--run", options.runs / config["id"], "--hours", str(minutes / 60), "--device", options.device]
    command += ["--lock", options.runs / "turn.lock", "--line-seconds", "10", *["--compile"] * options.compile]
    if is_autoencoder(config):
        command += ["--save", weights(config)]
    return subprocess.Popen([str(part) for part in command])


def export(process: subprocess.Popen, config: dict, options: argparse.Namespace) -> subprocess.Popen | None:
    """Once the training has ended; an autoencoder has written its weights itself."""
    if process.wait() or is_autoencoder(config):
        return None
    name = config["id"]
    command = [sys.executable, HERE / "export.py", HERE / "configs" / f"{name}.toml", "--data", options.data, "--device", options.device]
    command += ["--checkpoint", options.runs / name / "last.pt", "--pack", options.packs / name]
    command += ["--save-rest", options.packs / name / f"{name}.rest.fp16.pt"]
    return subprocess.Popen(["nice", "env", f"OMP_NUM_THREADS={EXPORT_THREADS}", *map(str, command)])


def is_autoencoder(config: dict) -> bool:
    return "family" not in config


def weights(config: dict) -> Path:
    return HERE / "checkpoints" / f"{config['id']}.fp16.pt"


def has_turn(trained: tuple[subprocess.Popen, dict], runs: Path) -> bool:
    """Whether a recipe trains or has ended. Only one is prepared ahead: two that wait would not keep their order."""
    process, config = trained
    log = runs / config["id"] / "log.txt"
    return process.poll() is not None or (log.exists() and f" {STARTED}\n" in log.read_text())


def wait_for_data(config: dict, data: Path) -> None:
    folders = [source["folder"] for source in ([config["data"]] if isinstance(config["data"], dict) else config["data"])]
    while not all((data / folder / "manifest.csv").exists() for folder in folders):
        time.sleep(1)


if __name__ == "__main__":
    main()
