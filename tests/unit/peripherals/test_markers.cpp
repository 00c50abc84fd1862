#include <bit>

#include "models/peripherals/markers.h"
#include "tests/unit/peripherals/bench.h"

using namespace spinvp::test;
using spinvp::peripherals::Markers;

namespace {

enum Offset : std::uint64_t {
  name_address = 0x00,
  open_region = 0x08,
  close_region = 0x0c,
  depth = 0x10,
  step = 0x14,
  loss = 0x18,
  accuracy = 0x1c,
  time_ns = 0x20
};

struct MarkersBench {
  Simulation simulation;
  Markers device{"markers", simulation, {}};
  Bench bench{"bench", device};
  Memory memory{"memory", 0x80000000, 4096, SimTime::ns(100)};
  MarkersBench() { device.masters().at(0)->bind(memory.socket); }
  void put(std::uint64_t address, const std::string& text) { std::memcpy(&memory.bytes[address - memory.base], text.c_str(), text.size() + 1); }
  void enter(std::uint64_t address) {
    bench.write<std::uint64_t>(name_address, address);
    bench.write<std::uint32_t>(open_region, 1);
  }
  std::string innermost() { return simulation.regions.path(simulation.regions.current()); }
};

}  // namespace

TEST_CASE("Markers attribute each picosecond to the innermost region, and reading a name takes no time and no traffic") {
  MarkersBench m;
  m.put(0x80000000, "train");
  m.put(0x80000100, "forward");
  m.bench.run([&] {
    wait_for(SimTime::ns(10));
    m.enter(0x80000000);
    wait_for(SimTime::ns(20));
    m.enter(0x80000100);
    CHECK(m.bench.read(depth) == 2);
    CHECK(m.innermost() == "train/forward");
    wait_for(SimTime::ns(30));
    m.bench.write<std::uint32_t>(close_region, 0);
    wait_for(SimTime::ns(40));
    m.enter(0x80000100);
    wait_for(SimTime::ns(5));
    m.bench.write<std::uint32_t>(close_region, 0);
    m.bench.write<std::uint32_t>(close_region, 0);
    wait_for(SimTime::ns(7));
    m.simulation.regions.settle(now());
  });
  const auto time_of = [&](const std::string& path) {
    for (RegionId id = 0; id < m.simulation.regions.count(); ++id)
      if (m.simulation.regions.path(id) == path) return m.simulation.regions.time(id);
    return SimTime::never();
  };
  CHECK(time_of("(none)") == SimTime::ns(17));
  CHECK(time_of("train") == SimTime::ns(60));
  CHECK(time_of("train/forward") == SimTime::ns(35));
  CHECK(m.memory.reads == 0);
}

TEST_CASE("A marker waits out a hart's run-ahead before the region changes") {
  MarkersBench m;
  m.put(0x80000000, "late");
  m.bench.run([&] {
    m.bench.write<std::uint64_t>(name_address, 0x80000000);
    std::uint32_t one = 1;
    m.bench.access(tlm::TLM_WRITE_COMMAND, open_region, reinterpret_cast<std::uint8_t*>(&one), 4, SimTime::ns(500));
    wait_for(SimTime::ns(100));
    m.bench.write<std::uint32_t>(close_region, 1);
  });
  CHECK(m.simulation.regions.time(0) == SimTime::ns(500));
  CHECK(m.simulation.regions.time(1) == SimTime::ns(100));
}

TEST_CASE("Names that are not there, too long or not ended open '(bad name)'") {
  MarkersBench m;
  m.put(0x80000000, std::string(63, 'a'));
  m.put(0x80000100, std::string(64, 'b'));
  std::fill(m.memory.bytes.end() - 8, m.memory.bytes.end(), std::uint8_t{'c'});
  m.bench.run([&] {
    m.enter(0x80000000);
    CHECK(m.innermost() == std::string(63, 'a'));
    m.bench.write<std::uint32_t>(close_region, 1);
    for (const std::uint64_t bad : {0x80000100ull, 0x80000800ull, 0x12345678ull, 0ull, 0x80000ff8ull, 0x80000fffull, ~0ull}) {
      INFO(bad);
      m.enter(bad);
      CHECK(m.innermost() == "(bad name)");
      m.bench.write<std::uint32_t>(close_region, 1);
    }
    m.memory.bytes.back() = 0;
    m.enter(0x80000ff8);  // a string that ends with the memory
    CHECK(m.innermost() == "ccccccc");
  });
}

TEST_CASE("Characters that would break a report's paths become '_'") {
  MarkersBench m;
  m.put(0x80000000, "a/b\n\xff\"");
  m.bench.run([&] {
    m.enter(0x80000000);
    CHECK(m.innermost() == "a_b__\"");
  });
}

TEST_CASE("Closes match opens even beyond the deepest level, and a close too many is harmless") {
  MarkersBench m;
  m.put(0x80000000, "r");
  m.bench.run([&] {
    for (int i = 0; i < 70; ++i) m.enter(0x80000000);
    CHECK(m.bench.read(depth) == 70);
    CHECK(m.simulation.regions.depth() == 64);
    for (int i = 0; i < 6; ++i) m.bench.write<std::uint32_t>(close_region, 1);
    CHECK(m.simulation.regions.depth() == 64);
    for (int i = 0; i < 64; ++i) m.bench.write<std::uint32_t>(close_region, 1);
    CHECK(m.bench.read(depth) == 0);
    m.bench.write<std::uint32_t>(close_region, 1);
    CHECK(m.bench.read(depth) == 0);
  });
}

TEST_CASE("Loss and accuracy reach the report, and each step is announced") {
  MarkersBench m;
  std::vector<std::pair<std::uint64_t, float>> steps;
  m.simulation.on_progress = [&](std::uint64_t s, float l, SimTime at) {
    steps.emplace_back(s, l);
    CHECK(at == SimTime::ns(10));
  };
  m.bench.run([&] {
    wait_for(SimTime::ns(10));
    m.bench.write<std::uint32_t>(step, 41);
    m.bench.write<std::uint32_t>(loss, std::bit_cast<std::uint32_t>(2.25f));
    m.bench.write<std::uint32_t>(step, 42);
    m.bench.write<std::uint32_t>(loss, std::bit_cast<std::uint32_t>(1.5f));
    CHECK(m.simulation.training.accuracy < 0);
    m.bench.write<std::uint32_t>(accuracy, std::bit_cast<std::uint32_t>(0.96875f));
    m.bench.write<std::uint32_t>(accuracy, 0x7fc00000);  // not a number: not taken
    CHECK(m.bench.read(step) == 42);
    CHECK(m.bench.read<std::uint64_t>(time_ns) == 10);
  });
  CHECK(m.simulation.training.loss == std::vector<float>{2.25f, 1.5f});
  CHECK(m.simulation.training.accuracy == 0.96875);
  CHECK(steps == std::vector<std::pair<std::uint64_t, float>>{{41, 2.25f}, {42, 1.5f}});
}

TEST_CASE("A reset closes what firmware left open") {
  MarkersBench m;
  m.put(0x80000000, "r");
  m.bench.run([&] {
    for (int i = 0; i < 66; ++i) m.enter(0x80000000);
    m.device.reset();
    CHECK(m.bench.read(depth) == 0);
    CHECK(m.innermost() == "(none)");
  });
}

TEST_CASE("The marker registers do not accept accesses that have no meaning") {
  MarkersBench m;
  m.bench.run([&] {
    std::uint8_t bytes[8] = {};
    CHECK(m.bench.access(tlm::TLM_READ_COMMAND, open_region, bytes, 4) == tlm::TLM_COMMAND_ERROR_RESPONSE);
    CHECK(m.bench.access(tlm::TLM_WRITE_COMMAND, depth, bytes, 4) == tlm::TLM_COMMAND_ERROR_RESPONSE);
    CHECK(m.bench.access(tlm::TLM_READ_COMMAND, 0x100, bytes, 4) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    CHECK(m.bench.access(tlm::TLM_READ_COMMAND, 0xffe, bytes, 4) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
  });
}
