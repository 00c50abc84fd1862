// The updates of weights, and what training stores for each: a master where the weight itself is narrower, the optimiser's moments.
#pragma once

#include "workloads/training/node_writer.h"
#include "workloads/training/training_graph.h"

namespace spinvp::workloads {

class UpdateWriter {
 public:
  UpdateWriter(TrainingGraph& training, NodeWriter& writer) : training_(training), writer_(writer) {}
  // Adds the node that makes a weight's new value of its complete gradient, and lists what is stored.
  void add(TensorId weight, TensorId gradient);

 private:
  TrainingGraph& training_;
  NodeWriter& writer_;

  TensorId scalar(StepScalar::Kind kind, const char* name);
  // A float32 tensor beside the weight that starts at zero.
  TensorId moment(TensorId weight, const char* name);
};

}  // namespace spinvp::workloads
