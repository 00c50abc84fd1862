#!/usr/bin/env python3
"""Accuracy of LeNet's training on the NPU against retention and write pulse of the memory that holds weights, activations or gradients.

Runs build/spinvp once for every point that results.csv does not hold yet, two at a time, and draws plot.svg from it.
  run.py            what is missing, then the plot
  run.py --redo     all runs again
  run.py --table    prints the tables of README.md
"""
import argparse
import concurrent.futures
import csv
import json
import math
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
RESULTS = HERE / "results.csv"
COLUMNS = ["sweep", "value", "tensors", "ecc", "seed", "outcome", "accuracy", "steps", "bits_wrong", "corrected", "uncorrectable", "memory_j", "simulated_s"]
SEEDS = [1, 2]
CHANCE = 0.1  # ten digits
DIVERGED = 5  # the app's exit status where the loss is no finite number
TENSORS = ["weights", "activations", "gradients"]
CODES = ["none", "secded"]
ATTEMPT_S = 1e-9  # attempt time of a magnetic cell: mean time to a flip = attempt time x e^stability

# Mean time to a flip of a resting cell in seconds; write pulse of the device below in ns.
SWEEPS = {
    "none": [0],
    "retention": [1e-2, 1e-1, 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6],
    "pulse": [0.5, 0.6, 0.7, 0.8, 1.0, 1.2],
}
DEVICE = "sot-perpendicular"


def settings(sweep, value, tensors, ecc):
    if sweep == "none":
        return []
    fields = [f"ecc={ecc}", "uncorrectable=interrupt"] if ecc != "none" else []
    if sweep == "retention":
        fields.append(f"faults.retention_loss={1 / value:g}Hz")
    else:
        fields += ["model.cell=device", f"faults.device={DEVICE}", f"faults.write_pulse={value:g}ns"]
    return [f"devices.{tensors}.{field}" for field in fields]


def one_run(point):
    sweep, value, tensors, ecc, seed = point
    with tempfile.TemporaryDirectory() as out:
        command = [ROOT / "build/spinvp", "run", "-q", "--config", "relaxed", "--app", "train_lenet", "--seed", str(seed), "--out", out]
        for setting in settings(sweep, value, tensors, ecc):
            command += ["--set", setting]
        run = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if run.returncode not in (0, DIVERGED):
            sys.exit(f"{point}: exit {run.returncode}\n{run.stderr}")
        report = json.loads((pathlib.Path(out) / "report.json").read_text())
    memory, component = report["memory"][tensors], report["components"][tensors]
    return {
        "sweep": sweep,
        "value": f"{value:g}",
        "tensors": tensors,
        "ecc": ecc,
        "seed": seed,
        "outcome": "diverged" if run.returncode == DIVERGED else "trained",
        "accuracy": CHANCE if run.returncode == DIVERGED else report["training"]["accuracy"],
        "steps": len(report["training"]["loss"]),
        "bits_wrong": memory["bit_errors_injected"] or 0,
        "corrected": memory["corrected"] or 0,
        "uncorrectable": memory["uncorrectable"] or 0,
        "memory_j": f"{component['dynamic_j']:.5g}",
        "simulated_s": f"{report['simulated_s']:.6g}",
    }


def points():
    for sweep, values in SWEEPS.items():
        for value in values:
            for tensors in TENSORS:
                for ecc in CODES if sweep != "none" else ["none"]:
                    for seed in SEEDS:
                        yield sweep, value, tensors, ecc, seed


def key(row):
    return row["sweep"], float(row["value"]), row["tensors"], row["ecc"], int(row["seed"])


def load():
    return list(csv.DictReader(RESULTS.open())) if RESULTS.exists() else []


def save(rows):
    order = {point: i for i, point in enumerate(points())}
    rows.sort(key=lambda row: order[key(row)])
    with RESULTS.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def fill(redo):
    wanted = list(points())
    rows = [row for row in ([] if redo else load()) if key(row) in wanted]
    done = {key(row) for row in rows}
    missing = [point for point in wanted if point not in done]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for i, row in enumerate(pool.map(one_run, missing), 1):
            rows.append(row)
            print(f"{i}/{len(missing)}", *row.values(), flush=True)
            save(rows)


def runs_of(rows, sweep, value, tensors, ecc):
    return [row for row in rows if key(row)[:4] == (sweep, value, tensors, ecc)]


def cell(runs):
    return ", ".join("diverged at %s" % row["steps"] if row["outcome"] == "diverged" else "%.1f %%" % (100 * float(row["accuracy"])) for row in runs)


def tables(rows):
    lines = []
    for sweep, head in (("retention", "mean time to a flip (stability)"), ("pulse", "write pulse")):
        lines += ["| %s | %s |" % (head, " | ".join(f"{t}, {e}" for t in TENSORS for e in CODES)), "|---" * (1 + len(TENSORS) * len(CODES)) + "|"]
        for value in SWEEPS[sweep]:
            name = "%g s (%.1f)" % (value, math.log(value / ATTEMPT_S)) if sweep == "retention" else f"{value:g} ns"
            lines.append("| %s | %s |" % (name, " | ".join(cell(runs_of(rows, sweep, value, t, e)) for t in TENSORS for e in CODES)))
        lines.append("")
    return "\n".join(lines)


def plot(rows):
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.hashsalt": "spinvp", "font.size": 9})
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 3, figsize=(10.4, 3.4))
    colours = dict(zip(TENSORS, ("tab:red", "tab:blue", "tab:green")))
    whole = statistics.mean(100 * float(row["accuracy"]) for row in rows if row["sweep"] == "none")
    for axis, sweep, label in ((axes[0], "retention", "mean time to a flip of a resting cell, s"), (axes[1], "pulse", f"write pulse, ns ({DEVICE}, twice the critical current)")):
        for tensors in TENSORS:
            for ecc, line in zip(CODES, ("o-", "s--")):
                shown = [(v, [100 * float(r["accuracy"]) for r in runs_of(rows, sweep, v, tensors, ecc)]) for v in SWEEPS[sweep]]
                axis.plot([v for v, _ in shown], [statistics.mean(a) for _, a in shown], line, color=colours[tensors], markersize=4, label=f"{tensors}, {ecc}")
        axis.axhline(whole, color="grey", linewidth=0.8, linestyle="--")
        axis.axhline(100 * CHANCE, color="grey", linewidth=0.8, linestyle=":")
        axis.set_xlabel(label)
        axis.set_ylabel("test accuracy, %")
        axis.set_ylim(0, 105)
    axes[0].set_xscale("log")
    axes[0].legend(fontsize=7)
    for tensors in TENSORS:
        shown = [(v, runs_of(rows, "pulse", v, tensors, "none")) for v in SWEEPS["pulse"]]
        shown = [(v, [1e3 * float(r["memory_j"]) for r in runs if r["outcome"] == "trained"]) for v, runs in shown]
        axes[2].plot([v for v, e in shown if e], [statistics.mean(e) for _, e in shown if e], "o-", color=colours[tensors], markersize=4, label=tensors)
    axes[2].set_xlabel("write pulse, ns")
    axes[2].set_ylabel("dynamic energy of that memory, mJ")
    axes[2].set_ylim(0, None)
    axes[2].legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(HERE / "plot.svg", metadata={"Date": None})


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--redo", action="store_true", help="all runs again")
    parser.add_argument("--table", action="store_true", help="only print the tables")
    arguments = parser.parse_args()
    if not arguments.table:
        fill(arguments.redo)
        plot(load())
    print(tables(load()))


if __name__ == "__main__":
    main()
