// Bursts to the default on-chip memory (64 banks of SOT-MRAM): CPU time of the host each, and the simulated bandwidth over its closed-form limit.
//
// Traffic comes at the rate of the limit, a microsecond of it ahead of the kernel's time at most, so that calendars are as full as they get:
//   full reads, full writes   4 KiB, a word in each bank; limit: banks x word / cycle
//   long reads, long writes   64 KiB, phantom: no bytes are copied; the same limits
//   tiles                     64 KiB, phantom: 128 rows of 512 bytes, 2 KiB apart; limit that of the fullest bank: a quarter of the above
//   one bank                  64 rows of one word, all in bank 0; limit: word / cycle
//   words                     reads of one word at random places; limit: banks x word / cycle, which chance conflicts keep it from
//   turns                     a full read, a full write, in turn; limit: 2 x banks x word / (read cycle + write cycle) on one port, the slower of both on two
// The ratio of posted writes may pass 1 by what is left in the queues at the end.
#include <cstdio>
#include <ctime>

#include "models/memory/onchip_memory.h"
#include "tests/unit/interconnect/bus_driver.h"

namespace {

using namespace spinvp;
using core::SimTime;
using memory::OnChipMemory;
using memory::OnChipMemoryConfig;

enum class Traffic { full_reads, full_writes, long_reads, long_writes, tiles, one_bank, words, turns };
struct Row {
  const char* name;
  Traffic traffic;
};
constexpr Row rows[] = {
    {"full reads", Traffic::full_reads}, {"full writes", Traffic::full_writes}, {"long reads", Traffic::long_reads}, {"long writes", Traffic::long_writes},
    {"tiles", Traffic::tiles},           {"one bank", Traffic::one_bank},       {"words", Traffic::words},           {"turns", Traffic::turns}};
struct Variant {
  const char* name;
  const char* ports;
  std::uint64_t queue;
};
constexpr Variant variants[] = {{"1rw", "1rw", 0}, {"1r1w", "1r1w", 0}, {"1rw, queue of 8", "1rw", 8}, {"1r1w, queue of 8", "1r1w", 8}};

struct Bench {
  core::Simulation simulation{1};
  OnChipMemory memory;
  test::BusDriver driver;
  Bench(const std::string& name, const OnChipMemoryConfig& config) : memory(name.c_str(), simulation, config), driver((name + "_driver").c_str()) {
    driver.socket.bind(*memory.windows()[0].socket);
  }
  // The host's pages are there before the clock runs.
  void touch() {
    for (std::uint64_t at = 0; at < memory.size(); at += 4096) driver.debug(tlm::TLM_WRITE_COMMAND, at, driver.buffer.data(), 4096);
  }
};

double cpu_nanoseconds() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return 1e9 * static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec);
}

void measure(Bench& b, const Row& row, const Variant& variant) {
  constexpr std::uint64_t bursts = 100000;
  const auto& sheet = b.memory.bank_sheet();
  const double read = static_cast<double>(SimTime::from(sheet.read_cycle()).ps()), write = static_cast<double>(SimTime::from(sheet.write_cycle()).ps());
  const Traffic traffic = row.traffic;
  const bool phantom = traffic == Traffic::long_reads || traffic == Traffic::long_writes || traffic == Traffic::tiles;
  const bool only_writes = traffic == Traffic::full_writes || traffic == Traffic::long_writes;
  double ps = only_writes ? write : read;  // that a burst takes at the limit
  if (phantom) ps *= 16;
  if (traffic == Traffic::tiles) ps *= 4;
  if (traffic == Traffic::one_bank) ps = 64 * read;
  if (traffic == Traffic::words) ps = read / b.memory.banks();
  if (traffic == Traffic::turns) ps = std::string(variant.ports) == "1rw" ? (read + write) / 2 : std::max(read, write) / 2;
  b.driver.transfer.phantom = phantom;
  b.driver.transfer.row_bytes = traffic == Traffic::one_bank ? 64 : traffic == Traffic::tiles ? 512 : 0;
  b.driver.transfer.stride = traffic == Traffic::one_bank ? 4096 : traffic == Traffic::tiles ? 2048 : 0;
  const std::uint64_t length = traffic == Traffic::words ? 64 : phantom ? 65536 : 4096;
  std::uint64_t random = 1;
  const SimTime start = core::now();
  SimTime last;
  const double host_start = cpu_nanoseconds();
  for (std::uint64_t i = 0; i < bursts; ++i) {
    const SimTime at = start + SimTime::ps(static_cast<std::uint64_t>(static_cast<double>(i) * ps));
    if (at > core::now() + SimTime::us(1)) sc_core::sc_start(core::to_sc(at - core::now()));
    random = random * 6364136223846793005u + 1442695040888963407u;
    const std::uint64_t address = traffic == Traffic::words      ? (random >> 40) * 64 % b.memory.size()
                                  : traffic == Traffic::one_bank ? 0
                                                                 : i * length % (32u << 20);
    const bool writes = only_writes || (traffic == Traffic::turns && i % 2 == 1);
    std::uint8_t* const data = phantom ? nullptr : b.driver.buffer.data();
    const auto done = b.driver.access(writes ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, address, data, length, at - core::now());
    last = std::max(last, done.ready);
  }
  const double host_ns = cpu_nanoseconds() - host_start;
  std::printf("%-18s %-12s %8.0f ns %8.1f GB/s %6.3f\n", variant.name, row.name, host_ns / bursts,
              static_cast<double>(bursts * length) * 1e3 / static_cast<double>((last - start).ps()), bursts * ps / static_cast<double>((last - start).ps()));
}

}  // namespace

int sc_main(int, char**) {
  std::vector<std::unique_ptr<Bench>> benches;
  for (std::size_t v = 0; v < std::size(variants); ++v) {
    OnChipMemoryConfig config;
    config.ports = variants[v].ports;
    config.write_queue = variants[v].queue;
    benches.push_back(std::make_unique<Bench>("m" + std::to_string(v), config));
  }
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  std::printf("%-18s %-12s %11s %13s %6s\n", "ports", "traffic", "host, burst", "simulated", "of limit");
  for (std::size_t v = 0; v < std::size(variants); ++v) {
    benches[v]->touch();
    for (const Row& row : rows) {
      measure(*benches[v], row, variants[v]);
      sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_MS));
    }
  }
  return 0;
}
