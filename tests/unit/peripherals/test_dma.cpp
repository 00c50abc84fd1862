#include "models/peripherals/dma.h"
#include "tests/unit/peripherals/bench.h"

using namespace spinvp::test;
using spinvp::peripherals::Dma;
using spinvp::peripherals::DmaConfig;

namespace {

enum Offset : std::uint64_t {
  descriptor = 0x00,
  control = 0x08,
  status = 0x0c,
  interrupt = 0x10,
  enable = 0x14,
  completed = 0x18,
  error_address = 0x20,
  bytes = 0x28
};
constexpr std::uint32_t busy = 1, done = 2, failed = 4, aborted = 8;

constexpr std::uint64_t base = 0x80000000, chain = base, source = base + 0x10000, target = base + 0x80000;
constexpr SimTime burst = SimTime::ns(50), byte_time = SimTime::ps(125);  // 8 bytes a nanosecond

struct DmaBench {
  Simulation simulation;
  Dma device;
  Bench bench{"bench", device};
  Memory memory{"memory", base, 1 << 20, burst, byte_time};
  LineProbe probe;
  explicit DmaBench(DmaConfig config = {}) : device("dma", simulation, config) {
    device.masters().at(0)->bind(memory.socket);
    device.interrupt()->bind(probe, 34);
    for (std::uint64_t i = 0; i < 0x10000; ++i) memory.bytes[source - base + i] = static_cast<std::uint8_t>((i * 2654435761u) >> 13);
  }
  std::uint8_t& at(std::uint64_t address) { return memory.bytes[address - base]; }
  void describe(std::uint64_t where, spinvp_dma_descriptor d) { memory.put(where, d); }
  void start(std::uint64_t where = chain) {
    bench.write<std::uint64_t>(descriptor, where);
    bench.write<std::uint32_t>(control, 1);
  }
  // Starts and waits for the end.
  void transfer(std::uint64_t where = chain) {
    start(where);
    while ((bench.read(status) & busy) != 0) wait_for(SimTime::ns(10));
  }
  bool line() { return probe.level[34]; }
};

spinvp_dma_descriptor copy(std::uint32_t rows, std::uint32_t row_bytes, std::int64_t source_stride, std::int64_t target_stride, std::uint64_t next = 0,
                           std::uint32_t flags = 0) {
  return {source, target, source_stride, target_stride, row_bytes, rows, flags, 0, next};
}

// One burst of n bytes at the bench's memory.
constexpr SimTime access(std::uint64_t n) { return burst + byte_time * n; }
// What a descriptor costs beside its data: fetch, 16 cycles at 1 GHz, status.
constexpr SimTime overhead = access(56) + SimTime::ns(16) + access(4);

}  // namespace

TEST_CASE("A contiguous copy moves its bytes in bursts of 4 KiB, in the time of the closed form") {
  DmaBench d;
  d.describe(chain, copy(1, 10000, 0, 0));
  d.bench.run([&] {
    d.bench.write<std::uint32_t>(enable, 2);
    d.start();
    CHECK(d.bench.read(status) == busy);
    CHECK_FALSE(d.device.can_power_down());
  });
  CHECK(std::equal(&d.at(source), &d.at(source) + 10000, &d.at(target)));
  CHECK(d.at(target + 10000) == 0);
  CHECK(d.memory.reads == 1 + 3);
  CHECK(d.memory.writes == 3 + 1);
  // 4096 + 4096 + 1808 bytes, each read and written.
  const SimTime expected = overhead + 2 * (access(4096) + access(4096) + access(1808));
  REQUIRE(d.simulation.kernels.size() == 1);
  const KernelRecord& kernel = d.simulation.kernels[0];
  CHECK(kernel.end - kernel.start == expected);
  CHECK(kernel.unit == "dma");
  CHECK(kernel.compute_cycles == 16);
  CHECK(kernel.stall_cycles == (expected - SimTime::ns(16)).ps() / 1000);
  CHECK(d.device.busy() == expected);
  REQUIRE(d.probe.changes.size() == 1);
  CHECK(d.probe.changes[0].level);
  CHECK(d.probe.changes[0].at == expected);
  CHECK(d.memory.get<spinvp_dma_descriptor>(chain).status == SPINVP_DMA_DONE);
}

TEST_CASE("A 2-D copy gathers strided rows, each piece one strided burst") {
  DmaBench d;
  d.describe(chain, copy(100, 60, 256, 64));
  d.bench.run([&] {
    d.transfer();
    CHECK(d.bench.read(status) == done);
    CHECK(d.bench.read<std::uint64_t>(completed) == 1);
    CHECK(d.bench.read<std::uint64_t>(bytes) == 6000);
  });
  for (std::uint64_t row = 0; row < 100; ++row) {
    CHECK(std::equal(&d.at(source + 256 * row), &d.at(source + 256 * row) + 60, &d.at(target + 64 * row)));
    CHECK(d.memory.get<std::uint32_t>(target + 64 * row + 60) == 0);  // the gap stays
  }
  // 68 rows of 60 bytes fit 4 KiB, 32 are left: two strided reads, two strided writes.
  CHECK(d.memory.strided == 4);
  CHECK(d.simulation.kernels[0].end - d.simulation.kernels[0].start == overhead + 2 * (access(68 * 60) + access(32 * 60)));
}

TEST_CASE("A negative source stride turns the rows around, read row by row") {
  DmaBench d;
  auto turn = copy(4, 8, -8, 8);
  turn.source = source + 24;
  d.describe(chain, turn);
  d.bench.run([&] { d.transfer(); });
  for (std::uint64_t row = 0; row < 4; ++row) CHECK(d.memory.get<std::uint64_t>(target + 8 * row) == d.memory.get<std::uint64_t>(source + 24 - 8 * row));
  CHECK(d.memory.reads == 1 + 4);
  CHECK(d.memory.writes == 1 + 1);
  CHECK(d.simulation.kernels[0].end - d.simulation.kernels[0].start == overhead + 4 * access(8) + access(32));
}

TEST_CASE("A zero source stride repeats one row") {
  DmaBench d;
  d.describe(chain, copy(5, 12, 0, 12));
  d.bench.run([&] { d.transfer(); });
  for (std::uint64_t row = 0; row < 5; ++row) CHECK(std::equal(&d.at(source), &d.at(source) + 12, &d.at(target + 12 * row)));
}

TEST_CASE("Of rows that are written over each other the last one stays") {
  DmaBench d;
  d.describe(chain, copy(3, 8, 8, 0));
  d.bench.run([&] { d.transfer(); });
  CHECK(d.memory.get<std::uint64_t>(target) == d.memory.get<std::uint64_t>(source + 16));
  CHECK(d.memory.writes == 3 + 1);
}

TEST_CASE("Rows that overlap in part are written in ascending order") {
  DmaBench d;
  d.describe(chain, copy(3, 8, 8, 4));
  d.bench.run([&] { d.transfer(); });
  CHECK(d.memory.get<std::uint32_t>(target) == d.memory.get<std::uint32_t>(source));
  CHECK(d.memory.get<std::uint32_t>(target + 4) == d.memory.get<std::uint32_t>(source + 8));
  CHECK(d.memory.get<std::uint64_t>(target + 8) == d.memory.get<std::uint64_t>(source + 16));
}

TEST_CASE("A row longer than a burst is cut, at its stride") {
  DmaBench d;
  d.describe(chain, copy(2, 5000, 6000, 5000));
  d.bench.run([&] { d.transfer(); });
  CHECK(std::equal(&d.at(source), &d.at(source) + 5000, &d.at(target)));
  CHECK(std::equal(&d.at(source + 6000), &d.at(source + 6000) + 5000, &d.at(target + 5000)));
  CHECK(d.simulation.kernels[0].end - d.simulation.kernels[0].start == overhead + 2 * 2 * (access(4096) + access(904)));
}

TEST_CASE("A chain runs to its end, writes every status back and interrupts where asked and at the end") {
  DmaBench d;
  d.describe(chain, copy(1, 64, 0, 0, chain + 64));
  auto second = copy(1, 64, 0, 0, chain + 128, SPINVP_DMA_INTERRUPT);
  second.source += 64;
  second.destination += 64;
  d.describe(chain + 64, second);
  auto third = copy(1, 64, 0, 0);
  third.source += 128;
  third.destination += 128;
  d.describe(chain + 128, third);
  const SimTime each = overhead + 2 * access(64);
  d.bench.run([&] {
    d.bench.write<std::uint32_t>(enable, 7);
    d.start();
    wait_for(2 * each);
    wait_for(SimTime::ps(1));
    CHECK(d.line());
    CHECK(d.bench.read(interrupt) == 1);
    CHECK(d.bench.read(status) == busy);
    CHECK(d.bench.read<std::uint64_t>(completed) == 2);
    d.bench.write<std::uint32_t>(interrupt, 1);
    CHECK_FALSE(d.line());
    wait_for(each);
    CHECK(d.bench.read(status) == done);
    CHECK(d.bench.read(interrupt) == 2);
    CHECK(d.line());
  });
  CHECK(std::equal(&d.at(source), &d.at(source) + 192, &d.at(target)));
  for (const std::uint64_t at : {chain, chain + 64, chain + 128}) CHECK(d.memory.get<spinvp_dma_descriptor>(at).status == SPINVP_DMA_DONE);
  CHECK(d.probe.changes[0].at == 2 * each);
  CHECK(d.probe.changes.back().at == 3 * each);
  REQUIRE(d.simulation.kernels.size() == 1);
  CHECK(d.simulation.kernels[0].end == 3 * each);
}

TEST_CASE("A chain can be started again, and START while busy is ignored") {
  DmaBench d;
  d.describe(chain, copy(1, 64, 0, 0));
  d.describe(chain + 64, copy(1, 128, 0, 0));
  d.bench.run([&] {
    d.start();
    d.start(chain + 64);
    while ((d.bench.read(status) & busy) != 0) wait_for(SimTime::ns(10));
    CHECK(d.bench.read<std::uint64_t>(bytes) == 64);
    d.transfer(chain + 64);
    CHECK(d.bench.read<std::uint64_t>(bytes) == 192);
    CHECK(d.bench.read<std::uint64_t>(completed) == 2);
  });
  CHECK(d.simulation.kernels.size() == 2);
}

TEST_CASE("A bad descriptor ends the chain with an error, an interrupt and its own address") {
  DmaBench d;
  d.describe(chain, copy(1, 64, 0, 0, chain + 64));
  d.describe(chain + 64, copy(0, 64, 0, 0, chain + 128));
  d.bench.run([&] {
    d.bench.write<std::uint32_t>(enable, 4);
    d.transfer();
    CHECK(d.bench.read(status) == (failed | SPINVP_DMA_BAD_DESCRIPTOR << 8));
    CHECK(d.bench.read(interrupt) == 6);  // CHAIN and ERROR
    CHECK(d.line());
    CHECK(d.bench.read<std::uint64_t>(error_address) == chain + 64);
    CHECK(d.bench.read<std::uint64_t>(completed) == 1);
    CHECK(d.memory.get<spinvp_dma_descriptor>(chain + 64).status == SPINVP_DMA_BAD_DESCRIPTOR);
    // The next chain starts with a clean status.
    d.describe(chain + 64, copy(1, 64, 0, 0));
    d.transfer();
    CHECK(d.bench.read(status) == done);
  });
}

TEST_CASE("Descriptors at odd addresses, at 0 or outside memory are errors") {
  DmaBench d;
  d.bench.run([&] {
    for (const std::uint64_t bad : {chain + 4, std::uint64_t{0}, ~std::uint64_t{0}}) {
      d.transfer(bad);
      CHECK(d.bench.read(status) == (failed | SPINVP_DMA_BAD_DESCRIPTOR << 8));
      CHECK(d.bench.read<std::uint64_t>(error_address) == bad);
    }
    CHECK(d.memory.reads == 0);
    for (const std::uint64_t bad : {std::uint64_t{0x1000}, base + (1 << 20) - 8, ~std::uint64_t{0} - 7}) {
      d.transfer(bad);
      CHECK(d.bench.read(status) == (failed | SPINVP_DMA_BUS_ERROR << 8));
      CHECK(d.bench.read<std::uint64_t>(error_address) == bad);
    }
  });
}

TEST_CASE("A bus error at the source names the burst that failed, and what was moved before it stays") {
  DmaBench d;
  d.memory.broken = source + 5000;
  d.describe(chain, copy(1, 10000, 0, 0));
  d.bench.run([&] {
    d.transfer();
    CHECK(d.bench.read(status) == (failed | SPINVP_DMA_BUS_ERROR << 8));
    CHECK(d.bench.read(interrupt) == 6);  // CHAIN and ERROR
    CHECK(d.bench.read<std::uint64_t>(error_address) == source + 4096);
    CHECK(d.bench.read<std::uint64_t>(bytes) == 4096);
  });
  CHECK(std::equal(&d.at(source), &d.at(source) + 4096, &d.at(target)));
  CHECK(d.at(target + 4096) == 0);
  CHECK(d.memory.get<spinvp_dma_descriptor>(chain).status == SPINVP_DMA_BUS_ERROR);
}

TEST_CASE("A bus error at the destination names the row that failed") {
  DmaBench d;
  d.memory.broken = target - 16;
  d.describe(chain, copy(4, 8, 8, -8));
  d.bench.run([&] {
    d.transfer();
    CHECK(d.bench.read<std::uint64_t>(error_address) == target - 16);
  });
  CHECK(d.memory.get<std::uint64_t>(target - 8) == d.memory.get<std::uint64_t>(source + 8));
  CHECK(d.memory.get<spinvp_dma_descriptor>(chain).status == SPINVP_DMA_BUS_ERROR);
}

TEST_CASE("A status that cannot be written back is a bus error") {
  DmaBench d;
  d.describe(chain, copy(1, 8, 0, 0));
  d.bench.run([&] {
    d.start();
    wait_for(access(56) + SimTime::ns(1));
    d.memory.broken = chain + 44;
    while ((d.bench.read(status) & busy) != 0) wait_for(SimTime::ns(10));
    CHECK(d.bench.read(status) == (failed | SPINVP_DMA_BUS_ERROR << 8));
    CHECK(d.bench.read<std::uint64_t>(error_address) == chain + 44);
    CHECK(d.bench.read<std::uint64_t>(completed) == 0);
  });
}

TEST_CASE("A chain that loops ends in an error") {
  DmaConfig config;
  config.longest_chain = 100;
  DmaBench d(config);
  d.describe(chain, copy(1, 8, 0, 0, chain));
  d.bench.run([&] {
    d.transfer();
    CHECK(d.bench.read(status) == (failed | SPINVP_DMA_BAD_DESCRIPTOR << 8));
    CHECK(d.bench.read<std::uint64_t>(completed) == 100);
  });
}

TEST_CASE("ABORT stops at the next burst, and the engine can work again") {
  DmaBench d;
  d.describe(chain, copy(16, 4096, 4096, 4096, chain));
  d.bench.run([&] {
    d.start();
    wait_for(overhead + 5 * access(4096));
    d.bench.write<std::uint32_t>(control, 2);
    wait_for(2 * access(4096));
    CHECK(d.bench.read(status) == aborted);
    CHECK(d.bench.read(interrupt) == 2);
    CHECK(d.bench.read<std::uint64_t>(completed) == 0);
    const auto moved = d.bench.read<std::uint64_t>(bytes);
    CHECK((moved == 2 * 4096 || moved == 3 * 4096));
    d.bench.write<std::uint32_t>(control, 2);  // nothing to abort
    d.describe(chain, copy(1, 8, 0, 0));
    d.transfer();
    CHECK(d.bench.read(status) == done);
  });
}

TEST_CASE("A reset in the middle of a burst leaves a fresh engine that takes a new chain at once") {
  DmaBench d;
  d.describe(chain, copy(16, 4096, 4096, 4096));
  d.describe(chain + 64, copy(1, 100, 0, 0));
  d.bench.run([&] {
    d.bench.write<std::uint32_t>(enable, 7);
    d.start();
    wait_for(overhead + 3 * access(4096));
    d.device.reset();
    CHECK(d.bench.read(status) == 0);
    CHECK(d.bench.read(enable) == 0);
    CHECK(d.bench.read<std::uint64_t>(descriptor) == 0);
    d.transfer(chain + 64);
    CHECK(d.bench.read(status) == done);
    CHECK(d.bench.read<std::uint64_t>(bytes) == 100);
    CHECK(d.bench.read<std::uint64_t>(completed) == 1);
  });
  CHECK(d.probe.changes.empty());
  CHECK(d.memory.get<spinvp_dma_descriptor>(chain).status == 0);
}

TEST_CASE("A reset between the doorbell and the first burst starts nothing") {
  DmaBench d;
  d.describe(chain, copy(1, 8, 0, 0));
  d.bench.run([&] {
    d.start();
    d.device.reset();
  });
  CHECK(d.memory.reads == 0);
}

TEST_CASE("Every byte moved is booked, to the region of the doorbell") {
  DmaBench d;
  d.describe(chain, copy(3, 100, 128, 100));
  d.bench.run([&] {
    d.simulation.regions.open("copying", now());
    d.start();
    d.simulation.regions.close(now());
    while ((d.bench.read(status) & busy) != 0) wait_for(SimTime::ns(10));
  });
  REQUIRE(d.simulation.regions.count() == 2);
  const double expected = 300 * 0.75e-12;
  CHECK(d.simulation.energy.by_component_and_region(d.device.id(), 1).dynamic_j == Approx(expected).epsilon(1e-12));
  CHECK(d.simulation.kernels.at(0).region == 1);
  CHECK(d.simulation.kernels.at(0).tally.energy_j == Approx(expected).epsilon(1e-12));
}

TEST_CASE("A slower clock stretches the set-up and nothing else") {
  DmaBench d;
  d.describe(chain, copy(1, 64, 0, 0));
  d.bench.run([&] {
    d.device.clock().set_divider(10);
    d.transfer();
  });
  CHECK(d.simulation.kernels[0].end == overhead + 2 * access(64) + SimTime::ns(16 * 9));
}

TEST_CASE("An engine that is off or gated refuses its registers") {
  DmaBench d;
  d.bench.run([&] {
    std::uint32_t one = 1;
    for (const PowerState s : {PowerState::clock_gated, PowerState::retention, PowerState::off}) {
      d.device.set_power_state(s);
      CHECK(d.bench.access(tlm::TLM_WRITE_COMMAND, control, reinterpret_cast<std::uint8_t*>(&one), 4) == tlm::TLM_GENERIC_ERROR_RESPONSE);
    }
    d.device.set_power_state(PowerState::on);
    CHECK(d.bench.read(status) == 0);
  });
}

TEST_CASE("The DMA's saved state keeps its counts and its interrupt") {
  DmaBench d;
  d.describe(chain, copy(1, 64, 0, 0));
  d.bench.run([&] {
    d.bench.write<std::uint32_t>(enable, 2);
    d.transfer();
    StateArchive out;
    d.device.describe_state(out);
    d.device.reset();
    CHECK_FALSE(d.line());
    StateArchive in(out.bytes());
    d.device.describe_state(in);
    CHECK(d.line());
    CHECK(d.bench.read<std::uint64_t>(completed) == 1);
    CHECK(d.bench.read<std::uint64_t>(descriptor) == chain);
  });
}
