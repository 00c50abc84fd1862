#include "models/pim/dot_product.h"

namespace spinvp::pim {

namespace {
constexpr unsigned word_bits = 32;
}

DotProduct::DotProduct(const Geometry& geometry, const Command& command, std::uint64_t operand_buffer_bytes)
    : DotProduct(geometry, command, choose_levels(command, operand_buffer_bytes)) {}

DotProduct::DotProduct(const Geometry& geometry, const Command& command, const std::pair<BufferChoice, BufferChoice>& levels)
    : command_(command), a_(geometry, command, command.a, levels.first.level), b_(geometry, command, command.b, levels.second.level), buffer_(geometry.lanes) {
  for (std::size_t part = 0; part < a_.transposer().parts(); ++part) {
    const std::uint64_t words = a_.transposer().words_into(part) + b_.transposer().words_into(part);
    longest_fill_ = std::max(longest_fill_, words);
    words_filled_ += words;
  }
}

bool DotProduct::b_is_shared() const {
  const Transposer& transposer = b_.transposer();
  for (std::size_t part = 0; part < transposer.parts(); ++part)
    if (transposer.words_into(part) != 1) return false;
  return true;
}

Work DotProduct::part_step(SubarrayStore& store, ArithmeticEngine& engine, std::size_t part, std::uint32_t step) {
  const LaneRange& range = a_.transposer().range(part);
  const auto load = [&](const OperandSource& source, std::uint32_t word) {
    source.gather(part, step, buffer_);
    return Work::rows_written(word_bits, range.count, store.write(range, word, std::span(buffer_).subspan(range.first, range.count)));
  };
  Work work = load(a_, command_.source_a);
  work.then(load(b_, command_.source_b));
  // A scalar is the same in all lanes.
  const bool scalar = command_.operation == SPINVP_PIM_DOT_SCALAR;
  work.then(engine.execute(ArithmeticOperation::multiply_accumulate, store, range, {command_.destination, command_.source_a, command_.source_b},
                           scalar ? std::optional(buffer_[range.first]) : std::nullopt));
  return work;
}

std::vector<Work> DotProduct::run_block(SubarrayStore& store, ArithmeticEngine& engine, std::uint32_t first) {
  std::vector<Work> works(block_steps());
  for (std::size_t part = 0; part < a_.transposer().parts(); ++part)
    for (std::uint32_t i = 0; i < works.size(); ++i) works[i].beside(part_step(store, engine, part, first + i));
  return works;
}

}  // namespace spinvp::pim
