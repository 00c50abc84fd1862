#!/usr/bin/env python3
"""Speed of a hart in the whole program, beside QEMU's, against the limits that we set ourselves.

  hart_speed.py BUILD_FOLDER [--repeats 5] [--guests sieve,crc32]

Each guest (build target bench_hart_guests) runs as `spinvp run --firmware GUEST` in the default configuration, timing and energy on, with a quantum of 10 us and of 1 us, and as
`qemu-system-riscv64 -machine virt -icount shift=0,sleep=off`. MIPS are the guest's instructions, as our report counts them, by user CPU time; QEMU executes the same ones. Engines take
turns, and the least of their times counts. What a guest that ends at once takes (start, elaboration, report) is taken off both. Status 1: a limit is missed.
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

# guest: least MIPS at 10 us, least ratio to QEMU (None: no limit)
LIMITS = {
    "sieve": (600, 1.0),
    "integer_matrix": (600, 0.75),
    "double_matrix": (500, 1.3),
    "crc32": (600, 0.4),
    "branchy": (250, None),
}
LEAST_SHARE_AT_1_US = 0.85


def user_seconds(command):
    process = subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{' '.join(map(str, command))}: status {status >> 8}\n{errors}")
    return usage.ru_utime


class Engines:
    """The three ways to run a guest, by name; `instructions` are those of our last run."""

    def __init__(self, build, folder):
        self.spinvp, self.out = build / "spinvp", pathlib.Path(folder) / "out"
        self.qemu = shutil.which("qemu-system-riscv64")
        self.instructions = 0
        self.ways = {"10us": lambda guest: self.ours(guest, "10us"), "1us": lambda guest: self.ours(guest, "1us")}
        if self.qemu:
            self.ways["qemu"] = self.theirs

    def ours(self, guest, quantum):
        seconds = user_seconds([self.spinvp, "run", "-q", "--firmware", guest, "--set", f"quantum={quantum}", "--out", self.out])
        self.instructions = json.loads((self.out / "report.json").read_text())["harts"][0]["instructions"]
        return seconds

    def theirs(self, guest):
        return user_seconds([self.qemu, "-machine", "virt", "-bios", "none", "-nographic", "-icount", "shift=0,sleep=off", "-kernel", guest])

    def least(self, guest, repeats):
        times = {way: [] for way in self.ways}
        for _ in range(repeats):
            for way, run in self.ways.items():
                times[way].append(run(guest))
        return {way: min(t) for way, t in times.items()}


def verdict(value, limit):
    return "" if limit is None else "ok" if value >= limit else "MISSED"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--guests", default=",".join(LIMITS), help="some of " + ",".join(LIMITS))
    options = parser.parse_args()
    guests = options.build / "tests" / "bench" / "hart" / "speed"
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        engines = Engines(options.build, folder)
        overhead = engines.least(guests / "empty.elf", options.repeats)
        print("start and end, s user: " + ", ".join(f"{way} {seconds:.3f}" for way, seconds in overhead.items()) + ("" if engines.qemu else "; no qemu-system-riscv64 here"))
        print("| guest | 10^6 instructions | MIPS, 10 us | least | | MIPS, 1 us | of 10 us | least | | QEMU | ours / QEMU | least | |")
        print("|---|---|---|---|---|---|---|---|---|---|---|---|---|")
        for guest in options.guests.split(","):
            least_mips, least_ratio = LIMITS[guest]
            times = engines.least(guests / f"{guest}.elf", options.repeats)
            mips = {way: engines.instructions * 1e-6 / (seconds - overhead[way]) for way, seconds in times.items()}
            share = mips["1us"] / mips["10us"]
            ratio = mips["10us"] / mips["qemu"] if engines.qemu else None
            results = [(mips["10us"], least_mips), (share, LEAST_SHARE_AT_1_US), (ratio, least_ratio if engines.qemu else None)]
            verdicts = [verdict(value, limit) for value, limit in results]
            missed += verdicts.count("MISSED")
            beside = f"{mips['qemu']:.0f} | {ratio:.2f}" if engines.qemu else " | "
            print(f"| {guest} | {engines.instructions * 1e-6:.0f} | {mips['10us']:.0f} | {least_mips} | {verdicts[0]} | {mips['1us']:.0f} | {share:.2f} | {LEAST_SHARE_AT_1_US} | {verdicts[1]} "
                  f"| {beside} | {'' if least_ratio is None else least_ratio} | {verdicts[2]} |", flush=True)
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
