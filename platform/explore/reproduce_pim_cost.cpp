#include "platform/explore/reproduce_pim_cost.h"

namespace spinvp::platform {

namespace {

using pim::CellEvent;
using pim::FloatOperation;
using technology::PimEvent;
using technology::PimTechnology;

constexpr unsigned word_bits = 32;

PimOperation fp32_operation(FloatOperation operation, pim::Semantics semantics) {
  return {.kind = operation,
          .arithmetic = {.format = pim::fp32,
                         .semantics = semantics,
                         .rounding = semantics == pim::Semantics::published ? pim::Rounding::truncate : pim::Rounding::nearest_even}};
}

// AritPIM's closed forms are those of IEEE programs.
bool is_ieee(const pim::LogicFamily& family, Counting counting) { return counting == Counting::ieee || family.name == "aritpim"; }

std::optional<OperationCounts> count(const pim::LogicFamily& family, FloatOperation operation, Counting counting) {
  const PimOperation asked = fp32_operation(operation, is_ieee(family, counting) ? pim::Semantics::ieee : pim::Semantics::published);
  if (counting == Counting::executed || counting == Counting::ieee) return executed_counts(family, asked);
  return published_counts(family, asked, counting == Counting::full_array);
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
    OperationCounts& into;
  } all[] = {{FloatOperation::multiply_accumulate, design.multiply_accumulate},
             {FloatOperation::add, design.add},
             {FloatOperation::multiply, design.multiply},
             {FloatOperation::subtract, design.subtract}};
  for (const auto& one : all) {
    auto counted = count(family, one.operation, counting);
    if (!counted) return std::nullopt;
    one.into = std::move(*counted);
  }
  const pim::Semantics semantics = is_ieee(family, counting) ? pim::Semantics::ieee : pim::Semantics::published;
  const pim::MicroProgram program = program_of(family, fp32_operation(FloatOperation::multiply_accumulate, semantics));
  design.operand_rows = 3 * word_bits;
  design.work_rows = program.work_rows;
  return design;
}

OperationPrice price_operation(const OperationCounts& counts, const PimTechnology& technology, const Constants& constants) {
  OperationPrice price{.seconds = time_of(counts.steps, technology.times)};
  if (priced_by_cycles(technology)) {
    price.lane_joules = total(counts.steps) * technology.of(PimEvent::nor_cell).si();
    return price;
  }
  LaneEvents events = counts.events;
  if (!events.flips_known) {
    // Where a set costs what a NOR does, the cycles of the closed form hold it.
    const double set = events[CellEvent::init_cell] + counts.set_cells;
    if (technology.of(PimEvent::nor_cell) != technology.of(PimEvent::init_cell)) events[CellEvent::init_cell] = set;
    events[CellEvent::write_flip] = events[CellEvent::write_cell] * constants.flip_share;
    events[CellEvent::nor_flip] = events[CellEvent::nor_cell] * constants.flip_share;
    events[CellEvent::init_flip] = set * constants.flip_share;
  }
  for (std::size_t i = 0; i < pim::cell_event_kinds; ++i) {
    const auto event = static_cast<PimEvent>(i);
    (event == PimEvent::row_step ? price.subarray_joules : price.lane_joules) += events.counts[i] * technology.of(event).si();
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
  const auto priced = [&](const OperationCounts& operation) { return price_operation(operation, technology, constants); };
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
