#include <catch2/catch.hpp>

#include "models/core/error.h"
#include "models/interconnect/interconnect.h"
#include "tests/unit/interconnect/bus_driver.h"

using namespace spinvp;
using interconnect::Interconnect;
using interconnect::InterconnectConfig;

namespace {
struct Bench {
  core::Simulation simulation;
  test::LogText log{simulation};
  Interconnect bus{"bus", simulation, InterconnectConfig{}};
  test::BusDriver one{"one"}, two{"two"};
  test::FixedTarget target{"target"};
  Bench() {
    bus.bind_initiator(one.socket);
    bus.bind_initiator(two.socket);
    bus.add_target(target.socket, 0x1000, 0x800, "memory");
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }
};
}  // namespace

TEST_CASE("the target sees addresses from zero and the initiator finds its own unchanged") {
  Bench b;
  CHECK(b.one.read(0x1234, 4).ok());
  CHECK(b.target.last_address == 0x234);
  std::uint8_t byte = 0;
  CHECK(b.one.debug(tlm::TLM_READ_COMMAND, 0x17ff, &byte, 1) == 1);
  CHECK(b.target.last_address == 0x7ff);
  CHECK(b.one.address_kept);
}

TEST_CASE("an address that nobody answers is an error response and a line with initiator, address and pc") {
  Bench b;
  b.one.transfer.initiator = "hart0";
  b.one.transfer.pc = 0x80001234;
  const auto done = b.one.read(0xdead0000, 4);
  CHECK(done.response == tlm::TLM_ADDRESS_ERROR_RESPONSE);
  CHECK(done.ready == core::SimTime());
  for (const char* part : {"hart0", "0xdead0000", "0x80001234"}) CHECK(b.log.has(part));
  CHECK(b.one.debug(tlm::TLM_READ_COMMAND, 0xdead0000, b.one.buffer.data(), 4) == 0);
  CHECK(b.one.address_kept);
}

TEST_CASE("a burst that begins in a target and ends outside of it is refused") {
  Bench b;
  CHECK(b.one.read(0x17fc, 4).ok());
  CHECK(b.one.read(0x17fd, 4).response == tlm::TLM_ADDRESS_ERROR_RESPONSE);
  CHECK(b.log.has("reaches beyond the end of memory"));
  // Strided: rows of 16 bytes, 0x100 apart; eight end at 0x700 + 16, nine would end outside.
  b.one.transfer.row_bytes = 16;
  b.one.transfer.stride = 0x100;
  CHECK(b.one.read(0x1000, 8 * 16).ok());
  CHECK(b.one.read(0x1000, 9 * 16).response == tlm::TLM_ADDRESS_ERROR_RESPONSE);
  // A stride that wraps around 2^64 back into the target is no way in.
  b.one.transfer.stride = 1ull << 63;
  CHECK(b.one.read(0x1000, 3 * 16).response == tlm::TLM_ADDRESS_ERROR_RESPONSE);
  b.one.transfer.stride = ~0ull - 15;
  CHECK(b.one.read(0x1000, 2 * 16).response == tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

TEST_CASE("debug access stops at the end of the target") {
  Bench b;
  CHECK(b.one.debug(tlm::TLM_READ_COMMAND, 0x17f0, b.one.buffer.data(), 64) == 16);
  CHECK(b.one.address_kept);
}

TEST_CASE("direct access is granted in the initiator's addresses and never beyond the window") {
  Bench b;
  b.target.grant.set_start_address(0x200);
  b.target.grant.set_end_address(0xffff);
  b.target.grant.set_dmi_ptr(b.target.bytes.data());
  tlm::tlm_dmi dmi;
  REQUIRE(b.one.direct(0x1300, dmi));
  CHECK(b.target.last_address == 0x300);
  CHECK(dmi.get_start_address() == 0x1200);
  CHECK(dmi.get_end_address() == 0x17ff);
  CHECK(dmi.get_dmi_ptr() == b.target.bytes.data());
  CHECK(b.one.address_kept);
  CHECK_FALSE(b.one.direct(0x5000, dmi));
}

TEST_CASE("a target that revokes direct access reaches all initiators in their addresses") {
  Bench b;
  b.target.socket->invalidate_direct_mem_ptr(0x10, 0xffffff);
  b.target.socket->invalidate_direct_mem_ptr(0x900, 0xfff);  // outside the window
  for (const auto* driver : {&b.one, &b.two}) {
    REQUIRE(driver->revoked.size() == 1);
    CHECK(driver->revoked[0] == std::pair<std::uint64_t, std::uint64_t>(0x1010, 0x17ff));
  }
}

TEST_CASE("two targets that overlap are refused when the bus is built") {
  core::Simulation simulation;
  Interconnect bus("bus", simulation, InterconnectConfig{});
  test::FixedTarget a("a"), c("c");
  bus.add_target(a.socket, 0x1000, 0x1000, "dram");
  CHECK_THROWS_WITH(bus.add_target(c.socket, 0x1fff, 2, "uart"), Catch::Contains("dram") && Catch::Contains("uart"));
  CHECK_THROWS_AS(bus.add_target(c.socket, 0x1fff, 2, "uart"), core::InputError);
}
