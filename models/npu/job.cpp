#include "models/npu/job_checker.h"

namespace spinvp::npu {

namespace {

using Result = tl::expected<Job, Refusal>;

tl::unexpected<Refusal> refuse(std::uint32_t status, std::string message) { return tl::unexpected<Refusal>(Refusal{status, std::move(message)}); }

// Compressed weights: of what can have them, on an NPU that can rebuild them.
std::optional<Refusal> compression_refused(const spinvp_npu_descriptor& d, const MatrixJob& job, const Limits& limits) {
  if (job.options.compressed == 0) return std::nullopt;
  const auto refusal = [](std::string message) { return Refusal{SPINVP_NPU_BAD_OPERATION, std::move(message)}; };
  if (job.options.compressed != 1) return refusal(fmt::format("compression {}, allowed are 0 and 1", job.options.compressed));
  if (!limits.rebuilds_weights) return refusal("compressed weights, this NPU has no unit that rebuilds them (rebuild_lanes 0)");
  const bool weights = d.operation == SPINVP_NPU_CONV_FORWARD || (d.operation == SPINVP_NPU_GEMM && job.b.tensor().images == 1);
  if (!weights) return refusal(fmt::format("{} with compressed weights, allowed are gemm with one b and conv_forward", name_of_operation(d.operation)));
  return std::nullopt;
}

}  // namespace

const char* name_of_operation(std::uint32_t operation) {
  switch (operation) {
    case SPINVP_NPU_NOP: return "nop";
    case SPINVP_NPU_GEMM: return "gemm";
    case SPINVP_NPU_CONV_FORWARD: return "conv_forward";
    case SPINVP_NPU_CONV_DATA_GRADIENT: return "conv_data_gradient";
    case SPINVP_NPU_CONV_WEIGHT_GRADIENT: return "conv_weight_gradient";
    case SPINVP_NPU_BIAS_GRADIENT: return "bias_gradient";
    case SPINVP_NPU_RELU_FORWARD: return "relu_forward";
    case SPINVP_NPU_RELU_BACKWARD: return "relu_backward";
    case SPINVP_NPU_MAXPOOL_FORWARD: return "maxpool_forward";
    case SPINVP_NPU_MAXPOOL_BACKWARD: return "maxpool_backward";
    case SPINVP_NPU_SOFTMAX_CROSS_ENTROPY: return "softmax_cross_entropy";
    case SPINVP_NPU_SGD_UPDATE: return "sgd_update";
    case SPINVP_NPU_COPY: return "copy";
    case SPINVP_NPU_SOFTMAX_FORWARD: return "softmax_forward";
    case SPINVP_NPU_SOFTMAX_BACKWARD: return "softmax_backward";
    case SPINVP_NPU_MAP: return "map";
    case SPINVP_NPU_REDUCE: return "reduce";
    case SPINVP_NPU_GATHER: return "gather";
    case SPINVP_NPU_SCATTER_ADD: return "scatter_add";
    case SPINVP_NPU_AVERAGEPOOL_FORWARD: return "averagepool_forward";
    case SPINVP_NPU_AVERAGEPOOL_BACKWARD: return "averagepool_backward";
    default: return "unknown";
  }
}

Result check(const spinvp_npu_descriptor& d, const Limits& limits) {
  if (d.operation > SPINVP_NPU_AVERAGEPOOL_BACKWARD) return refuse(SPINVP_NPU_BAD_OPERATION, fmt::format("operation {} is unknown", d.operation));
  if (d.format > SPINVP_NPU_BF16) return refuse(SPINVP_NPU_BAD_OPERATION, fmt::format("format {} is unknown", d.format));
  Checker checker(d, limits);
  Job job;
  job.name = name_of_operation(d.operation);
  job.interrupt = (d.flags & SPINVP_NPU_INTERRUPT) != 0;
  switch (d.operation) {
    case SPINVP_NPU_NOP: checker.flags(0); break;
    case SPINVP_NPU_GEMM: job.work = check_gemm(checker); break;
    case SPINVP_NPU_CONV_FORWARD: job.work = check_convolution_forward(checker); break;
    case SPINVP_NPU_CONV_DATA_GRADIENT: job.work = check_convolution_data_gradient(checker); break;
    case SPINVP_NPU_CONV_WEIGHT_GRADIENT: job.work = check_convolution_weight_gradient(checker); break;
    default: job.work = check_vector_job(checker); break;
  }
  if (!checker.good()) return tl::unexpected<Refusal>(checker.refusal());
  if (auto* matrix_job = std::get_if<MatrixJob>(&job.work)) {
    matrix_job->format = checker.format();
    matrix_job->accumulate = checker.flag(SPINVP_NPU_ACCUMULATE);
    matrix_job->relu = checker.flag(SPINVP_NPU_FUSE_RELU);
    matrix_job->phantom = checker.flag(SPINVP_NPU_PHANTOM);
    matrix_job->options = ProductOptions::of(d.count);
    if (matrix_job->options.sparse() && d.operation == SPINVP_NPU_CONV_WEIGHT_GRADIENT)
      return refuse(SPINVP_NPU_BAD_OPERATION, fmt::format("{} has no sparsity: its b are images", job.name));
    if (const auto [keep, group] = std::pair(matrix_job->options.keep, matrix_job->options.group);
        matrix_job->options.sparse() && (keep == 0 || keep >= group || group > limits.sparse_group))
      return refuse(SPINVP_NPU_BAD_OPERATION,
                    fmt::format("sparsity {}:{}: N is at least 1 and below M, and M at most what the selectors reach, {}", keep, group, limits.sparse_group));
    if (auto wrong = compression_refused(d, *matrix_job, limits)) return tl::unexpected<Refusal>(*std::move(wrong));
    auto mac = flexible_mac(d, limits.mac_granule);
    if (!mac) return tl::unexpected<Refusal>(std::move(mac).error());
    matrix_job->mac = *mac;
    if (const ProductOptions& o = matrix_job->options; o.drop != 0 || o.drop_period != 0 || o.drop_phase != 0) {
      const auto drops = [&o](unsigned axes) { return (o.drop & axes) != 0; };
      if (!drops(SPINVP_NPU_DROP_AXES) || o.drop_period < 2 || o.drop_phase >= o.drop_period || o.drop >> SPINVP_NPU_DROP_TILE_SHIFT > 15)
        return refuse(
            SPINVP_NPU_BAD_OPERATION,
            fmt::format("dropout {:#x} with period {} and phase {}: an axis, a period of at least 2, a phase below it and tiles of up to 2^15 are allowed",
                        o.drop, o.drop_period, o.drop_phase));
      if ((matrix_job->accumulate && drops(SPINVP_NPU_DROP_M | SPINVP_NPU_DROP_N)) || (o.sparse() && drops(SPINVP_NPU_DROP_K)))
        return refuse(SPINVP_NPU_BAD_OPERATION, "dropped outputs of an accumulation, or dropped k of a sparse product");
    }
  }
  return job;
}

}  // namespace spinvp::npu
