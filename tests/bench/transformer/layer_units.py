#!/usr/bin/env python3
"""Time and energy of a training step of train_transformer by layer, for every choice of units: the tables of docs/tutorials/train-a-transformer.md, as Markdown.

  layer_units.py BUILD_FOLDER [--steps 8] [--set path=value]...

A run of twice the steps less one of so many: what a step takes, without start and test. Times and joules are of the regions of a layer over all three phases; what stands in no region of a layer
(the hart between them) is "rest". The joules of a region hold everything on the chip while it lasted, standby too.
"""
import argparse
import collections
import json
import pathlib
import subprocess
import sys
import tempfile

CHOICES = [("npu", "hart", "hart"), ("pim", "hart", "hart"), ("pim", "pim", "hart"), ("pim", "pim", "npu"), ("npu+pim", "hart", "hart"), ("npu+pim", "pim", "npu"), ("pim+npu", "pim", "npu")]
LAYERS = ["embedding", "layer1", "layer2", "head", "loss", "transfer", "rest"]
PARTS = ["norm1", "qkv", "scores", "softmax", "mix", "output", "residual1", "norm2", "ff1", "relu", "ff2", "residual2"]
COMPONENTS = ["npu", "pim", "hart0", "dram", "onchip"]


def report_of(build, choice, steps, settings):
    units, pooling, loss = choice
    with tempfile.TemporaryDirectory() as out:
        command = [build / "spinvp", "run", "-q", "--app", "train_transformer", "--steps", str(steps), "--out", out]
        for setting in [f"layer_units={units}", f"pooling_unit={pooling}", f"loss_unit={loss}", *settings]:
            command += ["--set", setting]
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            sys.exit(f"{' '.join(map(str, command))}: status {done.returncode}\n{done.stderr}")
        return json.loads((pathlib.Path(out) / "report.json").read_text())


def layer_of(path):
    """The layer, and the part of it, that a region of the training belongs to."""
    words = path.split("/")
    layer = words[2] if len(words) > 2 and words[2] in LAYERS else "rest"
    part = words[3] if len(words) > 3 else layer
    return ("transfer", "transfer") if part == "transfer" else (layer, part)


def sums(report):
    time, energy, parts = collections.Counter(), collections.Counter(), collections.Counter()
    for region in report["regions"]:
        if not region["path"].startswith("train"):
            continue
        layer, part = layer_of(region["path"])
        time[layer] += region["time_s"]
        energy[layer] += region["energy_j"]
        parts[layer, part] += region["energy_j"]
    dynamic = {name: report["components"][name]["dynamic_j"] for name in COMPONENTS}
    return time, energy, parts, dynamic


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--set", action="append", default=[], dest="settings")
    options = parser.parse_args()
    rows = {}
    for choice in CHOICES:
        once, twice = (sums(report_of(options.build, choice, n, options.settings)) for n in (options.steps, 2 * options.steps))
        rows[choice] = [{key: (b[key] - a[key]) / options.steps for key in b} for a, b in zip(once, twice)]
    name = lambda choice: f"`{choice[0]}`, {choice[1]}, {choice[2]}"
    print("| `layer_units`, `pooling_unit`, `loss_unit` | step | " + " | ".join(LAYERS) + " |")
    print("|---" * (2 + len(LAYERS)) + "|")
    for choice, (time, energy, _, _) in rows.items():
        print(f"| {name(choice)} | {sum(time.values()) * 1e6:.0f} us, {sum(energy.values()) * 1e6:.0f} uJ | "
              + " | ".join(f"{time.get(layer, 0) * 1e6:.1f}, {energy.get(layer, 0) * 1e6:.1f}" for layer in LAYERS) + " |")
    print("\n| dynamic energy of a step, uJ | " + " | ".join(COMPONENTS) + " |")
    print("|---" * (1 + len(COMPONENTS)) + "|")
    for choice, (_, _, _, dynamic) in rows.items():
        print(f"| {name(choice)} | " + " | ".join(f"{dynamic[component] * 1e6:.2f}" for component in COMPONENTS) + " |")
    print("\n| energy of both layers by part, uJ a step | " + " | ".join(PARTS) + " |")
    print("|---" * (1 + len(PARTS)) + "|")
    for choice, (_, _, parts, _) in rows.items():
        print(f"| {name(choice)} | " + " | ".join(f"{(parts.get(('layer1', part), 0) + parts.get(('layer2', part), 0)) * 1e6:.1f}" for part in PARTS) + " |")


if __name__ == "__main__":
    main()
