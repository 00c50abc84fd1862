#!/usr/bin/env python3
"""The loosely timed platform beside the approximately timed one: the same networks, default configuration, shapes only.

  transport_fidelity.py BUILD_FOLDER [--set path=value ...] [--only NAME]

For each network and mode: total simulated time in both modes and their quotient; the kernel whose time differs most, and how many of all differ by more than 10 %; user + system time of the
host. At the end what was asked for: totals within 3 %, each kernel within 10 %. Exit status 1 where that is missed.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

# network, mode, arguments
ROWS = [
    ("lenet5", "inference", ["--batch", "1"]),
    ("lenet5", "training", ["--batch", "32"]),
    ("alexnet", "inference", ["--batch", "1"]),
    ("resnet18", "inference", ["--batch", "1"]),
    ("resnet18", "training", ["--batch", "4"]),
    ("mobilenet-v2", "inference", ["--batch", "1"]),
    ("mobilenet-v2", "training", ["--batch", "2"]),
    ("bert-base", "inference", ["--batch", "1", "--size", "sequence=128"]),
    ("bert-base", "training", ["--batch", "1", "--size", "sequence=64"]),
    ("transformer-base", "inference", ["--batch", "1"]),
    ("gpt2-small", "inference", ["--batch", "1"]),
]
TOTAL_LIMIT, KERNEL_LIMIT = 0.03, 0.10


def run(build, transport, arguments, settings):
    with tempfile.TemporaryDirectory() as out:
        command = [build / "spinvp", "run", "-q", "--data", "phantom", "--transport", transport, "--out", out, *arguments]
        for setting in settings:
            command += ["--set", setting]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        errors = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        if status != 0:
            sys.exit(f"{' '.join(map(str, command))}: status {status >> 8}\n{errors}")
        report = json.loads((pathlib.Path(out) / "report.json").read_text())
    return report, usage.ru_utime + usage.ru_stime


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--set", action="append", default=[], metavar="path=value")
    parser.add_argument("--only", metavar="NAME")
    parser.add_argument("--worst", type=int, default=0, help="name so many of each network's kernels that differ most")
    options = parser.parse_args()
    print("| network | mode | arguments | lt, ms | at, ms | at / lt | kernels | beyond 10 % | worst: name, at / lt, at us | host lt, s | host at, s |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    missed = []
    for network, mode, more in ROWS:
        if options.only and options.only != network:
            continue
        arguments = ["--network", network, "--mode", mode, *more]
        lt, lt_host = run(options.build, "lt", arguments, options.set)
        at, at_host = run(options.build, "at", arguments, options.set)
        pairs = list(zip(lt["kernels"], at["kernels"], strict=True))
        assert all((a["name"], a["layer"], a["macs"], a["compute_cycles"]) == (b["name"], b["layer"], b["macs"], b["compute_cycles"]) for a, b in pairs)
        times = [(k["name"], k["layer"], k["end_s"] - k["start_s"], m["end_s"] - m["start_s"]) for k, m in pairs]
        ranked = sorted(times, key=lambda t: abs(t[3] / t[2] - 1), reverse=True)
        beyond = sum(abs(t[3] / t[2] - 1) > KERNEL_LIMIT for t in times)
        name, layer, before, after = ranked[0]
        ratio = at["simulated_s"] / lt["simulated_s"]
        print(f"| {network} | {mode} | {' '.join(more)} | {lt['simulated_s'] * 1e3:.3f} | {at['simulated_s'] * 1e3:.3f} | {ratio:.4f} | {len(times)} | {beyond} | "
              f"{name} of {layer}, {after / before:.3f}, {after * 1e6:.2f} | {lt_host:.2f} | {at_host:.2f} |", flush=True)
        for name, layer, before, after in ranked[:options.worst]:
            print(f"    {name} of {layer}: {before * 1e6:.3f} us -> {after * 1e6:.3f} us, {after / before:.3f}")
        if abs(ratio - 1) > TOTAL_LIMIT:
            missed.append(f"{network} {mode}: total {ratio:.4f}")
        if beyond:
            missed.append(f"{network} {mode}: {beyond} kernels beyond {KERNEL_LIMIT:.0%}")
    print(f"\ntotals within {TOTAL_LIMIT:.0%} and kernels within {KERNEL_LIMIT:.0%}: " + ("all" if not missed else "missed by " + "; ".join(missed)))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
