// Maps and reductions (models/abi/npu_map.h) as streams of chunks.
//
// An input whose distinct elements fit the stream buffer is read once, with the first chunk, and stays. Cost of a step on each lane: 1 cycle; divide_cycles for a division or a square
// root; exp_cycles for an exponential, an error function or a hyperbolic tangent; log_cycles for a logarithm. A program without steps still takes a cycle to pass its elements on.
// Energy: one vector operation (fp32) for each step of one cycle and each sum or comparison of a reduction; the slower steps are events of their own.
#include <algorithm>

#include "models/core/units.h"
#include "models/npu/map_lanes.h"
#include "models/npu/map_tiles.h"
#include "models/npu/map_walk.h"
#include "models/npu/step_sum.h"
#include "models/npu/stream_kernel.h"

namespace spinvp::npu {

using core::divide_up;

namespace {

std::uint64_t longest_stream(const MapProgram& program) {
  std::uint64_t element = 0;
  for (const auto* streams : {&program.inputs, &program.outputs})
    for (const MapStream& s : *streams) element = std::max(element, bytes_of(s.format));
  return program.points() * element;
}

class MapKernel : public StreamKernel {
 public:
  MapKernel(const MapProgram& program, const VectorUnit& unit)
      : StreamKernel(unit, longest_stream(program)),
        program_(coalesced(program)),
        tiles_(program_, unit_.chunk_bytes, unit_.lanes),
        steps_(program_.steps, unit_),
        finish_(program_.finish, unit_) {
    const Box whole{{}, program_.extent};
    for (const MapStream& input : program_.inputs) {
      PackedBox all;
      const bool stays = is_short(program_, input, unit_.chunk_bytes);
      if (stays) all = pack(input, whole);
      residents_.push_back({stays, std::move(all), {}});
    }
    const auto inputs = static_cast<std::uint32_t>(program_.inputs.size()), outputs = static_cast<std::uint32_t>(program_.outputs.size());
    unset_ = registers_read_first(program_.steps, inputs, std::span(program_.result).first(outputs));
    unset_at_finish_ = registers_read_first(program_.finish, outputs);
  }

  [[nodiscard]] std::uint64_t chunks() const override { return tiles_.count(); }
  [[nodiscard]] std::uint64_t pieces() const override { return tiles_.count() / tiles_.chunks_an_output(); }
  [[nodiscard]] std::uint64_t chunk_bytes() const { return unit_.chunk_bytes; }

  [[nodiscard]] Chunk chunk(std::uint64_t index) const override {
    const Box box = tiles_.box(index);
    Chunk c;
    for (std::size_t i = 0; i < program_.inputs.size(); ++i) {
      if (!residents_[i].stays)
        c.inputs.emplace_back(pack(program_.inputs[i], box).pieces);
      else
        c.inputs.emplace_back(index == mine().first ? residents_[i].all.pieces : std::vector<Piece>());
    }
    if (finishes(index))
      for (const MapStream& output : program_.outputs) c.outputs.emplace_back(pack(output, box).pieces);
    const std::uint64_t points = box.points();
    steps_.charge(c, points);
    if (!reduces()) {
      c.cycles = divide_up(points, unit_.lanes) * std::max<std::uint64_t>(1, steps_.cycles);
      c.operations += program_.steps.empty() ? points : 0;
      return c;
    }
    const std::uint64_t kept = kept_points(box), sums = program_.outputs.size();
    c.operations += points * sums;
    c.cycles = divide_up(points, unit_.lanes) * steps_.cycles + sums * divide_up(points, std::min(unit_.lanes, kept));
    if (!finishes(index)) return c;
    finish_.charge(c, kept);
    c.cycles += divide_up(kept, unit_.lanes) * finish_.cycles;
    return c;
  }

  std::optional<std::string> compute(std::uint64_t index, const std::vector<Bytes>& in, std::vector<Bytes>& out) override {
    const Box box = tiles_.box(index);
    if (index == mine().first) {
      registers_.emplace(program_.constant);
      for (std::size_t i = 0; i < residents_.size(); ++i)
        if (residents_[i].stays) residents_[i].bytes = in[i];
    }
    if (reduces()) {
      if (index % tiles_.chunks_an_output() == 0) sums_.assign(program_.outputs.size(), std::vector<float>(kept_points(box), 0.0f));
      reduce(box, in);
      if (finishes(index)) finish(box, out);
    } else {
      map(box, in, out);
    }
    return std::nullopt;
  }

 protected:
  [[nodiscard]] Range chunks_of(Range pieces) const override { return {pieces.first * tiles_.chunks_an_output(), pieces.last * tiles_.chunks_an_output()}; }

 private:
  struct Resident {
    bool stays = false;
    PackedBox all;
    Bytes bytes;
  };
  struct Run {  // of a block of lanes: where it starts, and where it belongs
    std::size_t lane = 0, count = 0;
    bool fresh = false;
    std::array<std::int64_t, SPINVP_NPU_MAP_OUTPUTS> offset{};
  };

  MapProgram program_;
  MapTiles tiles_;
  StepSum steps_, finish_;
  std::optional<MapLanes> registers_;  // once there are values
  std::uint32_t unset_ = 0, unset_at_finish_ = 0;
  std::vector<Resident> residents_;
  std::vector<std::vector<float>> sums_;  // by output, of a box of outputs, row-major
  std::vector<Run> runs_;

  [[nodiscard]] bool reduces() const { return program_.use == MapUse::reduction; }
  [[nodiscard]] bool finishes(std::uint64_t index) const { return (index + 1) % tiles_.chunks_an_output() == 0; }
  [[nodiscard]] std::uint64_t kept_points(const Box& box) const {
    std::uint64_t n = 1;
    for (unsigned axis = 0; axis < map_axes; ++axis) n *= program_.reduced[axis] ? 1 : box.size[axis];
    return n;
  }

  std::vector<WalkStream> input_streams(const Box& box) const {
    std::vector<WalkStream> streams;
    for (std::size_t i = 0; i < program_.inputs.size(); ++i) {
      if (!residents_[i].stays) {
        const PackedBox packed = pack(program_.inputs[i], box);
        streams.push_back({packed.first, packed.stride});
        continue;
      }
      const PackedBox& all = residents_[i].all;
      WalkStream stream{all.first, all.stride};
      for (unsigned axis = 0; axis < map_axes; ++axis) stream.first += all.stride[axis] * static_cast<std::int64_t>(box.first[axis]);
      streams.push_back(stream);
    }
    return streams;
  }

  // Loads the inputs along `walk` block by block, runs the steps, and hands each block's runs to use(runs).
  template <typename Use>
  void evaluate(const MapWalk& walk, const std::vector<Bytes>& in, std::size_t others, Use&& use) {
    const std::size_t inputs = program_.inputs.size();
    const std::uint64_t length = walk.run_length();
    std::size_t filled = 0;
    runs_.clear();
    const auto flush = [&] {
      if (filled == 0) return;
      registers_->clear(unset_, filled);
      registers_->run(program_.steps, filled);
      use(std::as_const(runs_));
      runs_.clear();
      filled = 0;
    };
    walk.for_each_run([&](const MapWalk::Offsets& offsets, bool fresh) {
      for (std::uint64_t done = 0; done < length;) {
        const std::size_t count = std::min<std::size_t>(length - done, MapLanes::width - filled);
        const auto at = static_cast<std::int64_t>(done);
        for (std::size_t i = 0; i < inputs; ++i) {
          const Format format = program_.inputs[i].format;
          const std::int64_t stride = walk.run_stride(i), element = static_cast<std::int64_t>(bytes_of(format));
          const Bytes& bytes = residents_[i].stays ? residents_[i].bytes : in[i];
          load_lanes(registers_->operand(static_cast<unsigned>(i)) + filled, format, bytes.data() + (offsets[i] + at * stride) * element, stride, count);
        }
        Run run{filled, count, fresh && (!walk.run_is_reduced() || done == 0), {}};
        for (std::size_t o = 0; o < others; ++o) run.offset[o] = offsets[inputs + o] + at * walk.run_stride(inputs + o);
        runs_.push_back(run);
        filled += count;
        done += count;
        if (filled == MapLanes::width) flush();
      }
    });
    flush();
  }

  void map(const Box& box, const std::vector<Bytes>& in, std::vector<Bytes>& out) {
    constexpr std::array<unsigned, map_axes> order{0, 1, 2, 3, 4, 5};
    std::vector<WalkStream> streams = input_streams(box);
    const std::size_t inputs = streams.size(), outputs = program_.outputs.size();
    for (const MapStream& output : program_.outputs) {
      const PackedBox packed = pack(output, box);
      streams.push_back({packed.first, packed.stride});
    }
    const MapWalk walk(box, order, program_.reduced, streams);
    evaluate(walk, in, outputs, [&](const std::vector<Run>& runs) {
      for (std::size_t o = 0; o < outputs; ++o) {
        const Format format = program_.outputs[o].format;
        const auto element = static_cast<std::int64_t>(bytes_of(format));
        const float* values = registers_->operand(program_.result[o]);
        for (const Run& run : runs) store_lanes(values + run.lane, format, out[o].data() + run.offset[o] * element, walk.run_stride(inputs + o), run.count);
      }
    });
  }

  // Of the box of outputs, row-major.
  [[nodiscard]] WalkStream sum_stream(const Box& box) const {
    WalkStream stream;
    std::int64_t distance = 1;
    for (unsigned axis = map_axes; axis-- > 0;) {
      if (program_.reduced[axis]) continue;
      stream.stride[axis] = distance;
      distance *= static_cast<std::int64_t>(box.size[axis]);
    }
    return stream;
  }

  void reduce(const Box& box, const std::vector<Bytes>& in) {
    // Either order of axes adds to each sum in the same order. Many outputs side by side make a loop that vectorises; few make a chain.
    std::vector<unsigned> order;
    const bool side_by_side = kept_points(box) >= 16;
    for (const bool reduced_now : {side_by_side, !side_by_side})
      for (unsigned axis = 0; axis < map_axes; ++axis)
        if (program_.reduced[axis] == reduced_now) order.push_back(axis);
    std::vector<WalkStream> streams = input_streams(box);
    streams.push_back(sum_stream(box));
    const MapWalk walk(box, order, program_.reduced, streams);
    const std::int64_t stride = walk.run_stride(streams.size() - 1);
    bool first_chunk = true;
    for (unsigned axis = 0; axis < map_axes; ++axis) first_chunk = first_chunk && (!program_.reduced[axis] || box.first[axis] == 0);
    evaluate(walk, in, 1, [&](const std::vector<Run>& runs) {
      for (std::size_t o = 0; o < sums_.size(); ++o) {
        const float* values = registers_->operand(program_.result[o]);
        for (const Run& run : runs) combine(sums_[o].data() + run.offset[0], stride, values + run.lane, run.count, first_chunk && run.fresh);
      }
    });
  }

  // `fresh`: the first value of each sum (all of them where they lie side by side) is its first one.
  void combine(float* sums, std::int64_t stride, const float* values, std::size_t count, bool fresh) const {
    if (stride == 0) {
      float sum = *sums;
      if (!program_.maximum)
        for (std::size_t i = 0; i < count; ++i) sum = sum + values[i];
      else
        for (std::size_t i = 0; i < count; ++i) sum = !(fresh && i == 0) && sum > values[i] ? sum : values[i];
      *sums = sum;
    } else if (!program_.maximum) {
      for (std::size_t i = 0; i < count; ++i) sums[static_cast<std::int64_t>(i) * stride] = sums[static_cast<std::int64_t>(i) * stride] + values[i];
    } else {
      for (std::size_t i = 0; i < count; ++i) {
        float& sum = sums[static_cast<std::int64_t>(i) * stride];
        sum = !fresh && sum > values[i] ? sum : values[i];
      }
    }
  }

  void finish(const Box& box, std::vector<Bytes>& out) {
    std::vector<unsigned> order;
    Box outputs = box;
    for (unsigned axis = 0; axis < map_axes; ++axis) {
      if (program_.reduced[axis])
        outputs.size[axis] = 1;
      else
        order.push_back(axis);
    }
    std::vector<WalkStream> streams{sum_stream(box)};
    for (const MapStream& output : program_.outputs) {
      const PackedBox packed = pack(output, outputs);
      streams.push_back({packed.first, packed.stride});
    }
    const MapWalk walk(outputs, order, program_.reduced, streams);
    const std::uint64_t length = walk.run_length();
    walk.for_each_run([&](const MapWalk::Offsets& offsets, bool) {
      for (std::uint64_t done = 0; done < length; done += MapLanes::width) {
        const std::size_t count = std::min<std::size_t>(length - done, MapLanes::width);
        const auto at = static_cast<std::int64_t>(done);
        for (std::size_t o = 0; o < sums_.size(); ++o) {
          float* to = registers_->operand(static_cast<unsigned>(o));
          const float* from = sums_[o].data() + offsets[0] + at * walk.run_stride(0);
          for (std::size_t i = 0; i < count; ++i) {
            const float value = from[static_cast<std::int64_t>(i) * walk.run_stride(0)];
            to[i] = program_.maximum ? value : canonical(value);
          }
        }
        registers_->clear(unset_at_finish_, count);
        registers_->run(program_.finish, count);
        for (std::size_t o = 0; o < sums_.size(); ++o) {
          const Format format = program_.outputs[o].format;
          const std::int64_t stride = walk.run_stride(1 + o);
          store_lanes(registers_->operand(static_cast<unsigned>(o)), format,
                      out[o].data() + (offsets[1 + o] + at * stride) * static_cast<std::int64_t>(bytes_of(format)), stride, count);
        }
      }
    });
  }
};

}  // namespace

std::uint64_t map_chunk_bytes(const MapProgram& program, const VectorUnit& unit) { return MapKernel(program, unit).chunk_bytes(); }
std::unique_ptr<StreamKernel> make_map(const VectorJob& job, const VectorUnit& unit) { return std::make_unique<MapKernel>(*job.program, unit); }

}  // namespace spinvp::npu
