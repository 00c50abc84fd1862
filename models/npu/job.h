// A descriptor after its checks: what to do, with every size computed and known to be sane.
//
// check() trusts nothing: unknown operations, formats and flags, zero or absurd extents, sizes that overflow or contradict each other, misaligned addresses
// are refused with the status that is written back. Limits, beyond which a job is refused with BAD_SHAPE:
//   a tensor                      4 GiB
//   multiply-accumulates, or elementary steps of the vector unit, of one job      Limits::steps (2^40 unless configured)
//   folds of one job              2^26
//   columns of a softmax          2^20; windows of a max-pooling: 256 elements (a winner is a uint8_t)
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include <tl/expected.hpp>

#include "models/abi/npu.h"
#include "models/npu/drop_pattern.h"
#include "models/npu/flexible_macs.h"
#include "models/npu/fold_law.h"
#include "models/npu/map_program.h"
#include "models/npu/numbers.h"
#include "models/npu/operand.h"
#include "models/npu/product_options.h"
#include "models/npu/refusal.h"
#include "models/npu/sparse_product.h"
#include "models/npu/weight_rebuild.h"

namespace spinvp::npu {

// Work of the array: for each product, C[m][n] = sum over k of A(m, k) B(k, n), then bias, ReLU, rounding.
struct MatrixJob {
  Operand a, b;
  Operand c;                   // outer index n, "k" m: the outputs are a tensor like any other
  ProductShape shape;          // of one product
  std::uint64_t products = 1;  // that are alike: a batch, or the groups of a convolution
  Format format = Format::fp32;
  std::uint64_t bias = 0;       // address of n elements for each product; 0: none
  std::uint64_t bias_step = 0;  // elements from one product's to the next one's; 0: all have the same
  bool accumulate = false, relu = false;
  bool phantom = false;                        // no values, see SPINVP_NPU_PHANTOM
  std::uint64_t epilogue_at = 0;               // address of a program (SPINVP_NPU_EPILOGUE); 0: none
  std::shared_ptr<const MapProgram> epilogue;  // read from there by the device
  ProductOptions options;
  // Of a part of a job (partition.h): the indices in the whole job of its first product, row and column.
  struct First {
    std::uint64_t product = 0, m = 0, n = 0;
  } first;
  FlexibleMac mac;                       // how wide its multiplications are
  std::optional<WeightRebuild> weights;  // of a compressed b; read from there by the device

  [[nodiscard]] Region c_region(Range products_of, Range m, Range n) const { return c.region(products_of, n, m); }
  // m is the (image, unit) position of c and n the channel; otherwise the other way round.
  [[nodiscard]] bool m_is_position() const { return c.k_is_position(); }
  [[nodiscard]] std::uint64_t bias_elements() const { return bias == 0 ? 0 : bias_step * (products - 1) + shape.n; }
  [[nodiscard]] SparsePattern sparsity() const { return options.sparse() ? SparsePattern{options.keep, options.group} : SparsePattern{}; }
  [[nodiscard]] DropPattern dropout() const {
    const auto axis = [this](spinvp_npu_drop which) { return (options.drop & which) != 0; };
    return {axis(SPINVP_NPU_DROP_M),
            axis(SPINVP_NPU_DROP_N),
            axis(SPINVP_NPU_DROP_K),
            options.drop_period,
            options.drop_phase,
            std::uint64_t{1} << (options.drop >> SPINVP_NPU_DROP_TILE_SHIFT),
            first.m,
            first.n};
  }
  [[nodiscard]] std::uint64_t bytes() const { return a.bytes() + b.bytes() + c.bytes(); }
};

// Work of the vector unit. Fields that an operation does not name are zero.
struct VectorJob {
  std::uint32_t operation = 0;
  Format format = Format::fp32, source_format = Format::fp32;
  std::uint64_t a = 0, b = 0, c = 0, aux = 0, loss = 0;
  std::uint64_t count = 0;                                             // elements of an element-wise operation
  std::uint64_t rows = 0, columns = 0;                                 // softmax; gather, scatter-add: what is gathered or added
  std::uint64_t table_rows = 0;                                        // gather, scatter-add
  std::uint64_t images = 0, channels = 0, spatial = 0;                 // bias gradient
  std::uint64_t planes = 0, in_h = 0, in_w = 0, out_h = 0, out_w = 0;  // pooling
  std::uint64_t kernel_h = 0, kernel_w = 0, stride_h = 0, stride_w = 0, pad_top = 0, pad_left = 0;
  float scalar = 0;
  bool phantom = false;                       // no values, see SPINVP_NPU_PHANTOM
  bool count_padding = false;                 // average pooling
  bool wide_labels = false;                   // softmax cross-entropy: int32
  std::shared_ptr<const MapProgram> program;  // map, reduction: read from aux by the device
};

struct Job {
  std::variant<std::monostate, MatrixJob, VectorJob> work;  // monostate: NOP
  const char* name = "nop";
  bool interrupt = false;
};

struct Limits {
  std::uint64_t steps = std::uint64_t{1} << 40;
  ArrayShape array;
  Dataflow dataflow = Dataflow::output_stationary;
  std::uint64_t mac_granule = 0;   // of bit-flexible multipliers; 0: they are not
  std::uint64_t sparse_group = 0;  // largest M of N:M sparsity; 0: none
  bool rebuilds_weights = false;   // compressed ones
};

inline constexpr std::uint64_t most_tensor_bytes = std::uint64_t{1} << 32;
inline constexpr std::uint64_t most_folds = std::uint64_t{1} << 26;
// What an operation of the vector unit must take at once: a row of a table, the rows under a row of windows.
inline constexpr std::uint64_t most_chunk_bytes = std::uint64_t{64} << 20;
inline constexpr std::uint64_t most_softmax_columns = std::uint64_t{1} << 20;

tl::expected<Job, Refusal> check(const spinvp_npu_descriptor& descriptor, const Limits& limits);

// "conv_forward" and the like; "unknown" for a number that is none.
const char* name_of_operation(std::uint32_t operation);

}  // namespace spinvp::npu
