// On-chip memory: banks of SRAM, STT-MRAM or SOT-MRAM, as a data sheet describes them.
//
// Words of the sheet's width (64 bytes) lie interleaved over n banks: bank(a) = (a / interleave) mod n.
//
// A burst that touches w_k words of bank k keeps that bank busy for w_k cycles (read or write cycle of the sheet, word bytes / bank bandwidth); its
// banks start together at s, the earliest place that fits (bank_calendar.h). It is done at
//   s + (max w_k - 1) cycle + latency
// with the latency of the command (read: address to data; write: address to written cell). Rows of a strided burst that follow each other within one word are one word
// access. The wires between banks are the interconnect's.
//
// Ports (bank_ports.h): `1rw`, a bank reads or writes; `1r1w`, both at once. The sheet's area is that of its own cell: a second port that the sheet does not have is
// paid with `bank_area`. `write_queue` words a bank of posted writes (posted_writes.h): a write burst is then done when its last word is in its queue, and reads
// go first. Bandwidth without conflicts: n x word / cycle of the command, one command alone; n x word / read cycle + n x word / write cycle with `1r1w`.
//
// Busy time (report) is the mean over the banks.
//
// Energy: one event a word, read or written, however few of its bytes are meant, and one a bank that wakes. Direct accesses of a hart: each at least one word.
// Static: bank leakage x n, the same with the clock gated; retention and off as the sheet says.
//
// Power states. Off: SRAM loses its contents (a pattern of the seed afterwards), MRAM keeps them. Retention keeps both. A memory that comes from retention or
// off has its first access `wake_from_retention` or `wake_from_off` later: what arrives before then waits, with pointers as well. Where retention draws nothing (MRAM)
// its supply is cut too, so that both cost `wake_energy`. All banks are one domain: the power manager switches components. Writes in the queues are written
// before the supply goes; that time is not modelled.
// Faults and codes (onchip_guard.h, cell_faults.h, ecc.h): with `faults.*` cells err, with `ecc` their words carry check bits. Neither named: none of it is there.
#pragma once

#include <memory>

#include "models/memory/bank_ports.h"
#include "models/memory/burst_plan.h"
#include "models/memory/cell_faults.h"
#include "models/memory/memory_device.h"
#include "models/technology/cell_errors.h"
#include "models/technology/magnetic_junction.h"
#include "models/technology/memory_sheet.h"

namespace spinvp::memory {

struct OnChipMemoryConfig {
  core::Bytes size{64ull << 20};
  std::string technology = "sot";
  std::uint64_t banks = 64;
  core::Bytes interleave{64};
  // "model": the array model's sheet of a bank, from the cell, node and transistors below; "technology": the 1 MiB row of an array tool; or such a row by name.
  std::string sheet = "model";
  std::string cell = "technology", transistors = "lop", sram_leakage = "node";
  core::Length node = core::Length::from_si(22e-9);
  core::Temperature temperature = core::Temperature::from_si(350);
  // Zero: as the sheet says.
  core::Time read_latency, write_latency, read_cycle, write_cycle;
  core::Energy read_energy, write_energy;
  core::Power bank_leakage;
  core::Area bank_area;
  std::string ports = "1rw";
  std::uint64_t write_queue = 0, write_queue_drain = 0;                         // words a bank
  core::Time wake_from_off = core::Time::from_si(100e-9), wake_from_retention;  // zero: as from off
  core::Energy wake_energy;                                                     // of one bank
  std::string ecc = "none", ecc_logic = "45nm", uncorrectable = "bus-error";
  bool ecc_write_back = true;
  std::uint64_t ecc_registers = 0;  // their address; 0: none
  core::Time scrub_interval;        // 0: none
  // Errors of the cells: from a device of technology/device_presets.h and how it is driven, each rate replaced by the one named here if that is not 0.
  std::string fault_device = "none";
  double fault_write_overdrive = 2;  // of the critical current at the reference temperature
  core::Time fault_write_pulse;      // zero: 1 ns for a spin-orbit device, 10 ns for a spin-transfer one
  core::Time fault_read_pulse = core::Time::from_si(1e-9);
  core::Voltage fault_read_voltage = core::Voltage::from_si(0.1);
  double fault_write_0_to_1 = 0, fault_write_1_to_0 = 0, fault_read_disturb = 0, fault_stuck = 0;
  static constexpr double fault_reference_kelvin = 300;
  core::Frequency fault_retention_loss;  // at the reference temperature
  core::Temperature fault_temperature;   // zero: the circuits' for a device, and a named retention_loss as it is named
  [[nodiscard]] core::Temperature device_temperature() const { return fault_temperature.si() > 0 ? fault_temperature : temperature; }
  static const core::Schema& schema();
  // The sheet of one bank with all of the above applied. Throws core::InputError (beginning with `owner`) if a field is impossible.
  [[nodiscard]] technology::MemoryDataSheet bank_sheet(const std::string& owner) const;
  // The same with what a code costs (ecc_cost.h) and scrubbing leaves. Throws as well.
  [[nodiscard]] technology::MemoryDataSheet guarded_sheet(const std::string& owner) const;
  // How the device of the cells is written: its overdrive is over the critical current at the reference temperature.
  [[nodiscard]] technology::WriteDrive write_drive(const technology::MagneticJunction& junction) const;
  // At the temperature. Throws as well.
  [[nodiscard]] technology::CellErrorRates error_rates(const std::string& owner) const;
  // Throws as well.
  [[nodiscard]] BankPorts::Shape port_shape(const std::string& owner) const;
};

struct OnChipGuard;

class OnChipMemory : public MemoryDevice {
 public:
  OnChipMemory(const sc_core::sc_module_name& name, core::Simulation& simulation, const OnChipMemoryConfig& config);
  ~OnChipMemory() override;
  [[nodiscard]] const technology::MemoryDataSheet& bank_sheet() const { return sheet_; }
  [[nodiscard]] unsigned banks() const { return banks_; }
  [[nodiscard]] std::optional<NonVolatile> non_volatile() const override;
  [[nodiscard]] const char* interrupt_needed_by() const override;
  void describe_state(core::StateArchive& archive) override;
  std::vector<core::OutputFile> at_end(core::SimTime end) override;

 protected:
  core::SimTime serve(const tlm::tlm_generic_payload& payload, core::SimTime at) override;
  core::SimTime serve_direct(const core::AccessTally& tally, core::RegionId region, core::SimTime from, core::SimTime to) override;
  tlm::tlm_response_status load_bytes(std::uint64_t address, std::uint8_t* data, std::uint64_t length, core::SimTime at) override;
  tlm::tlm_response_status store_bytes(std::uint64_t address, const std::uint8_t* data, std::uint64_t length, core::SimTime at) override;
  void pass_phantom(const tlm::tlm_generic_payload& payload, core::SimTime at) override;
  std::uint64_t peek_bytes(std::uint64_t address, std::uint8_t* data, std::uint64_t length) const override;
  void contents_replaced(std::uint64_t address, std::uint64_t length) override;
  [[nodiscard]] DirectGrant direct_grant(std::uint64_t address, std::uint64_t first, std::uint64_t last) const override;
  [[nodiscard]] bool direct_allowed(std::uint64_t address, std::uint64_t length, bool write) const override;
  void on_reset() override;
  void on_power_state(core::PowerState from, core::PowerState to) override;

 private:
  technology::MemoryDataSheet sheet_;
  unsigned banks_;
  std::uint64_t word_bytes_;
  core::SimTime read_latency_, write_latency_, read_cycle_, write_cycle_;
  core::SimTime wake_from_off_, wake_from_retention_;
  core::SimTime awake_;  // accesses begin at or after this
  core::EventId read_word_, write_word_, wake_bank_;
  BurstPlan plan_;
  BankPorts ports_;
  // Faults and codes: onchip_guard.cpp. Null without any.
  std::unique_ptr<OnChipGuard> guard_;
  std::unique_ptr<RegisterPort> register_port_;
  void make_guard(const OnChipMemoryConfig& config);
  void pass_time(core::SimTime now, bool powered);
  void book_scrubbing(core::SimTime now);
  void refresh_counters();
  // Brings the registers and the interrupt up to date; with the address of a word that could not be corrected, if one was met.
  void show_errors(std::optional<std::uint64_t> uncorrectable);
  // Spends what checking, encoding, merging, correcting and writing back take in a burst of `words`; returns by how much it is later.
  core::SimTime guard_burst(const tlm::tlm_generic_payload& payload, std::uint64_t words, core::SimTime start);
  // The same of direct accesses, and counts them for the faults; returns the words that were read to be written in part.
  std::uint64_t guard_direct(const core::AccessTally& tally, std::uint64_t reads, std::uint64_t writes, core::RegionId region, core::SimTime from,
                             core::SimTime to);
  tlm::tlm_response_status after_access(const CellFaults::Outcome& outcome, const char* what);
};

}  // namespace spinvp::memory
