#!/usr/bin/env python3
"""What regular dropout brings a training step: masks alone would cost time; here the products around a Dropout node leave out what is dropped.

  dropout_speed.py BUILD_FOLDER

Against a step without dropout (none: Dropout nodes pass on what they get), on the default configuration and on an array of 32 x 32 with folds that overlap. `step` is the simulated time of one step, `time` what is left of it,
`linear`, `array` and `macs` what is left of the time, of the array's cycles and of the multiply-accumulates of matrix products other than convolutions. Approximate Random Dropout (arXiv 1805.08939) reports 20 to 77 % less
training time at rates of 0.3 to 0.7 on multi-layer perceptrons (on a GPU).
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

PERCEPTRON = """# A perceptron with two hidden layers
source: made for this bench
input: {image: [$batch, 784]}
layers:
- {linear: fc1, features: 2048}
- Relu
- {Dropout: drop1}
- {linear: fc2, features: 2048}
- Relu
- {Dropout: drop2}
- {linear: fc3, features: 10}
"""
ROWS = [("perceptron", "128"), ("alexnet", "64"), ("vgg16", "16")]
ARRAYS = {"128 x 128": [], "32 x 32": ["rows=32", "columns=32", "fold_cost=pipelined"]}
PATTERNS = [("row", 2), ("tile", 2), ("row", 4)]


def run(build, folder, network, batch, settings):
    name = network
    if network == "perceptron":
        name = str(folder / "perceptron.yaml")
        pathlib.Path(name).write_text(PERCEPTRON)
    command = [build / "spinvp", "run", "-q", "--network", name, "--mode", "training", "--batch", batch, "--data", "phantom", "--out", folder / "out"]
    for setting in settings:
        command += ["--set", setting]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: status {done.returncode}\n{done.stderr}")
    report = json.loads((folder / "out" / "report.json").read_text())
    linear = [k for k in report["kernels"] if k["name"] == "gemm"]
    return [report["simulated_s"], sum(k["end_s"] - k["start_s"] for k in linear), sum(k["compute_cycles"] for k in linear), sum(k["macs"] for k in linear)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    options = parser.parse_args()
    print(f"{'network':10} {'batch':>5} {'array':9} {'dropout':8} {'rate':>4} {'step ms':>8} {'time':>5} {'linear':>6} {'array':>5} {'macs':>5}")
    with tempfile.TemporaryDirectory() as folder:
        for network, batch in ROWS:
            for name, array in ARRAYS.items():
                settings = [f"devices.npu.{setting}" for setting in array]
                none = run(options.build, pathlib.Path(folder), network, batch, settings)
                print(f"{network:10} {batch:>5} {name:9} {'none':8} {'':4} {none[0] * 1e3:8.2f}")
                for pattern, period in PATTERNS:
                    dropped = run(options.build, pathlib.Path(folder), network, batch, [*settings, f"network.dropout={pattern}", f"network.dropout_period={period}"])
                    left = [after / before for after, before in zip(dropped, none)]
                    print(f"{network:10} {batch:>5} {name:9} {pattern:8} {1 / period:4.2f} {dropped[0] * 1e3:8.2f} {left[0]:5.2f} {left[1]:6.2f} {left[2]:5.2f} {left[3]:5.2f}")


if __name__ == "__main__":
    main()
