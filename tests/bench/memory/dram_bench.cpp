// Host cost of a burst on the DRAM model: one engine that waits out each burst, as engines do. Prints host nanoseconds a burst, hop, copy of the bytes and wait included, and of a phantom one,
// where no bytes are copied (the best of 100 runs of 2,000 bursts). An argument: only the patterns with that in their name.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>

#include <tlm_utils/simple_initiator_socket.h>

#include "models/core/transport.h"
#include "models/memory/dram.h"

using namespace spinvp;

namespace {

double seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

struct Pattern {
  const char* name;
  std::uint64_t length, row_bytes, stride, step;  // step 0: anywhere
};

class Engine : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<Engine> socket{"socket"};
  SC_HAS_PROCESS(Engine);
  Engine(const sc_core::sc_module_name& name, std::string only) : sc_module(name), only_(std::move(only)) { SC_THREAD(run); }

 private:
  std::string only_;
  void run() {
    std::printf("%-34s %11s %9s\n", "ns a burst", "with values", "phantom");
    for (const Pattern& p :
         {Pattern{"4 KiB in order", 4096, 0, 0, 4096}, Pattern{"4 KiB anywhere", 4096, 0, 0, 0}, Pattern{"256 bytes in order", 256, 0, 0, 256},
          Pattern{"64 bytes anywhere", 64, 0, 0, 0}, Pattern{"64 rows of 64 bytes, 512 apart", 4096, 64, 512, 4096},
          Pattern{"64 KiB in order", 65536, 0, 0, 65536}, Pattern{"64 KiB anywhere", 65536, 0, 0, 0},
          Pattern{"128 rows of 512 bytes, 2 KiB apart", 65536, 512, 2048, 512}, Pattern{"16 rows of 4 KiB, 12 KiB apart", 65536, 4096, 12288, 4096}}) {
      if (std::string(p.name).find(only_) == std::string::npos) continue;
      double best = 1, phantom = 1;
      for (int repeat = 0; repeat < 100; ++repeat) {
        best = std::min(best, measure(p, false));
        phantom = std::min(phantom, measure(p, true));
      }
      std::printf("%-34s %11.1f %9.1f\n", p.name, best * 1e9, phantom * 1e9);
    }
    sc_core::sc_stop();
  }
  double measure(const Pattern& p, bool phantom) {
    constexpr int bursts = 2000;
    constexpr std::uint64_t region = 1ull << 24;
    core::Transfer transfer;
    transfer.row_bytes = p.row_bytes;
    transfer.stride = p.stride;
    transfer.phantom = phantom;
    tlm::tlm_generic_payload payload;
    payload.set_extension(&transfer);
    std::uint64_t state = 1, address = 0;
    const double begin = seconds();
    for (int i = 0; i < bursts; ++i) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      address = p.step == 0 ? (state >> 33) % region : (address + p.step) % region;
      payload.set_command(i % 4 == 3 ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
      payload.set_address(address);
      payload.set_data_ptr(phantom ? nullptr : buffer_);
      payload.set_data_length(static_cast<unsigned>(p.length));
      payload.set_streaming_width(static_cast<unsigned>(p.length));
      sc_core::sc_time delay;
      socket->b_transport(payload, delay);
      wait(delay);
    }
    const double each = (seconds() - begin) / bursts;
    payload.clear_extension(&transfer);
    return each;
  }
  unsigned char buffer_[65536]{};
};

}  // namespace

int sc_main(int argc, char** argv) {
  core::Simulation simulation;
  memory::Dram dram("dram", simulation, {});
  Engine engine("engine", argc > 1 ? argv[1] : "");
  engine.socket.bind(*dram.windows()[0].socket);
  sc_core::sc_start();
  return 0;
}
