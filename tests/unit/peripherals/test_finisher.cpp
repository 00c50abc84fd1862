#include "models/peripherals/finisher.h"
#include "tests/unit/peripherals/bench.h"

using namespace spinvp::test;
using spinvp::peripherals::Finisher;

namespace {
struct FinisherBench {
  Simulation simulation;
  Finisher device{"test", simulation, {}};
  Bench bench{"bench", device};
};

struct Witness : Component {
  using Component::Component;
  unsigned resets = 0;
  void on_reset() override { ++resets; }
};
}  // namespace

TEST_CASE("0x5555 ends the run well") {
  FinisherBench f;
  f.bench.run([&] { f.bench.write<std::uint32_t>(0, 0x5555); });
  REQUIRE(f.simulation.exit().set);
  CHECK(f.simulation.exit().reason == ExitReason::finished);
  CHECK(f.simulation.exit().code == 0);
}

TEST_CASE("0x3333 ends the run with the guest's code") {
  FinisherBench f;
  f.bench.run([&] { f.bench.write<std::uint32_t>(0, (300u << 16) | 0x3333); });
  CHECK(f.simulation.exit().reason == ExitReason::guest_code);
  CHECK(f.simulation.exit().code == 300);
}

TEST_CASE("A failure with code 0 counts as code 1, also as a 16-bit store") {
  FinisherBench f;
  f.bench.run([&] { f.bench.write<std::uint16_t>(0, 0x3333); });
  CHECK(f.simulation.exit().reason == ExitReason::guest_code);
  CHECK(f.simulation.exit().code == 1);
}

TEST_CASE("0x7777 resets every component and the run goes on") {
  FinisherBench f;
  Witness witness("witness", f.simulation, "witness");
  f.bench.run([&] {
    f.bench.write<std::uint32_t>(0, 0x7777);
    wait_for(SimTime::ns(10));
    CHECK(f.bench.read(0) == 0);
  });
  CHECK(witness.resets == 1);
  CHECK_FALSE(f.simulation.exit().set);
}

TEST_CASE("Any other value leaves the run alone, and a stale code does not leak into a later 16-bit store") {
  FinisherBench f;
  f.bench.run([&] {
    f.bench.write<std::uint32_t>(0, 0x00071234);
    CHECK_FALSE(f.simulation.exit().set);
    f.bench.write<std::uint16_t>(0, 0x3333);
  });
  CHECK(f.simulation.exit().code == 1);
}
