#!/usr/bin/env python3
"""The interpreter against Verilator on the emitted 8 x 8 opt1-os, side by side.

Builds both, runs them alternately over the same operands, compares a checksum of all outputs of all cycles, and prints
the machine, the commands, the medians and their ratio. Exit code 1 if a checksum differs, or if the interpreter is
slower than 0.5 times Verilator or takes more than 50 ms to set up; 2 if a tool is missing.

    benches/interpreter_vs_verilator.py [--cycles N] [--repetitions N] [--optimised]

Verilator runs with -O3 and the default flags of its makefile; --optimised also has the C++ compiled with -O3.
"""

import argparse
import os
import platform
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOP = "opt1_os_8x8"
DRIVER = r"""
#include "Vtop.h"
#include "verilated.h"
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
int main(int argc, char** argv) {
    const long cycles = argc > 1 ? atol(argv[1]) : 300000;
    VerilatedContext context;
    Vtop top{&context};
    // A falling edge of the asynchronous reset, then two clocks under it.
    top.clk_i = 0; top.rst_ni = 1; top.eval(); top.rst_ni = 0;
    for (int i = 0; i < 2; i++) { top.clk_i = 0; top.eval(); top.clk_i = 1; top.eval(); }
    top.clk_i = 0; top.rst_ni = 1; top.eval();
    top.cmd_valid_i = 1; top.cmd_length_i = 64; top.a_valid_i = 1; top.b_valid_i = 1; top.c_ready_i = 1;
    const auto start = std::chrono::steady_clock::now();
    uint64_t random = 88172645463325252ull, sum = 0;
    for (long cycle = 0; cycle < cycles; cycle++) {
        uint64_t a = 0, b = 0;
        for (int lane = 0; lane < 8; lane++) {
            random ^= random << 13; random ^= random >> 7; random ^= random << 17;
            a |= (random & 255) << (8 * lane);
            b |= (random >> 32 & 255) << (8 * lane);
        }
        top.a_data_i = a; top.b_data_i = b;
        top.clk_i = 0; top.eval();
        for (int lane = 0; lane < 8; lane++) sum = sum * 31 + top.c_data_o[lane];
        top.clk_i = 1; top.eval();
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    printf("%.0f %016llx\n", cycles / seconds.count(), (unsigned long long)sum);
}
"""


def run(command, **options):
    """The standard output of a command; its failure ends the script."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    except FileNotFoundError:
        sys.exit(2)
    if done.returncode != 0:
        print(shlex.join(map(str, command)), done.stdout, done.stderr, sep="\n", file=sys.stderr)
        sys.exit(2)
    return done.stdout


def machine():
    """Processor and cores."""
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        models = [line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        name = models[0] if models else name
    return f"{name}, {os.cpu_count()} cores"


def build(work, optimised):
    """The two programs, and the command that built Verilator's."""
    cargo = ["cargo", "build", "--quiet", "--release", "--bin", "bitweight", "--example", "interpreter_rate"]
    run(cargo, cwd=ROOT)
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
    size = ["--set", "array.rows=8", "--set", "array.cols=8"]
    run([target / "bitweight", "emit", "opt1-os", *size, "-o", work / "rtl"])
    (work / "drive.cpp").write_text(DRIVER)
    verilate = ["verilator", "--cc", "--exe", "--build", "-O3", "--prefix", "Vtop", "--top-module", TOP]
    if optimised:
        verilate += ["-MAKEFLAGS", "OPT_FAST=-O3 OPT_GLOBAL=-O3"]
    sources = sorted(str(path.relative_to(work)) for path in (work / "rtl" / "rtl").glob("*.v"))
    run([*verilate, "-Mdir", "verilated", "-o", "drive", *sources, "drive.cpp"], cwd=work)
    return target / "examples" / "interpreter_rate", work / "verilated" / "drive", shlex.join(verilate)


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--cycles", type=int, default=300_000)
    options.add_argument("--repetitions", type=int, default=7)
    options.add_argument("--optimised", action="store_true", help="compile Verilator's C++ with -O3, not its default -Os")
    typed = options.parse_args()
    for tool in ("cargo", "verilator"):
        if shutil.which(tool) is None:
            print(f"{tool} is missing", file=sys.stderr)
            return 2
    with tempfile.TemporaryDirectory() as folder:
        ours, verilated, verilate = build(Path(folder), typed.optimised)
        rates, checksums, set_up = {"interpreter": [], "verilator": []}, set(), []
        for _ in range(typed.repetitions):
            for name, program in (("interpreter", ours), ("verilator", verilated)):
                words = run([program, str(typed.cycles)]).split()
                rates[name].append(float(words[0]))
                checksums.add(words[1])
                set_up += [float(words[2])] if name == "interpreter" else []
    ratio = statistics.median(a / b for a, b in zip(rates["interpreter"], rates["verilator"], strict=True))
    print(f"machine      {machine()}")
    print(f"verilator    {run(['verilator', '--version']).strip()}: {verilate}")
    print(f"run          {typed.repetitions} times {typed.cycles} cycles of {TOP}, alternating")
    for name, values in rates.items():
        print(f"{name:<12} {statistics.median(values):>9,.0f} cycles/s, {min(values):,.0f} to {max(values):,.0f}")
    print(f"set-up       {statistics.median(set_up):.2f} ms")
    print(f"ratio        {ratio:.2f} (median of pairs; the bar is 0.5)")
    if len(checksums) != 1:
        print(f"the outputs differ: {sorted(checksums)}", file=sys.stderr)
        return 1
    return 0 if ratio >= 0.5 and statistics.median(set_up) < 50 else 1


if __name__ == "__main__":
    sys.exit(main())
