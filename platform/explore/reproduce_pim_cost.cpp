#include "platform/explore/reproduce_pim_cost.h"

namespace spinvp::platform {

namespace {

using pim::CellEvent;
using pim::FloatOperation;
using technology::PimEvent;
using technology::PimTechnology;

constexpr unsigned word_bits = 32;
// FloatPIM's adder: 12 gates and one step that sets their outputs (fact sheet 2).
constexpr double gates_of_adder = 12.0 / 13.0;

PimOperation fp32_operation(FloatOperation operation, pim::Semantics semantics) {
  return {.kind = operation,
          .arithmetic = {.format = pim::fp32,
                         .semantics = semantics,
                         .rounding = semantics == pim::Semantics::published ? pim::Rounding::truncate : pim::Rounding::nearest_even}};
}

double share(double part, double whole) { return whole == 0 ? 0 : part / whole; }

void complete(const pim::LogicFamily& family, OperationCounts& counts) {
  LaneEvents& events = counts.events;
  if (family.name == "nor") events[CellEvent::init_cell] = gates_of_adder * events[CellEvent::nor_cell];
  if (family.name == "aritpim") {
    counts.steps.inits = counts.steps.nors / 2;
    counts.steps.nors -= counts.steps.inits;
    events[CellEvent::init_cell] = events[CellEvent::nor_cell] / 2;
    events[CellEvent::nor_cell] /= 2;
  }
}

std::optional<DesignCounts::Operation> count(const pim::LogicFamily& family, FloatOperation operation, Counting counting) {
  // AritPIM's closed forms are those of IEEE programs.
  const bool ieee = counting == Counting::ieee || family.name == "aritpim";
  const PimOperation asked = fp32_operation(operation, ieee ? pim::Semantics::ieee : pim::Semantics::published);
  const OperationCounts run = executed_counts(family, asked);
  DesignCounts::Operation result;
  const LaneEvents& events = run.events;
  result.write_flips = share(events[CellEvent::write_flip], events[CellEvent::write_cell]);
  result.init_flips = share(events[CellEvent::init_flip], events[CellEvent::init_cell]);
  result.nor_flips = share(events[CellEvent::nor_flip], events[CellEvent::nor_cell]);
  if (counting == Counting::executed || counting == Counting::ieee) {
    result.counts = run;
    return result;
  }
  auto published = published_counts(family, asked, counting == Counting::full_array);
  if (!published) return std::nullopt;
  result.counts = std::move(*published);
  complete(family, result.counts);
  return result;
}

double time_of(const pim::StepCounts& steps, const technology::PimRowTimes& times) {
  const auto part = [](std::uint64_t halves, core::Time each) { return static_cast<double>(halves) / 2 * each.si(); };
  return part(steps.reads, times.read) + part(steps.writes, times.write) + part(steps.searches, times.search) + part(steps.nors, times.nor) +
         part(steps.inits, times.init);
}

// FloatPIM's block power is that of a row and cycle, however many cells a cycle sets.
bool priced_by_cycles(const PimTechnology& technology) { return technology.regime == "chip-power" && technology.cell == "memristor"; }

// In sequence, in lanes, in subarrays.
void spend(DesignFigures& figures, const OperationPrice& price, const Occurrences& occurrences) {
  figures.step_seconds += price.seconds * static_cast<double>(occurrences.sequence);
  figures.step_joules += price.lane_joules * static_cast<double>(occurrences.lanes) + price.subarray_joules * static_cast<double>(occurrences.subarrays);
}

}  // namespace

const char* name_of(Counting counting) {
  static constexpr const char* names[] = {"published", "full array", "executed", "ieee"};
  return names[static_cast<unsigned>(counting)];
}

std::optional<DesignCounts> DesignCounts::of(const pim::LogicFamily& family, Counting counting) {
  DesignCounts design;
  design.family = &family;
  design.counting = counting;
  const struct {
    FloatOperation operation;
    Operation& into;
  } all[] = {{FloatOperation::multiply_accumulate, design.multiply_accumulate},
             {FloatOperation::add, design.add},
             {FloatOperation::multiply, design.multiply},
             {FloatOperation::subtract, design.subtract}};
  for (const auto& one : all) {
    auto counted = count(family, one.operation, counting);
    if (!counted) return std::nullopt;
    one.into = std::move(*counted);
  }
  const bool ieee = counting == Counting::ieee || family.name == "aritpim";
  const pim::MicroProgram program =
      program_of(family, fp32_operation(FloatOperation::multiply_accumulate, ieee ? pim::Semantics::ieee : pim::Semantics::published));
  design.operand_rows = 3 * word_bits;
  design.work_rows = program.work_rows;
  return design;
}

OperationPrice price_operation(const DesignCounts::Operation& operation, const PimTechnology& technology, const Constants& constants) {
  LaneEvents events = operation.counts.events;
  if (!events.flips_known) {
    const auto flips = [&](CellEvent flip, CellEvent cell, double measured) {
      events[flip] = events[cell] * (measured + (1 - measured) * constants.flips_beyond);
    };
    flips(CellEvent::write_flip, CellEvent::write_cell, operation.write_flips);
    flips(CellEvent::init_flip, CellEvent::init_cell, operation.init_flips);
    flips(CellEvent::nor_flip, CellEvent::nor_cell, operation.nor_flips);
  }
  OperationPrice price{.seconds = time_of(operation.counts.steps, technology.times)};
  if (priced_by_cycles(technology)) {
    price.lane_joules = total(operation.counts.steps) * technology.of(PimEvent::nor_cell).si();
    return price;
  }
  for (std::size_t i = 0; i < pim::cell_event_kinds; ++i) {
    const auto event = static_cast<PimEvent>(i);
    const double joules = events.counts[i] * technology.of(event).si();
    (event == PimEvent::row_step ? price.subarray_joules : price.lane_joules) += joules;
  }
  return price;
}

OperationPrice price_word_write(const PimTechnology& t) {
  return {word_bits * t.times.write.si(), word_bits * (t.of(PimEvent::write_cell).si() + t.of(PimEvent::write_flip).si() / 2),
          word_bits * t.of(PimEvent::row_step).si()};
}
OperationPrice price_word_read(const PimTechnology& t) {
  return {word_bits * t.times.read.si(), word_bits * t.of(PimEvent::read_cell).si(), word_bits * t.of(PimEvent::row_step).si()};
}

DesignFigures figures_of(const DesignCounts& design, const std::string& regime, const Constants& constants, const ArrayWork& work,
                         const ArrayGeometry& geometry) {
  const PimTechnology technology =
      technology::pim_technology(design.family->cell, regime, {1024, static_cast<unsigned>(geometry.subarray_lanes)}, constants.physics);
  const auto priced = [&](const DesignCounts::Operation& operation) { return price_operation(operation, technology, constants); };
  const double lanes = static_cast<double>(geometry.subarray_lanes), subarrays = static_cast<double>(geometry.lanes) / lanes;
  const OperationPrice mac = priced(design.multiply_accumulate);
  DesignFigures figures;
  figures.mac_seconds = mac.seconds;
  figures.mac_joules = mac.lane_joules + (mac.subarray_joules + technology.static_power.si() * mac.seconds) / lanes;
  figures.block_watts = figures.mac_joules * lanes / mac.seconds;
  spend(figures, mac, work.multiply_accumulate);
  spend(figures, priced(design.add), work.add);
  spend(figures, priced(design.multiply), work.multiply);
  spend(figures, priced(design.subtract), work.subtract);
  spend(figures, price_word_write(technology), work.word_write);
  spend(figures, price_word_read(technology), work.word_read);
  figures.step_joules += technology.static_power.si() * subarrays * figures.step_seconds;
  return figures;
}

}  // namespace spinvp::platform
