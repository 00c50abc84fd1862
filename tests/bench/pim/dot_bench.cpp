// Host cost of the DOT commands of one LeNet training step (batch 32), by layer: CPU time of the arithmetic and the transposing buffers alone (the best of
// several rounds), then of the whole device in a simulation with its queue and bus, and the simulated time.
#include <cstdio>
#include <cstring>
#include <ctime>
#include <vector>

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>
#include <systemc>

#include "models/pim/dot_product.h"
#include "models/pim/fast_engine.h"
#include "models/pim/pim_controller.h"

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

// A memory of 32 bytes a nanosecond behind the device, and a driver that submits the commands one by one.
class Board : public sc_core::sc_module {
 public:
  explicit Board(const sc_core::sc_module_name& name) : sc_module(name), pim_("pim", simulation_, PimConfig{}), bytes_(std::size_t{1} << 29) {
    registers_.bind(*pim_.windows()[0].socket);
    window_.bind(*pim_.windows()[1].socket);
    pim_.masters()[0]->bind(memory_);
    memory_.register_b_transport(this, &Board::serve);
    SC_HAS_PROCESS(Board);
    SC_THREAD(drive);
  }

 private:
  static constexpr std::uint64_t memory = 0x80000000, ring = 0x88000000;
  spinvp::core::Simulation simulation_;
  PimController pim_;
  tlm_utils::simple_initiator_socket<Board> registers_{"registers"}, window_{"window"};
  tlm_utils::simple_target_socket<Board> memory_{"memory"};
  std::vector<std::uint8_t> bytes_;

  void write(std::uint64_t offset, std::uint64_t value, unsigned width) {
    tlm::tlm_generic_payload payload;
    payload.set_write();
    payload.set_address(offset);
    payload.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
    payload.set_data_length(width);
    sc_core::sc_time delay;
    registers_->b_transport(payload, delay);
  }
  void serve(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    spinvp::core::for_each_run(payload, [&](std::uint64_t at, std::uint8_t* data, std::uint64_t length) {
      std::uint8_t* here = &bytes_.at(at - memory);
      if (payload.is_read())
        std::memcpy(data, here, length);
      else
        std::memcpy(here, data, length);
    });
    delay += spinvp::core::to_sc(spinvp::core::SimTime::ps(50000 + 1000 * payload.get_data_length() / 32));
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }
  static spinvp_pim_descriptor descriptor_of(const Command& c) {
    spinvp_pim_descriptor d{};
    d.operation = SPINVP_PIM_DOT;
    d.count = c.count;
    d.first_lane = static_cast<std::uint32_t>(c.first_lane), d.lane_count = static_cast<std::uint32_t>(c.lane_count);
    d.destination = 0, d.source_a = 1, d.source_b = 2;
    d.address = c.a.address, d.address_b = c.b.address;
    for (std::size_t i = 0; i < 4; ++i) {
      d.extent[i] = c.a.dimensions[i].extent;
      d.stride[i] = static_cast<std::int32_t>(c.a.dimensions[i].stride), d.stride_b[i] = static_cast<std::int32_t>(c.b.dimensions[i].stride);
    }
    for (std::size_t i = 0; i < 3; ++i) {
      d.step_extent[i] = c.a.dimensions[4 + i].extent;
      d.step[i] = static_cast<std::int32_t>(c.a.dimensions[4 + i].stride), d.step_b[i] = static_cast<std::int32_t>(c.b.dimensions[4 + i].stride);
    }
    return d;
  }
  void drive() {
    write(0x10, ring, 8);
    write(0x18, 1024, 4);
    write(0x08, 1, 4);
    std::uint32_t tail = 0;
    double seconds = 0;
    for (const Case& c : lenet()) {
      const double begin = cpu_seconds();
      const auto start = spinvp::core::now();
      for (const Command& command : c.commands) {
        const spinvp_pim_descriptor d = descriptor_of(command);
        std::memcpy(&bytes_[ring - memory + tail * sizeof d], &d, sizeof d);
        write(0x1c, ++tail, 4);
      }
      while (simulation_.kernels.size() < tail) sc_core::wait(1, sc_core::SC_US);
      seconds += cpu_seconds() - begin;
      const double simulated = (spinvp::core::now() - start).seconds();
      std::printf("%-24s whole device: %7.2f ms, %9.3f us simulated\n", c.name, (cpu_seconds() - begin) * 1e3, simulated * 1e6);
    }
    std::printf("%-24s whole device: %7.2f ms\n", "together", seconds * 1e3);
    sc_core::sc_stop();
  }
};

}  // namespace

int sc_main(int, char**) {
  const Geometry geometry;
  SubarrayStore store(geometry);
  FastEngine engine(std::make_shared<ProgramSet>(logic_family("sot"), FloatArithmetic{}, 160));
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
  Board board("board");
  sc_core::sc_start();
  return 0;
}
