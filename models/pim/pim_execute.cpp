// What a command does between its decoding and its status: bus traffic, values, time and energy.
#include "models/pim/dot_product.h"
#include "models/pim/pim_controller.h"

namespace spinvp::pim {

using namespace core;

namespace {
constexpr unsigned word_bits = 32;

SimTime later(SimTime a, SimTime b) { return a > b ? a : b; }
BusMaster::Shape shape_of(const BoxPiece& piece) { return piece.rows > 1 ? BusMaster::Shape{piece.row_bytes, piece.stride} : BusMaster::Shape{0, 0}; }
}  // namespace

std::uint64_t PimController::waves(const Command& command) const { return divide_up(active_subarrays(command), writers_); }

bool PimController::pause(SimTime span, const Job& job) {
  const SimTime end = now() + span;
  // The event may be a late echo of an earlier drop.
  while (job.life == life_ && now() < end) sc_core::wait(to_sc(end - now()), dropped_);
  return job.life == life_;
}

PimController::Outcome PimController::execute(const Command& command, Job& job) {
  switch (command.operation) {
    case SPINVP_PIM_NOP: return Outcome::done;
    case SPINVP_PIM_LOAD: return execute_load(command, job);
    case SPINVP_PIM_STORE: return execute_store(command, job);
    case SPINVP_PIM_DOT:
    case SPINVP_PIM_DOT_SCALAR: return execute_dot(command, job);
    default: return execute_lanes(command, job);
  }
}

PimController::Outcome PimController::execute_lanes(const Command& command, Job& job) {
  const Work work = operations_.run(command);
  const SimTime begin = now();
  const ArrayNetwork& network = operations_.network();
  job.array = timing_.time_of(work.steps, waves(command)) + clock().cycles(network.cycles());
  spend(work, begin, begin + job.array, job);
  simulation().energy.spend_over(events_.transfer_bit, network.bits(), job.region, begin, begin + job.array, &job.record.tally);
  simulation().energy.spend_over(events_.transfer_hop, network.bit_hops(), job.region, begin, begin + job.array, &job.record.tally);
  return pause(job.array, job) ? Outcome::done : Outcome::dropped;
}

PimController::Outcome PimController::fetch(OperandSource& source, std::uint32_t step, Job& job) {
  const auto image = source.incoming();
  Outcome outcome = Outcome::done;
  for_each_piece(source.plan(), source.displacement(step), [&](const BoxPiece& piece) {
    const auto response = job.bus->read(piece.address, image.subspan(piece.at, piece.row_bytes * piece.rows), job.region, &job.record.tally, shape_of(piece));
    if (job.life != life_)
      outcome = Outcome::dropped;
    else if (response != tlm::TLM_OK_RESPONSE)
      outcome = Outcome::bad_address;
    return outcome == Outcome::done;
  });
  if (outcome == Outcome::done) {
    loaded_bytes_ += image.size();
    simulation().energy.spend(events_.buffer_word, image.size() / 4, job.region, now(), &job.record.tally);
  }
  return outcome;
}

PimController::Outcome PimController::execute_load(const Command& command, Job& job) {
  OperandSource source(geometry_, command, command.a, step_dimensions);
  const Transposer& transposer = source.transposer();
  const SimTime begin = now();
  if (const Outcome outcome = fetch(source, 0, job); outcome != Outcome::done) return outcome;
  source.take_over();
  std::uint64_t longest = 0, words = 0;
  Work work;
  std::vector<std::uint32_t> buffer(geometry_.lanes);
  for (std::size_t part = 0; part < transposer.parts(); ++part) {
    const LaneRange& range = transposer.range(part);
    source.gather(part, 0, buffer);
    work.beside(Work::rows_written(word_bits, range.count, store_.write(range, command.destination, std::span(buffer).subspan(range.first, range.count))));
    longest = std::max(longest, transposer.words_into(part));
    words += transposer.words_into(part);
  }
  const SimTime filled = later(now(), begin + fill_time(longest));
  job.array = timing_.time_of(work.steps, waves(command));
  simulation().energy.spend_over(events_.buffer_word, words, job.region, begin, filled, &job.record.tally);
  spend(work, filled, filled + job.array, job);
  return pause(filled + job.array - now(), job) ? Outcome::done : Outcome::dropped;
}

PimController::Outcome PimController::execute_store(const Command& command, Job& job) {
  const BoxPlan plan = *plan_box(command.a.address, command.a.box());
  const auto extents = command.extents();
  const Transposer transposer(geometry_, command.first_lane, extents, plan.word_strides);
  std::vector<std::uint32_t> words(plan.bytes / 4);
  const std::span image(reinterpret_cast<const std::uint8_t*>(words.data()), plan.bytes);
  std::uint64_t longest = 0;
  for (std::size_t part = 0; part < transposer.parts(); ++part) {
    transposer.scatter(part, store_.plane(transposer.range(part).subarray, command.source_a), words.data() + plan.origin);
    longest = std::max(longest, transposer.words_into(part));
  }
  Work work;
  for (std::size_t part = 0; part < transposer.parts(); ++part) work.beside(Work::rows_read(word_bits, transposer.range(part).count));
  job.array = timing_.time_of(work.steps);
  spend(work, now(), now() + job.array, job);
  if (!pause(job.array, job)) return Outcome::dropped;

  const SimTime begin = now(), drained = begin + fill_time(longest);
  Outcome outcome = Outcome::done;
  for_each_piece(plan, 0, [&](const BoxPiece& piece) {
    const auto response = job.bus->write(piece.address, image.subspan(piece.at, piece.row_bytes * piece.rows), job.region, &job.record.tally, shape_of(piece));
    if (job.life != life_)
      outcome = Outcome::dropped;
    else if (response != tlm::TLM_OK_RESPONSE)
      outcome = Outcome::bad_address;
    return outcome == Outcome::done;
  });
  if (outcome != Outcome::done) return outcome;
  stored_bytes_ += image.size();
  simulation().energy.spend_over(events_.buffer_word, command.lane_count, job.region, begin, later(now(), drained), &job.record.tally);
  return pause(later(drained, now()) - now(), job) ? Outcome::done : Outcome::dropped;
}

// Every controller has its share, and a command those of its controllers.
std::uint64_t PimController::operand_buffer_of(const Command& command) const {
  const Span controllers = layout().controllers_of(command.first_lane, command.lane_count);
  return config_.operand_buffer.value / config_.controllers() * (controllers.last - controllers.first + 1);
}

PimController::Outcome PimController::execute_dot(const Command& command, Job& job) {
  DotProduct product(geometry_, command, operand_buffer_of(command));
  if (command.operation == SPINVP_PIM_DOT_SCALAR && !product.b_is_shared()) return Outcome::bad_range;
  const std::uint64_t wave_count = waves(command);
  DotSchedule schedule(now(), fill_time(product.longest_fill()));
  // Fetches what the block at `step` needs and the one before it did not hold.
  const auto due = [&](const OperandSource& source, std::uint32_t step) { return step % source.block_steps() == 0; };
  const auto fetch_block = [&](std::uint32_t step) {
    for (OperandSource* source : {&product.a(), &product.b()})
      if (due(*source, step))
        if (const Outcome outcome = fetch(*source, step, job); outcome != Outcome::done) return outcome;
    return Outcome::done;
  };
  if (const Outcome outcome = fetch_block(0); outcome != Outcome::done) return outcome;
  const std::uint32_t block = product.block_steps();
  for (std::uint32_t first = 0; first < command.count; first += block) {
    const SimTime fetched = now();
    for (OperandSource* source : {&product.a(), &product.b()})
      if (due(*source, first)) source->take_over();
    const std::vector<Work> works = product.run_block(store_, *engine_.arithmetic, first);
    Work whole = works.front();
    schedule.step(fetched, timing_.time_of(works.front().steps, wave_count));
    const SimTime start = schedule.start();
    for (std::uint32_t i = 1; i < block; ++i) {
      schedule.step(SimTime(), timing_.time_of(works[i].steps, wave_count));
      whole.then(works[i]);
    }
    spend(whole, start, schedule.end(), job);
    simulation().energy.spend_over(events_.buffer_word, product.words_filled() * block, job.region, start, schedule.end(), &job.record.tally);
    // The next block is fetched from the moment this one's first step begins.
    if (!pause(start - now(), job)) return Outcome::dropped;
    if (first + block < command.count)
      if (const Outcome outcome = fetch_block(first + block); outcome != Outcome::done) return outcome;
  }
  job.array = schedule.array();
  return pause(schedule.end() - now(), job) ? Outcome::done : Outcome::dropped;
}

}  // namespace spinvp::pim
