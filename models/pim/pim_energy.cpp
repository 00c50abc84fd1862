// What the device's energies are and where they come from, and how the work of a command becomes counts of events.
#include "models/pim/pim_controller.h"

namespace spinvp::pim {

using namespace core;

void PimController::declare_energy() {
  const Periphery around = periphery_of(config_, timing_);
  const std::string boundary = "; boundary: " + timing_.boundary + "; counted in half steps";
  const auto cell = [&](const char* event, const char* activity, Energy each, const char* source) {
    return declare_event(event, activity, each * 0.5, source + boundary);
  };
  // Energies of cells come from the same tables as the row times; the preset's sources name them.
  const char* table = timing_.sources.front().source.c_str();
  events_.read = cell("cell_read_half", "pim read", timing_.read_cell, table);
  events_.write = cell("cell_write_half", "pim write", timing_.write_cell, table);
  events_.search = cell("cell_search_half", "pim search", timing_.search_cell, timing_.sources[2].source.c_str());
  const auto periphery = [&](const char* event, PeripheryFigure figure, double factor) {
    return declare_event(event, "pim periphery", Energy::from_si(figure.value * factor), figure.source);
  };
  events_.row_drive = periphery("row_drive_half", around.row_drive, 0.5);
  events_.buffer_word = periphery("buffer_word", around.buffer_word, 1);
  events_.transfer_bit = periphery("transfer_bit", around.transfer_bit, 1);
  events_.command = periphery("command", around.command, 1);
  const double arrays = around.array_leakage.value, buffer = around.buffer_leakage.value;
  declare_static(Power::from_si(arrays + buffer), Power::from_si(arrays + buffer), Power::from_si(0.1 * arrays), Power(),
                 std::string(around.array_leakage.source) + "; operand buffer " + around.buffer_leakage.source +
                     "; retention: a tenth of the arrays' (assumed), buffer off; off: cells are non-volatile");
  set_area(Area::from_si(around.area.value), around.area.source);
  for (const Constant& constant : timing_.sources)
    simulation().energy.add_constant({std::string(name()) + "." + constant.name, constant.value, constant.unit, constant.source});
  simulation().energy.add_constant({std::string(name()) + ".subarrays_writing_at_once", static_cast<double>(writers_), "",
                                    "derived: floor(peak_write_current / (lanes x cell write current))"});
  simulation().energy.add_constant(
      {std::string(name()) + ".fp32_multiply_steps", static_cast<double>(published::sot_multiply(fp32).reads) / 2, "steps",
       "assumed: closed form 2Nm^2 + 6.5Nm + 6Ne + 3 recalled from the SOT-MRAM design, arXiv 2003.01551, not yet checked against the paper"});
}

void PimController::spend(const Work& work, std::uint64_t subarrays, SimTime from, SimTime to, Job& job) {
  const auto book = [&](EventId event, std::uint64_t count) { simulation().energy.spend_over(event, count, job.region, from, to, &job.record.tally); };
  book(events_.read, work.cells.reads);
  book(events_.write, work.cells.writes);
  book(events_.search, work.cells.searches);
  book(events_.row_drive, (work.steps.reads + work.steps.writes + work.steps.searches) * subarrays);
  step_reads_.set(step_reads_.get() + work.steps.reads);
  step_writes_.set(step_writes_.get() + work.steps.writes);
  step_searches_.set(step_searches_.get() + work.steps.searches);
}

}  // namespace spinvp::pim
