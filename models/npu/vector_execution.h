// A job of the vector unit: chunks stream from memory through the unit and back to memory, without a stop in scratch.
//
// Two chunks of input and two of output are buffered, so that load, computation and store of neighbouring chunks overlap.
#pragma once

#include <array>

#include "models/npu/execution.h"

namespace spinvp::npu {

class VectorExecution : public Execution {
 public:
  VectorExecution(JobContext& context, std::unique_ptr<StreamKernel> kernel, Format format, const EnergyEvents& events);
  void run(Stage stage) override;

 private:
  struct Buffers {
    std::vector<Bytes> inputs, outputs;
  };
  JobContext& context_;
  std::unique_ptr<StreamKernel> kernel_;
  Format format_;
  EnergyEvents events_;
  Range chunks_;
  std::array<Buffers, 2> buffers_;
  std::uint64_t loaded_, computed_, stored_;  // of the kernel's chunks, the next one

  void load();
  void compute();
  void store();
};

}  // namespace spinvp::npu
