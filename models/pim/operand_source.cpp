#include "models/pim/operand_source.h"

namespace spinvp::pim {

namespace {

// The box, and the step dimensions from `level` on: what a block touches.
std::vector<Dimension> block_dimensions(const Command::Operand& operand, unsigned level) {
  std::vector<Dimension> dimensions(operand.box().begin(), operand.box().end());
  for (std::size_t d = box_dimensions + level; d < operand.dimensions.size(); ++d) dimensions.push_back(operand.dimensions[d]);
  return dimensions;
}

BoxPlan plan_block(const Command::Operand& operand, unsigned level) { return *plan_box(operand.address, block_dimensions(operand, level)); }

Transposer make_transposer(const Geometry& geometry, const Command& command, const BoxPlan& plan) {
  const auto extents = command.extents();
  return Transposer(geometry, command.first_lane, extents, std::span(plan.word_strides).first(box_dimensions));
}

}  // namespace

std::array<BufferChoice, step_dimensions + 1> buffer_choices(const Command::Operand& operand) {
  std::array<BufferChoice, step_dimensions + 1> choices;
  std::uint64_t blocks = 1;
  for (unsigned level = 0; level <= step_dimensions; ++level) {
    const std::uint64_t bytes = plan_block(operand, level).bytes;
    choices[level] = {level, level == 0 ? bytes : level < step_dimensions ? 2 * bytes : 0, bytes * blocks};
    if (level < step_dimensions) blocks *= operand.dimensions[box_dimensions + level].extent;
  }
  return choices;
}

std::pair<BufferChoice, BufferChoice> choose_levels(const Command& command, std::uint64_t capacity) {
  const auto choices_a = buffer_choices(command.a), choices_b = buffer_choices(command.b);
  std::pair best{choices_a.back(), choices_b.back()};
  for (auto a = choices_a.rbegin(); a != choices_a.rend(); ++a)
    for (auto b = choices_b.rbegin(); b != choices_b.rend(); ++b)
      if (a->needs <= capacity && b->needs <= capacity - a->needs && a->traffic + b->traffic <= best.first.traffic + best.second.traffic) best = {*a, *b};
  return best;
}

OperandSource::OperandSource(const Geometry& geometry, const Command& command, const Command::Operand& operand, unsigned level)
    : operand_(operand), level_(level), plan_(plan_block(operand, level)), transposer_(make_transposer(geometry, command, plan_)) {
  // An odometer over the inner digits.
  image_offsets_.push_back(plan_.origin);
  for (std::size_t d = step_dimensions; d-- > level;) {
    const std::int64_t stride = plan_.word_strides[box_dimensions + d - level];
    const std::size_t inner = image_offsets_.size();
    const std::uint32_t extent = operand.dimensions[box_dimensions + d].extent;
    image_offsets_.reserve(inner * extent);
    for (std::uint32_t digit = 1; digit < extent; ++digit)
      for (std::size_t i = 0; i < inner; ++i) image_offsets_.push_back(image_offsets_[i] + digit * stride);
  }
}

std::span<std::uint8_t> OperandSource::incoming() {
  incoming_.resize(plan_.bytes / 4);
  return {reinterpret_cast<std::uint8_t*>(incoming_.data()), incoming_.size() * 4};
}

std::int64_t OperandSource::displacement(std::uint32_t step) const {
  std::int64_t offset = 0;
  std::uint32_t rest = step / block_steps();
  for (std::size_t d = level_; d-- > 0;) {
    const Dimension& dimension = operand_.dimensions[box_dimensions + d];
    offset += static_cast<std::int64_t>(rest % dimension.extent) * dimension.stride;
    rest /= dimension.extent;
  }
  return offset;
}

}  // namespace spinvp::pim
