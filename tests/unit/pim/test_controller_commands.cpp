// Commands through the queue: values in the arrays and in memory, bus traffic, interrupts, records.
#include "tests/unit/pim/controller_bench.h"
#include "tests/unit/pim/reference_float.h"

using namespace bench;

TEST_CASE("the registers tell what the unit is") {
  Bench b;
  b.run([&] {
    CHECK(b.read(ID) == 0x4d495053);
    CHECK(b.read(SUBARRAYS) == 4);
    CHECK(b.read(LANES) == 64);
    CHECK(b.read(WORDS) == 8);
    CHECK(b.read(STATUS) == 0);
    CHECK(b.try_write(HEAD, 1) == tlm::TLM_COMMAND_ERROR_RESPONSE);
    CHECK(b.try_write(0x800, 1) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
  });
}

TEST_CASE("commands run in order and leave their status in memory") {
  Bench b;
  b.run([&] {
    b.start_queue();
    auto one = lanes(SPINVP_PIM_BROADCAST, 0, 256, 1);
    one.scalar = 1.5f;
    auto two = lanes(SPINVP_PIM_BROADCAST, 0, 256, 2);
    two.scalar = -2.0f;
    b.submit(one);
    b.submit(two);
    const auto slot = b.submit(lanes(SPINVP_PIM_MULTIPLY, 100, 50));
    CHECK(b.peek(STATUS) == 1);
    sc_core::wait(2, sc_core::SC_US);
    CHECK(b.peek(STATUS) == 0);
    CHECK(b.status_of(0) == SPINVP_PIM_DONE);
    CHECK(b.status_of(slot) == SPINVP_PIM_DONE);
    CHECK(b.read(HEAD) == 3);
    CHECK(b.read(COMPLETED) == 3);
    CHECK(b.lane(99, 0) == 0);
    CHECK(b.lane(100, 0) == 0xc0400000u);  // -3
    CHECK(b.lane(149, 0) == 0xc0400000u);
    CHECK(b.lane(150, 0) == 0);
  });
}

TEST_CASE("a LOAD brings any box of memory into the lanes, a STORE takes it back") {
  Bench b;
  b.run([&] {
    b.start_queue();
    for (std::uint32_t i = 0; i < 4096; ++i) b.set_word(memory_base + 4 * i, 0x10000 + i);
    // 2 x 3 x 5 x 4 lanes; negative, zero and overlapping strides.
    CHECK(b.execute(box(lanes(SPINVP_PIM_LOAD, 30, 120, 3), memory_base + 4000, {2, 3, 5, 4}, {400, 0, -40, 8})) == SPINVP_PIM_DONE);
    std::uint64_t i = 30;
    for (int p = 0; p < 2; ++p)
      for (int q = 0; q < 3; ++q)
        for (int r = 0; r < 5; ++r)
          for (int s = 0; s < 4; ++s, ++i) CHECK(b.lane(i, 3) == static_cast<std::uint32_t>(0x10000 + (4000 + 400 * p + 0 * q - 40 * r + 8 * s) / 4));
    CHECK(b.lane(29, 3) == 0);
    CHECK(b.lane(150, 3) == 0);

    CHECK(b.execute(box(lanes(SPINVP_PIM_STORE, 30, 120, 0, 3), memory_base + 0x8000, {2, 3, 5, 4}, {-1024, 300, 60, 12})) == SPINVP_PIM_DONE);
    i = 30;
    for (int p = 0; p < 2; ++p)
      for (int q = 0; q < 3; ++q)
        for (int r = 0; r < 5; ++r)
          for (int s = 0; s < 4; ++s, ++i)
            CHECK(b.word(memory_base + static_cast<std::uint64_t>(0x8000 - 1024 * p + 300 * q + 60 * r + 12 * s)) == b.lane(i, 3));
    CHECK(b.word(memory_base + 0x8000 + 4) == 0);  // between two words
  });
}

namespace {
void compare_dot_with_loop(std::uint64_t operand_buffer) {
  auto config = small();
  config.operand_buffer = core::Bytes{operand_buffer};
  Bench b(config);
  b.run([&] {
    b.start_queue();
    reference::Draw draw(2);
    for (std::uint32_t i = 0; i < 8192; ++i) b.set_word(memory_base + 4 * i, draw.number());
    auto dot = box(lanes(SPINVP_PIM_DOT, 20, 180, 0, 1, 2), memory_base + 0x1000, {3, 5, 4, 3}, {0, 96, 24, 4});
    dot.address_b = memory_base + 0x4000;
    const std::int32_t stride_b[4] = {200, 0, 0, 0};
    std::memcpy(dot.stride_b, stride_b, sizeof stride_b);
    dot.count = 18;
    const std::uint32_t extents[3] = {2, 3, 3};
    const std::int32_t step[3] = {600, 24, 4}, step_b[3] = {72, 12, 4};
    std::memcpy(dot.step_extent, extents, sizeof extents);
    std::memcpy(dot.step, step, sizeof step);
    std::memcpy(dot.step_b, step_b, sizeof step_b);
    CHECK(b.execute(lanes(SPINVP_PIM_BROADCAST, 0, 256, 0)) == SPINVP_PIM_DONE);
    CHECK(b.execute(lanes(SPINVP_PIM_BROADCAST, 0, 256, 5)) == SPINVP_PIM_DONE);
    CHECK(b.execute(dot) == SPINVP_PIM_DONE);
    for (std::uint32_t j = 0; j < 18; ++j) {
      const std::uint32_t digit[3] = {j / 9, j / 3 % 3, j % 3};
      auto load = box(lanes(SPINVP_PIM_LOAD, 20, 180, 6), dot.address, {3, 5, 4, 3}, {0, 96, 24, 4});
      auto load_b = box(lanes(SPINVP_PIM_LOAD, 20, 180, 7), dot.address_b, {3, 5, 4, 3}, {200, 0, 0, 0});
      for (int k = 0; k < 3; ++k)
        load.address += digit[k] * static_cast<std::uint32_t>(step[k]), load_b.address += digit[k] * static_cast<std::uint32_t>(step_b[k]);
      CHECK(b.execute(load) == SPINVP_PIM_DONE);
      CHECK(b.execute(load_b) == SPINVP_PIM_DONE);
      CHECK(b.execute(lanes(SPINVP_PIM_MULTIPLY_ACCUMULATE, 20, 180, 5, 6, 7)) == SPINVP_PIM_DONE);
    }
    for (std::uint64_t i = 0; i < 256; ++i) CHECK(b.lane(i, 0) == b.lane(i, 5));
    CHECK(b.lane(20, 1) == b.lane(20, 6));
    CHECK(b.lane(199, 2) == b.lane(199, 7));
  });
}
}  // namespace

TEST_CASE("a DOT through the operand buffer leaves what LOAD, LOAD and MULTIPLY_ACCUMULATE leave") { compare_dot_with_loop(1 << 18); }
TEST_CASE("a DOT block by block leaves what LOAD, LOAD and MULTIPLY_ACCUMULATE leave") { compare_dot_with_loop(2048); }
TEST_CASE("a DOT without an operand buffer leaves what LOAD, LOAD and MULTIPLY_ACCUMULATE leave") { compare_dot_with_loop(0); }

TEST_CASE("distinct words cross the bus once, in bursts of at most 4 KiB") {
  auto config = small();
  config.lanes = 1024;
  Bench b(config);
  b.run([&] {
    b.start_queue();
    const auto traffic = [&](const spinvp_pim_descriptor& d) {
      b.bursts.clear();
      CHECK(b.execute(d) == SPINVP_PIM_DONE);
      // The first burst is the descriptor's, the last its status.
      REQUIRE(b.bursts.size() >= 2);
      CHECK((b.bursts.front().bytes == 144 && !b.bursts.front().write));
      CHECK((b.bursts.back().bytes == 4 && b.bursts.back().write));
      return std::vector<Bench::Burst>(b.bursts.begin() + 1, b.bursts.end() - 1);
    };
    // One word for 4096 lanes.
    auto bursts = traffic(box(lanes(SPINVP_PIM_LOAD, 0, 4096), memory_base, {1, 1, 1, 4096}, {0, 0, 0, 0}));
    REQUIRE(bursts.size() == 1);
    CHECK(bursts[0].bytes == 4);
    // 16 KiB in a row.
    bursts = traffic(box(lanes(SPINVP_PIM_LOAD, 0, 4096), memory_base, {1, 1, 1, 4096}, {0, 0, 0, 4}));
    REQUIRE(bursts.size() == 4);
    CHECK((bursts[3].address == memory_base + 12288 && bursts[3].bytes == 4096));
    // A column of 64 words and 64 copies of it.
    bursts = traffic(box(lanes(SPINVP_PIM_LOAD, 0, 4096), memory_base, {1, 1, 64, 64}, {0, 0, 0, 128}));
    REQUIRE(bursts.size() == 1);
    CHECK((bursts[0].bytes == 256 && bursts[0].row_bytes == 4 && bursts[0].stride == 128));
    // Rows of 64 words, written.
    bursts = traffic(box(lanes(SPINVP_PIM_STORE, 0, 512), memory_base, {1, 1, 8, 64}, {0, 0, 1024, 4}));
    REQUIRE(bursts.size() == 1);
    CHECK((bursts[0].write && bursts[0].bytes == 2048 && bursts[0].row_bytes == 256 && bursts[0].stride == 1024));
  });
}

TEST_CASE("a DOT with an operand buffer reads overlapping windows once") {
  auto config = small();
  config.lanes = 1024;
  Bench b(config);
  b.run([&] {
    b.start_queue();
    // 24 x 24 windows of 5 x 5 in an image of 28 x 28, 4 channels.
    auto dot = box(lanes(SPINVP_PIM_DOT, 0, 2304), memory_base, {1, 4, 24, 24}, {0, 0, 112, 4});
    dot.address_b = memory_base + 0x10000;
    dot.stride_b[1] = 100;
    dot.count = 25;
    dot.step_extent[0] = 1, dot.step_extent[1] = dot.step_extent[2] = 5;
    dot.step[1] = 112, dot.step[2] = 4;
    dot.step_b[1] = 20, dot.step_b[2] = 4;
    CHECK(b.execute(dot) == SPINVP_PIM_DONE);
    std::uint64_t bytes = 0;
    for (const auto& burst : b.bursts) bytes += burst.bytes;
    CHECK(bytes == 144 + 4 + 28 * 28 * 4 + 4 * 25 * 4);
    CHECK(b.read(MACS, 8) == 2304 * 25);
  });
}

TEST_CASE("interrupts say what happened, and are cleared by writing ones") {
  Bench b;
  b.run([&] {
    b.start_queue(1);  // DONE alone
    b.execute(lanes(SPINVP_PIM_NOP, 0, 0));
    CHECK(b.line.rises == 0);
    CHECK(b.read(INTERRUPT_STATUS) == 4);  // ran empty, not enabled
    auto nop = lanes(SPINVP_PIM_NOP, 0, 0);
    nop.flags = SPINVP_PIM_INTERRUPT;
    b.execute(nop);
    CHECK(b.line.level);
    CHECK(b.read(INTERRUPT_STATUS) == 5);
    b.write(INTERRUPT_STATUS, 1);
    CHECK_FALSE(b.line.level);
    CHECK(b.read(INTERRUPT_STATUS) == 4);
    b.write(INTERRUPT_ENABLE, 4);
    CHECK(b.line.level);
    b.write(INTERRUPT_STATUS, 7);
    CHECK_FALSE(b.line.level);
  });
}

TEST_CASE("a ring is used round and round") {
  Bench b;
  b.run([&] {
    b.start_queue();
    for (int i = 0; i < 40; ++i) CHECK(b.execute(lanes(SPINVP_PIM_COPY, 0, 1)) == SPINVP_PIM_DONE);
    CHECK(b.read(HEAD) == 40 % ring_size);
    CHECK(b.read(COMPLETED) == 40);
  });
}

TEST_CASE("nothing is taken from the queue while ENABLE is clear") {
  Bench b;
  b.run([&] {
    b.start_queue();
    b.write(CONTROL, 0);
    b.submit(lanes(SPINVP_PIM_NOP, 0, 0));
    sc_core::wait(10, sc_core::SC_US);
    CHECK(b.read(COMPLETED) == 0);
    CHECK(b.read(STATUS) == 1);
    b.write(CONTROL, 1);
    sc_core::wait(10, sc_core::SC_US);
    CHECK(b.read(COMPLETED) == 1);
  });
}

TEST_CASE("every command leaves a record, in the region of its doorbell") {
  Bench b;
  b.run([&] {
    b.start_queue();
    b.simulation.regions.open("forward", core::now());
    const core::RegionId region = b.simulation.regions.current();
    b.burst_latency = SimTime::ns(500);
    b.submit(lanes(SPINVP_PIM_MULTIPLY_ACCUMULATE, 0, 200));
    b.simulation.regions.close(core::now());
    sc_core::wait(10, sc_core::SC_US);
    REQUIRE(b.simulation.kernels.size() == 1);
    const core::KernelRecord& record = b.simulation.kernels[0];
    CHECK(record.name == "multiply_accumulate");
    CHECK(record.unit == "pim");
    CHECK(record.region == region);
    CHECK(record.macs == 200);
    CHECK(record.compute_cycles == 729);  // 729.8395 ns at 1 GHz
    CHECK(record.tally.energy_j > 0);
    for (const auto& burst : b.bursts) CHECK(burst.region == region);
    CHECK(b.simulation.energy.by_region(region) >= record.tally.energy_j * 0.999999);
  });
}

TEST_CASE("reset drops the queue and keeps the arrays") {
  Bench b;
  b.run([&] {
    b.start_queue();
    auto fill = lanes(SPINVP_PIM_BROADCAST, 0, 256, 4);
    fill.scalar = 7;
    b.execute(fill);
    b.submit(lanes(SPINVP_PIM_MULTIPLY, 0, 256));
    b.submit(lanes(SPINVP_PIM_MULTIPLY, 0, 256));
    sc_core::wait(100, sc_core::SC_NS);
    b.write(CONTROL, 3);
    sc_core::wait(5, sc_core::SC_US);
    CHECK(b.read(CONTROL) == 1);
    CHECK(b.read(STATUS) == 0);
    CHECK(b.read(HEAD) == 0);
    CHECK(b.read(COMPLETED) == 0);
    CHECK(b.read(QUEUE_SIZE) == ring_size);
    CHECK(b.lane(200, 4) == 0x40e00000u);
    CHECK(b.execute(lanes(SPINVP_PIM_COPY, 0, 256, 5, 4)) == SPINVP_PIM_DONE);
    CHECK(b.lane(200, 5) == 0x40e00000u);
  });
}

TEST_CASE("the arrays keep their contents without power, the queue does not") {
  Bench b;
  b.run([&] {
    b.start_queue();
    auto fill = lanes(SPINVP_PIM_BROADCAST, 0, 256, 4);
    fill.scalar = 7;
    b.execute(fill);
    b.submit(lanes(SPINVP_PIM_MULTIPLY, 0, 256));
    sc_core::wait(100, sc_core::SC_NS);
    b.pim.set_power_state(core::PowerState::off);
    sc_core::wait(5, sc_core::SC_US);
    std::uint32_t x = 0;
    CHECK(b.window(tlm::TLM_READ_COMMAND, 16, &x, 4) == tlm::TLM_GENERIC_ERROR_RESPONSE);
    CHECK(b.try_write(CONTROL, 1) == tlm::TLM_GENERIC_ERROR_RESPONSE);
    b.pim.set_power_state(core::PowerState::on);
    CHECK(b.read(QUEUE_SIZE) == 0);
    CHECK(b.read(STATUS) == 0);
    CHECK(b.window(tlm::TLM_READ_COMMAND, 16, &x, 4) == tlm::TLM_OK_RESPONSE);
    CHECK(x == 0x40e00000u);
    b.start_queue();
    CHECK(b.execute(lanes(SPINVP_PIM_COPY, 0, 256, 5, 4)) == SPINVP_PIM_DONE);
  });
}

TEST_CASE("a gated clock lets the running command complete and starts no other") {
  Bench b;
  b.run([&] {
    b.start_queue();
    b.submit(lanes(SPINVP_PIM_MULTIPLY, 0, 256));
    b.submit(lanes(SPINVP_PIM_MULTIPLY, 0, 256));
    sc_core::wait(100, sc_core::SC_NS);
    b.pim.set_power_state(core::PowerState::clock_gated);
    sc_core::wait(10, sc_core::SC_US);
    CHECK(b.peek(COMPLETED) == 1);
    b.pim.set_power_state(core::PowerState::on);
    sc_core::wait(10, sc_core::SC_US);
    CHECK(b.peek(COMPLETED) == 2);
  });
}

TEST_CASE("saved state comes back with registers and cells") {
  Bench b;
  b.run([&] {
    b.start_queue();
    auto fill = lanes(SPINVP_PIM_BROADCAST, 0, 256, 4);
    fill.scalar = 7;
    b.execute(fill);
    core::StateArchive saved;
    b.pim.describe_state(saved);
    fill.scalar = 8;
    b.execute(fill);
    core::StateArchive back(saved.bytes());
    b.pim.describe_state(back);
    CHECK(b.lane(255, 4) == 0x40e00000u);
    CHECK(b.peek(COMPLETED) == 1);
    CHECK(b.peek(HEAD) == 1);
  });
}

namespace {
void run_new_operations(const char* engine) {
  auto config = small();
  config.engine = engine;
  Bench b(config);
  b.run([&] {
    b.start_queue();
    b.lane(70, 1) = 0xc0400000u, b.lane(70, 2) = 0x3fc00000u;  // -3 and 1.5
    CHECK(b.execute(lanes(SPINVP_PIM_COMPARE, 70, 1, 3)) == SPINVP_PIM_DONE);
    CHECK(b.lane(70, 3) == 0xbf800000u);  // less: -1
    CHECK(b.execute(lanes(SPINVP_PIM_MAXIMUM, 70, 1, 4)) == SPINVP_PIM_DONE);
    CHECK(b.lane(70, 4) == 0x3fc00000u);
    b.lane(70, 5) = 77;
    CHECK(b.execute(lanes(SPINVP_PIM_RELU, 70, 1, 5)) == SPINVP_PIM_DONE);
    CHECK(b.lane(70, 5) == 0);
    auto convert = lanes(SPINVP_PIM_CONVERT, 70, 1, 6);
    convert.distance = SPINVP_PIM_FP32, convert.count = SPINVP_PIM_FP16;
    CHECK(b.execute(convert) == SPINVP_PIM_DONE);
    CHECK(b.lane(70, 6) == 0xc200u);  // -3 = -1.5 x 2^1: exponent field 16, mantissa 0x200
    convert.source_a = convert.destination = 6;
    convert.distance = SPINVP_PIM_FP16, convert.count = SPINVP_PIM_FP32;
    CHECK(b.execute(convert) == SPINVP_PIM_DONE);
    CHECK(b.lane(70, 6) == 0xc0400000u);
    convert.count = 3;
    CHECK(b.execute(convert) == SPINVP_PIM_BAD_RANGE);
    auto dot = box(lanes(SPINVP_PIM_DOT_SCALAR, 70, 1), memory_base, {1, 1, 1, 1}, {0, 0, 0, 4});
    dot.count = dot.step_extent[0] = dot.step_extent[1] = dot.step_extent[2] = 1;
    dot.address_b = memory_base + 0x1000;
    b.set_word(memory_base, 0x40000000u), b.set_word(memory_base + 0x1000, 0x40400000u);
    CHECK(b.execute(dot) == SPINVP_PIM_DONE);
    CHECK(b.lane(70, 0) == 0x40c00000u);  // 2 x 3
    dot.stride_b[3] = 4;
    CHECK(b.execute(dot) == SPINVP_PIM_BAD_RANGE);
  });
}
}  // namespace

TEST_CASE("comparisons, conversions and shared multipliers run through the queue on the fast engine") { run_new_operations("fast"); }
TEST_CASE("comparisons, conversions and shared multipliers run through the queue on the step engine") { run_new_operations("step"); }
