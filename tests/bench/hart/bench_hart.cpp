// Speed of the hart: guest instructions per second of user CPU time, with the default config (10 us quantum, timing and energy on).
//
//   bench_hart [--quantum-us Q] [--profile] KERNEL.elf...      --profile: each twice, the second time under a call profile
//
// Each kernel runs in a process of its own (SystemC elaborates once). It checks its own result and ends through the test finisher at 0x100000.
#include <elf.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <tlm_utils/simple_target_socket.h>

#include "models/riscv/hart.h"

namespace {

using spinvp::core::AccessTally;
using spinvp::core::SimTime;

constexpr std::uint64_t ram_base = 0x80000000, ram_size = 16 << 20, finisher = 0x100000;

// Memory that books energy for its direct accesses at each settlement, and the finisher.
class Board : public spinvp::core::Component, public spinvp::core::DirectHop {
 public:
  Board(const sc_core::sc_module_name& instance, spinvp::core::Simulation& sim)
      : Component(instance, sim, "board"),
        socket("socket"),
        ram(ram_size),
        access_event_(declare_event("byte", "memory access", spinvp::core::Energy::from_si(1e-12), "assumed: any figure serves a bench")) {
    socket.register_b_transport(this, &Board::b_transport);
    socket.register_get_direct_mem_ptr(this, &Board::get_direct_mem_ptr);
  }
  tlm_utils::simple_target_socket<Board> socket;
  std::vector<std::uint8_t> ram;
  AccessTally total;

  SimTime settle(const AccessTally& tally, spinvp::core::RegionId region, SimTime from, SimTime to) override {
    total.reads += tally.reads;
    total.writes += tally.writes;
    simulation().energy.spend_over(access_event_, tally.read_bytes + tally.write_bytes, region, from, to);
    return SimTime();
  }

 private:
  spinvp::core::EventId access_event_;

  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
    payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    if (payload.get_address() != finisher || !payload.is_write()) return;
    std::uint32_t value = 0;
    std::memcpy(&value, payload.get_data_ptr(), std::min<std::size_t>(sizeof value, payload.get_data_length()));
    const bool pass = (value & 0xffff) == 0x5555;
    simulation().finish(pass ? spinvp::core::ExitReason::finished : spinvp::core::ExitReason::guest_code, value >> 16);
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi) {
    if (payload.get_address() - ram_base >= ram_size) return false;
    dmi.set_start_address(ram_base);
    dmi.set_end_address(ram_base + ram_size - 1);
    dmi.set_dmi_ptr(ram.data());
    dmi.allow_read_write();
    spinvp::core::transfer_of(payload).hops->push_back(this);
    return true;
  }
};

// Copies the loadable segments; returns the entry point, 0 on failure. For the guests of this bench alone.
std::uint64_t load_elf(const std::string& path, std::vector<std::uint8_t>& ram) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> bytes((std::istreambuf_iterator<char>(file)), {});
  Elf64_Ehdr header{};
  if (bytes.size() < sizeof header) return 0;
  std::memcpy(&header, bytes.data(), sizeof header);
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment{};
    const std::size_t at = header.e_phoff + i * sizeof segment;
    if (at + sizeof segment > bytes.size()) return 0;
    std::memcpy(&segment, bytes.data() + at, sizeof segment);
    if (segment.p_type != PT_LOAD) continue;
    if (segment.p_paddr < ram_base || segment.p_paddr - ram_base + segment.p_memsz > ram.size() || segment.p_offset + segment.p_filesz > bytes.size()) return 0;
    std::memcpy(&ram[segment.p_paddr - ram_base], bytes.data() + segment.p_offset, segment.p_filesz);
  }
  return header.e_entry;
}

int run_kernel(const std::string& path, double quantum_us, bool profiled) {
  spinvp::core::Simulation simulation;
  spinvp::riscv::HartConfig config;
  config.quantum = spinvp::core::Time::from_si(quantum_us * 1e-6);
  Board board("board", simulation);
  spinvp::riscv::Hart hart("hart", simulation, config, 0);
  hart.bus.bind(board.socket);
  const std::uint64_t entry = load_elf(path, board.ram);
  if (entry == 0) return std::fprintf(stderr, "%s: not an ELF file for this board\n", path.c_str()), 1;
  spinvp::riscv::CallProfile profile{{}};
  if (profiled) hart.set_profile(&profile);
  hart.set_entry(entry);
  const auto user_seconds = [] {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec) + 1e-6 * static_cast<double>(usage.ru_utime.tv_usec);
  };
  const double start = user_seconds();
  sc_core::sc_start();
  const double seconds = user_seconds() - start;
  hart.settle_all();
  const auto s = hart.statistics();
  const bool passed = simulation.exit().set && simulation.exit().reason == spinvp::core::ExitReason::finished;
  std::printf("%-24s %12llu instructions %8.3f s user %8.1f MIPS %6.2f cycles/instruction %10.3f mJ %s%s\n", path.substr(path.rfind('/') + 1).c_str(),
              static_cast<unsigned long long>(s.instructions), seconds, static_cast<double>(s.instructions) * 1e-6 / seconds,
              static_cast<double>(s.cycles) / static_cast<double>(s.instructions), simulation.energy.total() * 1e3, profiled ? "profiled " : "",
              passed ? "" : "FAILED");
  return passed ? 0 : 1;
}

}  // namespace

int sc_main(int argc, char** argv) {
  double quantum_us = 10;
  bool profile = false;
  int failures = 0;
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--quantum-us" && i + 1 < argc) {
      quantum_us = std::atof(argv[++i]);
      continue;
    }
    if (std::string_view(argv[i]) == "--profile") {
      profile = true;
      continue;
    }
    for (const bool profiled : {false, true}) {
      if (profiled && !profile) continue;
      std::fflush(stdout);
      const pid_t child = fork();
      if (child == 0) {
        const int status = run_kernel(argv[i], quantum_us, profiled);
        std::fflush(stdout);
        _exit(status);
      }
      int status = 0;
      waitpid(child, &status, 0);
      failures += status != 0;
    }
  }
  return failures == 0 ? 0 : 1;
}
