// DMA engine: 2-D strided copies along a chain of descriptors (models/abi/dma.h).
//
// START takes the chain at DESCRIPTOR. For each descriptor: fetch it (56 bytes), decode (`setup_cycles`), copy, write its status back. A copy goes piece by piece
// through a buffer of one burst (4 KiB): read, then write, each waited out, so
//   time = sum over descriptors (fetch + setup_cycles / clock + sum over pieces (read + write) + write-back of 4 bytes)
// where fetch, read, write and write-back are what the bus and its targets take. Rows at an ascending stride without overlap travel as one strided burst; at a
// zero, negative or overlapping stride each row is a burst. Overlapping source and destination: pieces are done in ascending order.
//
// A chain ends at `next` = 0, at an error (bad descriptor, bus error, more than `longest_chain` descriptors) or at ABORT, which stops at the next burst.
// Every end sets INTERRUPT; the line is high while INTERRUPT & ENABLE. A chain is one kernel of the report, in the region of its doorbell. A busy engine
// refuses to be powered down; a reset stops it at the next burst.
#pragma once

#include "models/abi/dma.h"
#include "models/core/device.h"
#include "models/core/engine_port.h"

namespace spinvp::peripherals {

struct DmaConfig {
  core::Frequency clock = core::Frequency::from_si(1e9);
  std::uint64_t setup_cycles = 16;
  std::uint64_t longest_chain = std::uint64_t{1} << 20;
  core::Energy energy_per_byte = core::Energy::from_si(0.75e-12);
  core::Power static_power = core::Power::from_si(0.2e-3);
  static const core::Schema& schema();
};

class Dma : public core::RegisterDevice {
 public:
  Dma(const sc_core::sc_module_name& name, core::Simulation& simulation, const DmaConfig& config);
  [[nodiscard]] bool can_power_down() const override { return !working(); }
  void describe_state(core::StateArchive& archive) override;
  [[nodiscard]] std::string unsettled() const override { return started_ || in_chain_ ? "a chain is running" : ""; }

 private:
  struct Chain {  // the job at hand
    core::KernelRecord record;
    std::uint64_t epoch, descriptors = 0;
  };
  enum class End { well, aborted, error, reset };

  DmaConfig config_;
  core::Register descriptor_, control_, status_, interrupt_, enable_, completed_, error_address_, bytes_;
  core::InterruptLine line_;
  core::EnginePort bus_;
  core::BusMaster master_;
  core::EventId byte_moved_;
  core::Counter &chains_, &descriptors_done_, &bytes_moved_, &errors_;
  std::vector<std::uint8_t> buffer_ = std::vector<std::uint8_t>(core::ordinary_burst);

  sc_core::sc_event doorbell_;
  bool started_ = false, abort_ = false;
  bool in_chain_ = false;                        // also one that a reset has dropped and that has not noticed
  std::uint64_t start_address_ = 0, epoch_ = 0;  // a reset begins a new epoch
  core::RegionId start_region_ = core::no_region;
  core::SimTime start_time_;

  [[nodiscard]] bool working() const { return (status_.get() & 1) != 0; }
  void control(std::uint64_t value);
  void start();
  void run();
  End run_chain(Chain& chain);
  // Both return `well` or why the chain ends here.
  End run_descriptor(Chain& chain, std::uint64_t address, std::uint64_t& next);
  End copy(Chain& chain, const spinvp_dma_descriptor& descriptor);
  enum class Direction { read, write };
  tlm::tlm_response_status move(Chain& chain, Direction direction, std::uint64_t address, std::int64_t stride, std::uint64_t rows, std::uint64_t row_bytes);
  // Whether the chain may go on after a wait.
  [[nodiscard]] End check(const Chain& chain) const { return chain.epoch != epoch_ ? End::reset : abort_ ? End::aborted : End::well; }
  End fail(const Chain& chain, std::uint32_t code, std::uint64_t address, const std::string& what);
  void finish(Chain& chain, End end);
  void raise(const char* field);
  void update() { line_.set((interrupt_.get() & enable_.get()) != 0); }
  void on_reset() override;
};

}  // namespace spinvp::peripherals
