#include "workloads/compiler/traffic.h"

#include <algorithm>

#include "workloads/compiler/fusion.h"

namespace spinvp::workloads::compiler {
namespace {

// Bytes from which on the sequencer gives a product tiles of its own (models/npu/plan.h).
constexpr std::uint64_t one_tile = 64 << 10;

std::uint64_t touched(const Program& program, const Stream& stream) {
  std::uint64_t count = 1;
  for (std::size_t d = 0; d < program.extent.size(); ++d)
    if (stream.stride[d] != 0) count *= static_cast<std::uint64_t>(program.extent[d]);
  return count * width_of(stream.format);
}

void add(std::vector<Access>& list, BufferId buffer, std::uint64_t read, std::uint64_t written) {
  const auto found = std::find_if(list.begin(), list.end(), [&](const Access& a) { return a.buffer == buffer; });
  if (found == list.end())
    list.push_back({buffer, read, written});
  else {
    found->read += read;
    found->written += written;
  }
}

// Of a table, the rows that are named.
std::uint64_t bytes_of(const Draft& draft, const Kernel& kernel, const Operand& o) {
  const spinvp_npu_descriptor& d = kernel.descriptor;
  const bool table = (d.operation == SPINVP_NPU_GATHER && o.field == &spinvp_npu_descriptor::a) ||
                     (d.operation == SPINVP_NPU_SCATTER_ADD && o.field == &spinvp_npu_descriptor::c);
  const std::uint64_t count = table ? std::uint64_t{d.m} * d.n : o.elements;
  return count * width_of(draft.buffer(o.buffer).format);
}

// Of `in` elements along an axis, those that some window covers.
std::uint64_t covered(std::uint64_t in, std::uint64_t windows, std::uint64_t kernel, std::uint64_t stride, std::uint64_t dilation, std::uint64_t pad) {
  std::vector<bool> touched(in, false);
  for (std::uint64_t w = 0; w < windows; ++w)
    for (std::uint64_t k = 0; k < kernel; ++k) {
      const std::uint64_t at = w * stride + k * std::max<std::uint64_t>(1, dilation) - pad;  // wraps far beyond `in` where it lies in the padding
      if (at < in) touched[at] = true;
    }
  return static_cast<std::uint64_t>(std::count(touched.begin(), touched.end(), true));
}

// The program as far as its traffic goes: every buffer at an address of its own, and no steps.
spinvp_npu_map geometry(const Kernel& kernel) {
  constexpr unsigned most_buffer_bits = 36;
  const Program program = as_commanded(kernel);
  spinvp_npu_map map{};
  map.axes = static_cast<std::uint32_t>(program.extent.size());
  map.inputs = static_cast<std::uint32_t>(program.inputs.size());
  map.outputs = static_cast<std::uint32_t>(program.outputs.size());
  for (std::size_t d = 0; d < program.extent.size(); ++d) {
    map.extent[d] = static_cast<std::uint32_t>(program.extent[d]);
    if (program.reduced[d]) map.reduced |= 1u << d;
  }
  const auto stream_of = [](const Stream& s) {
    spinvp_npu_stream to{};
    to.address = ((std::uint64_t{index(s.buffer)} + 1) << most_buffer_bits) + static_cast<std::uint64_t>(s.offset) * width_of(s.format);
    to.format = static_cast<std::uint32_t>(s.format);
    std::copy(s.stride.begin(), s.stride.end(), to.stride);
    return to;
  };
  std::transform(program.inputs.begin(), program.inputs.end(), map.input, stream_of);
  std::transform(program.outputs.begin(), program.outputs.end(), map.output, stream_of);
  return map;
}

// Windows that are further apart than they are wide leave elements of their images unread.
bool reads_windows(const Kernel& kernel, const Operand& o) {
  const std::uint32_t operation = kernel.descriptor.operation;
  return o.field == &spinvp_npu_descriptor::a && (operation == SPINVP_NPU_CONV_FORWARD || operation == SPINVP_NPU_CONV_WEIGHT_GRADIENT ||
                                                  operation == SPINVP_NPU_MAXPOOL_FORWARD || operation == SPINVP_NPU_AVERAGEPOOL_FORWARD);
}

}  // namespace

std::uint64_t macs_of(const spinvp_npu_descriptor& d) {
  const std::uint64_t groups = std::max<std::uint64_t>(1, d.groups), batch = std::max<std::uint64_t>(1, d.batch);
  if (d.operation == SPINVP_NPU_GEMM) return batch * d.m * d.n * d.k;
  if (!is_product(d.operation)) return 0;
  // Of a data gradient the zeros between strides count as well (models/abi/npu.h).
  const std::uint64_t positions = d.operation == SPINVP_NPU_CONV_DATA_GRADIENT ? std::uint64_t{d.in_h} * d.in_w : std::uint64_t{d.out_h} * d.out_w;
  return batch * positions * d.out_channels * (d.in_channels / groups) * d.kernel_h * d.kernel_w;
}

std::vector<Access> accesses(const Draft& draft, const Kernel& kernel, const Machine& machine, const std::vector<bool>& on_chip) {
  std::vector<Access> list;
  const Operand* a = nullptr;
  const Operand* b = nullptr;
  const Operand* c = nullptr;
  for (const Operand& o : kernel.operands) {
    if (o.field == &spinvp_npu_descriptor::a) a = &o;
    if (o.field == &spinvp_npu_descriptor::b) b = &o;
    if (o.field == &spinvp_npu_descriptor::c) c = &o;
  }
  std::optional<ProductReads> reads;
  const auto here = [&](const Operand* o) { return o != nullptr && !on_chip.empty() && on_chip[index(o->buffer)]; };
  if (is_product(kernel.descriptor.operation) && machine.reads_of) reads = machine.reads_of(kernel.descriptor, here(a), here(b), here(c));
  std::optional<CoreReads> cores;
  if (machine.core_reads_of && (is_product(kernel.descriptor.operation) || kernel.program)) {
    const std::optional<spinvp_npu_map> map = kernel.program ? std::optional(geometry(kernel)) : std::nullopt;
    cores = machine.core_reads_of(kernel.descriptor, map ? &*map : nullptr, here(a), here(b), here(c));
  }
  for (const Operand& o : kernel.operands) {
    const std::uint64_t bytes = bytes_of(draft, kernel, o);
    std::uint64_t read = o.read ? bytes : 0;
    if (reads && &o == a) read = reads->a;
    if (reads && &o == b) read = reads->b;
    if (cores && cores->bias && o.field == &spinvp_npu_descriptor::bias) read = *cores->bias * width_of(draft.buffer(o.buffer).format);
    // Compressed weights come as often, and their header first.
    if (const Buffer& buffer = draft.buffer(o.buffer); buffer.weights && read > 0)
      read = sizeof(spinvp_npu_weights) + (buffer.bytes() - SPINVP_NPU_WEIGHTS_DATA) * (read / buffer.plain_bytes());
    add(list, o.buffer, read, o.written ? bytes : 0);
  }
  if (kernel.program) {
    for (std::size_t i = 0; i < kernel.program->inputs.size(); ++i) {
      const Stream& s = kernel.program->inputs[i];
      if (cores && i < cores->inputs.size()) {
        add(list, s.buffer, kernel.takes_epilogue() ? cores->inputs[i] : touched(*kernel.program, s) * cores->inputs[i], 0);
        continue;
      }
      const std::vector<std::int64_t>& stride = s.stride;
      // The epilogue of a batch reads what all its products share with each of them, unless they are so small that a tile holds several.
      const bool again = kernel.takes_epilogue() && stride.size() == 3 && stride[0] == 0 && stride[1] != 0 && stride[2] != 0 &&
                         static_cast<std::uint64_t>(kernel.program->extent[1] * kernel.program->extent[2]) * width_of(s.format) > one_tile;
      add(list, s.buffer, touched(*kernel.program, s) * (again ? static_cast<std::uint64_t>(kernel.program->extent[0]) : 1), 0);
    }
    for (const Stream& s : kernel.program->outputs) add(list, s.buffer, 0, touched(*kernel.program, s));
  }
  return list;
}

std::vector<Access> compulsory(const Draft& draft, const Kernel& kernel) {
  std::vector<Access> list = accesses(draft, kernel, Machine{});
  const spinvp_npu_descriptor& d = kernel.descriptor;
  for (const Operand& o : kernel.operands)
    if (reads_windows(kernel, o)) {
      const std::uint64_t rows = covered(d.in_h, d.out_h, d.kernel_h, d.stride_h, d.dilation_h, d.pad_top);
      const std::uint64_t columns = covered(d.in_w, d.out_w, d.kernel_w, d.stride_w, d.dilation_w, d.pad_left);
      const std::uint64_t images = std::uint64_t{d.batch} * d.in_channels;
      for (Access& a : list)
        if (a.buffer == o.buffer) a.read -= (images * d.in_h * d.in_w - images * rows * columns) * width_of(draft.buffer(o.buffer).format);
    }
  // The same elements through two streams or two operands come once.
  for (Access& a : list) {
    a.read = std::min(a.read, draft.buffer(a.buffer).bytes());
    a.written = std::min(a.written, draft.buffer(a.buffer).bytes());
  }
  return list;
}

}  // namespace spinvp::workloads::compiler
