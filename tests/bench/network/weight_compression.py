#!/usr/bin/env python3
"""What compressed weights save of an inference without values; beside SmartExchange's headline. docs/npu-options.md holds the output.

  weight_compression.py BUILD_FOLDER [--batch 1]
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

NETWORKS = ["alexnet", "vgg16", "resnet18", "resnet50", "mobilenet-v2", "bert-base"]
# slice, rank, kept, group, coefficient bits
FORMS = {"3 3 2:4 4": (3, 3, 2, 4, 4), "4 1 1:4 3": (4, 1, 1, 4, 3)}


def run(build, network, batch, settings):
    with tempfile.TemporaryDirectory() as out:
        words = [word for pair in settings for word in ("--set", pair)]
        command = [build / "spinvp", "run", "-q", "--network", network, "--batch", str(batch), "--data", "phantom", "--out", out, *words]
        process = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if process.returncode != 0:
            sys.exit(f"{' '.join(map(str, command))}: status {process.returncode}\n{process.stderr}")
        return json.loads((pathlib.Path(out) / "report.json").read_text())


def figures(report):
    read = sum(k["dram_read_bytes"] for k in report["kernels"])
    stored = report["totals"]["energy_j"]
    return report["simulated_s"], read, stored, report["activities"].get("weight rebuilding", 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--batch", type=int, default=1)
    options = parser.parse_args()
    print(f"inference, batch {options.batch}, bf16, HBM2 and DDR4; slice, rank, kept:group, coefficient bits; 128 weights rebuilt a cycle; ratios to plain weights")
    print(f"{'network':13} {'memory':7} {'form':10} {'DRAM read MB':>13} {'ms':>8} {'mJ':>8} {'rebuild mJ':>11} {'read':>6} {'time':>6} {'energy':>7} {'EDP':>6}")
    for network in NETWORKS:
        for memory in ("hbm2", "ddr4"):
            common = ["network.precision=bf16", f"devices.dram.preset={memory}"]
            plain = figures(run(options.build, network, options.batch, common))
            print(f"{network:13} {memory:7} {'plain':10} {plain[1] * 1e-6:13.2f} {plain[0] * 1e3:8.3f} {plain[2] * 1e3:8.2f}")
            for name, form in FORMS.items():
                keys = ("slice", "rank", "kept", "group", "coefficient_bits")
                settings = [f"network.weight_compression.{key}={value}" for key, value in zip(keys, form)]
                now = figures(run(options.build, network, options.batch, [*common, "devices.npu.rebuild_lanes=128", *settings]))
                time, read, energy = plain[0] / now[0], plain[1] / now[1], plain[2] / now[2]
                print(f"{'':13} {memory:7} {name:10} {now[1] * 1e-6:13.2f} {now[0] * 1e3:8.3f} {now[2] * 1e3:8.2f} {now[3] * 1e3:11.3f} {read:6.2f} {time:6.2f} {energy:7.2f} {time * energy:6.2f}")
    print("\npublished (SmartExchange, arXiv 2005.03403): up to 4.9x energy efficiency and 9.6x energy-delay product")


if __name__ == "__main__":
    main()
