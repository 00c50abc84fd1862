#include "platform/config/network_fields.h"

#include "models/abi/npu_weights.h"

namespace spinvp::platform {

const core::Schema& NetworkFields::schema() {
  static const core::Schema schema =
      core::Schema::of<NetworkFields>()
          .field("precision", &NetworkFields::precision,
                 {.choices = {"fp32", "bf16"},
                  .text = "element type of activations and weights; a bf16 training keeps fp32 weights beside them and scales the loss"})
          .field("precision_schedule", &NetworkFields::precision_schedule,
                 {.text = "significant bits of the operands of products, forward/backward, from which part of the run on (0%:6/8 50%:8/8 80%:16/16); empty: "
                          "all that they have. Takes an NPU with "
                          "mac_granule (docs/npu-options.md)"})
          .field("loss", &NetworkFields::loss,
                 {.choices = {"auto", "cross-entropy", "mean-squared"},
                  .text = "of a training; auto: cross entropy where the network gives classes, else mean squared difference"})
          .field("optimiser", &NetworkFields::optimiser, {.choices = {"sgd", "momentum", "adam"}, .text = "how a training changes the weights"})
          .field("learning_rate", &NetworkFields::learning_rate, {.least = 0, .most = 1000, .text = "step size of the optimiser"})
          .field("momentum", &NetworkFields::momentum, {.least = 0, .most = 1, .text = "share of the last step that the next one keeps (momentum)"})
          .field("beta1", &NetworkFields::beta1, {.least = 0, .most = 1, .text = "decay of the mean gradient (adam)"})
          .field("beta2", &NetworkFields::beta2, {.least = 0, .most = 1, .text = "decay of the mean squared gradient (adam)"})
          .field("epsilon", &NetworkFields::epsilon, {.least = 0, .most = 1, .text = "added to the root of the mean squared gradient (adam)"})
          .field("loss_scale", &NetworkFields::loss_scale,
                 {.least = 1,
                  .most = 1e9,
                  .text = "what the loss is multiplied by in bf16 trainings, so that small gradients stay above zero; the update divides by it"})
          .field("activations", &NetworkFields::activations,
                 {.choices = {"auto", "stash", "recompute"},
                  .text = "what the backward pass needs of the forward pass: kept in memory, or computed again; auto: kept if it fits into DRAM"})
          .field(
              "sparsity", &NetworkFields::sparsity,
              {.source = "published: 2:8 trains 1.75 times as fast as dense at 0.56 points of accuracy (SAT, arXiv 2309.13015)",
               .text =
                   "N:M (2:8): products of weights, forward and of the data's gradient, take the N largest of every M weights along k; none: all; M is at most "
                   "devices.npu.sparse_group"})
          .field("dropout", &NetworkFields::dropout,
                 {.choices = {"none", "row", "tile"},
                  .text = "in a training, Dropout nodes drop every dropout_period-th feature (row) or 32 side by side (tile), and products leave them out; "
                          "none: they pass on what they get"})
          .field("dropout_period", &NetworkFields::dropout_period, {.least = 2, .most = 255, .text = "one feature (or tile) in so many is dropped in a step"})
          .field("fusion", &NetworkFields::fusion, {.text = "element-wise operators join the operators beside them"})
          .field("residency", &NetworkFields::residency, {.text = "tensors may stay in the on-chip memory between operators"})
          .field("weight_compression.slice", &NetworkFields::compressed_slice,
                 {.least = 0,
                  .most = SPINVP_NPU_MOST_SLICE,
                  .unit = "elements",
                  .text = "weights of an inference lie in memory as sparse powers of two times a basis, in pieces of so many neighbours (docs/npu-options.md); "
                          "0: as they are. Takes an NPU with rebuild_lanes"})
          .field("weight_compression.rank", &NetworkFields::compressed_rank,
                 {.least = 1, .most = SPINVP_NPU_MOST_SLICE, .text = "coefficients of a piece, and vectors of a basis; at most the slice"})
          .field("weight_compression.kept", &NetworkFields::compressed_kept,
                 {.least = 1, .most = SPINVP_NPU_MOST_GROUP, .text = "pieces of a group that have coefficients; the others are zero"})
          .field("weight_compression.group", &NetworkFields::compressed_group, {.least = 1, .most = SPINVP_NPU_MOST_GROUP, .text = "pieces that make a group"})
          .field("weight_compression.coefficient_bits", &NetworkFields::coefficient_bits,
                 {.least = SPINVP_NPU_FEWEST_COEFFICIENT_BITS,
                  .most = SPINVP_NPU_MOST_COEFFICIENT_BITS,
                  .unit = "bits",
                  .text = "a coefficient: its sign and the exponent of a power of two"});
  return schema;
}

}  // namespace spinvp::platform
