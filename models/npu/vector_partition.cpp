#include "models/npu/vector_partition.h"

#include <algorithm>

#include "models/npu/map_tiles.h"

namespace spinvp::npu {

namespace {

// Bytes that an operand touches, or that lie between those.
struct Span {
  std::uint64_t first = 0, last = 0;  // [first, last)
  [[nodiscard]] bool meets(const Span& other) const { return first < last && other.first < other.last && first < other.last && other.first < last; }
};

Span span_of(const MapStream& stream, const Extents& extent) {
  std::int64_t low = 0, high = 0;
  for (unsigned axis = 0; axis < map_axes; ++axis) {
    const std::int64_t reach = stream.stride[axis] * static_cast<std::int64_t>(extent[axis] - 1);
    (reach < 0 ? low : high) += reach;
  }
  const std::uint64_t element = bytes_of(stream.format);
  return {stream.address + static_cast<std::uint64_t>(low) * element, stream.address + static_cast<std::uint64_t>(high + 1) * element};
}

// No two points share an element, reduced ones aside: axes in ascending order of their strides each reach beyond all earlier ones. (Others may still be free of doubles.)
bool no_element_twice(const MapStream& stream, const MapProgram& program) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> axes;  // stride and extent
  for (unsigned axis = 0; axis < map_axes; ++axis)
    if (!program.reduced[axis] && program.extent[axis] > 1) axes.emplace_back(static_cast<std::uint64_t>(std::abs(stream.stride[axis])), program.extent[axis]);
  std::sort(axes.begin(), axes.end());
  std::uint64_t reach = 0;
  for (const auto& [stride, extent] : axes) {
    if (stride <= reach) return false;
    reach += stride * (extent - 1);
  }
  return true;
}

bool independent(const MapProgram& program) {
  for (std::size_t o = 0; o < program.outputs.size(); ++o) {
    const MapStream& output = program.outputs[o];
    const Span written = span_of(output, program.extent);
    if (!no_element_twice(output, program)) return false;
    for (std::size_t other = 0; other < o; ++other)
      if (written.meets(span_of(program.outputs[other], program.extent))) return false;
    for (const MapStream& input : program.inputs) {
      const bool same = input.address == output.address && input.format == output.format && input.stride == output.stride && program.use == MapUse::map;
      if (!same && written.meets(span_of(input, program.extent))) return false;
    }
  }
  return true;
}

bool independent(const VectorJob& job) {
  const std::uint64_t e = bytes_of(job.format);
  const auto at = [](std::uint64_t address, std::uint64_t bytes) { return Span{address, address + bytes}; };
  // Read where it is written, or elsewhere.
  const auto in_place_or_apart = [&](std::uint64_t address, std::uint64_t element, std::uint64_t count) {
    return (address == job.c && element == e) || !at(address, count * element).meets(at(job.c, count * e));
  };
  const bool winners = job.operation == SPINVP_NPU_MAXPOOL_FORWARD || job.operation == SPINVP_NPU_MAXPOOL_BACKWARD;
  const std::uint64_t large = job.planes * job.in_h * job.in_w * e, small = job.planes * job.out_h * job.out_w;
  switch (job.operation) {
    case SPINVP_NPU_RELU_FORWARD:
    case SPINVP_NPU_SGD_UPDATE:
    case SPINVP_NPU_COPY: return in_place_or_apart(job.a, bytes_of(job.source_format), job.count);
    case SPINVP_NPU_RELU_BACKWARD: return in_place_or_apart(job.a, e, job.count) && in_place_or_apart(job.b, e, job.count);
    case SPINVP_NPU_SOFTMAX_FORWARD: return in_place_or_apart(job.a, e, job.rows * job.columns);
    case SPINVP_NPU_SOFTMAX_BACKWARD: return in_place_or_apart(job.a, e, job.rows * job.columns) && in_place_or_apart(job.b, e, job.rows * job.columns);
    case SPINVP_NPU_MAXPOOL_FORWARD:
    case SPINVP_NPU_AVERAGEPOOL_FORWARD: {
      const Span x = at(job.a, large), y = at(job.c, small * e), taps = at(job.aux, winners ? small : 0);
      return !y.meets(x) && !taps.meets(x) && !taps.meets(y);
    }
    case SPINVP_NPU_MAXPOOL_BACKWARD:
    case SPINVP_NPU_AVERAGEPOOL_BACKWARD: return !at(job.c, large).meets(at(job.a, small * e)) && !at(job.c, large).meets(at(job.aux, winners ? small : 0));
    case SPINVP_NPU_GATHER: {
      const std::uint64_t row = job.columns * e;
      const Span rows = at(job.c, job.rows * row);
      return !rows.meets(at(job.a, job.table_rows * row)) && !rows.meets(at(job.aux, job.rows * 4));
    }
    case SPINVP_NPU_MAP:
    case SPINVP_NPU_REDUCE: return independent(*job.program);
    default: return false;
  }
}

}  // namespace

std::vector<std::unique_ptr<StreamKernel>> stream_kernels(const VectorJob& job, const VectorUnit& unit, std::uint64_t cores) {
  std::vector<std::unique_ptr<StreamKernel>> kernels;
  kernels.push_back(make_stream_kernel(job, unit));
  if (cores == 1) return kernels;
  const std::uint64_t pieces = kernels.front()->pieces(), parts = std::min(cores, pieces);
  if (parts == 1 || !independent(job)) return kernels;
  while (kernels.size() < parts) kernels.push_back(make_stream_kernel(job, unit));
  for (std::uint64_t i = 0; i < parts; ++i) kernels[i]->take({pieces * i / parts, pieces * (i + 1) / parts});
  return kernels;
}

std::vector<std::uint64_t> reads_of_inputs(const VectorJob& job, const VectorUnit& unit, std::uint64_t cores) {
  const MapProgram program = coalesced(*job.program);
  const std::uint64_t parts = stream_kernels(job, unit, cores).size(), chunk_bytes = map_chunk_bytes(*job.program, unit);
  std::vector<std::uint64_t> reads;
  for (const MapStream& input : program.inputs) reads.push_back(is_short(program, input, chunk_bytes) ? parts : 1);
  return reads;
}

}  // namespace spinvp::npu
