// Which weights are stored in compressed form: stored tensors that nothing reads but products as their b, whole, of one shape, where the form is smaller. Their products get the option COMPRESSED.
#pragma once

#include "workloads/compiler/draft.h"
#include "workloads/compiler/weight_compression.h"

namespace spinvp::workloads::compiler {

void compress_weights(Draft& draft, const WeightCompression& compression);

}  // namespace spinvp::workloads::compiler
