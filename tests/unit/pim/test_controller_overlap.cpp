// Commands that do not stand in each other's way work at the same time, and leave what one after the other would have left.
#include "models/abi/counter_hash.h"
#include "tests/unit/pim/controller_bench.h"

using namespace bench;

namespace {

constexpr std::uint64_t decode_ps = 4000, read_ps = 221, write_ps = 266, multiply_ps = 612890;

// Four subarrays of 64 lanes, each a tile of its own, with a controller.
pim::PimConfig four_tiles() {
  auto config = small();
  config.subarrays_per_tile = config.subarrays_per_controller = 1;
  return config;
}

// Rings for all at once and returns when each completed, in picoseconds after the doorbell.
std::vector<std::uint64_t> completion_times(Bench& b, const std::vector<spinvp_pim_descriptor>& commands) {
  const std::uint64_t begin = core::now().ps();
  auto slot = static_cast<std::uint32_t>(b.peek(TAIL));
  std::vector<std::uint32_t> slots;
  for (const auto& d : commands) {
    std::memcpy(b.at(ring_base + slot * sizeof d), &d, sizeof d);
    slots.push_back(slot);
    slot = (slot + 1) % ring_size;
  }
  b.write(TAIL, slot);
  std::vector<std::uint64_t> times(commands.size(), 0);
  while ((b.peek_status() & 1) != 0) {
    sc_core::wait(500, sc_core::SC_PS);
    for (std::size_t i = 0; i < slots.size(); ++i)
      if (times[i] == 0 && b.status_of(slots[i]) != SPINVP_PIM_PENDING) times[i] = core::now().ps() - begin;
  }
  return times;
}
// Half a nanosecond is the step at which the test looks.
bool about(std::uint64_t measured, std::uint64_t expected) { return measured >= expected && measured <= expected + 500; }

}  // namespace

TEST_CASE("commands with different controllers work at the same time") {
  Bench b(four_tiles());
  b.run([&] {
    b.start_queue();
    const auto times = completion_times(b, {lanes(SPINVP_PIM_MULTIPLY, 0, 64), lanes(SPINVP_PIM_MULTIPLY, 64, 64), lanes(SPINVP_PIM_MULTIPLY, 128, 128)});
    for (std::uint64_t i = 0; i < 3; ++i) CHECK(about(times[i], (i + 1) * decode_ps + multiply_ps));
    // At work while any of them was.
    CHECK(b.read(BUSY_CYCLES, 8) == (3 * decode_ps + multiply_ps) / 1000);
    CHECK(b.read(ARRAY_CYCLES, 8) == 3 * multiply_ps / 1000);
  });
}

TEST_CASE("commands that share a controller work one after the other, the next one decoded meanwhile") {
  Bench b(four_tiles());
  b.run([&] {
    b.start_queue();
    const auto times = completion_times(b, {lanes(SPINVP_PIM_MULTIPLY, 0, 65), lanes(SPINVP_PIM_MULTIPLY, 64, 64), lanes(SPINVP_PIM_MULTIPLY, 0, 1)});
    CHECK(about(times[0], decode_ps + multiply_ps));
    CHECK(about(times[1], decode_ps + 2 * multiply_ps));
    CHECK(about(times[2], decode_ps + 2 * multiply_ps));
  });
}

TEST_CASE("a window of one is one command after the other") {
  auto config = four_tiles();
  config.command_window = 1;
  Bench b(config);
  b.run([&] {
    b.start_queue();
    const auto times = completion_times(b, {lanes(SPINVP_PIM_MULTIPLY, 0, 64), lanes(SPINVP_PIM_MULTIPLY, 64, 64)});
    CHECK(about(times[1], 2 * (decode_ps + multiply_ps)));
  });
}

TEST_CASE("a command waits for an older one that writes the memory it reads, and not for one that reads it too") {
  Bench b(four_tiles());
  b.run([&] {
    b.start_queue();
    b.burst_latency = SimTime::ns(500);
    b.lane(0, 5) = 42;
    b.set_word(memory_base + 0x1000, 7);
    const auto one_word = [](std::uint32_t operation, std::uint32_t lane, std::uint64_t address) {
      return box(lanes(operation, lane, 1, 5, 5), address, {1, 1, 1, 1}, {0, 0, 0, 0});
    };
    const auto times = completion_times(b, {one_word(SPINVP_PIM_STORE, 0, memory_base), one_word(SPINVP_PIM_LOAD, 64, memory_base),
                                            one_word(SPINVP_PIM_LOAD, 128, memory_base + 0x1000), one_word(SPINVP_PIM_LOAD, 192, memory_base + 0x1000)});
    CHECK(b.lane(64, 5) == 42);
    CHECK(b.lane(128, 5) == 7);
    CHECK(b.lane(192, 5) == 7);
    // A status is seen when its burst begins. A fetch takes 504 ns with decoding, the store's words 32 reads and a burst; then the first load may start. The bus of
    // the bench serves any number of bursts at once: the other loads start when they are fetched.
    const std::uint64_t fetch = 500000 + decode_ps, load = 500000 + 32 * write_ps;
    CHECK(about(times[0], fetch + 32 * read_ps + 500000));
    CHECK(about(times[1], fetch + 32 * read_ps + 500000 + load));
    CHECK(about(times[2], 3 * fetch + load));
    CHECK(about(times[3], 4 * fetch + load));
  });
}

TEST_CASE("HEAD passes a command when all before it are complete, whatever its own status says") {
  Bench b(four_tiles());
  b.run([&] {
    b.start_queue();
    b.submit(lanes(SPINVP_PIM_MULTIPLY, 0, 64));
    b.submit(lanes(SPINVP_PIM_COPY, 64, 64));
    sc_core::wait(core::to_sc(SimTime::ps(2 * decode_ps + 32 * (read_ps + write_ps) + 1)));
    CHECK(b.status_of(0) == SPINVP_PIM_PENDING);
    CHECK(b.status_of(1) == SPINVP_PIM_DONE);
    CHECK(b.peek(COMPLETED) == 1);
    CHECK(b.peek(HEAD) == 0);
    sc_core::wait(core::to_sc(SimTime::ps(multiply_ps)));
    CHECK(b.peek(HEAD) == 2);
    CHECK(b.peek(STATUS) == 0);
  });
}

TEST_CASE("a NOP is complete when all before it are, and nothing behind it starts before") {
  Bench b(four_tiles());
  b.run([&] {
    b.start_queue();
    auto fence = lanes(SPINVP_PIM_NOP, 0, 0);
    fence.flags = SPINVP_PIM_INTERRUPT;
    const auto times = completion_times(b, {lanes(SPINVP_PIM_MULTIPLY, 0, 64), lanes(SPINVP_PIM_COPY, 64, 64), fence, lanes(SPINVP_PIM_COPY, 128, 64)});
    CHECK(about(times[1], 2 * decode_ps + 32 * (read_ps + write_ps)));
    CHECK(about(times[2], decode_ps + multiply_ps));
    CHECK(about(times[3], decode_ps + multiply_ps + 32 * (read_ps + write_ps)));
    CHECK((b.read(INTERRUPT_STATUS) & 1) != 0);
  });
}

TEST_CASE("commands that together draw more current than the supply carries wait for each other") {
  auto config = four_tiles();
  config.peak_write_current = core::Current::from_si(13e-3);  // two subarrays, as in test_controller_timing.cpp
  Bench b(config);
  b.run([&] {
    b.start_queue();
    const auto times = completion_times(
        b, {lanes(SPINVP_PIM_MULTIPLY, 0, 64), lanes(SPINVP_PIM_MULTIPLY, 64, 64), lanes(SPINVP_PIM_MULTIPLY, 128, 64), lanes(SPINVP_PIM_MULTIPLY, 192, 64)});
    CHECK(about(times[1], 2 * decode_ps + multiply_ps));
    CHECK(about(times[2], decode_ps + 2 * multiply_ps));
    CHECK(about(times[3], 2 * decode_ps + 2 * multiply_ps));
  });
}

TEST_CASE("transfers between tiles have the network one after the other") {
  Bench b(four_tiles());
  b.run([&] {
    b.start_queue();
    auto right = lanes(SPINVP_PIM_MOVE_FROM, 0, 64), other = lanes(SPINVP_PIM_MOVE_FROM, 128, 64);
    right.distance = other.distance = 64;
    const std::uint64_t move = 32 * (read_ps + write_ps) + (64 * 32 / 1024 + 2) * 1000;
    const auto times = completion_times(b, {right, other});
    CHECK(about(times[0], decode_ps + move));
    CHECK(about(times[1], decode_ps + 2 * move));
  });
}

TEST_CASE("a reset drops all commands of the window, and the queue works again") {
  Bench b(four_tiles());
  b.run([&] {
    b.start_queue();
    for (std::uint32_t tile = 0; tile < 4; ++tile) b.submit(lanes(SPINVP_PIM_MULTIPLY, 64 * tile, 64));
    b.submit(lanes(SPINVP_PIM_MULTIPLY, 0, 256));
    sc_core::wait(core::to_sc(SimTime::ps(multiply_ps / 2)));
    b.write(CONTROL, 3);
    CHECK(b.peek(STATUS) == 0);
    sc_core::wait(core::to_sc(SimTime::ps(3 * multiply_ps)));
    CHECK(b.peek(COMPLETED) == 0);
    for (std::uint32_t slot = 0; slot < 5; ++slot) CHECK(b.status_of(slot) == SPINVP_PIM_PENDING);
    const auto times = completion_times(b, {lanes(SPINVP_PIM_COPY, 0, 64), lanes(SPINVP_PIM_COPY, 64, 64)});
    CHECK(about(times[1], 2 * decode_ps + 32 * (read_ps + write_ps)));
    CHECK(b.peek(HEAD) == 2);
  });
}

TEST_CASE("commands that take no time at all leave the queue alive: a ring that cannot be read, after a reset in the middle of a command") {
  auto config = four_tiles();
  config.command_window = 1;
  Bench b(config);
  b.run([&] {
    b.start_queue();
    b.burst_latency = SimTime::ns(50);
    b.submit(box(lanes(SPINVP_PIM_LOAD, 0, 64), memory_base, {1, 1, 1, 64}, {0, 0, 0, 4}));
    sc_core::wait(core::to_sc(SimTime::ns(70)));
    b.write(CONTROL, 3);
    b.burst_latency = SimTime();
    b.write(QUEUE_BASE, memory_base - 0x10000000, 8);
    for (int round = 0; round < 4; ++round) {
      b.write(TAIL, (b.peek(TAIL) + 5) % ring_size);
      sc_core::wait(core::to_sc(SimTime::us(1)));
      CHECK(b.peek(STATUS) == 2);  // not busy, an error
      CHECK(b.peek(ERROR_STATUS) == SPINVP_PIM_BAD_ADDRESS);
    }
    CHECK(b.peek(COMPLETED) == 20);
  });
}

TEST_CASE("commands drawn at random leave the same arrays and memory as one after the other, in no more time") {
  constexpr std::uint32_t words = 64, commands = 400;
  struct End {
    std::vector<std::uint32_t> lanes, memory;
    std::uint64_t time = 0;
  };
  const auto outcome = [&](Bench& b) {
    End end;
    std::uint64_t drawn = 0;
    const auto draw = [&](std::uint32_t below) { return static_cast<std::uint32_t>(spinvp_counter_hash(2026, drawn++) % below); };
    for (std::uint32_t i = 0; i < words; ++i) b.set_word(memory_base + 4 * i, 0x3f800000u + (draw(64) << 17));
    for (std::uint32_t lane = 0; lane < 256; ++lane)
      for (std::uint32_t word = 0; word < 4; ++word) b.lane(lane, word) = 0x3f800000u + (draw(64) << 17);
    b.start_queue();
    for (std::uint32_t i = 0; i < commands; ++i) {
      // Small pieces of few lanes, words and addresses: much to stand in the way of.
      const std::uint32_t kind = draw(6), count = 1 + draw(96), first = draw(256 - count);
      const auto destination = static_cast<std::uint16_t>(draw(4)), a = static_cast<std::uint16_t>(draw(4)), c = static_cast<std::uint16_t>(draw(4));
      spinvp_pim_descriptor d = lanes(kind == 0 ? SPINVP_PIM_MAXIMUM : SPINVP_PIM_COPY, first, count, destination, a, c);
      const std::uint64_t address = memory_base + std::uint64_t{4} * draw(words - 8);
      if (kind == 1 || kind == 2) {
        d.operation = kind == 1 ? SPINVP_PIM_LOAD : SPINVP_PIM_STORE;
        d.lane_count = 8, d.first_lane = draw(248);
        d = box(d, address, {1, 1, 1, 8}, {0, 0, 0, 4});
      }
      if (kind == 3) {
        d.operation = SPINVP_PIM_MOVE_FROM;
        d.first_lane = draw(128 - 96), d.distance = 64 * static_cast<std::int32_t>(1 + draw(2));
      }
      if (kind == 4) {
        d.operation = SPINVP_PIM_DOT;
        d.lane_count = 8, d.first_lane = draw(248);
        d = box(d, address, {1, 1, 1, 8}, {0, 0, 0, 4});
        d.address_b = memory_base + std::uint64_t{4} * draw(words - 8);
        d.count = 2;
        d.step_extent[0] = d.step_extent[1] = 1, d.step_extent[2] = 2;
      }
      // The ring has room for fifteen.
      while ((b.peek(TAIL) + 1) % ring_size == b.peek(HEAD)) sc_core::wait(10, sc_core::SC_NS);
      b.submit(d);
    }
    while ((b.peek_status() & 1) != 0) sc_core::wait(10, sc_core::SC_NS);
    CHECK(b.peek(COMPLETED) == commands);
    CHECK(b.peek(ERROR_STATUS) == 0);
    end.time = b.read(BUSY_CYCLES, 8);
    for (std::uint32_t lane = 0; lane < 256; ++lane)
      for (std::uint32_t word = 0; word < 4; ++word) end.lanes.push_back(b.lane(lane, word));
    for (std::uint32_t i = 0; i < words; ++i) end.memory.push_back(b.word(memory_base + 4 * i));
    return end;
  };
  auto one_by_one = four_tiles();
  one_by_one.command_window = 1;
  Bench together(four_tiles(), "together"), alone(one_by_one, "alone");
  End first, second;
  together.burst_latency = alone.burst_latency = SimTime::ns(30);
  alone.idle();
  together.run([&] {
    first = outcome(together);
    second = outcome(alone);
  });
  CHECK(first.lanes == second.lanes);
  CHECK(first.memory == second.memory);
  CHECK(first.time < second.time);
}
