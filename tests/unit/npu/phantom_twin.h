// A job and its phantom: equal in time, traffic and energy.
#pragma once

#include "bench.h"

namespace spinvp::npu::test {

// Executes `d` and then its phantom; says what of the two differs, or nothing.
inline std::string phantom_differs(Bench& bench, spinvp_npu_descriptor d) {
  if (const std::uint32_t status = bench.execute(d); status != SPINVP_NPU_DONE) return "the job's status is " + std::to_string(status);
  const std::uint64_t bursts = bench.transactions;
  std::uint64_t phantoms = 0;
  bench.on_burst = [&](const tlm::tlm_generic_payload& payload) { phantoms += core::transfer_of(payload).phantom; };
  d.flags |= SPINVP_NPU_PHANTOM;
  const std::uint32_t status = bench.execute(d);
  bench.on_burst = nullptr;
  if (status != SPINVP_NPU_DONE) return "the phantom's status is " + std::to_string(status);
  const auto& real = bench.simulation.kernels.end()[-2];
  const auto& phantom = bench.simulation.kernels.end()[-1];
  const auto& a = real.tally;
  const auto& b = phantom.tally;
  if (phantoms == 0) return "no burst of it was a phantom";
  if (bench.transactions <= bursts) return "it moved nothing";
  if (real.end - real.start != phantom.end - phantom.start)
    return "time: " + std::to_string((real.end - real.start).ps()) + " and " + std::to_string((phantom.end - phantom.start).ps()) + " ps";
  if (real.compute_cycles != phantom.compute_cycles || real.stall_cycles != phantom.stall_cycles || real.macs != phantom.macs) return "cycles";
  if (a.dram_read_bytes != b.dram_read_bytes || a.dram_write_bytes != b.dram_write_bytes || a.onchip_read_bytes != b.onchip_read_bytes ||
      a.onchip_write_bytes != b.onchip_write_bytes)
    return "traffic";
  if (a.energy_j != b.energy_j) return "energy";
  return "";
}

}  // namespace spinvp::npu::test
