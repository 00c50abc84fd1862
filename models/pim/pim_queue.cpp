// The way of a command through the device: fetched and decoded one after the other, started when nothing stands in its way, completed, passed by HEAD.
#include <cstddef>
#include <cstring>

#include "models/pim/pim_controller.h"

namespace spinvp::pim {

using namespace core;

void PimController::serve() {
  while (true) {
    start_ready();
    if (!running() || (control_.get() & 1) == 0 || next_slot_ == tail_.get() || jobs_.size() >= config_.command_window) {
      sc_core::wait(work_);
      continue;
    }
    if (!at_work()) busy_since_ = now();
    fetching_ = true;
    fetch_next();
    fetching_ = false;
    idle_again();
  }
}

void PimController::fetch_next() {
  const auto job = std::make_shared<Job>();
  job->life = life_;
  job->slot = next_slot_;
  job->region = slot_regions_[next_slot_];
  const std::uint64_t address = queue_base_.get() + job->slot * sizeof(spinvp_pim_descriptor);
  std::array<std::uint8_t, sizeof(spinvp_pim_descriptor)> bytes{};
  const auto response = bus_.read(address, bytes, job->region, &job->record.tally);
  if (job->life != life_) return;
  std::memcpy(&job->descriptor, bytes.data(), sizeof job->descriptor);
  job->in_memory = response == tlm::TLM_OK_RESPONSE;
  simulation().energy.spend(events_.command, 1, job->region, now(), &job->record.tally);

  Footprint footprint;
  if (!job->in_memory) {
    job->status = SPINVP_PIM_BAD_ADDRESS;
    fail(job->slot, job->status, fmt::format("the descriptor at {:#x} cannot be read", address));
  } else if (const auto command = decode(job->descriptor, geometry_); !command) {
    job->status = command.error().status;
    fail(job->slot, job->status, command.error().why);
  } else {
    if (!pause(clock().cycles(config_.decode_cycles), *job)) return;
    job->command = *command;
    footprint = footprint_of(*command, layout());
  }
  window_.take(taken_, footprint);
  job->number = taken_++;
  jobs_.push_back(job);
  next_slot_ = (next_slot_ + 1) % queue_size_.get();
  start_ready();
}

void PimController::start_ready() {
  // A worker may still be on the bus for a command that was dropped.
  for (const auto& worker : workers_) {
    if (worker->job != nullptr) continue;
    if (!running()) return;
    const std::optional<std::uint64_t> number = window_.start_next();
    if (!number) return;
    worker->job = jobs_[*number - jobs_.front()->number];  // they are numbered in order
    worker->job->bus = &worker->bus;
    worker->go.notify(sc_core::SC_ZERO_TIME);
  }
}

void PimController::work(Worker& worker) {
  while (true) {
    // The event may be that of a job which this worker took by itself.
    while (worker.job == nullptr) sc_core::wait(worker.go);
    Job& job = *worker.job;
    job.record.start = now();
    run(job);
    if (job.life == life_) complete(job);
    worker.job.reset();
    start_ready();
    work_.notify(sc_core::SC_ZERO_TIME);  // room in the window
  }
}

void PimController::run(Job& job) {
  const Outcome outcome = job.command ? execute(*job.command, job) : Outcome::done;
  if (job.life != life_) return;
  if (outcome == Outcome::bad_address) {
    job.status = SPINVP_PIM_BAD_ADDRESS;
    fail(job.slot, job.status, fmt::format("{}: address {:#x} is not answered", operation_name(job.descriptor.operation), job.bus->failed_address()));
  } else if (outcome == Outcome::bad_range) {
    job.status = SPINVP_PIM_BAD_RANGE;
    fail(job.slot, job.status, "dot_scalar: operand b differs between lanes of a subarray; allowed is one number a subarray");
  }
  // The arrays and the memory are free for others while the status travels.
  window_.done(job.number);
  start_ready();
  if (!job.in_memory) return;
  const std::uint64_t address = queue_base_.get() + job.slot * sizeof(spinvp_pim_descriptor) + offsetof(spinvp_pim_descriptor, status);
  std::array<std::uint8_t, sizeof job.status> bytes{};
  std::memcpy(bytes.data(), &job.status, sizeof job.status);
  const auto written = job.bus->write(address, bytes, job.region, &job.record.tally);
  if (job.life == life_ && written != tlm::TLM_OK_RESPONSE)
    fail(job.slot, SPINVP_PIM_BAD_ADDRESS, fmt::format("the status at {:#x} cannot be written", address));
}

void PimController::complete(Job& job) {
  job.complete = true;
  finish_record(job);
  completed_.set(completed_.get() + 1);
  if (job.status == SPINVP_PIM_DONE && job.command && job.command->interrupt) raise(interrupt_done);
  retire();
}

void PimController::retire() {
  while (!jobs_.empty() && jobs_.front()->complete) {
    head_.set((jobs_.front()->slot + 1) % queue_size_.get());
    jobs_.pop_front();
  }
  idle_again();
  if (head_.get() == tail_.get()) raise(interrupt_idle);
}

void PimController::idle_again() {
  if (at_work()) return;
  const SimTime span = now() - busy_since_;
  busy_time_ += span;
  busy_since_ = now();
  add_busy(span);
}

void PimController::finish_record(Job& job) {
  KernelRecord& record = job.record;
  record.name = operation_name(job.descriptor.operation);
  record.region = job.region;
  record.unit = "pim";
  record.end = now();
  record.macs = job.status == SPINVP_PIM_DONE && job.command ? job.command->lane_macs() : 0;
  const SimTime whole = record.end - record.start, waited = whole > job.array ? whole - job.array : SimTime();
  record.compute_cycles = job.array / clock().period();
  record.stall_cycles = waited / clock().period();
  macs_.set(macs_.get() + record.macs);
  lane_macs_ += record.macs;
  commands_ += 1;
  count_faults();
  array_time_ += job.array;
  stall_time_ += waited;
  simulation().kernels.push_back(record);
}

}  // namespace spinvp::pim
