// What a guest gets wrong: a status, an interrupt, the error registers; and the queue goes on.
#include "tests/unit/pim/controller_bench.h"

using namespace bench;

namespace {
auto load(std::uint64_t address) { return box(lanes(SPINVP_PIM_LOAD, 0, 64), address, {1, 1, 1, 64}, {0, 0, 0, 4}); }
}  // namespace

TEST_CASE("a bad descriptor is told so, and the next one runs") {
  Bench b;
  b.run([&] {
    b.start_queue(2);
    auto fill = lanes(SPINVP_PIM_BROADCAST, 0, 256, 3);
    fill.scalar = 1;
    const auto bad = b.submit(lanes(99, 0, 1)), range = b.submit(lanes(SPINVP_PIM_ADD, 200, 100)), good = b.submit(fill);
    sc_core::wait(5, sc_core::SC_US);
    CHECK(b.status_of(bad) == SPINVP_PIM_BAD_OPERATION);
    CHECK(b.status_of(range) == SPINVP_PIM_BAD_RANGE);
    CHECK(b.status_of(good) == SPINVP_PIM_DONE);
    CHECK(b.line.level);
    CHECK(b.read(ERROR_INDEX) == range);
    CHECK(b.read(ERROR_STATUS) == SPINVP_PIM_BAD_RANGE);
    CHECK(b.read(STATUS) == 2);
    CHECK(b.read(COMPLETED) == 3);
    CHECK(b.lane(5, 3) == 0x3f800000u);
    b.write(INTERRUPT_STATUS, 2);
    CHECK_FALSE(b.line.level);
  });
}

TEST_CASE("an address that nobody answers is a bad address") {
  Bench b;
  b.run([&] {
    b.start_queue();
    CHECK(b.execute(load(0x1000)) == SPINVP_PIM_BAD_ADDRESS);
    // The box begins in memory and ends behind it.
    CHECK(b.execute(load(memory_base + memory_size - 128)) == SPINVP_PIM_BAD_ADDRESS);
    auto store = load(0x1000);
    store.operation = SPINVP_PIM_STORE;
    CHECK(b.execute(store) == SPINVP_PIM_BAD_ADDRESS);
    auto dot = load(memory_base);
    dot.operation = SPINVP_PIM_DOT;
    dot.address_b = 0x1000;
    dot.count = 1;
    dot.step_extent[0] = dot.step_extent[1] = dot.step_extent[2] = 1;
    CHECK(b.execute(dot) == SPINVP_PIM_BAD_ADDRESS);
    // Its last step leaves memory.
    dot.address_b = memory_base;
    dot.count = dot.step_extent[2] = 3;
    dot.step[2] = memory_size / 2 - 64;
    CHECK(b.execute(dot) == SPINVP_PIM_BAD_ADDRESS);
    CHECK(b.execute(load(memory_base)) == SPINVP_PIM_DONE);
    CHECK(b.read(COMPLETED) == 6);
  });
}

TEST_CASE("a failed LOAD leaves the lanes as they were") {
  Bench b;
  b.run([&] {
    b.start_queue();
    b.lane(3, 0) = 0x1234;
    CHECK(b.execute(load(0x1000)) == SPINVP_PIM_BAD_ADDRESS);
    CHECK(b.lane(3, 0) == 0x1234);
  });
}

TEST_CASE("a ring outside memory fails descriptor by descriptor and hangs nothing") {
  Bench b;
  b.run([&] {
    b.write(QUEUE_BASE, 0x2000, 8);
    b.write(QUEUE_SIZE, 8);
    b.write(CONTROL, 1);
    b.write(TAIL, 5);
    sc_core::wait(10, sc_core::SC_US);
    CHECK(b.read(COMPLETED) == 5);
    CHECK(b.read(ERROR_STATUS) == SPINVP_PIM_BAD_ADDRESS);
    CHECK(b.read(ERROR_INDEX) == 4);
    CHECK(b.read(STATUS) == 2);
  });
}

TEST_CASE("a doorbell beyond the ring is refused") {
  Bench b;
  b.run([&] {
    b.start_queue();
    b.write(TAIL, ring_size);
    CHECK(b.read(TAIL) == 0);
    CHECK(b.read(ERROR_STATUS) == SPINVP_PIM_BAD_QUEUE);
    CHECK(b.read(ERROR_INDEX) == ring_size);
    CHECK(b.line.level);
    CHECK(b.execute(lanes(SPINVP_PIM_NOP, 0, 0)) == SPINVP_PIM_DONE);
  });
}

TEST_CASE("a doorbell before there is a ring is refused") {
  Bench b;
  b.run([&] {
    b.write(CONTROL, 1);
    b.write(TAIL, 0);
    b.write(TAIL, 1);
    sc_core::wait(1, sc_core::SC_US);
    CHECK(b.read(COMPLETED) == 0);
    CHECK(b.read(ERROR_STATUS) == SPINVP_PIM_BAD_QUEUE);
  });
}

TEST_CASE("the ring cannot be moved or made absurd") {
  Bench b;
  b.run([&] {
    b.start_queue();
    b.write(QUEUE_SIZE, 1);
    CHECK(b.read(QUEUE_SIZE) == ring_size);
    b.write(QUEUE_SIZE, 65537);
    CHECK(b.read(QUEUE_SIZE) == ring_size);
    b.write(QUEUE_BASE, ring_base + 4, 8);
    CHECK(b.read(QUEUE_BASE, 8) == ring_base);
    b.submit(lanes(SPINVP_PIM_MULTIPLY, 0, 1));
    b.write(QUEUE_BASE, ring_base + 4096, 8);
    b.write(QUEUE_SIZE, 4);
    CHECK(b.read(QUEUE_BASE, 8) == ring_base);
    CHECK(b.read(QUEUE_SIZE) == ring_size);
    CHECK(b.read(TAIL) == 1);
  });
}

TEST_CASE("descriptors of any bits end in a status") {
  Bench b;
  b.run([&] {
    b.start_queue();
    std::uint64_t state = 42, good = 0;
    for (int i = 0; i < 3000; ++i) {
      spinvp_pim_descriptor d;
      auto* bytes = reinterpret_cast<std::uint8_t*>(&d);
      for (std::size_t k = 0; k < sizeof d; ++k) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        // Small numbers are the ones that get through.
        bytes[k] = static_cast<std::uint8_t>(k % 4 == 0 ? (state >> 33) & (i % 3 == 0 ? 0xff : 0x07) : (state >> 60) == 0 ? state >> 40 : 0);
      }
      d.flags = 0;
      d.operation = static_cast<std::uint32_t>(i % 18);
      if (i % 2 == 0) d.lane_count = d.extent[0] * d.extent[1] * d.extent[2] * d.extent[3], d.count = d.step_extent[0] * d.step_extent[1] * d.step_extent[2];
      if (i % 4 < 2) {
        d.address = memory_base + 0x100000 + (d.address & 0xffc), d.address_b = memory_base + 0x200000 + (d.address_b & 0xffc);
        for (int k = 0; k < 4; ++k) d.stride[k] &= ~3, d.stride_b[k] &= ~3;
        for (int k = 0; k < 3; ++k) d.step[k] &= ~3, d.step_b[k] &= ~3;
      }
      const std::uint32_t status = b.execute(d);
      CHECK((status >= SPINVP_PIM_DONE && status <= SPINVP_PIM_BAD_ADDRESS));
      good += status == SPINVP_PIM_DONE ? 1 : 0;
    }
    CHECK(good > 300);
  });
}
