#include "models/pim/program_set.h"

#include <stdexcept>

#include <fmt/format.h>

#include "models/core/error.h"

namespace spinvp::pim {

ProgramSet::ProgramSet(const LogicFamily& family, const FloatArithmetic& arithmetic, unsigned most_work_rows, Alignment alignment, bool two_destinations)
    : family_(family), arithmetic_(arithmetic), most_work_rows_(most_work_rows), alignment_(alignment), two_destinations_(two_destinations) {}

template <typename Make>
const RunnableProgram& ProgramSet::kept(const Key& key, Make&& make) {
  auto& slot = programs_[key];
  if (!slot) {
    const MicroProgram program = make();
    if (program.work_rows > most_work_rows_)
      throw core::InputError(fmt::format("pim: {} needs {} work rows, the subarray has {}; allowed is work_rows of at least that", program.name,
                                         program.work_rows, most_work_rows_));
    if (const auto good = check(program, placement, rows()); !good) throw std::logic_error(good.error());
    slot = std::make_unique<RunnableProgram>(program, placement);
  }
  return *slot;
}

const RunnableProgram& ProgramSet::program(FloatOperation operation, bool scalar) {
  return kept({0, static_cast<unsigned>(operation), scalar ? 1 : 0, 0, 0}, [&] {
    ProgramRequest request;
    request.operation = operation;
    request.arithmetic = arithmetic_;
    request.alignment = alignment_;
    request.scalar = scalar;
    request.two_destinations = two_destinations_;
    return float_program(family_, request);
  });
}

std::uint64_t ProgramSet::guards(std::optional<std::uint64_t> scalar) const { return scalar ? scalar_guards(arithmetic_.format, *scalar) : ~std::uint64_t{0}; }

StepCounts ProgramSet::steps(FloatOperation operation, std::optional<std::uint64_t> scalar) {
  return program(operation, scalar.has_value()).counts(guards(scalar));
}

const RunnableProgram& ProgramSet::conversion(FloatFormat from, FloatFormat to) {
  return kept({1, from.exponent_bits, from.mantissa_bits, to.exponent_bits, to.mantissa_bits}, [&] {
    FloatArithmetic target = arithmetic_;
    target.format = to;
    return convert_program(family_, from, target);
  });
}

}  // namespace spinvp::pim
