#include "workloads/compiler/images.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>

#include <fmt/format.h>

#include "models/abi/npu_product.h"
#include "models/core/error.h"
#include "workloads/compiler/allocator.h"
#include "workloads/graph/float_values.h"
#include "workloads/graph/shape.h"

namespace spinvp::workloads::compiler {
namespace {

using Raw = std::vector<std::uint8_t>;

void append(Raw& to, const void* from, std::size_t bytes) {
  const auto* first = static_cast<const std::uint8_t*>(from);
  to.insert(to.end(), first, first + bytes);
}

Raw encoded(const std::vector<float>& values, Format format) {
  Raw bytes;
  bytes.reserve(values.size() * width_of(format));
  for (const float value : values) {
    if (format == Format::int32) {
      const auto whole = static_cast<std::int32_t>(value);
      append(bytes, &whole, sizeof whole);
    } else {
      append_element(bytes, format == Format::fp32 ? ElementType::float32 : ElementType::bfloat16, value);
    }
  }
  return bytes;
}

// The elements of a tensor with values, as the machine lays them out. Whole numbers are 32 bits there.
std::optional<Raw> encoded(const Tensor& t, Format format) {
  if (t.values == nullptr) return std::nullopt;
  const std::vector<std::byte>& from = *t.values;
  const std::uint64_t count = elements(t.type.shape), width = bits_of(t.type.element) / 8;
  if (width == 0 || from.size() < count * width) return std::nullopt;
  const bool as_it_is = (t.type.element == ElementType::float32 && format == Format::fp32) ||
                        (t.type.element == ElementType::bfloat16 && format == Format::bf16) || t.type.element == ElementType::int32 ||
                        t.type.element == ElementType::uint32;
  Raw bytes(count * width_of(format));
  if (as_it_is) {
    std::memcpy(bytes.data(), from.data(), bytes.size());
    return bytes;
  }
  const bool is_signed = t.type.element == ElementType::int64 || t.type.element == ElementType::int16 || t.type.element == ElementType::int8;
  for (std::uint64_t i = 0; i < count; ++i) {
    std::uint64_t word = 0;
    for (std::uint64_t b = 0; b < width; ++b) word |= std::uint64_t{std::to_integer<std::uint8_t>(from[i * width + b])} << 8 * b;
    if (t.type.element == ElementType::float64) {
      const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(std::bit_cast<double>(word)));
      std::memcpy(bytes.data() + 4 * i, &bits, 4);
      continue;
    }
    if (is_floating(t.type.element)) return std::nullopt;
    std::int64_t value = static_cast<std::int64_t>(word);
    if (is_signed && width < 8) value = static_cast<std::int64_t>(word << (64 - 8 * width)) >> (64 - 8 * width);
    const auto narrow =
        static_cast<std::int32_t>(std::clamp<std::int64_t>(value, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()));
    std::memcpy(bytes.data() + 4 * i, &narrow, 4);
  }
  return bytes;
}

class Layout {
 public:
  Layout(const Graph& graph, const CompiledProgram& program, const Machine& machine, const RunPlan& plan)
      : graph_(graph), program_(program), machine_(machine), plan_(plan), at_(machine.dram.base + aligned(program.dram_bytes)) {}

  MemoryImage run() {
    for (const TensorPlace& place : program_.stored) {
      if (!program_.phantom)
        start_value(place);
      else if (place.weights)
        put(header_of(*place.weights), place.address);
    }
    if (norm_ > 0) result_.weights_error = std::sqrt(difference_ / norm_);
    spinvp_program header{};
    header.magic = SPINVP_PROGRAM_MAGIC;
    header.kernels = program_.kernels.size();
    header.kernel_table = kernels();
    feeds(header);
    header.steps = plan_.steps;
    header.loss = program_.loss && !program_.phantom ? program_.loss->address : 0;
    header.name = name(program_.network);
    header.phantom = program_.phantom ? 1 : 0;
    header.training = program_.training ? 1 : 0;
    header.batch = plan_.batch;
    output(header);
    precisions(header);
    Raw bytes;
    append(bytes, &header, sizeof header);
    result_.program = put(std::move(bytes));
    put(std::move(names_bytes_), names_at_);
    result_.dram_end = at_;
    if (at_ > machine_.dram.end())
      throw core::InputError(
          fmt::format("{}: network '{}' needs {} MiB of DRAM with its program and what it is fed, {} MiB are available: a smaller batch, recomputed "
                      "activations or a larger devices.dram.size help",
                      graph_.source, printable(program_.network), ((at_ - machine_.dram.base) >> 20) + 1, machine_.dram.bytes >> 20));
    return std::move(result_);
  }

 private:
  const Graph& graph_;
  const CompiledProgram& program_;
  const Machine& machine_;
  const RunPlan& plan_;
  std::uint64_t at_;
  MemoryImage result_;
  Raw names_bytes_;
  std::uint64_t names_at_ = 0;
  double difference_ = 0, norm_ = 0;  // squares, of compressed weights
  std::map<std::string, std::uint64_t> names_;

  std::uint64_t room(std::uint64_t bytes) {
    const std::uint64_t address = at_;
    at_ += aligned(bytes);
    return address;
  }
  void put(Raw bytes, std::uint64_t address) {
    if (!bytes.empty()) result_.images.push_back({address, std::move(bytes)});
  }
  std::uint64_t put(Raw bytes) {
    const std::uint64_t address = room(bytes.size());
    put(std::move(bytes), address);
    return address;
  }
  [[nodiscard]] std::uint64_t name(const std::string& text) const { return names_.at(text); }
  // As the markers take it: at most 63 characters, long ones by their end and the number of the name.
  static std::string shortened(const std::string& text, std::size_t number) {
    constexpr std::size_t most = 63;
    if (text.size() <= most) return text;
    const std::string mark = fmt::format("~{} ", number);
    return mark + text.substr(text.size() - (most - mark.size()));
  }

  void start_value(const TensorPlace& place) {
    if (!place.tensor) return;
    const Tensor& t = graph_.tensor(*place.tensor);
    if (plan_.start) {
      if (const auto values = plan_.start(*place.tensor)) {
        if (values->size() != place.elements)
          throw core::InputError(
              fmt::format("{}: weight '{}' has {} elements, {} values were given", graph_.source, printable(t.name), place.elements, values->size()));
        if (place.weights)
          compressed(place, t, *values);
        else
          put(encoded(*values, place.format), place.address);
        return;
      }
    }
    if (place.weights && t.values != nullptr) return compressed(place, t, floats_of(t));
    auto bytes = encoded(t, place.format);
    if (!bytes) throw core::InputError(fmt::format("{}: weight '{}' has no values; a run with phantom data needs none", graph_.source, printable(t.name)));
    put(*std::move(bytes), place.address);
  }

  void compressed(const TensorPlace& place, const Tensor& t, const std::vector<float>& values) {
    if (!std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); }))
      throw core::InputError(fmt::format("{}: weight '{}' is not finite throughout: it cannot be compressed", graph_.source, printable(t.name)));
    CompressedWeights done = compress(*place.weights, values);
    norm_ += done.norm;
    difference_ += done.difference;
    put(std::move(done.bytes), place.address);
  }

  // Names first, since the table names them; then the map programs, then the table.
  std::uint64_t kernels() {
    const auto intern = [&](const std::string& text) {
      if (!names_.emplace(text, names_bytes_.size()).second) return;
      const std::string told = shortened(text, names_.size());
      append(names_bytes_, told.c_str(), told.size() + 1);
    };
    for (const CompiledKernel& kernel : program_.kernels) intern(kernel.layer);
    intern(program_.network);
    names_at_ = room(names_bytes_.size());
    for (auto& [text, address] : names_) address += names_at_;

    Raw maps, table;
    std::uint64_t programs = 0;
    for (const CompiledKernel& kernel : program_.kernels) programs += kernel.program ? 1 : 0;
    const std::uint64_t maps_at = room(programs * sizeof(spinvp_npu_map));
    for (const CompiledKernel& kernel : program_.kernels) {
      spinvp_program_kernel row{};
      row.layer = name(kernel.layer);
      row.phase = static_cast<std::uint32_t>(kernel.phase);
      row.bits = kernel.bits;
      row.descriptor = kernel.descriptor;
      if (kernel.program) {
        row.descriptor.aux = maps_at + maps.size();
        append(maps, &*kernel.program, sizeof(spinvp_npu_map));
      }
      append(table, &row, sizeof row);
    }
    put(std::move(maps), maps_at);
    return put(std::move(table));
  }

  void feeds(spinvp_program& header) {
    Raw table;
    for (const Feed& feed : plan_.feeds) {
      const auto place = std::find_if(program_.inputs.begin(), program_.inputs.end(), [&](const TensorPlace& p) { return p.tensor == feed.tensor; });
      if (place == program_.inputs.end()) continue;  // an input that nobody reads
      if (feed.count < 1 || (!feed.bytes.empty() && feed.bytes.size() != feed.count * place->bytes))
        throw core::InputError(fmt::format("{}: input '{}' takes {} bytes a step, {} for {} batches were given", graph_.source, printable(place->name),
                                           place->bytes, feed.bytes.size(), feed.count));
      const spinvp_program_feed row{place->address, room(feed.count * place->bytes), place->bytes, feed.count};
      put(feed.bytes, row.from);
      append(table, &row, sizeof row);
    }
    // Regular dropout moves on by a tile each step: so does the phase in the descriptors of the products that leave something out.
    for (std::size_t i = 0; i < program_.kernels.size(); ++i) {
      const spinvp_npu_descriptor& d = program_.kernels[i].descriptor;
      if (d.operation < SPINVP_NPU_GEMM || d.operation > SPINVP_NPU_CONV_WEIGHT_GRADIENT || spinvp_npu_option_of(d.count, SPINVP_NPU_DROP) == 0) continue;
      const std::uint8_t period = spinvp_npu_option_of(d.count, SPINVP_NPU_DROP_PERIOD);
      Raw options;
      for (std::uint8_t phase = 0; phase < period; ++phase) {
        const std::uint64_t count = spinvp_npu_with_option(d.count, SPINVP_NPU_DROP_PHASE, phase);
        append(options, &count, sizeof count);
      }
      const std::uint64_t to =
          header.kernel_table + i * sizeof(spinvp_program_kernel) + offsetof(spinvp_program_kernel, descriptor) + offsetof(spinvp_npu_descriptor, count);
      const spinvp_program_feed row{to, put(std::move(options)), sizeof d.count, period};
      append(table, &row, sizeof row);
    }
    header.feeds = table.size() / sizeof(spinvp_program_feed);
    header.feed_table = put(std::move(table));
  }

  void precisions(spinvp_program& header) {
    const auto rows = plan_.precision.rows(plan_.steps);
    if (rows.empty()) return;
    Raw table;
    for (const spinvp_program_precision& row : rows) append(table, &row, sizeof row);
    header.precisions = rows.size();
    header.precision_table = put(std::move(table));
  }

  void output(spinvp_program& header) const {
    if (program_.training || program_.phantom || program_.outputs.empty()) return;
    const auto found = std::find_if(program_.outputs.begin(), program_.outputs.end(),
                                    [](const TensorPlace& p) { return p.elements > 0 && (p.format == Format::fp32 || p.format == Format::bf16); });
    if (found == program_.outputs.end()) return;
    const TensorPlace& first = *found;
    const Shape& shape = graph_.tensor(*first.tensor).type.shape;
    const std::uint64_t columns = shape.empty() ? 1 : static_cast<std::uint64_t>(shape.back());
    header.output = first.address;
    header.output_columns = static_cast<std::uint32_t>(columns);
    header.output_rows = static_cast<std::uint32_t>(first.elements / columns);
    header.output_format = static_cast<std::uint32_t>(first.format);
  }
};

}  // namespace

MemoryImage lay_out(const Graph& graph, const CompiledProgram& program, const Machine& machine, const RunPlan& plan) {
  return Layout(graph, program, machine, plan).run();
}

RunPlan training_plan(const TrainingGraph& training, std::uint64_t steps, std::uint32_t batch, std::uint32_t seed) {
  RunPlan plan{.steps = steps, .batch = batch};
  for (const StepScalar& scalar : training.scalars) {
    // What does not change is fed again and again.
    const bool changes = value_at(training, scalar, 0) != value_at(training, scalar, 1);
    constexpr std::uint64_t most_steps = std::uint64_t{1} << 24;
    if (changes && steps > most_steps)
      throw core::InputError(fmt::format("{} steps: allowed are up to {} with an optimiser whose scalars change by step", steps, most_steps));
    Feed feed{.tensor = scalar.tensor, .count = changes ? std::max<std::uint64_t>(1, steps) : 1};
    for (std::uint64_t s = 0; s < feed.count; ++s) append_element(feed.bytes, ElementType::float32, value_at(training, scalar, s));
    plan.feeds.push_back(std::move(feed));
  }
  for (const TensorId mask : training.masks) {
    const TensorType& type = training.graph.tensor(mask).type;
    Feed feed{.tensor = mask, .count = training.options.dropout.period};
    for (std::uint64_t s = 0; s < feed.count; ++s)
      for (const float value : mask_at(training.options.dropout, static_cast<std::uint64_t>(type.shape[0]), s)) append_element(feed.bytes, type.element, value);
    plan.feeds.push_back(std::move(feed));
  }
  plan.start = [&training, seed](TensorId id) -> std::optional<std::vector<float>> {
    const auto found = std::find_if(training.stored.begin(), training.stored.end(), [id](const StoredTensor& stored) { return stored.tensor == id; });
    if (found == training.stored.end()) return std::nullopt;
    return start_values(training, *found, seed);
  };
  return plan;
}

}  // namespace spinvp::workloads::compiler
