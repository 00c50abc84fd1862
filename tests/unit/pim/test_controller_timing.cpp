// Commands end at the time of their closed form, and not a picosecond earlier. The bus takes no time unless a test says so; decoding takes 4 cycles of 1 ns.
#include "models/pim/program_set.h"
#include "tests/unit/pim/controller_bench.h"

using namespace bench;

namespace {

constexpr std::uint64_t decode_ps = 4000, read_ps = 221, write_ps = 266;

// The command is complete at `ps` after its doorbell, not one picosecond before.
void check_ends_at(Bench& b, const spinvp_pim_descriptor& d, std::uint64_t ps) {
  const std::uint64_t before = b.peek(COMPLETED);
  b.submit(d);
  sc_core::wait(core::to_sc(SimTime::ps(ps - 1)));
  for (int delta = 0; delta < 5; ++delta) sc_core::wait(sc_core::SC_ZERO_TIME);
  CHECK(b.peek(COMPLETED) == before);
  sc_core::wait(core::to_sc(SimTime::ps(1)));
  for (int delta = 0; delta < 5; ++delta) sc_core::wait(sc_core::SC_ZERO_TIME);
  CHECK(b.peek(COMPLETED) == before + 1);
  CHECK(b.peek(STATUS) == 0);
}

}  // namespace

TEST_CASE("MULTIPLY on all lanes takes 1258.5 (T_read + T_write), rounded up to a picosecond") {
  Bench b;
  b.run([&] {
    b.start_queue();
    check_ends_at(b, lanes(SPINVP_PIM_MULTIPLY, 0, 256), decode_ps + 612890);  // 612 889.5
    // The same on one lane.
    check_ends_at(b, lanes(SPINVP_PIM_MULTIPLY, 77, 1), decode_ps + 612890);
  });
}

TEST_CASE("operations without bus take their steps") {
  Bench b;
  b.run([&] {
    b.start_queue();
    const std::uint64_t add = 218 * read_ps + 217 * write_ps + 50 * read_ps;
    check_ends_at(b, lanes(SPINVP_PIM_NOP, 0, 0), decode_ps);
    check_ends_at(b, lanes(SPINVP_PIM_ADD, 0, 256), decode_ps + add);
    check_ends_at(b, lanes(SPINVP_PIM_SUBTRACT, 0, 256), decode_ps + add);
    // 612 889.5 + 116 950
    check_ends_at(b, lanes(SPINVP_PIM_MULTIPLY_ACCUMULATE, 0, 256), decode_ps + 729840);
    check_ends_at(b, lanes(SPINVP_PIM_COPY, 0, 256), decode_ps + 32 * (read_ps + write_ps));
    check_ends_at(b, lanes(SPINVP_PIM_BROADCAST, 0, 256), decode_ps + 32 * write_ps);
    auto move = lanes(SPINVP_PIM_MOVE_FROM, 0, 64);
    move.distance = 64;
    check_ends_at(b, move, decode_ps + 32 * (read_ps + write_ps));
    move.operation = SPINVP_PIM_ADD_FROM;
    check_ends_at(b, move, decode_ps + 32 * (read_ps + write_ps) + add);
    auto reduce = lanes(SPINVP_PIM_REDUCE, 0, 256);
    reduce.count = 64;
    check_ends_at(b, reduce, decode_ps + 6 * (32 * (read_ps + write_ps) + add));
  });
}

TEST_CASE("words that change tiles take the network's cycles on top") {
  auto config = small();
  config.subarrays_per_tile = 2, config.tile_link_bits = 256, config.tile_hop_cycles = 3;
  Bench b(config);
  b.run([&] {
    b.start_queue();
    auto move = lanes(SPINVP_PIM_MOVE_FROM, 0, 128);
    move.distance = 128;
    // Tile 1 to tile 0: two subarrays of 64 x 32 bits over one link of 256 bits a cycle of 1 ns, and a hop.
    check_ends_at(b, move, decode_ps + 32 * (read_ps + write_ps) + (2 * 64 * 32 / 256 + 3) * 1000);
    // Within the tile: nothing.
    move.lane_count = 64, move.distance = 64;
    check_ends_at(b, move, decode_ps + 32 * (read_ps + write_ps));
  });
}

TEST_CASE("the descriptor's fetch and the status' way back are part of a command") {
  Bench b;
  b.run([&] {
    b.start_queue();
    b.burst_latency = SimTime::ns(70);
    check_ends_at(b, lanes(SPINVP_PIM_BROADCAST, 0, 1), 70000 + decode_ps + 32 * write_ps + 70000);
  });
}

TEST_CASE("a supply that carries fewer subarrays than work repeats the row writes in waves") {
  auto config = small();
  // 64 lanes x 100 uA = 6.4 mA a subarray: two at once.
  config.peak_write_current = core::Current::from_si(13e-3);
  Bench b(config);
  b.run([&] {
    CHECK(b.pim.writers_at_once() == 2);
    b.start_queue();
    check_ends_at(b, lanes(SPINVP_PIM_BROADCAST, 0, 128), decode_ps + 32 * write_ps);
    check_ends_at(b, lanes(SPINVP_PIM_BROADCAST, 0, 129), decode_ps + 2 * 32 * write_ps);
    check_ends_at(b, lanes(SPINVP_PIM_BROADCAST, 0, 256), decode_ps + 2 * 32 * write_ps);
    // 1258.5 x (221 + 2 x 266) = 947 650.5
    check_ends_at(b, lanes(SPINVP_PIM_MULTIPLY, 0, 256), decode_ps + 947651);
    check_ends_at(b, lanes(SPINVP_PIM_COPY, 0, 192), decode_ps + 32 * (read_ps + 2 * write_ps));
  });
}

TEST_CASE("a LOAD takes the longer of bus and filling, then 32 row writes, a STORE 32 row reads, then the longer of both") {
  Bench b;
  b.run([&] {
    b.start_queue();
    // 64 different words a subarray, 2 a cycle: 32 ns.
    const auto words = box(lanes(SPINVP_PIM_LOAD, 0, 256), memory_base, {1, 1, 1, 256}, {0, 0, 0, 4});
    auto store = words;
    store.operation = SPINVP_PIM_STORE;
    check_ends_at(b, words, decode_ps + 32000 + 32 * write_ps);
    check_ends_at(b, store, decode_ps + 32 * read_ps + 32000);
    // One word for all lanes: one cycle.
    check_ends_at(b, box(lanes(SPINVP_PIM_LOAD, 0, 256), memory_base, {1, 1, 1, 256}, {0, 0, 0, 0}), decode_ps + 1000 + 32 * write_ps);
    // A burst that takes longer than the filling: descriptor, words, status.
    b.burst_latency = SimTime::ns(50);
    check_ends_at(b, words, 50000 + decode_ps + 50000 + 32 * write_ps + 50000);
    check_ends_at(b, store, 50000 + decode_ps + 32 * read_ps + 50000 + 50000);
  });
}

TEST_CASE("a DOT fills the next step's words while the present one works") {
  Bench b;
  b.run([&] {
    b.start_queue();
    // a: 64 words a subarray and step, b: one word; 65 words, 33 cycles. A step: 64 row writes and a multiply-accumulate, 1475.5 + 64 writes.
    auto dot = box(lanes(SPINVP_PIM_DOT, 0, 256), memory_base, {1, 1, 1, 256}, {0, 0, 0, 4});
    dot.address_b = memory_base + 0x10000;
    dot.count = 10;
    dot.step_extent[0] = dot.step_extent[1] = 1, dot.step_extent[2] = 10;
    dot.step[2] = 1024, dot.step_b[2] = 4;
    const std::uint64_t array = 729840 + 64 * write_ps, fill = 33000;
    check_ends_at(b, dot, decode_ps + fill + 10 * array);
    // Everything is fetched in front: 10 KiB in 3 bursts and 40 bytes in one.
    b.burst_latency = SimTime::ns(50);
    check_ends_at(b, dot, 50000 + decode_ps + 4 * 50000 + 10 * array + 50000);
  });
}

TEST_CASE("a DOT that fills more slowly than it works takes its time from the filling") {
  auto config = small();
  config.lanes = 4096, config.subarrays = 1, config.fill_words = 1;
  Bench b(config);
  b.run([&] {
    b.start_queue();
    auto dot = box(lanes(SPINVP_PIM_DOT, 0, 4096), memory_base, {1, 1, 1, 4096}, {0, 0, 0, 4});
    dot.address_b = memory_base + 0x10000;
    dot.count = 5;
    dot.step_extent[0] = dot.step_extent[1] = 1, dot.step_extent[2] = 5;
    const std::uint64_t array = 729840 + 64 * write_ps, fill = 4097000;
    check_ends_at(b, dot, decode_ps + fill + 4 * fill + array);
  });
}

TEST_CASE("a DOT that streams fetches the next step while the present one works") {
  auto config = small();
  config.operand_buffer = core::Bytes{0};
  Bench b(config);
  b.run([&] {
    b.start_queue();
    auto dot = box(lanes(SPINVP_PIM_DOT, 0, 256), memory_base, {1, 1, 1, 256}, {0, 0, 0, 4});
    dot.address_b = memory_base + 0x10000;
    dot.count = 10;
    dot.step_extent[0] = dot.step_extent[1] = 1, dot.step_extent[2] = 10;
    dot.step[2] = 1024, dot.step_b[2] = 4;
    const std::uint64_t array = 729840 + 64 * write_ps;
    // Two bursts a step, shorter than a step: only the first two show.
    b.burst_latency = SimTime::ns(50);
    check_ends_at(b, dot, 50000 + decode_ps + 2 * 50000 + 10 * array + 50000);
    // Longer than a step: each fetch begins when the step before it began.
    b.burst_latency = SimTime::ns(1000);
    check_ends_at(b, dot, 1000000 + decode_ps + 10 * 2000000 + array + 1000000);
  });
}

TEST_CASE("the counters of steps and cycles follow the commands") {
  Bench b;
  b.run([&] {
    b.start_queue();
    b.execute(lanes(SPINVP_PIM_MULTIPLY_ACCUMULATE, 0, 256));
    CHECK(b.read(STEP_READS, 8) == 2953);
    CHECK(b.read(STEP_WRITES, 8) == 2951);
    CHECK(b.read(STEP_SEARCHES, 8) == 100);
    CHECK(b.read(MACS, 8) == 256);
    CHECK(b.read(BUSY_CYCLES, 8) == 733);  // 4 + 729.84
    CHECK(b.read(ARRAY_CYCLES, 8) == 729);
    CHECK(b.read(STALL_CYCLES, 8) == 0);  // from its start on
    CHECK(b.pim.busy() == SimTime::ps(733840));
  });
}

TEST_CASE("a DOT_SCALAR takes the steps of its scalars' bits, step by step") {
  auto config = small();
  config.counts = "microprogram";
  Bench b(config);
  b.run([&] {
    b.start_queue();
    // No bit of the mantissa, one, all, and a zero: nothing to add.
    const std::uint32_t scalars[] = {0x3f800000u, 0x3fc00000u, 0xbfffffffu, 0u};
    pim::ProgramSet programs(pim::logic_family(config.family), config.arithmetic(), static_cast<unsigned>(config.rows_of_work()));
    const pim::RunnableProgram& program = programs.program(pim::FloatOperation::multiply_accumulate, true);
    std::uint64_t arrays = 0;
    for (std::uint32_t j = 0; j < 4; ++j) {
      b.set_word(memory_base + 0x10000 + 4 * j, scalars[j]);
      // 64 row writes bring the operands; the guards are the significand with its hidden bit.
      const pim::StepCounts steps =
          pim::StepCounts::whole(0, 64) + program.counts((scalars[j] & 0x7fffffu) | ((scalars[j] & 0x7f800000u) != 0 ? 0x800000u : 0u));
      arrays += (steps.reads * read_ps + steps.writes * write_ps + steps.searches * read_ps + 1) / 2;
    }
    auto dot = box(lanes(SPINVP_PIM_DOT_SCALAR, 0, 256), memory_base, {1, 1, 1, 256}, {0, 0, 0, 4});
    dot.address_b = memory_base + 0x10000;
    dot.count = 4;
    dot.step_extent[0] = dot.step_extent[1] = 1, dot.step_extent[2] = 4;
    dot.step[2] = 1024, dot.step_b[2] = 4;
    check_ends_at(b, dot, decode_ps + 33000 + arrays);  // 65 words fill a buffer in 33 cycles
    CHECK(b.read(MACS, 8) == 1024);
  });
}
