#!/usr/bin/env python3
"""Host time and memory of whole networks without values, default configuration, one core, against the limits that we set ourselves.

  network_speed.py BUILD_FOLDER [--repeats 3]

Each row is the least of some runs: user + system time of the whole program (import, compilation, simulation, report) and its largest resident set. The last rows run 1, 2, 4 and 8 steps:
the time of a step beyond the first, by kernel, must not grow.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

# network, mode, arguments, limit in seconds
ROWS = [
    ("resnet50", "training", ["--batch", "16"], 1.5),
    ("bert-base", "training", ["--batch", "16", "--size", "sequence=512"], 1.5),
    ("resnet18", "inference", ["--batch", "1"], 0.2),
]
MEMORY_LIMIT_MIB = 1024


def run(build, arguments):
    with tempfile.TemporaryDirectory() as out:
        command = [build / "spinvp", "run", "-q", "--data", "phantom", "--out", out, *arguments]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        errors = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        if status != 0:
            sys.exit(f"{' '.join(map(str, command))}: status {status >> 8}\n{errors}")
        report = json.loads((pathlib.Path(out) / "report.json").read_text())
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, report["simulated_s"], len(report["kernels"])


def least(build, arguments, repeats):
    runs = [run(build, arguments) for _ in range(repeats)]
    return min(r[0] for r in runs), max(r[1] for r in runs), runs[0][2], runs[0][3]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    print(f"{'network':12} {'mode':10} {'host s':>7} {'limit':>6} {'of it':>6} {'MiB':>6} {'simulated ms':>13} {'kernels':>8} {'us/kernel':>10}")
    for network, mode, more, limit in ROWS:
        seconds, mib, simulated, kernels = least(options.build, ["--network", network, "--mode", mode, *more], options.repeats)
        print(f"{network:12} {mode:10} {seconds:7.3f} {limit:6.2f} {seconds / limit:6.2f} {mib:6.0f} {simulated * 1e3:13.3f} {kernels:8} {seconds / kernels * 1e6:10.1f}"
              + ("" if mib <= MEMORY_LIMIT_MIB else f"  more than {MEMORY_LIMIT_MIB} MiB"))
    print("\nsteps of a resnet18 training, batch 16")
    first = None
    for steps in (1, 2, 4, 8):
        seconds, mib, _, kernels = least(options.build, ["--network", "resnet18", "--mode", "training", "--batch", "16", "--steps", str(steps)], options.repeats)
        if first is None:
            first = seconds, kernels
            print(f"{steps:3} {seconds:7.3f} s {mib:6.0f} MiB {kernels:8} kernels")
        else:
            print(f"{steps:3} {seconds:7.3f} s {mib:6.0f} MiB {kernels:8} kernels  {(seconds - first[0]) / (kernels - first[1]) * 1e6:8.1f} us a kernel beyond the first step")


if __name__ == "__main__":
    main()
