// Runs the same executable on the project's interpreter, with flat memory and the two system calls done by the host.
#pragma once

#include "batch.h"
#include "qemu_user.h"

namespace spinvp::conformance {

struct HartEnding : Ending {
  std::uint64_t instructions = 0;
};

// How memory is reached and the run cut into slices is drawn from `seed`: neither may change a result.
HartEnding run_on_hart(const Batch& batch, std::uint64_t seed);

}  // namespace spinvp::conformance
