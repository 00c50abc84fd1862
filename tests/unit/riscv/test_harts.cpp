// Several harts on one bus: reservations, atomic operations, code from another hart.
#include <tlm_utils/simple_initiator_socket.h>
#include <catch2/catch.hpp>

#include "models/interconnect/interconnect.h"
#include "models/riscv/hart.h"
#include "tests/unit/riscv/bench_bus.h"

using namespace spinvp::riscv;
using namespace spinvp::riscv::test;
using spinvp::core::SimTime;

namespace {

enum class Memory { direct, transported, like_a_device };

struct Device : sc_core::sc_module {
  explicit Device(const sc_core::sc_module_name& instance) : sc_module(instance), bus("bus") {}
  tlm_utils::simple_initiator_socket<Device> bus;
};

// `harts` harts that all start at code_base, and a device that writes.
struct Platform {
  Platform(unsigned harts, double quantum_s, Memory kind)
      : interconnect(sc_core::sc_gen_unique_name("interconnect"), simulation, spinvp::interconnect::InterconnectConfig{}),
        bus(sc_core::sc_gen_unique_name("bus")),
        device(sc_core::sc_gen_unique_name("device")) {
    HartConfig config;
    config.quantum = spinvp::core::Time::from_si(quantum_s);
    config.dmi = kind == Memory::direct;
    bus.settles = kind != Memory::like_a_device;
    for (unsigned i = 0; i < harts; ++i) {
      hart.push_back(std::make_unique<Hart>(sc_core::sc_gen_unique_name("hart"), simulation, config, i));
      interconnect.bind_initiator(hart.back()->bus);
    }
    interconnect.bind_initiator(device.bus);
    interconnect.add_target(bus.socket, 0, 0x100000000, "all");
  }
  spinvp::core::Simulation simulation;
  spinvp::interconnect::Interconnect interconnect;
  BenchBus bus;
  Device device;
  std::vector<std::unique_ptr<Hart>> hart;

  void load(Program& program) {
    bus.put(program);
    for (auto& h : hart) h->set_entry(program.base());
  }
  void device_writes(u64 address, u64 value) {
    std::vector<spinvp::core::DirectHop*> hops;
    spinvp::core::Transfer transfer;
    transfer.hops = &hops;
    tlm::tlm_generic_payload payload;
    payload.set_extension(&transfer);
    payload.set_write();
    payload.set_address(address);
    payload.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
    payload.set_data_length(8);
    payload.set_streaming_width(8);
    sc_core::sc_time delay;
    device.bus->b_transport(payload, delay);
    payload.clear_extension(&transfer);
    REQUIRE(payload.is_response_ok());
  }
  [[nodiscard]] u64 x(unsigned h, unsigned i) const { return hart[h]->interpreter().x(i); }
};

void run_all(SimTime limit) { sc_core::sc_start(spinvp::core::to_sc(limit)); }

// Spins for `rounds` rounds of 4 cycles.
Program& spin(Program& p, i32 rounds, const std::string& name) { return p(addi(t6, zero, rounds)).label(name)(addi(t6, t6, -1)).branch(1, t6, zero, name); }

constexpr u64 line = data_base + 0x40;

// Hart 0 reserves a word of `line`, lets 2 us pass and stores conditionally: s0 is 0 if that succeeded. Hart 1 stores in between, to line + offset, on a page that
// it has written before.
Program interference(i32 offset) {
  Program p(code_base);
  p.li(a1, line)(addi(s0, zero, -1)).branch(1, a0, zero, "other");
  p(amo(2, 3, t0, zero, a1));  // lr.d
  spin(p, 500, "wait")({amo(3, 3, s0, t0, a1), addi(s1, zero, 1), wfi});
  p.label("other")(sd(zero, 0x400, a1));
  spin(p, 250, "other_wait")({sd(a0, offset, a1), addi(s1, zero, 1), wfi});
  return p;
}

}  // namespace

TEST_CASE("a store by another hart to the reserved line fails the store-conditional, direct access or not, and one beside it does not") {
  struct Case {
    i32 offset;
    Memory memory;
    std::unique_ptr<Platform> platform;
  };
  std::vector<Case> cases;
  for (const i32 offset : {0, 8, 56, 64, -8, 0x7c0})
    for (const Memory memory : {Memory::direct, Memory::transported, Memory::like_a_device}) {
      cases.push_back({offset, memory, std::make_unique<Platform>(2, 100e-9, memory)});
      Program p = interference(offset);
      cases.back().platform->load(p);
    }
  run_all(SimTime::us(100));
  for (const Case& c : cases) {
    INFO("offset " << c.offset << ", memory " << static_cast<int>(c.memory));
    CHECK(c.platform->x(0, s1) == 1);
    CHECK(c.platform->x(1, s1) == 1);
    CHECK(c.platform->x(0, s0) == (c.offset >= 0 && c.offset < 64 ? 1 : 0));
    CHECK(c.platform->simulation.stores.idle());  // and stores are fast again
  }
}

TEST_CASE("a store by a device to the reserved line fails the store-conditional") {
  std::vector<std::unique_ptr<Platform>> platforms;
  for (const Memory memory : {Memory::direct, Memory::transported, Memory::like_a_device})
    for (const bool hits : {true, false}) {
      auto& platform = *platforms.emplace_back(std::make_unique<Platform>(1, 100e-9, memory));
      Program p = interference(0);
      platform.load(p);
      sc_core::sc_spawn([&platform, hits] {
        sc_core::wait(1, sc_core::SC_US);
        platform.device_writes(hits ? line + 16 : line + 64, 5);
      });
    }
  run_all(SimTime::us(100));
  for (std::size_t i = 0; i < platforms.size(); ++i) {
    INFO(i);
    CHECK(platforms[i]->x(0, s1) == 1);
    CHECK(platforms[i]->x(0, s0) == (i % 2 == 0 ? 1 : 0));
  }
}

namespace {

// Every hart adds 1 `rounds` times to three counters: by LR and SC, by AMO, and plainly under a lock that is taken by AMO and released by a store.
Program counting(i32 rounds) {
  Program p(code_base);
  p.li(a1, data_base)({addi(s0, zero, rounds), addi(s1, zero, 0), addi(a4, zero, 1)});
  p.label("round");
  p.label("again")({amo(2, 3, t0, zero, a1), addi(t0, t0, 1), addi(s1, s1, 1), amo(3, 3, t1, t0, a1)}).branch(1, t1, zero, "again");
  p({addi(a2, a1, 8), amo(0, 3, zero, a4, a2)});
  p(addi(a2, a1, 24)).label("taken")(amo(1, 2, t0, a4, a2)).branch(1, t0, zero, "taken");
  p({ld(t0, 16, a1), addi(t0, t0, 1), sd(t0, 16, a1), amo(1, 2, zero, zero, a2)});
  p(addi(s0, s0, -1)).branch(1, s0, zero, "round")(wfi);
  return p;
}

}  // namespace

TEST_CASE("counters that four harts share by LR and SC, by AMO and under a lock lose no count") {
  constexpr i32 rounds = 300;
  std::vector<std::unique_ptr<Platform>> platforms;
  for (const Memory memory : {Memory::direct, Memory::transported, Memory::like_a_device})
    for (const double quantum : {7e-9, 50e-9, 1e-6}) {
      Program p = counting(rounds);
      platforms.emplace_back(std::make_unique<Platform>(4, quantum, memory))->load(p);
    }
  run_all(SimTime::us(3000));
  bool contended = false;
  for (std::size_t i = 0; i < platforms.size(); ++i) {
    const auto& platform = platforms[i];
    INFO(i);
    for (unsigned h = 0; h < 4; ++h) {
      REQUIRE(platform->x(h, s0) == 0);
      contended |= platform->x(h, s1) > rounds;
    }
    for (const u64 counter : {0, 8, 16}) CHECK(platform->bus.word(data_base + counter) == 4 * rounds);
  }
  CHECK(contended);  // some reservations were lost on the way
}

TEST_CASE("code that one hart writes runs on another after its fence.i") {
  Platform platform(2, 100e-9, Memory::direct);
  Program p(code_base);
  p.li(a1, data_base).branch(1, a0, zero, "other");
  // Hart 0: a0 = a0 + 7 instead of + 1, then the flag.
  spin(p, 200, "wait").li(t0, (u64{jalr(zero, ra, 0)} << 32) | addi(s0, s0, 7))({sd(t0, 0x100, a1), addi(t1, zero, 1), sd(t1, 0, a1), wfi});
  // Hart 1: calls, waits for the flag, fences, calls.
  p.label("other")({addi(a2, a1, 0x100), jalr(ra, a2, 0)})
      .label("poll")(ld(t0, 0, a1))
      .branch(0, t0, zero, "poll")({fence_i, jalr(ra, a2, 0), addi(s1, zero, 1), wfi});
  Program callee(data_base + 0x100);
  callee({addi(s0, s0, 1), jalr(zero, ra, 0)});
  platform.bus.put(callee);
  platform.load(p);
  run_all(SimTime::us(100));
  CHECK(platform.x(1, s1) == 1);
  CHECK(platform.x(1, s0) == 8);
}
