#!/usr/bin/env python3
"""What N:M sparsity of weights brings a training step, beside the ideal 3 / (2 N/M + 1): forward and data gradient in N/M of their time, weight gradient in all of it. On the default
configuration, whose array of 128 x 128 mostly waits for memory, and on one of 32 x 32 with folds that overlap, which mostly works; selectors reach 8.

  sparsity_speed.py BUILD_FOLDER [--loss]

`step` is the simulated time of one step; `step`, `products` and `array` on the right say how many times faster the step, its matrix products and the array's own cycles in them are; `macs` is the share
of multiply-accumulates that is left, `energy` that of the step's energy. SAT (arXiv 2309.13015) reports 1.75 at 2:8. With --loss: the losses of 120 steps of lenet-paper on the drawn digits with real values, as means over 20 steps.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

ROWS = [("resnet18", ["--batch", "16"]), ("resnet50", ["--batch", "16"]), ("bert-base", ["--batch", "16", "--size", "sequence=512"])]
ARRAYS = {"128 x 128": [], "32 x 32": ["rows=32", "columns=32", "fold_cost=pipelined"]}
PATTERNS = ["2:4", "1:4", "2:8"]
PUBLISHED = {"2:8": "1.75 (SAT)"}
PRODUCTS = {"gemm", "conv_forward", "conv_data_gradient", "conv_weight_gradient"}


def run(build, arguments, pattern):
    with tempfile.TemporaryDirectory() as out:
        command = [build / "spinvp", "run", "-q", "--mode", "training", "--out", out, "--set", "devices.npu.sparse_group=8", "--set", f"network.sparsity={pattern}", *arguments]
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"{' '.join(map(str, command))}: status {done.returncode}\n{done.stderr}")
        return json.loads((pathlib.Path(out) / "report.json").read_text())


def products(report, what):
    return sum(what(k) for k in report["kernels"] if k["name"] in PRODUCTS)


def seconds(kernel):
    return kernel["end_s"] - kernel["start_s"]


def speed(build):
    print(f"{'network':10} {'array':9} {'pattern':7} {'step ms':>8} {'step':>5} {'products':>8} {'array':>5} {'ideal':>5} {'macs':>5} {'energy':>6}  published")
    for network, more in ROWS:
        for name, settings in ARRAYS.items():
            arguments = ["--network", network, "--data", "phantom", *more]
            for setting in settings:
                arguments += ["--set", f"devices.npu.{setting}"]
            dense = run(build, arguments, "none")
            print(f"{network:10} {name:9} {'dense':7} {dense['simulated_s'] * 1e3:8.2f}")
            for pattern in PATTERNS:
                n, m = map(int, pattern.split(":"))
                sparse = run(build, arguments, pattern)
                cycles, macs = (products(dense, lambda k, of=of: k[of]) / products(sparse, lambda k, of=of: k[of]) for of in ("compute_cycles", "macs"))
                print(f"{network:10} {name:9} {pattern:7} {sparse['simulated_s'] * 1e3:8.2f} {dense['simulated_s'] / sparse['simulated_s']:5.2f} "
                      f"{products(dense, seconds) / products(sparse, seconds):8.2f} {cycles:5.2f} {3 / (2 * n / m + 1):5.2f} {1 / macs:5.2f} "
                      f"{sparse['totals']['energy_j'] / dense['totals']['energy_j']:6.2f}  {PUBLISHED.get(pattern, '')}")


def losses(build):
    steps, mean_of = 120, 20
    arguments = ["--network", "lenet-paper", "--batch", "32", "--steps", str(steps), "--data", "real", "--set", "network.optimiser=momentum"]
    print(f"\nlenet-paper, batch 32, momentum: mean loss of {mean_of} steps each")
    for pattern in ["none", *PATTERNS]:
        report = run(build, arguments, pattern)
        loss = report["training"]["loss"]
        means = [sum(loss[i:i + mean_of]) / mean_of for i in range(0, steps, mean_of)]
        print(f"{pattern:6} " + " ".join(f"{mean:7.4f}" for mean in means) + f"   {report['simulated_s'] * 1e3:8.3f} ms")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--loss", action="store_true", help="the losses of real trainings as well")
    options = parser.parse_args()
    speed(options.build)
    if options.loss:
        losses(options.build)


if __name__ == "__main__":
    main()
