// Settings of runs that bring a network (`spinvp run --network`): numbers and loss, optimiser, and what the compiler may do. Keys `network.*`.
#pragma once

#include <cstdint>
#include <string>

#include "models/core/fields.h"

namespace spinvp::platform {

struct NetworkFields {
  std::string precision = "fp32", loss = "auto", optimiser = "sgd", activations = "auto", sparsity = "none", dropout = "none", precision_schedule;
  double learning_rate = 0.01, momentum = 0.9, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, loss_scale = 1024;
  std::uint64_t dropout_period = 2;
  bool fusion = true, residency = true;
  std::uint64_t compressed_slice = 0, compressed_rank = 3, compressed_kept = 2, compressed_group = 4, coefficient_bits = 4;  // weight_compression.*
  static const core::Schema& schema();
};

}  // namespace spinvp::platform
