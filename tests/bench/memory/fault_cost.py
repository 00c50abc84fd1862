#!/usr/bin/env python3
"""Host time of a hart's programs that live in an on-chip memory with faults, over the same without: fault_cost.py BUILD [RATE...]

The memory stands in DRAM's place, so code, data and stack are in it. Each pair of runs is taken in turn, the least CPU time of three counts.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

build = pathlib.Path(sys.argv[1])
rates = sys.argv[2:] or ["1e-9", "1e-7", "1e-6"]
guests = [build / "tests/bench/hart" / f"{name}.elf" for name in ("sieve", "integer_matrix", "crc32")]


def run(folder, guest, settings):
    arguments = [build / "spinvp", "-q", "run", "--config", folder / "onchip.yaml", "--firmware", guest, "--out", folder / "out"]
    for setting in settings:
        arguments += ["--set", f"devices.onchip.{setting}"]
    status = subprocess.run([str(a) for a in arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
    report = json.loads((folder / "out/report.json").read_text())
    return report["host"]["cpu_s"], status, report["memory"]["onchip"]


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    (folder / "onchip.yaml").write_text("devices:\n  dram: {enabled: false}\n  onchip: {base: 0x8000_0000}\n")
    print("guest            ecc     write errors  seconds  without  ratio  status  injected  corrected")
    for guest in guests:
        for ecc in ("none", "secded", "dec"):
            for rate in rates:
                settings = [f"ecc={ecc}", f"faults.write_0_to_1={rate}", f"faults.write_1_to_0={rate}", f"faults.retention_loss={rate}"]
                with_faults, without = [], []
                for _ in range(3):
                    without.append(run(folder, guest, [])[0])
                    seconds, status, memory = run(folder, guest, settings)
                    with_faults.append(seconds)
                a, b = min(with_faults), min(without)
                print(f"{guest.stem:16} {ecc:7} {rate:>12} {a:8.2f} {b:8.2f} {a / b:6.2f} {status:7} {memory['bit_errors_injected']:9} {memory['corrected']:10}", flush=True)
