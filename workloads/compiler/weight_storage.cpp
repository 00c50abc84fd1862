#include "workloads/compiler/weight_storage.h"

#include <algorithm>

#include "models/abi/npu_product.h"

namespace spinvp::workloads::compiler {
namespace {

struct Rows {
  std::uint64_t rows = 0, units = 0;
  bool operator==(const Rows&) const = default;
};

// As the rows of b lie in memory; nothing for a product that cannot take compressed ones.
std::optional<Rows> rows_of_b(const spinvp_npu_descriptor& d) {
  if (d.operation == SPINVP_NPU_CONV_FORWARD)
    return Rows{d.out_channels, std::uint64_t{d.in_channels} / std::max<std::uint64_t>(1, d.groups) * d.kernel_h * d.kernel_w};
  if (d.operation != SPINVP_NPU_GEMM || (d.batch > 1 && (d.flags & SPINVP_NPU_SHARED_B) == 0)) return std::nullopt;
  return (d.flags & SPINVP_NPU_TRANSPOSE_B) != 0 ? Rows{d.n, d.k} : Rows{d.k, d.n};
}

}  // namespace

void compress_weights(Draft& draft, const WeightCompression& compression) {
  std::vector<std::optional<Rows>> rows(draft.buffers.size());
  std::vector<bool> fit(draft.buffers.size());
  for (std::size_t i = 0; i < fit.size(); ++i) fit[i] = draft.buffers[i].kind == BufferKind::stored && !draft.buffers[i].kept;
  for (const Kernel& kernel : draft.kernels) {
    for (const Operand& o : kernel.operands) {
      const std::size_t i = index(o.buffer);
      const auto shape = rows_of_b(kernel.descriptor);
      const Buffer& buffer = draft.buffers[i];
      const bool whole = o.field == &spinvp_npu_descriptor::b && o.read && !o.written && o.offset == 0 && shape &&
                         shape->rows * shape->units == buffer.elements && static_cast<std::uint32_t>(buffer.format) == kernel.descriptor.format;
      fit[i] = fit[i] && whole && (!rows[i] || rows[i] == shape);
      rows[i] = shape;
    }
    if (!kernel.program) continue;
    for (const Stream& s : kernel.program->inputs) fit[index(s.buffer)] = false;
    for (const Stream& s : kernel.program->outputs) fit[index(s.buffer)] = false;
  }
  for (std::size_t i = 0; i < fit.size(); ++i) {
    if (!fit[i] || !rows[i]) continue;
    const spinvp_npu_weights form = compression.of(rows[i]->rows, rows[i]->units);
    if (spinvp_npu_weights_bytes(&form) < draft.buffers[i].plain_bytes()) draft.buffers[i].weights = form;
  }
  for (Kernel& kernel : draft.kernels)
    for (const Operand& o : kernel.operands)
      if (draft.buffer(o.buffer).weights) kernel.descriptor.count = spinvp_npu_with_option(kernel.descriptor.count, SPINVP_NPU_COMPRESSED, 1);
}

}  // namespace spinvp::workloads::compiler
