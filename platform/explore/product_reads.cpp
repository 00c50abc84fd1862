#include "platform/explore/product_reads.h"

#include <array>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "models/npu/epilogue.h"
#include "models/npu/partition.h"
#include "models/npu/plan.h"
#include "models/npu/vector_partition.h"
#include "platform/explore/block_slots.h"

namespace spinvp::platform {

namespace {

using workloads::compiler::CoreReads;
using workloads::compiler::ProductReads;

class Side {
 public:
  Side(const npu::Operand& operand, const npu::Slots& slots) : operand_(operand), store_(slots.count), in_place_(slots.count == 0) {}
  void use(std::uint64_t block, npu::Range products, npu::Range outer, npu::Range k) {
    if (in_place_ || !store_.loads(block)) return;
    const auto [known, first] = bytes_.try_emplace(block, 0);
    if (first) known->second = operand_.region(products, outer, k).bytes(operand_.tensor());
    loaded_ += known->second;
  }
  [[nodiscard]] std::uint64_t bytes() const { return loaded_; }

 private:
  const npu::Operand& operand_;
  BlockSlots store_;
  bool in_place_;
  std::uint64_t loaded_ = 0;
  std::unordered_map<std::uint64_t, std::uint64_t> bytes_;  // of each block
};

// A part of a job and how its core goes about it.
struct PlannedPart {
  npu::MatrixJob job;
  npu::Plan plan;
};

std::optional<npu::MatrixJob> matrix_job(const npu::NpuConfig& config, const spinvp_npu_descriptor& product) {
  spinvp_npu_descriptor bare = product;
  bare.flags &= ~(SPINVP_NPU_EPILOGUE | SPINVP_NPU_PHANTOM);
  const auto job = npu::check(bare, config.limits());
  if (!job) return std::nullopt;
  const auto* matrix = std::get_if<npu::MatrixJob>(&job->work);
  return matrix == nullptr ? std::nullopt : std::optional(*matrix);
}

// Nothing where it is refused.
std::vector<PlannedPart> planned_parts(const npu::NpuConfig& config, const npu::MatrixJob& job, bool a_on_chip, bool b_on_chip, bool c_on_chip) {
  npu::PlanLimits limits = config.plan_limits();
  limits.a_in_place = a_on_chip;
  limits.b_in_place = b_on_chip;
  limits.c_in_place = c_on_chip;
  const auto parts = npu::divide(npu::divisible(job), config.core_setup());
  std::vector<PlannedPart> planned;
  if (!parts) return planned;
  for (const npu::Part& part : *parts) {
    npu::MatrixJob mine = npu::part_of(job, part);
    auto plan = npu::plan(mine, limits);
    if (!plan) return {};
    planned.push_back({std::move(mine), *std::move(plan)});
  }
  return planned;
}

// Bytes of each input of an epilogue: what the tiles need, each by itself.
std::vector<std::uint64_t> epilogue_reads(const npu::NpuConfig& config, const std::vector<PlannedPart>& parts, const npu::MapProgram& program) {
  const npu::Epilogue epilogue(program, config.vector_unit());
  std::vector<std::uint64_t> bytes(epilogue.inputs(), 0);
  for (const PlannedPart& part : parts)
    for (std::uint64_t tile = 0; tile < part.plan.tiles(); ++tile) {
      const npu::Step step = part.plan.step(tile * part.plan.chunks());
      for (std::size_t i = 0; i < bytes.size(); ++i)
        for (const npu::Piece& piece : epilogue.pieces(i, part.job.c_region(step.products, step.m, step.n))) bytes[i] += piece.bytes();
    }
  return bytes;
}

ProductReads walked(const npu::NpuConfig& config, const spinvp_npu_descriptor& product, bool a_on_chip, bool b_on_chip, bool c_on_chip) {
  const auto job = matrix_job(config, product);
  if (!job) return ProductReads{};
  const ProductReads once{job->a.tensor().bytes(), job->b.tensor().bytes()};
  const auto parts = planned_parts(config, *job, a_on_chip, b_on_chip, c_on_chip);
  if (parts.empty()) return once;
  ProductReads reads;
  for (const PlannedPart& part : parts) {
    Side a(part.job.a, part.plan.a), b(part.job.b, part.plan.b);
    for (std::uint64_t i = 0; i < part.plan.steps(); ++i) {
      const npu::Step step = part.plan.step(i);
      b.use(part.plan.b_block(step), part.plan.b_products(step), step.n, step.k);
      a.use(part.plan.a_block(step), part.plan.a_products(step), step.m, step.k);
    }
    reads.a += a.bytes();
    reads.b += b.bytes();
  }
  return ProductReads{a_on_chip ? once.a : reads.a, b_on_chip ? once.b : reads.b};
}

}  // namespace

workloads::compiler::ReadsOf product_reads(const npu::NpuConfig& config) {
  // Networks repeat their products, and a search over memories asks for the same ones again.
  using Key = std::array<char, sizeof(spinvp_npu_descriptor) + 1>;
  struct Known {
    std::mutex mutex;
    std::map<Key, ProductReads> reads;
  };
  return [config, known = std::make_shared<Known>()](const spinvp_npu_descriptor& product, bool a_on_chip, bool b_on_chip, bool c_on_chip) {
    spinvp_npu_descriptor bare = product;
    bare.flags &= ~(SPINVP_NPU_EPILOGUE | SPINVP_NPU_PHANTOM);
    Key key;
    std::memcpy(key.data(), &bare, sizeof bare);
    key.back() = static_cast<char>((a_on_chip ? 1 : 0) | (b_on_chip ? 2 : 0) | (c_on_chip ? 4 : 0));
    {
      const std::lock_guard lock(known->mutex);
      if (const auto found = known->reads.find(key); found != known->reads.end()) return found->second;
    }
    const ProductReads reads = walked(config, bare, a_on_chip, b_on_chip, c_on_chip);
    const std::lock_guard lock(known->mutex);
    return known->reads.emplace(key, reads).first->second;
  };
}

std::optional<std::string> indivisible(const npu::NpuConfig& config, const spinvp_npu_descriptor& job) {
  if (config.cores == 1 || config.core_setup().partition == npu::Partition::automatic) return std::nullopt;
  const auto matrix = matrix_job(config, job);
  if (!matrix) return std::nullopt;
  const auto parts = npu::divide(npu::divisible(*matrix), config.core_setup());
  return parts ? std::nullopt : std::optional(parts.error());
}

workloads::compiler::CoreReadsOf core_reads(const npu::NpuConfig& config) {
  if (config.cores == 1) return {};
  return [config](const spinvp_npu_descriptor& kernel, const spinvp_npu_map* program, bool a_on_chip, bool b_on_chip, bool c_on_chip) {
    CoreReads reads;
    const bool vector = kernel.operation == SPINVP_NPU_MAP || kernel.operation == SPINVP_NPU_REDUCE;
    std::optional<npu::MapProgram> decoded;
    if (program != nullptr) {
      std::array<std::uint8_t, sizeof *program> bytes{};
      std::memcpy(bytes.data(), program, bytes.size());
      auto result = npu::decode_map(bytes,
                                    !vector                              ? npu::MapUse::epilogue
                                    : kernel.operation == SPINVP_NPU_MAP ? npu::MapUse::map
                                                                         : npu::MapUse::reduction,
                                    config.job_limit);
      if (!result) return reads;
      decoded = *std::move(result);
    }
    if (vector) {
      npu::VectorJob job;
      job.operation = kernel.operation;
      job.phantom = true;
      job.program = std::make_shared<const npu::MapProgram>(*std::move(decoded));
      reads.inputs = npu::reads_of_inputs(job, config.vector_unit(), config.cores);
      return reads;
    }
    const auto job = matrix_job(config, kernel);
    if (!job) return reads;
    const auto parts = planned_parts(config, *job, a_on_chip, b_on_chip, c_on_chip);
    if (parts.empty()) return reads;
    // Each part reads its products' and columns' biases.
    std::uint64_t elements = 0;
    for (const PlannedPart& part : parts) elements += job->bias_step * (part.job.products - 1) + part.job.shape.n;
    reads.bias = elements;
    if (decoded) reads.inputs = epilogue_reads(config, parts, *decoded);
    return reads;
  };
}

}  // namespace spinvp::platform
