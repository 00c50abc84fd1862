// A network as something that firmware can run: imported, differentiated for a training, compiled for this SoC, with its start values and what flows into it, ready for DRAM.
//
//   NetworkProgram network(request, config);                         // import, training graph; throws core::InputError
//   LoadedProgram loaded = network.load(dram, memories, dataset);    // compiled into the DRAM that is free
// Values are real where the run is small enough to compute them (or where asked for); otherwise the run is a phantom: same kernels, time, traffic and energy, no values.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "platform/config/platform_config.h"
#include "platform/soc/boot_block.h"
#include "workloads/compiler/machine.h"
#include "workloads/datasets/dataset.h"

namespace spinvp::platform {

struct NetworkRequest {
  std::string network;
  bool training = false;
  std::optional<bool> phantom;         // not given: by size
  std::optional<std::uint64_t> batch;  // not given: what the file says
  std::uint64_t steps = 0;             // 0: 1, or 20 where a training has real values
  std::map<std::string, std::uint64_t> sizes;
  bool allow_unknown = false;
};

class NetworkProgram {
 public:
  NetworkProgram(const NetworkRequest& request, const PlatformConfig& config);
  ~NetworkProgram();
  NetworkProgram(NetworkProgram&&) noexcept;

  [[nodiscard]] bool phantom() const;
  [[nodiscard]] std::uint64_t steps() const;
  // Whether a data set's 28 x 28 images can flow into it. Never into a phantom.
  [[nodiscard]] bool takes_images() const;
  // One line for the log: what runs, and whether values are computed.
  [[nodiscard]] std::string about() const;

  // `free`: DRAM that may be used. `dataset`: images for networks that take such; null: everything is drawn from the seed. Throws core::InputError where the network does not fit.
  [[nodiscard]] LoadedProgram load(const spinvp_memory& free, const std::vector<MemoryRange>& memories, const workloads::Dataset* dataset) const;

 private:
  struct Network;
  std::unique_ptr<Network> network_;
};

}  // namespace spinvp::platform
