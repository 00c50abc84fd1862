#include "workloads/compiler/fusion.h"

#include <algorithm>
#include <limits>

namespace spinvp::workloads::compiler {
namespace {

constexpr std::size_t gone = std::numeric_limits<std::size_t>::max();

// Extents of a product's result, as its epilogue has them.
std::vector<std::int64_t> result_extents(const spinvp_npu_descriptor& d) {
  if (d.operation == SPINVP_NPU_CONV_FORWARD) return {d.batch, d.out_channels, std::int64_t{d.out_h} * d.out_w};
  if (d.batch > 1) return {d.batch, d.m, d.n};
  return {d.m, d.n};
}

bool is_dense_along(const std::vector<std::int64_t>& extent, const std::vector<std::int64_t>& stride) {
  std::int64_t step = 1;
  for (std::size_t d = extent.size(); d-- > 0;) {
    if (extent[d] != 1 && stride[d] != step) return false;
    step *= extent[d];
  }
  return true;
}

// The program's loops cut as `finer` says.
Program refine(Program program, const std::vector<std::int64_t>& finer) {
  for (auto* streams : {&program.inputs, &program.outputs})
    for (Stream& s : *streams) s.stride = refined(program.extent, s.stride, finer);
  std::vector<std::int64_t> reduced;
  for (const bool r : program.reduced) reduced.push_back(r ? 1 : 0);
  // A piece of a loop is reduced as the loop is. As a stride, 1 grows with the pieces: anything but 0 says yes.
  const std::vector<std::int64_t> pieces = refined(program.extent, reduced, finer);
  program.reduced.assign(finer.size(), false);
  for (std::size_t d = 0; d < finer.size(); ++d) program.reduced[d] = pieces[d] != 0;
  program.extent = finer;
  return program;
}

std::uint64_t points(const Program& program) {
  std::uint64_t n = 1;
  for (const std::int64_t e : program.extent) n *= static_cast<std::uint64_t>(e);
  return n;
}

class Fusion {
 public:
  explicit Fusion(Draft& draft) : draft_(draft), writers_(draft.buffers.size()), readers_(draft.buffers.size()), renewed_(draft.buffers.size()) {
    for (std::size_t i = 0; i < draft.buffers.size(); ++i)
      if (draft.buffers[i].replaces) renewed_[index(*draft.buffers[i].replaces)] = BufferId{static_cast<std::uint32_t>(i)};
    for (std::size_t k = 0; k < draft.kernels.size(); ++k) note(k);
  }

  void run() {
    for (std::size_t k = 0; k < draft_.kernels.size(); ++k) {
      bool again = draft_.kernels[k].is_map() || draft_.kernels[k].is_reduction();
      while (again && (draft_.kernels[k].is_map() || draft_.kernels[k].is_reduction())) again = join_one(k);
    }
    std::erase_if(draft_.kernels, [](const Kernel& kernel) { return kernel.descriptor.operation == SPINVP_NPU_NOP; });
  }

 private:
  Draft& draft_;
  std::vector<std::vector<std::size_t>> writers_, readers_;  // of each buffer, ascending
  std::vector<std::optional<BufferId>> renewed_;             // the new value of a stored buffer

  void note(std::size_t k) {
    draft_.kernels[k].for_each_access([&](BufferId id, bool written) {
      auto& list = written ? writers_[index(id)] : readers_[index(id)];
      if (std::find(list.begin(), list.end(), k) == list.end()) list.insert(std::upper_bound(list.begin(), list.end(), k), k);
    });
  }
  void forget(std::size_t k) {
    draft_.kernels[k].for_each_access([&](BufferId id, bool written) { std::erase(written ? writers_[index(id)] : readers_[index(id)], k); });
  }

  // Products first: what they take costs no pass at all.
  bool join_one(std::size_t k) {
    const Program& program = *draft_.kernels[k].program;
    for (const bool products : {true, false})
      for (const Stream& stream : program.inputs) {
        const std::size_t producer = joinable(k, stream.buffer);
        if (producer == gone || draft_.kernels[producer].takes_epilogue() != products) continue;
        if (products ? into_epilogue(producer, k, stream.buffer) : into_map(producer, k)) return true;
      }
    return false;
  }

  // The kernel that makes the whole of the buffer, if `k` is the first to read what it makes.
  std::size_t joinable(std::size_t k, BufferId id) const {
    const Buffer& buffer = draft_.buffer(id);
    if (buffer.kind != BufferKind::temporary || writers_[index(id)].size() != 1) return gone;
    const std::size_t producer = writers_[index(id)].front();
    const Kernel& kernel = draft_.kernels[producer];
    if (producer >= k || kernel.phase != draft_.kernels[k].phase || (!kernel.is_map() && !kernel.takes_epilogue())) return gone;
    bool first = true;
    kernel.for_each_access([&](BufferId other, bool written) {
      if (!written) {
        // A stored value is read before its new one takes its place.
        if (const auto renewed = renewed_[index(other)])
          for (const std::size_t writer : writers_[index(*renewed)]) first = first && (writer < producer || writer >= k);
        return;
      }
      for (const std::size_t reader : readers_[index(other)]) first = first && reader >= k;
      if (writers_[index(other)].size() != 1) first = first && writers_[index(other)].back() <= k;
    });
    return first ? producer : gone;
  }
  [[nodiscard]] bool is_needed_after(std::size_t k, BufferId id) const {
    const Buffer& buffer = draft_.buffer(id);
    return buffer.kept || buffer.replaces.has_value() || readers_[index(id)].back() != k;
  }

  // All streams of the consumer that read the buffer read it from end to end, in its order and format.
  [[nodiscard]] bool reads_whole(const Program& program, BufferId id, Format format) const {
    const Buffer& buffer = draft_.buffer(id);
    if (points(program) != buffer.elements || buffer.format != format) return false;
    return std::all_of(program.inputs.begin(), program.inputs.end(),
                       [&](const Stream& s) { return s.buffer != id || (s.offset == 0 && s.format == format && is_dense_along(program.extent, s.stride)); });
  }

  // A value as it would come out of memory again. Whole numbers are cut by a store: only truth values pass.
  static std::optional<Value> as_loaded(Expression& e, Value value, Format format) {
    if (format == Format::fp32) return value;
    if (format == Format::bf16) return e.rounded_to_bf16(value);
    return std::nullopt;
  }

  bool replace(std::size_t producer, std::size_t k, Kernel joined) {
    if (!fits(joined)) return false;
    forget(producer);
    forget(k);
    draft_.kernels[producer] = {};
    draft_.kernels[k] = std::move(joined);
    note(k);
    return true;
  }

  bool into_map(std::size_t producer, std::size_t k) {
    const Kernel &first = draft_.kernels[producer], &second = draft_.kernels[k];
    const auto extents = common_extents(first.program->extent, second.program->extent);
    if (!extents) return false;
    const Program a = refine(*first.program, *extents), b = refine(*second.program, *extents);
    Kernel joined = second;
    Program& p = joined.program.emplace();
    p.extent = *extents;
    p.reduced = b.reduced;
    p.combine = b.combine;
    p.finish = b.finish;
    p.finished = b.finished;
    p.inputs = a.inputs;
    p.steps = a.steps;
    // Whatever the producer makes and the consumer reads stays in registers; what others read is written as well.
    std::vector<std::pair<BufferId, Value>> made;
    for (std::size_t i = 0; i < a.outputs.size(); ++i) {
      const Stream& out = a.outputs[i];
      const auto& readers = readers_[index(out.buffer)];
      if (std::find(readers.begin(), readers.end(), k) != readers.end()) {
        const bool whole =
            out.offset == 0 && is_dense_along(a.extent, out.stride) && writers_[index(out.buffer)].size() == 1 && reads_whole(b, out.buffer, out.format);
        const auto loaded = whole ? as_loaded(p.steps, a.results[i], out.format) : std::nullopt;
        if (!loaded) return false;
        made.emplace_back(out.buffer, *loaded);
        if (!is_needed_after(k, out.buffer)) continue;
      }
      p.outputs.push_back(out);
      p.results.push_back(a.results[i]);
    }
    if (second.is_reduction() && !p.outputs.empty()) return false;
    std::vector<Value> inputs;
    for (const Stream& s : b.inputs) {
      const auto kept = std::find_if(made.begin(), made.end(), [&](const auto& m) { return m.first == s.buffer; });
      inputs.push_back(kept != made.end() ? kept->second : input_of(p, s));
    }
    const Expression::Renamed renamed = p.steps.append(b.steps, inputs);
    for (const Stream& s : b.outputs) p.outputs.push_back(s);
    for (const Value v : b.results) p.results.push_back(renamed(v));
    return replace(producer, k, std::move(joined));
  }

  static Value input_of(Program& p, const Stream& stream) {
    const auto found = std::find(p.inputs.begin(), p.inputs.end(), stream);
    if (found != p.inputs.end()) return Value::input(static_cast<std::uint32_t>(found - p.inputs.begin()));
    p.inputs.push_back(stream);
    return Value::input(static_cast<std::uint32_t>(p.inputs.size() - 1));
  }

  bool into_epilogue(std::size_t producer, std::size_t k, BufferId id) {
    const Kernel &first = draft_.kernels[producer], &second = draft_.kernels[k];
    if (!second.is_map() || second.program->outputs.size() != 1 || is_needed_after(k, id)) return false;
    const Format format = draft_.buffer(id).format;
    if (!reads_whole(*second.program, id, format)) return false;
    // What comes out is the product's result, in its format and in one piece.
    const Stream& out = second.program->outputs[0];
    const std::vector<std::int64_t> axes = result_extents(first.descriptor);
    if (out.format != format || !is_dense_along(second.program->extent, out.stride) || out.offset * static_cast<std::int64_t>(width_of(format)) % 4 != 0)
      return false;
    const auto finer = common_extents(axes, second.program->extent);
    if (!finer) return false;
    Kernel joined = first;
    joined.name = second.name;
    Program p;
    if (first.program) p = *first.program;
    p.extent = axes;
    p.reduced.assign(axes.size(), false);
    const Value result = first.program ? p.results[0] : Value::input(0);
    const auto loaded = as_loaded(p.steps, result, format);
    if (!loaded) return false;

    const Program b = refine(*second.program, *finer);
    std::vector<Value> inputs;
    for (const Stream& s : b.inputs) {
      if (s.buffer == id) {
        inputs.push_back(*loaded);
        continue;
      }
      const auto stride = coarsened(*finer, s.stride, axes);
      if (!stride) return false;
      Stream stream = s;
      stream.stride = *stride;
      const Value value = input_of(p, stream);
      inputs.push_back(Value::input(value.index + 1));
    }
    const Expression::Renamed renamed = p.steps.append(b.steps, inputs);
    p.results = {renamed(b.results[0])};
    joined.program = std::move(p);
    for (Operand& o : joined.operands)
      if (o.written && o.field == &spinvp_npu_descriptor::c) {
        o.buffer = out.buffer;
        o.offset = out.offset;
      }
    return replace(producer, k, std::move(joined));
  }

  // Strides along the product's axes, where the finer loops of each are one.
  static std::optional<std::vector<std::int64_t>> coarsened(const std::vector<std::int64_t>& finer, const std::vector<std::int64_t>& stride,
                                                            const std::vector<std::int64_t>& axes) {
    std::vector<std::int64_t> result(axes.size(), 0);
    std::size_t at = finer.size();
    for (std::size_t d = axes.size(); d-- > 0;) {
      std::int64_t extent = 1;
      while (extent < axes[d]) {
        --at;
        if (extent == 1)
          result[d] = stride[at];
        else if (stride[at] != result[d] * extent)
          return std::nullopt;
        extent *= finer[at];
      }
    }
    return result;
  }
};

}  // namespace

void fuse(Draft& draft) { Fusion(draft).run(); }

Program as_commanded(const Kernel& kernel) {
  Program program = *kernel.program;
  if (kernel.takes_epilogue()) return program;
  Loops loops{program.extent, {}};
  for (const auto* streams : {&program.inputs, &program.outputs})
    for (const Stream& s : *streams) loops.stride.push_back(s.stride);
  const Loops fewer = joined(loops, program.reduced);
  program.reduced = joined_kinds(loops, program.reduced);
  program.extent = fewer.extent;
  std::size_t i = 0;
  for (auto* streams : {&program.inputs, &program.outputs})
    for (Stream& s : *streams) s.stride = fewer.stride[i++];
  // A scalar has an axis of one point, and so has a reduction of one element each.
  const bool reduces = std::find(program.reduced.begin(), program.reduced.end(), true) != program.reduced.end();
  if (program.extent.empty() || (kernel.is_reduction() && !reduces)) {
    program.extent.push_back(1);
    program.reduced.push_back(kernel.is_reduction());
    for (auto* streams : {&program.inputs, &program.outputs})
      for (Stream& s : *streams) s.stride.push_back(0);
  }
  return program;
}

bool fits(const Kernel& kernel) {
  const Program program = as_commanded(kernel);
  if (program.inputs.size() > SPINVP_NPU_MAP_INPUTS || program.outputs.size() > SPINVP_NPU_MAP_OUTPUTS || program.extent.size() > SPINVP_NPU_MAP_AXES)
    return false;
  std::vector<float> constants;
  const std::size_t loaded = program.inputs.size() + (kernel.takes_epilogue() ? 1 : 0);
  const auto steps = assign(program.steps, program.results, loaded, false, constants);
  if (!steps) return false;
  if (!kernel.is_reduction()) return true;
  const auto finish = assign(program.finish, program.finished, program.results.size(), true, constants);
  return finish && steps->steps.size() + finish->steps.size() <= SPINVP_NPU_MAP_STEPS;
}

}  // namespace spinvp::workloads::compiler
