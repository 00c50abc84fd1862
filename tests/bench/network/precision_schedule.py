#!/usr/bin/env python3
"""What a schedule of precisions over a training saves on bit-flexible multipliers, and what it does to the loss; beside FracTrain's headline. docs/npu-options.md holds the output.

  precision_schedule.py BUILD_FOLDER [--batch 16] [--steps 10] [--loss-steps 150]

resnet18 runs without values, a few steps spread over the schedule: within an entry all steps cost the same, so their share of the steps is all that a longer run would add. The LeNet trains with values on
the drawn digits.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

SCHEDULE = "0%:3/6 30%:4/6 60%:6/8 90%:8/8"
# array, name, element type, granule, schedule
ROWS = [
    (32, "one piece", "fp32", 0, ""),
    (32, "whole width", "fp32", 2, ""),
    (32, "8/8 throughout", "fp32", 2, "0%:8/8"),
    (32, "schedule", "fp32", 2, SCHEDULE),
    (32, "one piece", "bf16", 0, ""),
    (32, "schedule", "bf16", 2, SCHEDULE),
    (32, "schedule", "bf16", 4, SCHEDULE),
    (128, "one piece", "fp32", 0, ""),
    (128, "schedule", "fp32", 2, SCHEDULE),
]


def run(build, arguments):
    with tempfile.TemporaryDirectory() as out:
        command = [build / "spinvp", "run", "-q", "--mode", "training", "--out", out, *arguments]
        process = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if process.returncode != 0:
            sys.exit(f"{' '.join(map(str, command))}: status {process.returncode}\n{process.stderr}")
        return json.loads((pathlib.Path(out) / "report.json").read_text())


def settings(precision, granule, schedule):
    pairs = [f"network.precision={precision}", f"devices.npu.mac_granule={granule}"]
    if schedule:
        pairs.append(f"network.precision_schedule={schedule}")
    return [word for pair in pairs for word in ("--set", pair)]


def brick_share(schedule, granule, width):
    """Brick products of a training with one forward and two backward products a layer, by those of the whole width."""
    side = lambda bits: -(-min(bits, width) // granule)
    entries = [entry.split("%:") for entry in schedule.split()]
    shares = [(int(part) / 100, *map(int, bits.split("/"))) for part, bits in entries] + [(1.0, 0, 0)]
    used = sum((after[0] - now[0]) * (side(now[1]) ** 2 + 2 * side(now[2]) ** 2) / 3 for now, after in zip(shares, shares[1:]))
    return used / side(width) ** 2


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--loss-steps", type=int, default=150)
    options = parser.parse_args()
    print(f"schedule: {SCHEDULE}")
    print(f"\nresnet18, batch {options.batch}, {options.steps} steps, output stationary; saved: against the multipliers of one piece")
    print(f"{'array':>9} {'':14} {'type':4} {'brick':>5} {'brick products':>14} {'array Mcycles':>13} {'ms':>7} {'MAC mJ':>7} {'all mJ':>7}   saved: {'cycles':>6} {'time':>6} {'MAC':>6} {'all':>6}")
    first = {}
    for array, name, precision, granule, schedule in ROWS:
        report = run(options.build, ["--network", "resnet18", "--batch", str(options.batch), "--steps", str(options.steps), "--data", "phantom", "--set", f"devices.npu.rows={array}",
                                     "--set", f"devices.npu.columns={array}", *settings(precision, granule, schedule)])
        cycles = sum(k["compute_cycles"] for k in report["kernels"] if k["macs"])
        figures = [cycles * 1e-6, report["simulated_s"] * 1e3, report["activities"]["multiply-accumulate"] * 1e3, report["totals"]["energy_j"] * 1e3]
        base = first.setdefault((array, precision), figures)
        saved = [1 - now / then for now, then in zip(figures, base)]
        products = f"{brick_share(schedule, granule, 24 if precision == 'fp32' else 8):.3f}" if schedule else "1"
        print(f"{f'{array} x {array}':>9} {name:14} {precision:4} {granule:5} {products:>14} {figures[0]:13.2f} {figures[1]:7.1f} {figures[2]:7.0f} {figures[3]:7.0f}          "
              f"{saved[0]:6.1%} {saved[1]:6.1%} {saved[2]:6.1%} {saved[3]:6.1%}")
    print(f"\nlenet-paper, batch 32, {options.loss_steps} steps on drawn digits: mean loss of the first and of the last ten steps")
    for name, precision, granule, schedule in [("whole width", "fp32", 0, ""), ("8/8 throughout", "fp32", 2, "0%:8/8"), ("schedule", "fp32", 2, SCHEDULE), ("3/6 throughout", "fp32", 2, "0%:3/6")]:
        report = run(options.build, ["--network", "lenet-paper", "--batch", "32", "--steps", str(options.loss_steps), "--data", "real", "--set", "network.learning_rate=0.06",
                                     *settings(precision, granule, schedule)])
        loss = report["training"]["loss"]
        print(f"{name:18} {sum(loss[:10]) / 10:8.4f} {sum(loss[-10:]) / 10:8.4f}")
    print("\npublished (FracTrain, arXiv 2012.13113): 77.6 % of compute and 53.5 % of latency saved, ResNet-74 on CIFAR-10")


if __name__ == "__main__":
    main()
