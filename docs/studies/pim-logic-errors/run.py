#!/usr/bin/env python3
"""Accuracy of LeNet's training on the PIM arrays against the error rate of their logic.

Runs build/spinvp once for every rate and seed that results.csv does not hold yet, one at a time, and draws plot.svg from it.
  run.py            what is missing, then the plot
  run.py --redo     all runs again
  run.py --table    prints the table of README.md
"""
import argparse
import csv
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
RESULTS = HERE / "results.csv"
COLUMNS = ["fault", "rate", "seed", "outcome", "accuracy", "events", "wrong_results", "simulated_s", "energy_j", "steps"]
SEEDS = [1, 2, 3]
CHANCE = 0.1  # ten digits
DIVERGED = 5  # the app's exit status where the loss is no finite number

# Which faults, and at which rates of one cell.
SERIES = {
    "none": [0],
    "write": [1e-12, 1e-11, 3e-11, 1e-10, 1e-9],
    "disturb": [1e-12, 1e-11, 3e-11, 1e-10, 1e-9],
    "write, checked": [0, 1e-6, 1e-5, 1e-4],
}
FIELDS = {
    "none": lambda rate: [],
    "write": lambda rate: [f"write_failure={rate:g}"],
    "disturb": lambda rate: [f"read_disturb={rate:g}"],
    "write, checked": lambda rate: [f"write_failure={rate:g}", "check_and_repeat=true"],
}


def one_run(fault, rate, seed):
    with tempfile.TemporaryDirectory() as out:
        command = [ROOT / "build/spinvp", "run", "--app", "train_lenet_pim", "--seed", str(seed), "--out", out]
        for field in FIELDS[fault](rate):
            command += ["--set", "devices.pim.faults." + field]
        run = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if run.returncode not in (0, DIVERGED):
            sys.exit(f"{fault} {rate:g}, seed {seed}: exit {run.returncode}\n{run.stderr}")
        report = json.loads((pathlib.Path(out) / "report.json").read_text())
    counters = report["components"]["pim"]["counters"]
    return {
        "fault": fault,
        "rate": f"{rate:g}",
        "seed": seed,
        "outcome": "diverged" if run.returncode == DIVERGED else "trained",
        "accuracy": CHANCE if run.returncode == DIVERGED else report["training"]["accuracy"],
        "events": counters["logic_read_disturbs" if fault == "disturb" else "logic_write_failures"],
        "wrong_results": counters["logic_wrong_results"],
        "simulated_s": f"{report['simulated_s']:.6g}",
        "energy_j": f"{report['totals']['energy_j']:.6g}",
        "steps": len(report["training"]["loss"]),
    }


def load():
    return list(csv.DictReader(RESULTS.open())) if RESULTS.exists() else []


def save(rows):
    order = list(SERIES)
    rows.sort(key=lambda r: (order.index(r["fault"]), float(r["rate"]), int(r["seed"])))
    with RESULTS.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def fill(redo):
    rows = [r for r in ([] if redo else load()) if float(r["rate"]) in SERIES[r["fault"]]]
    done = {(r["fault"], float(r["rate"]), int(r["seed"])) for r in rows}
    for seed in SEEDS:
        for fault, rates in SERIES.items():
            for rate in rates:
                if (fault, rate, seed) in done:
                    continue
                rows.append(one_run(fault, rate, seed))
                print(*rows[-1].values(), flush=True)
                save(rows)


def groups(rows, fault):
    for rate in SERIES[fault]:
        yield rate, [r for r in rows if r["fault"] == fault and float(r["rate"]) == rate]


def table(rows):
    lines = ["| fault | rate | accuracy, seeds 1, 2, 3 | events | wrong results | simulated time | energy |", "|---|---|---|---|---|---|---|"]
    for fault in SERIES:
        for rate, runs in groups(rows, fault):
            if not runs:
                continue
            accuracy = ", ".join("diverged at %s" % r["steps"] if r["outcome"] == "diverged" else "%.1f %%" % (100 * float(r["accuracy"])) for r in runs)
            events, wrong = (", ".join(str(r[column]) for r in runs) for column in ("events", "wrong_results"))
            whole = [r for r in runs if r["outcome"] == "trained"]
            cost = "| - | - |"
            if whole:
                cost = "| %.2f s | %.1f J |" % tuple(statistics.mean(float(r[column]) for r in whole) for column in ("simulated_s", "energy_j"))
            lines.append(f"| {fault} | {rate:g} | {accuracy} | {events} | {wrong} {cost}")
    return "\n".join(lines)


def plot(rows):
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.hashsalt": "spinvp", "font.size": 9})
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6.4, 3.4))
    for fault, mark, colour, text in (
        ("write", "o-", "tab:red", "failed write"),
        ("disturb", "s-", "tab:blue", "disturbed read"),
        ("write, checked", "^-", "tab:green", "failed write, check and repeat"),
    ):
        shown = [(rate, [100 * float(r["accuracy"]) for r in runs]) for rate, runs in groups(rows, fault) if runs and rate > 0]
        axes.plot([rate for rate, _ in shown], [statistics.mean(values) for _, values in shown], mark, color=colour, label=text)
        for rate, values in shown:
            axes.plot([rate] * len(values), values, mark[0], color=colour, alpha=0.35, markersize=4)
    fault_free = [100 * float(r["accuracy"]) for r in rows if r["fault"] == "none"]
    axes.axhline(statistics.mean(fault_free), color="grey", linewidth=0.8, linestyle="--", label="no faults")
    axes.axhline(100 * CHANCE, color="grey", linewidth=0.8, linestyle=":", label="chance, and diverged")
    axes.set_xscale("log")
    axes.set_xlabel("probability that one cell's write fails, or one sensed cell flips")
    axes.set_ylabel("test accuracy, %")
    axes.set_ylim(0, 105)
    axes.legend(loc=(0.37, 0.3), fontsize=8)  # between the curves
    figure.tight_layout()
    figure.savefig(HERE / "plot.svg", metadata={"Date": None})


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--redo", action="store_true", help="all runs again")
    parser.add_argument("--table", action="store_true", help="only print the table")
    arguments = parser.parse_args()
    if not arguments.table:
        fill(arguments.redo)
        plot(load())
    print(table(load()))


if __name__ == "__main__":
    main()
