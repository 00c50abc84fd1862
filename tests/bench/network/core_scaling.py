#!/usr/bin/env python3
"""Whole networks without values on 1, 2, 4, 8 and 16 NPU cores: simulated time, speed-up, energy and DRAM traffic of one step.

  core_scaling.py BUILD_FOLDER [--cores 1,2,4,8,16] [--partition auto] [--set path=value]...

Only the number of cores changes from column to column: the memories and their links stay, and the scratch region is shared. `cycles` is the speed-up that the arrays alone would have: the sum of all
kernels' compute cycles on one core against that on several. What is between the two is waiting for memories.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

ROWS = [
    ("resnet50", "training", ["--batch", "16"]),
    ("resnet50", "inference", ["--batch", "16"]),
    ("bert-base", "training", ["--batch", "16", "--size", "sequence=512"]),
    ("bert-base", "inference", ["--batch", "16", "--size", "sequence=512"]),
]


def run(build, arguments):
    with tempfile.TemporaryDirectory() as out:
        command = [build / "spinvp", "run", "-q", "--data", "phantom", "--out", out, *arguments]
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            sys.exit(f"{' '.join(map(str, command))}: status {done.returncode}\n{done.stderr}")
        return json.loads((pathlib.Path(out) / "report.json").read_text())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--cores", default="1,2,4,8,16")
    parser.add_argument("--partition", default="auto")
    parser.add_argument("--set", action="append", default=[])
    options = parser.parse_args()
    more = [word for setting in options.set for word in ("--set", setting)]
    print("| network | step | cores | time, ms | speed-up | cycles | energy, J | DRAM, GB | NPU waits |")
    print("|---|---|---|---|---|---|---|---|---|")
    for network, mode, arguments in ROWS:
        first = None
        for cores in options.cores.split(","):
            report = run(options.build, ["--network", network, "--mode", mode, *arguments, *more, "--set", f"devices.npu.cores={cores}",
                                         "--set", f"devices.npu.partition={options.partition}"])
            kernels = report["kernels"]
            cycles = sum(k["compute_cycles"] for k in kernels)
            stalls = sum(k["stall_cycles"] for k in kernels)
            dram = sum(k["dram_read_bytes"] + k["dram_write_bytes"] for k in kernels)
            time = report["simulated_s"]
            first = first or (time, cycles)
            print(f"| {network} | {mode} | {cores} | {time * 1e3:.2f} | {first[0] / time:.2f} | {first[1] / cycles:.2f} | {report['totals']['energy_j']:.3f} | {dram / 1e9:.2f} |"
                  f" {100 * stalls / (stalls + cycles):.0f} % |", flush=True)


if __name__ == "__main__":
    main()
