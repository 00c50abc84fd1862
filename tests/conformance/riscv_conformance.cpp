// Random instruction programs whose end state on the hart's interpreter is compared with Debian's qemu-riscv64, byte by byte: registers, fcsr, memory.
// A program that ends differently is made small and printed; exit status 1 then. What is drawn, and what is left out and why: docs/conformance.md.
#include <cstdio>

#include <CLI/CLI.hpp>
#include <systemc>

#include "models/core/error.h"
#include "tests/conformance/riscv/comparison.h"

namespace {

using namespace spinvp::conformance;

constexpr std::size_t programs_a_round = 64;
constexpr int most_reports = 5;

void report(Comparison& comparison, const Program& program) {
  const Program small = comparison.shrink(program);
  std::printf("program %llu ends differently; %zu of its %zu items are needed (base x%u, signature x%u, loop counters x%u and x%u):\n",
              static_cast<unsigned long long>(program.seed), small.items.size(), program.items.size(), small.reserved.base, small.reserved.signature,
              small.reserved.counters[0], small.reserved.counters[1]);
  for (const std::string& line : listing(small)) std::printf("  %s\n", line.c_str());
  int shown = 0;
  for (const std::string& line : comparison.differences(small))
    if (++shown <= 16) std::printf("    %s\n", line.c_str());
}

}  // namespace

int sc_main(int, char**) { return 0; }  // what SystemC's library asks for at link time

int main(int argc, char** argv) {
  CLI::App app("Random RISC-V programs on SpinVP's hart and on QEMU's user mode");
  std::uint64_t wanted = 1'000'000, seed = 1, only = 0;
  std::string qemu = "qemu-riscv64";
  app.add_option("--instructions", wanted, "executed instructions to compare, at least")->capture_default_str();
  app.add_option("--seed", seed, "of the run; the programs are numbered from it on")->capture_default_str();
  CLI::Option* one = app.add_option("--program", only, "this program alone, as a difference names it");
  app.add_option("--qemu", qemu, "program to compare with")->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  Comparison comparison(qemu);
  std::uint64_t programs = 0, differing = 0, instructions = 0;
  std::vector<bool> drawn;
  try {
    for (std::uint64_t number = one->count() != 0 ? only : seed << 32; instructions < wanted;) {
      std::vector<Program> round;
      while (round.size() < (one->count() != 0 ? 1 : programs_a_round)) round.push_back(draw_program(number++));
      for (const Program& program : round) mark_operations(program, drawn);
      const std::uint64_t before = comparison.instructions();
      const std::vector<bool> differs = comparison.differing(round);
      instructions += comparison.instructions() - before;
      programs += round.size();
      for (std::size_t i = 0; i < round.size(); ++i)
        if (differs[i] && ++differing <= most_reports) report(comparison, round[i]);
      if (one->count() != 0) break;
      if (differing > most_reports) break;
    }
  } catch (const spinvp::core::InputError& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return static_cast<int>(error.status());
  }
  std::printf("%llu instructions in %llu programs of seed %llu: %llu programs differ\n", static_cast<unsigned long long>(instructions),
              static_cast<unsigned long long>(programs), static_cast<unsigned long long>(seed), static_cast<unsigned long long>(differing));
  std::printf("operations never drawn:");
  for (const std::string& name : never_drawn(drawn)) std::printf(" %s", name.c_str());
  std::printf("\n");
  return differing == 0 ? 0 : 1;
}
