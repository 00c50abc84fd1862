// Host time of a burst with faults and a code, over that without: `<build>/bench/bench_memory_faults`. All memories stand in one elaboration and take turns, so that the machine's
// other work falls on all alike; of each the fastest of several rounds counts.
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <memory>
#include <vector>

#include <tlm_utils/simple_initiator_socket.h>

#include "models/memory/onchip_memory.h"

using namespace spinvp;
using core::SimTime;

namespace {

double cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

struct Row {
  const char* text;
  const char* ecc;
  double error_rate;  // of a written bit, either way; retention of a 64 MiB memory gives as many faults a burst again
  bool scrub;
};

class Driver : public sc_core::sc_module {
 public:
  Driver(const sc_core::sc_module_name& name, core::Simulation& simulation, const Row& row) : sc_module(name), memory_("memory", simulation, config(row)) {
    socket.bind(*memory_.windows()[0].socket);
    payload_.set_extension(&transfer_);
  }
  ~Driver() override { payload_.clear_extension(&transfer_); }
  tlm_utils::simple_initiator_socket<Driver> socket{"socket"};

  // Bursts of 4 KiB over 4 MiB, a write and a read in turn; data change, so that bits flip. Returns nanoseconds a burst.
  double round(unsigned bursts) {
    const double start = cpu_seconds();
    for (unsigned i = 0; i < bursts; ++i) {
      data_[i % data_.size()] = static_cast<std::uint8_t>(i * 37);
      payload_.set_command(i % 2 == 0 ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
      payload_.set_address((i / 2 % 1024) * 4096);
      payload_.set_data_ptr(data_.data());
      payload_.set_data_length(4096);
      payload_.set_streaming_width(4096);
      sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
      socket->b_transport(payload_, delay);
    }
    return 1e9 * (cpu_seconds() - start) / bursts;
  }
  [[nodiscard]] std::uint64_t injected() const { return memory_.counters().size() > 4 ? memory_.counters()[4].value : 0; }

 private:
  memory::OnChipMemory memory_;
  tlm::tlm_generic_payload payload_;
  core::Transfer transfer_;
  std::vector<std::uint8_t> data_ = std::vector<std::uint8_t>(4096);

  static memory::OnChipMemoryConfig config(const Row& row) {
    memory::OnChipMemoryConfig c;
    c.ecc = row.ecc;
    c.fault_write_0_to_1 = c.fault_write_1_to_0 = row.error_rate;
    // The simulated time stands still in this bench but for what advance() below lets pass: 100 ns a burst.
    c.fault_retention_loss = core::Frequency::from_si(row.error_rate * 32768 / 5.4e8 / 100e-9);
    if (row.scrub) c.scrub_interval = core::Time::from_si(10e-3);
    return c;
  }
};

}  // namespace

int sc_main(int, char**) {
  core::Simulation simulation;
  simulation.log().set_level(spdlog::level::off);
  std::vector<Row> rows = {{"no faults, no code", "none", 0, false}};
  for (const double rate : {1e-9, 1e-7, 1e-6, 1e-5})
    for (const char* ecc : {"none", "secded", "dec", "tec"}) rows.push_back({"", ecc, rate, ecc[0] != 'n'});
  std::vector<std::unique_ptr<Driver>> drivers;
  for (std::size_t i = 0; i < rows.size(); ++i) drivers.push_back(std::make_unique<Driver>(("d" + std::to_string(i)).c_str(), simulation, rows[i]));
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  constexpr unsigned bursts = 4000, rounds = 12;
  std::vector<double> best(rows.size(), 1e18);
  for (unsigned r = 0; r < rounds; ++r) {
    for (std::size_t i = 0; i < rows.size(); ++i) best[i] = std::min(best[i], drivers[i]->round(bursts));
    sc_core::sc_start(core::to_sc(SimTime::ns(100) * bursts));
  }
  std::printf("burst of 4 KiB      ns of host time   ratio   bits injected in %u bursts\n", rounds * bursts);
  for (std::size_t i = 0; i < rows.size(); ++i)
    std::printf("%-7s %8.0e %14.0f %12.2f %10llu\n", rows[i].ecc, rows[i].error_rate, best[i], best[i] / best[0],
                static_cast<unsigned long long>(drivers[i]->injected()));
  return 0;
}
