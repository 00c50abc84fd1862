#include "models/peripherals/clint.h"
#include "tests/unit/peripherals/bench.h"

using namespace spinvp::test;
using spinvp::peripherals::Clint;

namespace {

constexpr std::uint64_t mtimecmp = 0x4000, mtime = 0xbff8;

struct ClintBench {
  Simulation simulation;
  Clint device{"clint", simulation, {}};
  Bench bench{"bench", device};
  LineProbe harts[2];
  ClintBench() {
    PlatformView view;
    view.harts = {&harts[0], &harts[1]};
    device.on_platform(view);
  }
};

}  // namespace

TEST_CASE("MTIME counts at 10 MHz of simulated time") {
  ClintBench c;
  c.bench.run([&] {
    CHECK(c.bench.read<std::uint64_t>(mtime) == 0);
    wait_for(SimTime::ps(99999));
    CHECK(c.bench.read<std::uint64_t>(mtime) == 0);
    wait_for(SimTime::ps(1));
    CHECK(c.bench.read<std::uint64_t>(mtime) == 1);
    wait_for(SimTime::us(1000));
    CHECK(c.bench.read<std::uint64_t>(mtime) == 10001);
    CHECK(c.bench.peek<std::uint64_t>(mtime) == 10001);
  });
}

TEST_CASE("The timer interrupt rises exactly when MTIME reaches MTIMECMP, not one tick earlier") {
  ClintBench c;
  c.bench.run([&] {
    wait_for(SimTime::ns(30));  // off the tick
    c.bench.write<std::uint64_t>(mtimecmp + 8, 25);
    CHECK(c.harts[1].announced[machine_timer] == SimTime::ns(2500));
    CHECK_FALSE(c.harts[1].level[machine_timer]);
  });
  REQUIRE(c.harts[1].changes.size() == 1);
  CHECK(c.harts[1].changes[0].index == machine_timer);
  CHECK(c.harts[1].changes[0].level);
  CHECK(c.harts[1].changes[0].at == SimTime::ns(2500));
  CHECK(c.harts[0].changes.empty());
}

TEST_CASE("The timer interrupt falls as soon as MTIMECMP moves to the future") {
  ClintBench c;
  c.bench.run([&] {
    wait_for(SimTime::us(1));
    c.bench.write<std::uint64_t>(mtimecmp, 10);  // MTIME is 10: pending at once
    CHECK(c.harts[0].level[machine_timer]);
    CHECK(c.harts[0].announced[machine_timer] == SimTime::never());
    c.bench.write<std::uint64_t>(mtimecmp, 11);
    CHECK_FALSE(c.harts[0].level[machine_timer]);
    CHECK(c.harts[0].announced[machine_timer] == SimTime::ns(1100));
    c.bench.write<std::uint64_t>(mtimecmp, ~std::uint64_t{0});
    CHECK(c.harts[0].announced[machine_timer] == SimTime::never());
    wait_for(SimTime::us(1));
    CHECK_FALSE(c.harts[0].level[machine_timer]);
  });
  CHECK(c.harts[0].changes.size() == 2);
}

TEST_CASE("Of two compare values each hart gets its own interrupt at its own time") {
  ClintBench c;
  c.bench.run([&] {
    c.bench.write<std::uint64_t>(mtimecmp + 8, 3);
    c.bench.write<std::uint64_t>(mtimecmp, 7);
  });
  REQUIRE(c.harts[0].changes.size() == 1);
  REQUIRE(c.harts[1].changes.size() == 1);
  CHECK(c.harts[0].changes[0].at == SimTime::ns(700));
  CHECK(c.harts[1].changes[0].at == SimTime::ns(300));
}

TEST_CASE("Writing MTIME moves the clock and with it the interrupt") {
  ClintBench c;
  c.bench.run([&] {
    c.bench.write<std::uint64_t>(mtimecmp, 1000);
    wait_for(SimTime::us(1));
    c.bench.write<std::uint64_t>(mtime, 998);
    CHECK(c.bench.read<std::uint64_t>(mtime) == 998);
    CHECK(c.harts[0].announced[machine_timer] == SimTime::ns(1200));
  });
  REQUIRE(c.harts[0].changes.size() == 1);
  CHECK(c.harts[0].changes[0].at == SimTime::ns(1200));
}

TEST_CASE("Where MTIME wraps around, the level falls") {
  ClintBench c;
  c.bench.run([&] {
    c.bench.write<std::uint64_t>(mtimecmp, 5);
    c.bench.write<std::uint64_t>(mtime, ~std::uint64_t{0} - 1);  // two ticks before zero
    CHECK(c.harts[0].level[machine_timer]);
  });
  // High at once, low at tick 2 (MTIME 0), high again at tick 7 (MTIME 5).
  REQUIRE(c.harts[0].changes.size() == 3);
  CHECK(c.harts[0].changes[1].at == SimTime::ns(200));
  CHECK(c.harts[0].changes[2].at == SimTime::ns(700));
}

TEST_CASE("The two halves of MTIME can be written one by one while it runs") {
  ClintBench c;
  c.bench.run([&] {
    wait_for(SimTime::us(100));  // 1000 ticks
    c.bench.write<std::uint32_t>(mtime + 4, 1);
    CHECK(c.bench.read<std::uint64_t>(mtime) == (std::uint64_t{1} << 32) + 1000);
    wait_for(SimTime::us(100));
    c.bench.write<std::uint32_t>(mtime + 4, 0);
    CHECK(c.bench.read<std::uint64_t>(mtime) == 2000);
  });
}

TEST_CASE("MSIP drives the software interrupt of its hart by bit 0 alone") {
  ClintBench c;
  c.bench.run([&] {
    c.bench.write<std::uint32_t>(4, 0xffffffff);
    CHECK(c.harts[1].level[machine_software]);
    CHECK_FALSE(c.harts[0].level[machine_software]);
    CHECK(c.bench.read(4) == 1);
    c.bench.write<std::uint32_t>(4, 0xfffffffe);
    CHECK_FALSE(c.harts[1].level[machine_software]);
  });
}

TEST_CASE("Registers of harts that do not exist read 0 and take no writes") {
  ClintBench c;
  c.bench.run([&] {
    c.bench.write<std::uint32_t>(8, 1);
    CHECK(c.bench.read(8) == 0);
    c.bench.write<std::uint64_t>(mtimecmp + 16, 7);
    CHECK(c.bench.read<std::uint64_t>(mtimecmp + 16) == 0);
  });
}

TEST_CASE("A reset of the CLINT drops its interrupts and stops the timer") {
  ClintBench c;
  c.bench.run([&] {
    c.bench.write<std::uint32_t>(0, 1);
    c.bench.write<std::uint64_t>(mtimecmp, 0);
    c.bench.write<std::uint64_t>(mtimecmp + 8, 50);
    c.bench.write<std::uint64_t>(mtime, 3);
    CHECK(c.harts[0].level[machine_timer]);
    c.device.reset();
    CHECK_FALSE(c.harts[0].level[machine_timer]);
    CHECK_FALSE(c.harts[0].level[machine_software]);
    CHECK(c.harts[1].announced[machine_timer] == SimTime::never());
    CHECK(c.bench.read<std::uint64_t>(mtimecmp) == ~std::uint64_t{0});
    CHECK(c.bench.read<std::uint64_t>(mtime) == 0);
    wait_for(SimTime::us(10));
    CHECK(c.harts[1].changes.empty());
  });
}

TEST_CASE("The CLINT's saved state brings compare values, offset and pending interrupts back") {
  ClintBench c;
  c.bench.run([&] {
    c.bench.write<std::uint64_t>(mtime, 500);
    c.bench.write<std::uint64_t>(mtimecmp, 520);
    c.bench.write<std::uint32_t>(4, 1);
    StateArchive out;
    c.device.describe_state(out);
    c.device.reset();
    StateArchive in(out.bytes());
    c.device.describe_state(in);
    CHECK(c.harts[1].level[machine_software]);
    CHECK(c.bench.read<std::uint64_t>(mtime) == 500);
    CHECK(c.harts[0].announced[machine_timer] == SimTime::us(2));
  });
  CHECK(c.harts[0].changes.back().at == SimTime::us(2));
  CHECK(c.harts[0].level[machine_timer]);
}

TEST_CASE("A register access waits out the initiator's local time first") {
  ClintBench c;
  c.bench.run([&] {
    std::uint64_t ticks = 0;
    // The hart is 1 us ahead of the kernel: it must read the time of its own instant.
    REQUIRE(c.bench.access(tlm::TLM_READ_COMMAND, mtime, reinterpret_cast<std::uint8_t*>(&ticks), 8, SimTime::us(1)) == tlm::TLM_OK_RESPONSE);
    CHECK(ticks == 10);
    CHECK(now() == SimTime::us(1));
    CHECK(c.bench.used == SimTime::ns(2));  // two cycles of the device's 1 GHz
  });
}
