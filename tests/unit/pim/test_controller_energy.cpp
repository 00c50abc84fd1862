// Energy is counted: cells driven, rows driven, words buffered, bits moved, each an integer that follows from the command.
#include "tests/unit/pim/controller_bench.h"

using namespace bench;

namespace {
std::uint64_t count(Bench& b, const std::string& event) {
  for (const auto& view : b.simulation.energy.events())
    if (view.event == event && view.component == b.pim.name()) return view.count;
  FAIL("no event is called " + event);
  return 0;
}
}  // namespace

TEST_CASE("a multiply-accumulate drives 3148.5 and 3147.5 cells in each of its lanes, counted exactly over its lanes") {
  Bench b;
  b.run([&] {
    b.start_queue();
    b.execute(lanes(SPINVP_PIM_MULTIPLY_ACCUMULATE, 10, 100));  // two subarrays
    CHECK(count(b, "read_cell") == 314850);
    CHECK(count(b, "write_cell") == 314750);
    CHECK(count(b, "search_cell") == 50 * 100);
    CHECK(count(b, "row_step") == 3002 * 2);
    CHECK(count(b, "command") == 1);
    CHECK(count(b, "transfer_bit") == 0);
    CHECK(count(b, "buffer_word") == 0);
    // 100 lanes x (3148.5 x 1.8 pJ + 3147.5 x 0.1 pJ + 50 x 1.8 pJ), the joules that the record carries beside the periphery's.
    const double cells = 100 * (3148.5 * 1.8e-12 + 3147.5 * 0.1e-12 + 50 * 1.8e-12);
    const double rows = 2 * 3002 * 64 * 1.2e-15 * 1.44, command = 100e-12;
    REQUIRE(b.simulation.kernels.size() == 1);
    CHECK(b.simulation.kernels[0].tally.energy_j == Approx(cells + rows + command).epsilon(1e-9));
  });
}

TEST_CASE("waves take time, not energy") {
  auto config = small();
  config.peak_write_current = core::Current::from_si(7e-3);
  Bench b(config);
  b.run([&] {
    b.start_queue();
    b.execute(lanes(SPINVP_PIM_COPY, 0, 256));
    CHECK(count(b, "read_cell") == 32 * 256);
    CHECK(count(b, "write_cell") == 32 * 256);
    CHECK(count(b, "row_step") == 64 * 4);
  });
}

TEST_CASE("a transfer drives its cells and moves its bits") {
  Bench b;
  b.run([&] {
    b.start_queue();
    auto move = lanes(SPINVP_PIM_MOVE_FROM, 0, 64);
    move.distance = 128;
    b.execute(move);
    CHECK(count(b, "transfer_bit") == 64 * 32);
    CHECK(count(b, "read_cell") == 32 * 64);
    CHECK(count(b, "write_cell") == 32 * 64);
  });
}

TEST_CASE("a DOT drives 64 cells for its operands and those of a multiply-accumulate, each step and lane") {
  Bench b;
  b.run([&] {
    b.start_queue();
    auto dot = box(lanes(SPINVP_PIM_DOT, 0, 128), memory_base, {1, 1, 2, 64}, {0, 0, 0, 4});
    dot.address_b = memory_base + 0x10000;
    dot.stride_b[2] = 40;
    dot.count = 10;
    dot.step_extent[0] = dot.step_extent[1] = 1, dot.step_extent[2] = 10;
    dot.step[2] = 256, dot.step_b[2] = 4;
    b.execute(dot);
    CHECK(count(b, "read_cell") == 6297 * 64 * 10);
    CHECK(count(b, "write_cell") == (6295 + 128) * 64 * 10);
    CHECK(count(b, "search_cell") == 50 * 128 * 10);
    // Fetched: 640 and 20 words. Filled: 64 and 1 words into each of two subarrays, each step.
    CHECK(count(b, "buffer_word") == 660 + 10 * 2 * 65);
    REQUIRE(b.simulation.kernels.size() == 1);
    CHECK(b.simulation.kernels[0].macs == 1280);
  });
}

TEST_CASE("energy in every cut is the same sum") {
  Bench b;
  b.run([&] {
    b.start_queue();
    b.simulation.regions.open("one", core::now());
    b.execute(lanes(SPINVP_PIM_MULTIPLY, 0, 256));
    b.simulation.regions.close(core::now());
    b.execute(box(lanes(SPINVP_PIM_LOAD, 0, 256), memory_base, {1, 1, 1, 256}, {0, 0, 0, 4}));
    b.simulation.energy.settle(core::now());
    const double total = b.simulation.energy.total();
    double regions = 0;
    for (core::RegionId r = 0; r < b.simulation.regions.count(); ++r) regions += b.simulation.energy.by_region(r);
    double activities = 0;
    for (const auto& [name, joules] : b.simulation.energy.by_activity()) activities += joules;
    CHECK(total > 0);
    CHECK(regions == Approx(total).epsilon(1e-12));
    CHECK(activities == Approx(total).epsilon(1e-12));
    CHECK(b.simulation.energy.by_component(b.pim.id()).static_j > 0);
  });
}

TEST_CASE("every constant of the device says where it comes from") {
  Bench b;
  b.run([&] {
    for (const core::Constant& constant : b.simulation.energy.constants()) {
      INFO(constant.name << ": " << constant.source);
      CHECK((constant.source.starts_with("published: ") || constant.source.starts_with("derived: ") || constant.source.starts_with("assumed: ")));
    }
  });
}

TEST_CASE("power off costs nothing, retention little") {
  Bench b;
  b.run([&] {
    const auto spent = [&](core::PowerState state) {
      b.pim.set_power_state(state);
      b.simulation.energy.settle(core::now());
      const double before = b.simulation.energy.by_component(b.pim.id()).static_j;
      sc_core::wait(1, sc_core::SC_US);
      b.simulation.energy.settle(core::now());
      return b.simulation.energy.by_component(b.pim.id()).static_j - before;
    };
    const double on = spent(core::PowerState::on), retention = spent(core::PowerState::retention);
    CHECK(on > 0);
    CHECK(retention > 0);
    CHECK(retention < on / 5);
    CHECK(spent(core::PowerState::off) == 0);
  });
}
