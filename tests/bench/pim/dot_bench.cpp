// Host cost of the DOT commands of one LeNet training step (batch 32): the transposing buffers and the multiply-accumulates, without the bus.
// Prints lane-MACs, milliseconds of user CPU time and nanoseconds a lane-MAC, by layer; the best of several rounds.
#include <cstdio>
#include <cstring>
#include <ctime>
#include <vector>

#include <systemc>

#include "models/pim/dot_product.h"
#include "models/pim/host_arithmetic.h"

namespace {

using namespace spinvp::pim;

struct Case {
  const char* name;
  std::vector<Command> commands;
};

// A command on lanes from `first`: box extents, strides of both operands in words, step extents and strides.
Command dot(std::uint64_t first, std::array<std::uint32_t, 4> extents, std::array<std::int64_t, 4> a, std::array<std::int64_t, 4> b,
            std::array<std::uint32_t, 3> steps, std::array<std::int64_t, 3> step_a, std::array<std::int64_t, 3> step_b, std::uint64_t displacement_a = 0,
            std::uint64_t displacement_b = 0) {
  Command c;
  c.operation = SPINVP_PIM_DOT;
  c.first_lane = first;
  c.lane_count = 1;
  c.count = 1;
  c.destination = 0, c.source_a = 1, c.source_b = 2;
  c.a.address = 0x80000000 + 4 * displacement_a;
  c.b.address = 0x90000000 + 4 * displacement_b;
  for (std::size_t i = 0; i < 4; ++i) {
    c.lane_count *= extents[i];
    c.a.dimensions[i] = {extents[i], 4 * a[i]};
    c.b.dimensions[i] = {extents[i], 4 * b[i]};
  }
  for (std::size_t i = 0; i < 3; ++i) {
    c.count *= steps[i];
    c.a.dimensions[4 + i] = {steps[i], 4 * step_a[i]};
    c.b.dimensions[4 + i] = {steps[i], 4 * step_b[i]};
  }
  return c;
}

std::vector<Case> lenet() {
  std::vector<Case> cases;
  // y[n][co][oy][ox] += x[n][ky + oy][kx + ox] w[co][ky][kx]
  Case conv1{"conv1 forward", {}};
  for (std::uint32_t n = 0; n < 32; n += 11)
    conv1.commands.push_back(dot(0, {n + 11 > 32 ? 32 - n : 11, 10, 24, 24}, {784, 0, 28, 1}, {0, 25, 0, 0}, {1, 5, 5}, {0, 28, 1}, {0, 5, 1}, 784 * n));
  cases.push_back(conv1);
  cases.push_back({"conv2 forward", {dot(0, {32, 20, 8, 8}, {1440, 0, 12, 1}, {0, 250, 0, 0}, {10, 5, 5}, {144, 12, 1}, {25, 5, 1})}});
  // dx[n][ci][y][x] += dy_padded[n][co][y + ky][x + kx] w[co][ci][4 - ky][4 - kx]
  cases.push_back({"conv2 data gradient", {dot(0, {32, 10, 12, 12}, {5120, 0, 16, 1}, {0, 25, 0, 0}, {20, 5, 5}, {256, 16, 1}, {250, -5, -1}, 0, 24)}});
  // dw[co][ci][ky][kx] += x[n][ci][oy + ky][ox + kx] dy[n][co][oy][ox], 12 groups of the terms
  Case wgrad2{"conv2 weight gradient", {}};
  for (std::uint32_t g = 0; g < 12; ++g)
    wgrad2.commands.push_back(
        dot(g * 5120, {20, 10, 5, 5}, {0, 144, 12, 1}, {64, 0, 0, 0}, {3, 7, 8}, {1440, 12, 1}, {1280, 8, 1}, g * 1440 * 2, g * 1280 * 2));
  cases.push_back(wgrad2);
  Case wgrad1{"conv1 weight gradient", {}};
  for (std::uint32_t g = 0; g < 64; ++g)
    wgrad1.commands.push_back(dot(g * 1024, {10, 1, 5, 5}, {0, 0, 28, 1}, {576, 0, 0, 0}, {1, 12, 24}, {0, 28, 1}, {0, 24, 1}, (g / 2) * 784 + (g % 2) * 336,
                                  (g / 2) * 5760 + (g % 2) * 288));
  cases.push_back(wgrad1);
  Case fc1{"fc1 forward", {}};
  for (std::uint32_t g = 0; g < 32; ++g)
    fc1.commands.push_back(dot(g * 2048, {1, 1, 32, 50}, {0, 0, 320, 0}, {0, 0, 0, 320}, {1, 1, 10}, {0, 0, 1}, {0, 0, 1}, g * 10, g * 10));
  cases.push_back(fc1);
  return cases;
}

double cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

}  // namespace

int sc_main(int, char**) {
  const Geometry geometry;
  SubarrayStore store(geometry);
  HostArithmetic engine;
  double total_seconds = 0, total_macs = 0;
  for (const Case& c : lenet()) {
    double best = 1e9, macs = 0;
    std::uint64_t bytes = 0;
    for (int round = 0; round < 5; ++round) {
      const double begin = cpu_seconds();
      macs = 0;
      bytes = 0;
      for (const Command& command : c.commands) {
        DotProduct product(geometry, command, 256 * 1024);
        for (std::uint32_t step = 0; step < command.count; step += product.block_steps()) {
          for (OperandSource* source : {&product.a(), &product.b()}) {
            if (step % source->block_steps() != 0) continue;
            // Any numbers of ordinary size: subnormal ones would slow the host down.
            const auto image = source->incoming();
            const float value = 0.5f;
            for (std::size_t i = 0; i < image.size(); i += 4) std::memcpy(&image[i], &value, 4);
            source->take_over();
            bytes += source->plan().bytes;
          }
          (void)product.run_block(store, engine, step);
        }
        macs += static_cast<double>(command.lane_macs());
      }
      best = std::min(best, cpu_seconds() - begin);
    }
    total_seconds += best;
    total_macs += macs;
    std::printf("%-24s %6.2f M lane-MACs  %7.2f ms  %6.3f ns a lane-MAC  %8.1f KB over the bus\n", c.name, macs * 1e-6, best * 1e3, best * 1e9 / macs,
                static_cast<double>(bytes) / 1024);
  }
  std::printf("%-24s %6.2f M lane-MACs  %7.2f ms  %6.3f ns a lane-MAC\n", "together", total_macs * 1e-6, total_seconds * 1e3, total_seconds * 1e9 / total_macs);
  return 0;
}
