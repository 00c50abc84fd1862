#include "platform/explore/memory_price.h"

#include <algorithm>
#include <bit>

#include "models/npu/execution.h"
#include "models/technology/array_model.h"
#include "models/technology/logic.h"

namespace spinvp::platform {

namespace {

namespace t = technology;

class KernelTime {
 public:
  KernelTime(const KernelWork& work, const MemorySystem& memory, const NpuPrice& npu) : work_(work), memory_(memory), npu_(npu) {
    const double word = static_cast<double>(memory.bank.word_bytes()), banks = static_cast<double>(memory.banks);
    const double link = npu.link_bytes_per_second;
    rate_ = {std::min(link, memory.dram.bytes_per_second), std::min(link, memory.dram.bytes_per_second),
             std::min(link, banks * word / memory.bank.read_cycle().si()), std::min(link, banks * word / memory.bank.write_cycle().si())};
    latency_ = {npu.bus_latency_s + memory.dram.read_latency_s, npu.bus_latency_s + memory.dram.write_latency_s,
                npu.bus_latency_s + memory.bank.read_latency.si(), npu.bus_latency_s + memory.bank.write_latency.si()};
  }

  [[nodiscard]] double seconds() const {
    const double clock = npu_.npu.clock.si(), step = work_.last_cycles / clock;
    const double last_store = work_.product ? copied(work_.last_store) : serial(work_.last_store);
    const double way_in = (work_.product ? copied(work_.first_load) : serial(work_.first_load)) + serial(work_.first_fetch);
    const double way_out = serial(work_.last_drain) + last_store;
    const double load = work_.product ? copied(work_.load) : serial(work_.load), store = work_.product ? copied(work_.store) : serial(work_.store);
    const double array = std::max(work_.cycles / clock, serial(work_.fetch)), drain = serial(work_.drain) + work_.drain_cycles / clock;
    // Without the array's part of way_out, a vector kernel's last chunk is in `step`.
    double longest = load + serial(work_.first_fetch) + step + way_out;
    longest = std::max(longest, way_in + array + way_out);
    longest = std::max(longest, way_in + step + drain + last_store);
    longest = std::max(longest, way_in + step + store);
    const Moves all = work_.moves();
    longest = std::max(longest, all.total() / npu_.link_bytes_per_second);
    return queue() + std::max(longest, kernel_memory_seconds(work_, memory_));
  }

 private:
  const KernelWork& work_;
  const MemorySystem& memory_;
  const NpuPrice& npu_;
  std::array<double, ways> rate_{}, latency_{};

  [[nodiscard]] double side(const Moves& moves, Way first, Way second) const {
    double sum = 0;
    for (const Way way : {first, second}) {
      const auto i = static_cast<unsigned>(way);
      sum += moves.bursts[i] * latency_[i] + moves.busy[i] / rate_[i];
    }
    return sum;
  }
  [[nodiscard]] double reads(const Moves& moves) const { return side(moves, Way::dram_read, Way::onchip_read); }
  [[nodiscard]] double writes(const Moves& moves) const { return side(moves, Way::dram_write, Way::onchip_write); }
  [[nodiscard]] double serial(const Moves& moves) const { return reads(moves) + writes(moves); }
  [[nodiscard]] double copied(const Moves& moves) const {
    const double in = reads(moves), out = writes(moves);
    const double bursts = *std::max_element(moves.bursts.begin(), moves.bursts.end());
    return std::max(in, out) + std::min(in, out) / std::max(1.0, bursts);
  }
  [[nodiscard]] double queue() const {
    const double read = latency_[0] + memory_.dram.closed_row_s, write = latency_[1] + memory_.dram.closed_row_s;
    return read * (work_.has_program ? 2 : 1) + static_cast<double>(npu_.npu.dispatch_cycles) / npu_.npu.clock.si() + write;
  }
};

}  // namespace

DramPrice DramPrice::of(const t::DramDataSheet& sheet, double picojoules_per_bit, double peak_gigabytes_per_second) {
  DramPrice price;
  const t::DramTiming& timing = sheet.timing;
  price.read_latency_s = (timing.t_cl + timing.t_burst + sheet.interface_latency).si();
  price.write_latency_s = (timing.t_cwl + timing.t_burst + sheet.interface_latency).si();
  price.closed_row_s = timing.t_rcd_read.si();
  const double peak = peak_gigabytes_per_second > 0 ? peak_gigabytes_per_second * 1e9 : sheet.peak_bytes_per_second();
  price.bytes_per_second = peak * sheet.awake();
  const t::DramDataSheet::Streaming read = sheet.streaming_energy_per_bit(false), write = sheet.streaming_energy_per_bit(true);
  const double standing = (read.refresh + read.background).si(), own = (read.total() + write.total()).si() / 2;
  const double total = picojoules_per_bit > 0 ? picojoules_per_bit * 1e-12 : own;
  price.joules_per_byte = 8 * std::max(0.0, total - standing);
  price.static_watts = standing * 8 * sheet.peak_bytes_per_second() * sheet.awake();
  return price;
}

NpuPrice NpuPrice::of(const npu::NpuConfig& npu, const interconnect::InterconnectConfig& bus) {
  NpuPrice price;
  price.npu = npu;
  price.link_bytes_per_second = static_cast<double>(bus.width_bytes) * bus.clock.si();
  price.bus_latency_s = static_cast<double>(bus.latency) / bus.clock.si();
  price.link_joules_per_byte = bus.energy_per_bit_mm.si() * 8 * bus.length.si() * 1e3;
  const t::LogicEnergies& table = *t::find_logic_table(npu.logic_node);
  for (const auto format : {t::NumberFormat::fp32, t::NumberFormat::bf16}) {
    const auto i = static_cast<std::size_t>(format);
    price.mac[i] = t::multiply_accumulate(table, format).each.si();
    price.operand[i] = t::scratch_access(table, t::bits_of(format)).each.si();
    price.vector[i] = t::vector_operation(table, format, t::add(table, format)).each.si();
  }
  price.elementary = t::elementary_function(table).each.si();
  price.division = t::divide(table, t::NumberFormat::fp32).each.si();
  price.accumulator = t::scratch_access(table, 32).each.si();
  const double elements = static_cast<double>(npu.rows * npu.columns);
  price.static_watts = (npu.element_leakage + npu.element_clock).si() * elements;
  price.area_mm2 = npu.element_area.si() * 1e6 * elements;
  if (npu.operand_buffer.value > 0) {
    constexpr std::uint64_t least_bytes = 4096;
    const std::uint64_t bytes = npu.operand_buffer.value;
    const auto buffer = t::modelled_memory_data_sheet(t::MemoryTechnology::sram, std::max(least_bytes, std::bit_ceil(bytes))).with_capacity(bytes);
    price.buffer_read = buffer.read_energy.si();
    price.buffer_write = buffer.write_energy.si();
    price.static_watts += buffer.leakage.si();
    price.area_mm2 += buffer.area.si() * 1e6;
  }
  return price;
}

double kernel_memory_seconds(const KernelWork& work, const MemorySystem& memory) {
  const Moves all = work.moves();
  const double word = static_cast<double>(memory.bank.word_bytes());
  const double onchip = (all.of(Way::onchip_read) * memory.bank.read_cycle().si() + all.of(Way::onchip_write) * memory.bank.write_cycle().si()) / word /
                        static_cast<double>(memory.banks);
  return std::max((all.busy[0] + all.busy[1]) / memory.dram.bytes_per_second, onchip);
}

double kernel_seconds(const KernelWork& work, const MemorySystem& memory, const NpuPrice& npu) { return KernelTime(work, memory, npu).seconds(); }

MemoryFigures price(const std::vector<KernelWork>& kernels, const std::vector<double>& times, const MemorySystem& memory, const NpuPrice& npu) {
  MemoryFigures f;
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    const KernelWork& work = kernels[i];
    const double n = times[i];
    const std::size_t format = work.wide ? 0 : 1;
    const Moves moves = work.moves();
    for (std::size_t way = 0; way < ways; ++way)
      f.moves.bytes[way] += n * moves.bytes[way], f.moves.bursts[way] += n * moves.bursts[way], f.moves.busy[way] += n * moves.busy[way];
    f.chip_s += n * kernel_seconds(work, memory, npu);
    f.memory_s += n * kernel_memory_seconds(work, memory);
    f.compute_s += n * (work.cycles + work.drain_cycles) / npu.npu.clock.si();
    f.macs += n * work.macs;
    f.array_j += n * (work.macs * npu.mac[format] + work.operand_elements * npu.operand[format]);
    f.buffer_j += n * (work.buffer_reads * npu.buffer_read + work.buffer_writes * npu.buffer_write + work.sums_exchanged * npu.accumulator);
    // The epilogue of a product is fp32 arithmetic whatever its format.
    f.vector_j += n * (work.vector_operations * npu.vector[work.product ? 0 : format] + work.elementary * npu.elementary + work.divisions * npu.division);
  }
  const double word = static_cast<double>(memory.bank.word_bytes());
  f.onchip_j = f.moves.of(Way::onchip_read) / word * memory.bank.read_energy.si() + f.moves.of(Way::onchip_write) / word * memory.bank.write_energy.si();
  f.onchip_static_j = memory.leakage_watts() * f.chip_s;
  f.dram_j = f.dram_bytes() * memory.dram.joules_per_byte;
  f.dram_static_j = memory.dram.static_watts * f.chip_s;
  f.npu_static_j = npu.static_watts * f.chip_s;
  f.links_j = f.moves.total() * npu.link_joules_per_byte;
  return f;
}

}  // namespace spinvp::platform
